#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# As test_leaks.sh, on the debug kernel, which knows of all memory whether
# somebody still points to it: make check-debug runs this.

. "$(dirname "$0")/lib.sh"

check "a module that loses 16 bytes fails" \
	run_leaky kmod/main.c '^\terr = sluice_flow_init' \
	'if (!kmalloc(16, GFP_KERNEL)) return -ENOMEM;' --debug
check "it is known for its own" expect_line \
	' modprobe: not ok - kmemleak: objects leaked by the module' "$scratch/out"
finish
