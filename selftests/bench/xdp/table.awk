# SPDX-License-Identifier: GPL-2.0
#
# The figures (summary.awk) as tables. "added" is what a contender costs more
# than a cable (direct), "x rival" how many times cheaper it is than the
# kernel's own router or bridge, or whatever it has.

function compare(work, contender, size, times,    wanted)
{
	if (times == "-")
		return ""
	wanted = goal(work, contender, size)
	if (!wanted)
		return sprintf(" %9.2f", times)
	return sprintf(" %9.2f %6.1f %s", times, wanted,
		times >= wanted ? "met" : "missed")
}

function print_line(text)
{
	sub(/ +$/, "", text)
	print text
}

function print_row(group, contender,    part, added)
{
	if (!((group, contender) in figure))
		return
	split(figure[group, contender], part)
	if (part[6] !~ /^[0-9]/) {
		printf "%-12s %s %d of %d\n", contender,
			(part[6] == "lost" ? "loses" : "leaves to the stack"),
			part[7], part[8]
		return
	}
	if (contender != "direct" && (group in direct))
		added = sprintf("%.1f", part[6] - direct[group])
	print_line(sprintf("%-12s %8.1f %8.1f %8.1f %8s%s", contender, part[6],
		part[7], part[8], added, compare(part[3], contender, part[5],
			part[9])))
}

{
	group = $1 ", IPv" $2 ", " $5 " bytes: " title($3) ", ns a " unit($3)
	note(groups, seen_group, group)
	note(contenders, seen_contender, $4)
	figure[group, $4] = $0
	if ($4 == "direct" && $6 ~ /^[0-9]/)
		direct[group] = $6
}

END {
	for (g = 1; g <= groups[0]; g++) {
		printf "\n%s\n", groups[g]
		printf "%-12s %8s %8s %8s %8s %9s %6s\n", "contender", "median",
			"lowest", "highest", "added", "x rival", "goal"
		for (c = 1; c <= contenders[0]; c++)
			print_row(groups[g], contenders[c])
	}
}
