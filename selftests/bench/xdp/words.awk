# SPDX-License-Identifier: GPL-2.0
#
# What is meant, for tables and plots.

function title(work)
{
	if (work == "frames_xdp")
		return "frames to an XDP program"
	if (work == "frames_socket")
		return "frames to a socket"
	if (work == "socket_xdp")
		return "a socket to an XDP program"
	if (work == "socket_socket")
		return "socket to socket"
	return "a TCP stream"
}

function unit(work)
{
	return work ~ /_kib$/ ? "KiB" : "frame"
}

# What it is compared with; nothing for those of the kernel
function rival(contender)
{
	if (contender == "xdp_router")
		return "routed"
	return contender == "xdp_bridge" ? "bridge" : ""
}

# How many times cheaper a contender should be than its rival
function goal(work, contender, size)
{
	if (work == "frames_xdp")
		return contender == "xdp_router" ? 2.8 : 5.5
	if (work == "frames_socket")
		return contender == "xdp_router" ? 1.5 : 2.1
	if (work == "socket_xdp")
		return contender == "xdp_router" ? 1.1 : 1.3
	return work == "tcp_stream_kib" && contender == "xdp_router" ? 0.9 : 0
}

# Of a plot
function label(work,    text)
{
	text = title(work)
	sub(/ to /, "\\nto ", text)
	sub(/ stream/, "\\nstream, a KiB", text)
	return text
}

function place()
{
	return "veth, one processor"
}

function axis()
{
	return "nanoseconds a frame"
}

# Remember the order in which they come
function note(list, seen, name)
{
	if (!(name in seen)) {
		seen[name] = 1
		list[++list[0]] = name
	}
}
