#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make check: whatever happens to a part is in the totals, and what failed is
# told at the end. The parts here only say what parts say.

. "$(dirname "$0")/lib.sh"

tree=$scratch/tree

# stub FILE LINE...: a part of that tree
stub()
{
	local file=$tree/$1

	mkdir -p "$(dirname "$file")"
	{ echo '#!/bin/bash'; printf '%s\n' "${@:2}"; } > "$file"
	chmod +x "$file"
}

# Each runs as long as it takes the other one to begin.
set_up()
{
	local script

	mkdir -p "$tree/scripts" "$tree/tools"
	cp "$top/scripts/"{check,lib}.sh "$tree/scripts"
	for script in deps gen kernel build-module; do
		stub scripts/$script.sh 'echo "${0##*/} $*"'
	done
	stub selftests/host/run.sh 'echo ok 1 - a; echo "ok 2 - b # SKIP c"; echo 1..2'
	stub selftests/run.sh 'echo "$2 test_a: ok 1 - a"' \
		'echo "3 passed, 0 failed, 1 skipped"'
	printf 'kunit:\n\t@sh ./kunit.sh\n' > "$tree/Makefile"
	echo 'echo "5 passed, 0 failed, 0 skipped"' > "$tree/kunit.sh"
	printf 'all:\ncheck:\n\t@printf "1..1\\nok 1 - tool\\n"\n' \
		> "$tree/tools/Makefile"
	(cd "$tree" && git init -q . && git add . &&
	 git -c user.name=t -c user.email=t@localhost commit -qm t)
}

# run STATUS TOTALS [OPTION]
run()
{
	local status=0

	(cd "$tree" && scripts/check.sh "${@:3}") > "$scratch/out" 2>&1 || status=$?
	[[ $status == "$1" && $(tail -n 1 "$scratch/out") == "$2" ]] || {
		echo "status $status"
		cat "$scratch/out"
		return 1
	}
}

# dependencies, gen-check, tools, three builds, three kernels, one in two halves,
# host tests, KUnit, a tool's test
all_is_well()
{
	run 0 "25 passed, 0 failed, 5 skipped" &&
	expect_line '^selftests on 6.12 2/2 +[0-9]+ s   3 passed, 0 failed, 1 skipped$' \
		"$scratch/out"
}

# Only what is told to do so leaves out nothing.
all_on_each()
{
	stub selftests/run.sh '[[ " $* " == *" --check "* ]] && exit 1' \
		'echo "3 passed, 0 failed, 0 skipped"'
	run 1 "13 passed, 4 failed, 1 skipped" &&
	run 0 "25 passed, 0 failed, 1 skipped" --all
}

# While one kernel is tested something else is at work.
two_at_a_time()
{
	local wait='for i in $(seq 100); do [[ -e $other ]] && break; sleep 0.1; done'

	stub selftests/run.sh 'other=7.3.ran' '[[ $2 != 7.3 ]] || other=6.1.ran' \
		': > $2.ran' "$wait" \
		'[[ -e $other ]] && echo "3 passed, 0 failed, 1 skipped"'
	run 0 "25 passed, 0 failed, 5 skipped"
}

failures_are_told()
{
	stub selftests/run.sh '[[ $2 == 6.12 && $5 == 2/2 ]] || {' \
		'echo "3 passed, 0 failed, 0 skipped"; exit; }' \
		'echo "6.12 test_a: # expected: 1"' \
		'echo "6.12 test_a: not ok 1 - a"' \
		'echo "2 passed, 1 failed, 0 skipped"; exit 1'
	echo 'echo no compiler; exit 1' > "$tree/kunit.sh"
	run 1 "19 passed, 2 failed, 1 skipped" &&
	sed -n '/^what failed/,$p' "$scratch/out" > "$scratch/failed" &&
	expect_line '^6.12 test_a: # expected: 1$' "$scratch/failed" &&
	expect_line '^6.12 test_a: not ok 1 - a$' "$scratch/failed" &&
	expect_line '^kunit: no compiler$' "$scratch/failed"
}

a_part_that_dies_has_failed()
{
	stub selftests/run.sh 'echo "3 passed, 0 failed, 0 skipped"' \
		'[[ $2 != 6.1 ]] || kill -9 $$'
	echo 'echo "5 passed, 0 failed, 0 skipped"' > "$tree/kunit.sh"
	run 1 "25 passed, 1 failed, 1 skipped"
}

set_up
check "parts are counted" all_is_well
check "each selftest on each kernel, if asked to" all_on_each
check "two run at a time" two_at_a_time
check "what failed is told at the end" failures_are_told
check "a part that dies has failed" a_part_that_dies_has_failed
finish
