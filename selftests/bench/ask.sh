# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # contender is the one being measured
#
# What it costs an XDP program to ask the module about a frame of a flow, for
# measure.sh: of fast_plain, where the answer does not depend on checksums, which
# nobody can tell of the frames that are made up here.

ASKED=64	# times in one run; as in progs/ask_cost.bpf.c

# le32 NUMBER...: each as four bytes, the lowest first
le32()
{
	local n

	for n in "$@"; do
		printf '%b' "$(printf '\\x%02x' $((n & 255)) $((n >> 8 & 255)) \
			$((n >> 16 & 255)) $((n >> 24 & 255)))"
	done
}

# request_frame FILE: of a flow that the device's door has sent, as it is received
request_frame()
{
	local len

	spawn "$NODE" tcpdump -Z root --immediate-mode -U -c 1 -ni vclient1 \
		-w /tmp/ask.pcap udp dst port 5353 2>/tmp/ask.err
	wait_for 10 grep -q listening /tmp/ask.err || return
	in_ns client1 ./progs/udp ask -p 7001 "$(pod "$FAMILY" backend1)" 5353
	wait_for 10 test "$(stat -c %s /tmp/ask.pcap)" -gt 40 || return
	# Behind the file's header and the record's, which has the length
	len=$(od -An -tu4 -j 32 -N 4 /tmp/ask.pcap)
	tail -c +41 /tmp/ask.pcap | head -c "$((len))" > "$1"
	in_ns client1 ./progs/udp ask -p 7001 -c 2 \
		"$(pod "$FAMILY" backend1)" 5353
}

# run_program NAME FRAME CONTEXT: "RESULT NANOSECONDS"
run_program()
{
	bpftool prog run pinned "/sys/fs/bpf/ask/$1" data_in "$2" ctx_in "$3" \
		repeat 200 | sed -n 's/.*value: \([0-9]*\), duration (average): \([0-9]*\)ns.*/\1 \2/p'
}

# In the node's namespace, with a file system for the programs
run_programs()
{
	mount -t bpf bpf /sys/fs/bpf &&
	bpftool prog loadall progs/ask_cost.bpf.o /sys/fs/bpf/ask || return
	run_program bare "$@" >/dev/null
	run_program bare "$@"
	run_program asks "$@"
}

fast_plain_xdp_ask()
{
	local frame=/tmp/ask.frame context=/tmp/ask.context index
	local bare hits asks

	in_ns backend1 ethtool -K eth0 gro on &&
	start_udp backend1 backend1 5353 &&
	request_frame $frame >/dev/null || return
	index=$(node cat /sys/class/net/vclient1/ifindex)
	le32 0 "$(stat -c %s $frame)" 0 "$index" 0 0 > $context
	settle
	{
		read -r _ bare
		read -r hits asks
	} <<< "$(in_ns "$NODE" unshare -m --propagation private bash -c "
		$(declare -f run_program run_programs)
		run_programs $frame $context" 2>/tmp/ask.err)"
	assert_eq $ASKED "$hits" "hits: $(cat /tmp/ask.err)" &&
		figure xdp_ask "$contender" $(((asks - bare) / ASKED))
}
