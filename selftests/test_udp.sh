#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# UDP through services: both families, without a checksum, with extension
# headers and options, in fragments, segmented late.

. ./lib.sh

PORT=5353

set_up()
{
	local i

	load_module && topo_up 1 2 || return
	for i in 1 2; do
		start_udp "backend$i" "backend$i" $PORT || return
	done
	services_up $PORT/udp 2
}

# Each new source port is a flow of its own.
ports_share_backends()
{
	local ns family answers

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			answers=$(for port in 7001 7002 7003 7004; do
				udp_ask "$ns" $family $PORT -p $port
			done | tally)
			assert_eq "backend1=2 backend2=2" "$answers" \
				"${ns:-node} IPv$family"
		done
	done
}

one_flow_keeps_its_backend()
{
	local family

	for family in 4 6; do
		assert_match '^backend[12]=5$' \
			"$(udp_ask client1 $family $PORT -c 5 | tally)" \
			"IPv$family"
	done
}

# Without its flow a client tuple is decided anew, and must come out the same.
maglev_is_sticky()
{
	local family first

	for family in 4 6; do
		node sluice service set "$(service $family $PORT/udp)" \
			scheduler maglev
		first=$(udp_ask client1 $family $PORT -p 7021)
		for _ in 1 2 3 4; do
			assert_ok node sluice flow flush
			assert_eq "$first" \
				"$(udp_ask client1 $family $PORT -p 7021)" \
				"IPv$family"
		done
		node sluice service set "$(service $family $PORT/udp)" \
			scheduler rr
	done
}

no_checksum_stays_none()
{
	local before after

	before=$(snmp backend1 UdpInCsumErrors)
	assert_match '^backend[12]=5$' \
		"$(udp_ask client1 4 $PORT -z -c 5 | tally)" pod
	assert_match '^backend[12]=5$' \
		"$(udp_ask "$NODE" 4 $PORT -z -c 5 | tally)" node
	after=$(snmp backend1 UdpInCsumErrors)
	assert_eq "$before" "$after" "checksum errors at the backend"
}

# What arrives is looked at as well: the request without a checksum must not
# get one made of the difference alone.
checksum_on_the_wire_is_zero()
{
	local dump=/tmp/udp-dump

	spawn backend1 tcpdump -Z root -U -ni eth0 -w $dump \
		udp port $PORT 2>/tmp/udp-dump.err
	wait_for 10 grep -q listening /tmp/udp-dump.err
	for port in 7011 7012; do
		udp_ask client1 4 $PORT -z -p $port >/dev/null
	done
	# shellcheck disable=SC2016
	wait_for 5 eval 'tcpdump -Z root -nvvr $dump dst port $PORT 2>/dev/null | grep -q "no cksum"'
	assert_ok eval "tcpdump -Z root -nvvr $dump dst port $PORT 2>/dev/null | grep 'no cksum'"
}

extension_headers_pass()
{
	assert_match '^backend[12] hop=2$' \
		"$(udp_ask client1 6 $PORT -c 2 -x hop | tally)" "hop-by-hop"
	assert_match '^backend[12] dst=2$' \
		"$(udp_ask client1 6 $PORT -c 2 -x dst | tally)" "destination"
	assert_match '^backend[12] opt=2$' \
		"$(udp_ask client1 4 $PORT -c 2 -x opt | tally)" "IPv4 options"
	assert_match '^backend[12] dst=2$' \
		"$(udp_ask "$NODE" 6 $PORT -c 2 -x dst | tally)" "from the node"
}

fragments_pass()
{
	local ns family size

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			for size in 1473 4000 60000; do
				assert_match '^backend[12]=2$' \
					"$(udp_ask "$ns" $family $PORT -c 2 -s $size | tally)" \
					"${ns:-node} IPv$family $size bytes"
			done
		done
	done
}

fragments_with_headers_pass()
{
	assert_match '^backend[12] dst=2$' \
		"$(udp_ask client1 6 $PORT -c 2 -s 4000 -x dst | tally)" IPv6
	assert_match '^backend[12] opt=2$' \
		"$(udp_ask client1 4 $PORT -c 2 -s 4000 -x opt | tally)" IPv4
}

# offload STATE: of checksums at every pod
offload()
{
	local pod

	for pod in client1 backend1 backend2; do
		assert_ok in_ns "$pod" ethtool -K eth0 tx "$1" rx "$1"
	done
}

# Checksums finished in software by the sender instead of left partial.
software_checksums_are_right()
{
	local family

	offload off
	for family in 4 6; do
		assert_match '^backend[12]=4$' \
			"$(udp_ask client1 $family $PORT -c 4 -s 701 | tally)" \
			"IPv$family"
	done
	assert_eq 0 "$(checksum_errors)" "checksum errors"
	offload on
}

checksum_errors()
{
	local pod sum=0

	for pod in client1 backend1 backend2; do
		sum=$((sum + $(snmp "$pod" UdpInCsumErrors) + \
			$(snmp "$pod" Udp6InCsumErrors)))
	done
	echo $sum
}

# node_sums STATE: whether checksums are left to the node's interfaces to pods
node_sums()
{
	local pod

	for pod in client1 backend1 backend2; do
		assert_ok node ethtool -K "v$pod" tx "$1"
	done
}

# The sender leaves the checksum to the device, and the node has to finish it,
# for other addresses and another port; so with each segment that it cuts.  From
# 6.11 on, an interface segments UDP only while checksums are left to it.
partial_checksums_are_finished()
{
	local ns family

	node_sums off
	segmentation off
	for ns in client1 "$NODE"; do
		for family in 4 6; do
			assert_match '^backend[12]=4$' \
				"$(udp_ask "$ns" $family $PORT -c 4 -s 701 | tally)" \
				"${ns:-node}, IPv$family"
		done
	done
	segments_pass
	assert_eq 0 "$(checksum_errors)" "checksum errors"
	node_sums on
	segmentation on
}

# Eleven datagrams are one packet for the module, and pass the pods' interfaces
# as one: what cuts them is the receiver's socket, or the interface if it is told
# to.
segments_pass()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			assert_match '^backend[12]=11$' \
				"$(udp_ask "$ns" $family $PORT -p 703$family \
					-s 10500 -g 1000 | tally)" \
				"${ns:-node} IPv$family"
			assert_eq 1 "$(json "[.[] |
				select(.orig.src | endswith(\":703$family\")) |
				.counters.in_packets] | add" flow show)" \
				"${ns:-node} IPv$family, packets"
			node sluice flow flush
		done
	done
}

# segmentation STATE: of UDP, by the interfaces between the node and its backends
segmentation()
{
	local i

	for i in 1 2; do
		assert_ok node ethtool -K "vbackend$i" \
			tx-udp-segmentation "$1"
	done
}

segments_are_cut()
{
	segmentation off
	segments_pass
	segmentation on
}

# What a datagram has: its payload, a UDP header and the address family's.
counters_are_exact()
{
	local family key bytes

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		bytes=$((700 + 8 + (family == 4 ? 20 : 40)))
		node sluice service del "$key"
		service_up $family $PORT/udp 1
		udp_ask client1 $family $PORT -c 5 -s 700 >/dev/null
		assert_eq "{\"connections\":1,\"in_packets\":5,\
\"in_bytes\":$((5 * bytes)),\"out_packets\":5,\
\"out_bytes\":$((5 * (bytes + 9))),\"drops\":0}" \
			"$(json '.[0].counters' service show "$key" | jq -c .)" \
			"IPv$family"
	done
}

ktap_begin
run_setup set_up "services over UDP servers are set up"
run_case ports_share_backends "client ports share the backends in turn"
run_case one_flow_keeps_its_backend "one flow keeps its backend"
run_case maglev_is_sticky "maglev gives a client tuple the same backend again"
run_case no_checksum_stays_none "UDP without a checksum passes"
run_case checksum_on_the_wire_is_zero "and arrives without one"
run_case extension_headers_pass "extension headers and IPv4 options pass"
run_case fragments_pass "fragmented requests and answers pass"
run_case fragments_with_headers_pass "fragments with extension headers and options pass"
run_case segments_pass "datagrams that are to be segmented pass as one"
run_case segments_are_cut "and are cut where an interface has to"
run_case partial_checksums_are_finished "checksums left to devices are finished behind the module"
run_case software_checksums_are_right "checksums made in software stay right"
run_case counters_are_exact "packets and bytes are counted exactly"
ktap_end
