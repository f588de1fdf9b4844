#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From figures, lines "KERNEL FAMILY WORK CONTENDER SIZE VALUE", to a table, to
# bench.json and to one plot for each kernel, family and work.
#
# usage: selftests/bench/report.sh FIGURES DIRECTORY

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../scripts/lib.sh"

# draw KERNEL FAMILY WORK
draw()
{
	need gnuplot gnuplot-nox
	awk -v kernel="$1" -v family="$2" -v work="$3" -f "$here/plot.awk" \
		"$figures" | gnuplot > "$out/$1-ipv$2-$3.svg"
}

main()
{
	local kernel family work

	figures=$1 out=$2
	[[ -s $figures ]] || die "nothing was measured"
	awk -v unit=instructions -f "$here/json.awk" "$figures" > "$out/bench.json"
	cut -d' ' -f1-3 "$figures" | sort -u |
		while read -r kernel family work; do
			draw "$kernel" "$family" "$work"
		done
	awk -f "$here/table.awk" "$figures"
	echo
	echo "plots and bench.json: ${out#"$top"/}"
}

main "$@"
