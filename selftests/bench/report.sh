#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# From figures, lines "KERNEL WORK CONTENDER SIZE VALUE", to a table, to
# bench.json and to one plot for each kernel and work.
#
# usage: selftests/bench/report.sh FIGURES DIRECTORY

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../scripts/lib.sh"

write_json()
{
	awk '
		BEGIN { printf "[" }
		{
			printf "%s\n{\"kernel\":\"%s\",\"work\":\"%s\",", \
				(NR > 1 ? "," : ""), $1, $2
			printf "\"contender\":\"%s\",\"size\":%d,", $3, $4
			printf "\"policy\":%s,\"value\":%s,", \
				($3 ~ /^(policy|rules|sets|ipset)/ ? \
				 "true" : "false"), $5
			printf "\"unit\":\"%s\"}", \
				($2 == "memory" ? "bytes" : "instructions")
		}
		END { print "\n]" }' "$1"
}

# draw KERNEL WORK
draw()
{
	local kernel=$1 work=$2

	need gnuplot gnuplot-nox
	awk -v kernel="$kernel" -v work="$work" -f "$here/plot.awk" "$figures" |
		gnuplot > "$out/$kernel-$work.svg"
}

main()
{
	local kernel work

	figures=$1 out=$2
	[[ -s $figures ]] || die "nothing was measured"
	write_json "$figures" > "$out/bench.json"
	cut -d' ' -f1,2 "$figures" | sort -u | while read -r kernel work; do
		draw "$kernel" "$work"
	done
	awk -f "$here/table.awk" "$figures"
	echo
	echo "plots and bench.json: ${out#"$top"/}"
}

main "$@"
