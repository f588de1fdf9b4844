#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The shell scripts of build and tests are clean for shellcheck.

. "$(dirname "$0")/lib.sh"

have shellcheck || skip_all "shellcheck is missing"

cd "$top" || exit
for file in scripts/*.sh selftests/*.sh selftests/host/*.sh selftests/bench/*.sh \
		selftests/bench/xdp/*.sh \
		selftests/demo/*.sh selftests/vm/*.sh selftests/vm/init selftests/vm/selftest/*.sh .ci/run; do
	check "$file" shellcheck -x -S warning "$file"
done
finish
