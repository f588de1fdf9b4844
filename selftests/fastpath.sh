# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # GAIN is for the tests
#
# What tests of the fast path share, after lib.sh.

# rise "COUNTER [ARGUMENT...]" COMMAND...: by how much what the first one says
# rises meanwhile, in GAIN; what the command says is in /tmp/said
rise()
{
	local counter before

	read -ra counter <<< "$1"
	shift
	GAIN=
	before=$("${counter[@]}")
	"$@" > /tmp/said || return
	GAIN=$(($("${counter[@]}") - before))
}

# gain DEVICE COMMAND...: how many packets the device has sent by the fast path
gain()
{
	rise "sent $1" "${@:2}"
}

# start_capture NAMESPACE DEVICE PORT: of UDP to that port
start_capture()
{
	rm -f /tmp/dump
	spawn "$1" tcpdump -Z root --immediate-mode -U -ni "$2" -w /tmp/dump \
		udp dst port "$3" 2>/tmp/dump.err
	CAPTURE=$!
	wait_for 10 grep -q listening /tmp/dump.err
}

# Packets that have been captured
captured()
{
	tcpdump -Z root -nr /tmp/dump 2>/dev/null | wc -l
}

has_captured()
{
	(($(captured) >= $1))
}

# stop_capture COUNT: when it has seen so many
stop_capture()
{
	assert_ok wait_for 5 has_captured "$1"
	kill "$CAPTURE"
	wait "$CAPTURE" 2>/dev/null
	return 0
}

# qdisc_packets NAMESPACE DEVICE: those that have gone through its queue
qdisc_packets()
{
	in_ns "$1" tc -s qdisc show dev "$2" | awk '$1 == "Sent" { print $4; exit }'
}

# statistic NAMESPACE DEVICE NAME
statistic()
{
	in_ns "$1" cat "/sys/class/net/$2/statistics/$3"
}
