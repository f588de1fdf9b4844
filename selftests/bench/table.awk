# SPDX-License-Identifier: GPL-2.0
#
# The figures as tables. For traffic "added" is what a contender costs more
# than a cable (direct); "x sluice" is how many times what sluice adds, or
# takes.

function comma(n,    text)
{
	text = sprintf("%.0f", n)
	while (match(text, /[0-9][0-9][0-9][0-9]($|,)/))
		text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
	return text
}

function title(work)
{
	if (work == "udp_rr")
		return "UDP request and answer on one socket, instructions"
	if (work == "udp_new")
		return "UDP request and answer, a new flow each time, instructions"
	if (work == "udp_new_cold")
		return "the same, from another address each time, instructions"
	if (work == "udp_new_removed")
		return "the same and the end of each flow, instructions"
	if (work == "udp_flood")
		return "UDP request and answer amid a flood, instructions"
	if (work == "tcp_cc")
		return "TCP connect and close, instructions"
	if (work == "tcp_cc_removed")
		return "the same and the end of each connection, instructions"
	if (work == "tcp_rr")
		return "TCP request and answer, instructions"
	if (work == "tcp_stream_kib")
		return "TCP stream, instructions a KiB"
	if (work == "load")
		return "loading the table, instructions, process and all"
	if (work == "add_one")
		return "adding one, instructions, process and all"
	if (work == "add_one_kernel")
		return "adding one, instructions of the system calls"
	if (work == "del_backend")
		return "removing the backend of all flows, instructions in all"
	if (work == "del_backend_kernel")
		return "the same, instructions of the system call"
	if (work == "xdp_ask")
		return "an XDP program asks of a frame of a flow, instructions"
	if (work == "decision")
		return "what a policy adds to a new flow, instructions"
	return "memory of the table, bytes"
}

function is_traffic(work)
{
	return work ~ /^(udp|tcp)_/
}

function key(contender)
{
	return kernel SUBSEP work SUBSEP contender SUBSEP size
}

# What is compared: what is added to direct, or all
function share(contender)
{
	return value[key(contender)] - (is_traffic(work) ? value[key("direct")] : 0)
}

function print_row(contender,    added, times)
{
	if (!(key(contender) in value))
		return
	if (is_traffic(work) && contender != "direct" && key("direct") in value)
		added = comma(share(contender))
	if (contender != "direct" && key("sluice") in value && share("sluice"))
		times = sprintf("%.2f", share(contender) / share("sluice"))
	printf "%10s  %-10s %16s %16s %10s\n", (first ? size : ""), contender,
		comma(value[key(contender)]), added, times
	first = 0
}

function print_size(    i)
{
	first = 1
	for (i = 1; i <= contenders; i++)
		print_row(contender_at[i])
}

function print_work(    i)
{
	printf "\n%s, %s: %s\n", kernel, work, title(work)
	printf "%10s  %-10s %16s %16s %10s\n", "services", "contender", "value",
		(is_traffic(work) ? "added" : ""), "x sluice"
	for (i = 1; i <= sizes; i++) {
		size = size_at[i]
		print_size()
	}
}

{
	kernel = $1 ", IPv" $2
	value[kernel, $3, $4, $5] = $6
	if (!((kernel, $3) in seen_work)) {
		seen_work[kernel, $3] = 1
		work_at[++works] = kernel SUBSEP $3
	}
	if (!($4 in seen_contender)) {
		seen_contender[$4] = 1
		contender_at[++contenders] = $4
	}
	if (!($5 in seen_size)) {
		seen_size[$5] = 1
		size_at[++sizes] = $5
	}
}

END {
	for (w = 1; w <= works; w++) {
		split(work_at[w], part, SUBSEP)
		kernel = part[1]
		work = part[2]
		print_work()
	}
}
