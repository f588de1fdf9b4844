#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run test programs and print their results as one KTAP report.

count=0
pass=0
fail=0
skip=0

result()
{
	count=$((count + 1))
	case $1 in
	not\ ok*)
		fail=$((fail + 1))
		echo "not ok $count - $2" ;;
	*'# SKIP'*)
		skip=$((skip + 1))
		echo "ok $count - $2" ;;
	*)
		pass=$((pass + 1))
		echo "ok $count - $2" ;;
	esac
}

# A program that ends badly without saying so, as a sanitizer makes it, fails.
run_one()
{
	local name output line status failed=$fail

	name=$(basename "$1")
	output=$(mktemp)
	"$1" >"$output" 2>&1
	status=$?
	while read -r line; do
		case $line in
		'ok '* | 'not ok '*) result "$line" "$name: ${line#*ok * - }" ;;
		'KTAP '* | 1..* | '# pass:'*) ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$output"
	rm -f "$output"
	if ((status && fail == failed)); then
		result 'not ok' "$name: ended with status $status"
	fi
}

echo "KTAP version 1"
for program in "$@"; do
	run_one "$program"
done
echo "1..$count"
echo "# pass:$pass fail:$fail skip:$skip"
((fail == 0))
