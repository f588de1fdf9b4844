#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From samples (see summary.awk) to a table, to NAME.json and to a plot.
#
# usage: selftests/bench/xdp/report.sh SAMPLES DIRECTORY [NAME WORDS]
#   NAME is xdp unless said, and WORDS what is meant, words.awk

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
		-f "$words" -f "$here/plot.awk" "$figures" | gnuplot
}

main()
{
	local samples=$1 out=$2 name=${3:-xdp} words=${4:-$here/words.awk}

	need gnuplot gnuplot-nox
	[[ -s $samples ]] || die "nothing was measured"
	figures=$out/$name.figures
	awk -f "$words" -f "$here/summary.awk" "$samples" > "$figures"
	awk '$6 ~ /^[0-9]/' "$figures" |
		awk -v unit=ns -f "$here/../json.awk" > "$out/$name.json"
	draw > "$out/$name.svg"
	awk -f "$words" -f "$here/table.awk" "$figures"
	echo
	echo "$name.svg and $name.json: ${out#"$top"/}"
}

main "$@"
