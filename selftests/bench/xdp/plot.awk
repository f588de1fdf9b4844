# SPDX-License-Identifier: GPL-2.0
#
# What gnuplot shall draw of the figures (summary.awk): for each work a bar of
# each contender, with how far its samples are apart.

$6 !~ /^[0-9]/ {
	next
}

{
	group = label($3)
	if (sizes > 1 || families > 1)
		group = group "\\nIPv" $2 ", " $5
	note(groups, seen_group, group)
	note(contenders, seen_contender, $4)
	bar[group, $4] = $6 " " $7 " " $8
	kernel = $1
}

END {
	print "$figures << EOD"
	for (g = 1; g <= groups[0]; g++) {
		printf "\"%s\"", groups[g]
		for (c = 1; c <= contenders[0]; c++) {
			key = groups[g] SUBSEP contenders[c]
			printf " %s", (key in bar) ? bar[key] : "- - -"
		}
		print ""
	}
	print "EOD"
	print "set terminal svg size " 300 + 150 * groups[0] ",500 background 'white'"
	print "set bmargin 4"
	print "set title '" kernel ", " place() "' noenhanced"
	print "set ylabel '" axis() "'"
	print "set style data histogram\nset style histogram errorbars gap 2 lw 1"
	print "set style fill solid 0.8 border -1\nset datafile missing '-'"
	print "set yrange [0:*]\nset grid y\nset key outside noenhanced"
	print "set xrange [-0.6:" groups[0] - 0.4 "]"
	printf "plot"
	for (c = 1; c <= contenders[0]; c++)
		printf "%s $figures using %d:%d:%d:xtic(1) title '%s'",
			(c > 1 ? "," : ""), 3 * c - 1, 3 * c, 3 * c + 1,
			contenders[c]
	print ""
}
