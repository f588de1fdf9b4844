# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# For tests on the host: results, and a scratch directory that goes away.

. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
set +e

count=0 failures=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/sluice-host.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# check NAME COMMAND...: one result; what the command says is shown if it fails
check()
{
	local name=$1 output

	shift
	count=$((count + 1))
	if output=$("$@" 2>&1); then
		echo "ok $count - $name"
	else
		failures=$((failures + 1))
		[[ -z $output ]] || tail -n 20 <<< "$output" | sed 's/^/# /'
		echo "not ok $count - $name"
	fi
}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

finish()
{
	echo "1..$count"
	exit $((failures > 0))
}

# expect_line REGEX FILE
expect_line()
{
	grep -qE "$1" "$2" || {
		echo "no line matches $1 in:"
		cat "$2"
		return 1
	}
}

headers()
{
	"$top/scripts/kernel.sh" 6.1 kdir
}

# run_leaky FILE LINE STATEMENT OPTION...: load and unload, in a guest, a module
# of which FILE has STATEMENT before each LINE, and expect what a test cannot see to fail. What
# the runner says is in $scratch/out.
run_leaky()
{
	local file=$1 line=$2 statement=$3

	shift 3
	copy_tree "$scratch/tree"
	sed -i "/$line/i $statement" "$scratch/tree/$file"
	"$scratch/tree/selftests/run.sh" "$@" vm/selftest/modprobe \
		> "$scratch/out" 2> "$scratch/err"
	[[ $(tail -n 1 "$scratch/out") == "3 passed, "[1-9]* ]] || {
		cat "$scratch/err" "$scratch/out"
		return 1
	}
}
