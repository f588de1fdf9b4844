#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A module that does not free what it has is a failure: on a stock kernel it is
# seen by what has a cache of its own, as flows and backends have, and for the rest
# by the module's own count.

. "$(dirname "$0")/lib.sh"

check "a module with a backend too many fails" \
	run_leaky kmod/backend.c '^\tendpoint_cache = kmem_cache_create' \
	'if (!kmem_cache_alloc(backend_cache, GFP_KERNEL)) return -ENOMEM;'
check "by name" expect_line \
	' modprobe: not ok - slab caches left behind: .*sluice_backend' "$scratch/out"
check "a module that keeps what was configured fails" \
	run_leaky kmod/main.c '^\terr = sluice_flow_init' \
	'if (!sluice_alloc(16)) return -ENOMEM;'
check "and says so" expect_line \
	' modprobe: not ok - kernel log: .*WARNING: .* sluice_alloc_fini' "$scratch/out"
finish
