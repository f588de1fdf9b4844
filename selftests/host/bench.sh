# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# What the tests of both benchmarks have in common. They say in $runner which
# script it is.

# refuses WORD ARGUMENT...: names it, and what there is
refuses()
{
	local status=0

	"$runner" "${@:2}" > "$scratch/out" 2>&1 || status=$?
	[[ $status == 2 ]] || { echo "exit status $status"; return 1; }
	expect_line "'$1'" "$scratch/out"
}

# says WORD COMMAND...: and fails
says()
{
	! "${@:2}" > "$scratch/out" 2>&1 && expect_line "$1" "$scratch/out"
}

nobody_is_refused()
{
	chmod 755 "$scratch"
	mkdir -m 777 "$scratch/cache"
	says 'run.sh: this needs root' env SLUICE_CACHE="$scratch/cache" \
		setpriv --reuid 65534 --regid 65534 --clear-groups "$runner"
}

# make_passes_on TARGET: what the runner chooses by; how it is called is not run
# here.
make_passes_on()
{
	local name

	for name in $("$runner" --help | sed -n 's/^  \([A-Z]*\)  .*/\1/p'); do
		make -n -C "$top" "$1" "$name=that" > "$scratch/out" &&
		expect_line "[[:space:]]$name='that'" "$scratch/out" || return
	done
}

# json_is_complete FILE [KEY...]: with numbers of these keys, too
json_is_complete()
{
	python3 -c '
import json, sys
kinds = {"kernel": str, "family": int, "work": str, "contender": str,
         "size": int, "policy": bool, "value": (int, float), "unit": str}
kinds.update((key, (int, float)) for key in sys.argv[2:])
figures = json.load(open(sys.argv[1]))
wrong = [f for f in figures if f.keys() != kinds.keys() or
         not all(isinstance(f[key], kinds[key]) for key in kinds)]
sys.exit(str(wrong) if wrong or not figures else 0)' "$@"
}
