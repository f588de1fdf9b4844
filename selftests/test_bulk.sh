#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Large transfers both ways through a service arrive whole, whatever is
# offloaded: segmentation and checksums left to the device, or done by the
# sender.
# timeout: 300
# check: 6.1

. ./lib.sh

SIZE=8000000

set_up()
{
	load_module && topo_up 1 1 && start_nginx backend1 backend1 || return
	services_up 80/tcp 1 || return
	mkdir -p /tmp/nginx-backend1-80/files
	head -c $SIZE /dev/urandom >/tmp/nginx-backend1-80/files/big
}

# offload WORD...: at every pod, e.g. tx off
offload()
{
	local pod

	for pod in client1 backend1; do
		in_ns "$pod" ethtool -K eth0 "$@" >/dev/null || return
	done
}

checksum_errors()
{
	local pod sum=0

	for pod in client1 backend1 "$NODE"; do
		sum=$((sum + $(snmp "$pod" TcpInCsumErrors)))
	done
	echo $sum
}

transfers()
{
	local ns family

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			rm -f /tmp/got
			http_get "$ns" "http://$(at $family "$(vip $family)" 80)/files/big" \
				-o /tmp/got
			assert_ok cmp /tmp/got /tmp/nginx-backend1-80/files/big
		done
	done
	assert_eq 0 "$(checksum_errors)" "checksum errors"
}

with_offload()
{
	assert_ok offload tx on tso on gso on
	transfers
}

without_tso()
{
	assert_ok offload tso off gso off
	transfers
}

without_checksums()
{
	assert_ok offload tx off
	transfers
}

# node_offload WORD...: at the node's interfaces to the pods
node_offload()
{
	local pod

	for pod in client1 backend1; do
		node ethtool -K "v$pod" "$@" >/dev/null || return
	done
}

# What the sender left to do the node does once addresses and ports are others:
# the receiver sums up each packet anew.
finished_behind_the_module()
{
	assert_ok offload tx on tso on gso on
	assert_ok node_offload tx off tso off gso off
	transfers
	assert_ok node_offload tx on tso on gso on
}

# Segments on the wire become one packet again before the module sees them.
with_gro()
{
	local family

	assert_ok offload tx off tso off gso off gro on
	assert_ok node_offload gro on
	transfers
	for family in 4 6; do
		assert_between 1 $((SIZE / 1448 * 3 / 4)) \
			"$(packets_of_answer client1 $family)" \
			"IPv$family: packets of the answer"
	done
	assert_ok node_offload gro off
	assert_ok offload tx on tso on gso on gro off
}

# packets_of_answer NAMESPACE FAMILY: how many the file takes
packets_of_answer()
{
	local key

	key=$(service "$2" 80/tcp)
	node sluice service del "$key"
	service_up "$2" 80/tcp 1
	http_get "$1" "http://$(at "$2" "$(vip "$2")" 80)/files/big" -o /tmp/got
	json '.[0].counters.out_packets' service show "$key"
}

# GSO packets keep together: far fewer of them than segments.
gso_packets_stay_whole()
{
	local ns family most=$((SIZE / 1448 / 3))

	# On a slow kernel TCP makes packets of two segments, the least.
	((SLOW == 1)) || most=$((SIZE / 1448 * 3 / 4))

	assert_ok offload tx on tso on gso on
	for ns in client1 "$NODE"; do
		for family in 4 6; do
			assert_between 1 $most "$(packets_of_answer "$ns" $family)" \
				"${ns:-node}, IPv$family: packets of the answer"
		done
	done
}

ktap_begin
run_setup set_up "a service with a large file is set up"
run_case with_offload "with segmentation and checksums offloaded"
run_case gso_packets_stay_whole "GSO packets pass whole"
run_case without_tso "with segments made by the sender"
run_case without_checksums "with checksums made by the sender"
run_case finished_behind_the_module "with both left to the node, behind the module"
run_case with_gro "with GRO at every device"
ktap_end
