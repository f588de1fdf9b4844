#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From samples (see summary.awk) to a table, to xdp.json and to a plot.
#
# usage: selftests/bench/xdp/report.sh SAMPLES DIRECTORY

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../scripts/lib.sh"

# different COLUMN: how many words there are in that of the figures; streams have
# one size only
different()
{
	awk -v column="$1" '$3 !~ /^tcp_/ && !seen[$column]++ { n++ }
		END { print n + 0 }' "$figures"
}

draw()
{
	awk -v families="$(different 2)" -v sizes="$(different 5)" \
		-f "$here/words.awk" -f "$here/plot.awk" "$figures" | gnuplot
}

main()
{
	local samples=$1 out=$2

	need gnuplot gnuplot-nox
	[[ -s $samples ]] || die "nothing was measured"
	figures=$out/xdp.figures
	awk -f "$here/words.awk" -f "$here/summary.awk" "$samples" > "$figures"
	awk '$6 ~ /^[0-9]/' "$figures" |
		awk -v unit=ns -f "$here/../json.awk" > "$out/xdp.json"
	draw > "$out/xdp.svg"
	awk -f "$here/words.awk" -f "$here/table.awk" "$figures"
	echo
	echo "xdp.svg and xdp.json: ${out#"$top"/}"
}

main "$@"
