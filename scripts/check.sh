#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make check: every part, whether or not an earlier one failed. The last line
# has the totals.
#
# usage: scripts/check.sh [--all]
#   --all  each selftest on each kernel: make check runs those that are about
#          the same on all of them on one
#
# A part that ends with a line "N passed, N failed, N skipped" counts with
# these numbers, one that prints KTAP with its results, any other as one
# result: its exit status.

. "$(dirname "$0")/lib.sh"

logs=$top/build/check
passed=0 failed=0 skipped=0 summary=() failures=()

# count_part LOG STATUS
count_part()
{
	local p f s

	if [[ $(tail -n 1 "$1") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		p=${BASH_REMATCH[1]} f=${BASH_REMATCH[2]} s=${BASH_REMATCH[3]}
	elif grep -qE '^1\.\.[0-9]+' "$1"; then
		s=$(grep -ciE '^ok\b.*# SKIP' "$1" || true)
		p=$(($(grep -cE '^ok\b' "$1" || true) - s))
		f=$(grep -cE '^not ok\b' "$1" || true)
	else
		p=$(($2 == 0)) f=0 s=0
	fi
	(($2 == 0 || f > 0)) || f=1
	counted="$p passed, $f failed, $s skipped"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# what_failed NAME LOG: the cases with what they say of themselves, which comes
# before them, or the end of what the part said
what_failed()
{
	awk '
		/(^|: )# / { why = why $0 "\n"; next }
		/(^|: )not ok / { printf "%s%s\n", why, $0; found = 1 }
		{ why = "" }
		END { exit !found }' "$2" ||
	tail -n 20 "$2" | sed "s|^|$1: |"
}

log_of()
{
	echo "$logs/${1//[^a-z0-9.]/-}.log"
}

# run_part NAME COMMAND...: its output also goes into its log, its status and
# how many seconds it took into a file beside that
run_part()
{
	local name=$1 log status=0 start=$SECONDS

	log=$(log_of "$name")
	shift
	printf '\n== %s\n' "$name"
	"$@" < /dev/null 2>&1 | tee "$log" || status=$?
	echo "$status $((SECONDS - start))" > "$log.status"
}

# tally NAME: a part that was run
tally()
{
	local log status=1 seconds=0

	log=$(log_of "$1")
	read -r status seconds < "$log.status" || true
	count_part "$log" "$status"
	[[ $counted == *' 0 failed, '* ]] || failures+=("$(what_failed "$1" "$log")")
	summary+=("$(printf '%-28s %4d s   %s' "$1" "$seconds" "$counted")")
}

# part NAME COMMAND...
part()
{
	run_part "$@"
	tally "$1"
}

# run_selftests VERSION [SHARE]
run_selftests()
{
	run_part "selftests on $*" selftests/run.sh --kernel "$1" \
		${checks:+"$checks"} ${2:+--share "$2"}
}

# What is run at last. The longest comes first, so that both end at about the
# same time.
last_parts=(6.1 7.3 "host tests" kunit "6.12 1/2" "6.12 2/2" "tools' tests")

run_last()
{
	case $1 in
	kunit)		run_part "$1" make -s kunit ;;
	"host tests")	run_part "$1" selftests/host/run.sh ;;
	tools*)		run_part "$1" test_tools | sed -u "s/^/tools: /" ;;
	*' '*)		run_selftests "${1% *}" "${1#* }" ;;
	*)		run_selftests "$1" ;;
	esac
}

# What nobody has taken yet
take_turns()
{
	local i

	for i in "${!last_parts[@]}"; do
		mkdir "$logs/taken/$i" 2>/dev/null || continue
		run_last "${last_parts[i]}"
	done
}

# Each has use for one processor, as a machine of the selftests has: two things
# at a time. The lines of each begin with its name.
two_at_a_time()
{
	local part

	mkdir -p "$logs/taken"
	take_turns &
	take_turns
	wait $!
	rm -r "$logs/taken"
	for part in "${last_parts[@]}"; do
		[[ $part != [67]* ]] || part="selftests on $part"
		tally "$part"
	done
}

# What later parts download, meanwhile
prefetch()
{
	"$top/scripts/kernel.sh" 6.12 && "$top/scripts/kernel.sh" 7.3
} > "$logs/prefetch.log" 2>&1

# In a copy: warnings are errors only here, and a user's objects stay
check_tools()
{
	copy_tree "$top/build/tools-check" &&
	make -s -C "$top/build/tools-check/tools" WERROR=1
}

test_tools()
{
	make -s -C "$top/build/tools-check/tools" WERROR=1 check
}

main()
{
	local version

	case $* in
	'')	checks=--check ;;
	--all)	checks='' ;;
	*)	die "usage: ${0##*/} [--all]" ;;
	esac
	mkdir -p "$logs"
	rm -rf "$logs"/*.status "$logs/taken"
	cd "$top"
	part dependencies scripts/deps.sh
	prefetch & prefetch_pid=$!
	part "gen-check" scripts/gen.sh --check
	part "tools" check_tools
	wait "$prefetch_pid" || say "a download failed: the part that needs it will say so"
	for version in 6.1 6.12 7.3; do
		part "module for $version" env SPARSE=1 scripts/build-module.sh "$version"
	done
	two_at_a_time
	echo
	printf '%s\n' "${summary[@]}"
	[[ $failed == 0 ]] || printf '%s\n' '' 'what failed:' "${failures[@]}"
	echo "$passed passed, $failed failed, $skipped skipped"
	[[ $failed == 0 ]]
}

main "$@"
