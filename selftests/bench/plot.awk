# SPDX-License-Identifier: GPL-2.0
#
# What gnuplot shall draw of one kernel's figures of one family and work: a line
# for each contender, over the number of services, peers or flows. Of traffic,
# what is added to direct.

function is_traffic()
{
	return work ~ /^(udp|tcp)_/
}

function print_series(contender,    i, n, line)
{
	n = split(sizes[contender], size, " ")
	print "$" contender " << EOD"
	for (i = 1; i <= n; i++)
		print size[i], added(contender, size[i])
	print "EOD"
}

function added(contender, size,    more)
{
	more = value[contender, size] - base[size]
	least = more < least ? more : least
	return more
}

$1 != kernel || $2 != family || $3 != work {
	next
}

$4 == "direct" && is_traffic() {
	base[$5] = $6
	next
}

{
	if (!($4 in sizes))
		names[++count] = $4
	sizes[$4] = sizes[$4] " " $5
	value[$4, $5] = $6
}

END {
	for (i = 1; i <= count; i++)
		print_series(names[i])
	print "set terminal svg size 800,500 background 'white'"
	print "set title '" kernel ", IPv" family ", " work "' noenhanced"
	print "set xlabel '" (names[1] ~ /^flows/ ? "flows" : "services") "'"
	print "set ylabel '" (work == "memory" ? "bytes" : "instructions") \
		(is_traffic() ? " added to direct" : "") "'"
	print "set logscale x"
	print "set format y '%.0s %c'"
	print "set xrange [0.8:*]"
	print "set yrange [" (least < 0 ? "*" : "0") ":*]"
	if (work ~ /^(udp_new|tcp_cc|load|add_one)/)
		print "set logscale y\nset yrange [*:*]"
	print "set grid\nset key outside noenhanced"
	printf "plot"
	for (i = 1; i <= count; i++)
		printf "%s $%s with linespoints title '%s'",
			(i > 1 ? "," : ""), names[i], names[i]
	print ""
}
