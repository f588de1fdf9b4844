# SPDX-License-Identifier: GPL-2.0
#
# What is meant, for tables and plots (../xdp).

function title(work)
{
	if (work == "rr")
		return "request and answer"
	if (work == "proxy")
		return "request and answer through a proxy"
	return "stream of writes"
}

function unit(work)
{
	return work == "stream" ? "KiB" : "request"
}

# What it is compared with
function rival(contender)
{
	return contender == "tcp" ? "" : "tcp"
}

# How many times cheaper a contender should be than its rival. Streams of small
# writes are TCP's.
function goal(work, contender, size)
{
	if (contender != "sockmap")
		return 0
	if (work == "rr")
		return size <= 1024 ? 1.5 : 0
	if (work == "proxy")
		return 1.4
	return size >= 16384 ? 1.4 : 0
}

function label(work)
{
	return title(work)
}

function place()
{
	return "loopback, one processor"
}

function axis()
{
	return "nanoseconds"
}

# Remember the order in which they come
function note(list, seen, name)
{
	if (!(name in seen)) {
		seen[name] = 1
		list[++list[0]] = name
	}
}
