# SPDX-License-Identifier: GPL-2.0
#
# From samples, lines
#
#	KERNEL FAMILY WORK CONTENDER SIZE VALUE SENT ARRIVED ALL FORWARDED
#
# to figures, lines
#
#	KERNEL FAMILY WORK CONTENDER SIZE MEDIAN LOWEST HIGHEST TIMES
#
# TIMES is the median of how many times cheaper it was than its rival in the
# same round, or "-". Who has lost frames has no figure but
#
#	KERNEL FAMILY WORK CONTENDER SIZE lost LOST SENT -
#
# and whose program has left them to the stack has the same with "passed". A
# frame in a hundred may be. SENT and ARRIVED are what was measured, ALL is what was
# sent with the warm-up; all are KiB of a stream.

function median(list, n,    i, j, swap)
{
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			swap = list[j]
			list[j] = list[j - 1]
			list[j - 1] = swap
		}
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

function times(key, other,    i, list)
{
	if (!(other in rounds) || lost[other])
		return "-"
	for (i = 1; i <= rounds[key]; i++)
		list[i] = value[other, i] / value[key, i]
	return sprintf("%.3f", median(list, rounds[key]))
}

function print_figure(key,    i, list, middle, part)
{
	for (i = 1; i <= rounds[key]; i++)
		list[i] = value[key, i]
	middle = median(list, rounds[key])
	split(key, part)
	print key, middle, list[1], list[rounds[key]],
		times(key, part[1] " " part[2] " " part[3] " " \
			rival(part[4]) " " part[5])
}

# At least; of a stream, all as long as they may be
function frames(count)
{
	return $3 ~ /^tcp_/ ? int(count * 1024 / $5) : count
}

{
	key = $1 " " $2 " " $3 " " $4 " " $5
	note(keys, seen, key)
	value[key, ++rounds[key]] = $6
	sent[key] += $7
	all[key] += frames($9)
	lost[key] += $7 - $8
	if ($10 != "-" && $10 < 0.99 * frames($9))
		passed[key] += frames($9) - $10
}

END {
	for (k = 1; k <= keys[0]; k++) {
		key = keys[k]
		if (lost[key])
			print key, "lost", lost[key], sent[key], "-"
		else if (passed[key])
			print key, "passed", passed[key], all[key], "-"
		else
			print_figure(key)
	}
}
