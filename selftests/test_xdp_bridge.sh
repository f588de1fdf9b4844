#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# XDP at the ports of a bridge, with the module: the bridge in the driver forwards
# what nobody has a word on and what the policy allows, and nothing else; answers of
# a service's backend are rewritten on their way all the same.
#
#	pod1 --- vpod1 [XDP] -- br0 -- [XDP] vpod2 --- pod2
#	                         |
#	pod3 --- vpod3 [XDP] ----'
#
# needs: python
# timeout: 600

. ./lib.sh
. ./fastpath.sh
. ./policy.sh
. ./bridge.sh

export NODE=node
PODS="pod1 pod2 pod3"

# Not by "ip netns exec": what the feed is pinned to would go with the command.
set_up()
{
	local name

	need_commands ethtool
	load_module && topo_up 0 0 && bridge_up || return
	for name in $PODS; do
		# Nobody asks in between whether a neighbour is still there.
		bridge_pod $name && in_ns $name sysctl -qw \
			net.ipv4.neigh.eth0.delay_first_probe_time=1000 \
			net.ipv6.neigh.eth0.delay_first_probe_time=1000 || return
	done
	servers_up pod2 pod3 || return
	for name in $PODS; do
		sluice -n "$NODE" xdp attach "v$name" bridge >/dev/null ||
			return
	done
	everyone_speaks
}

# The bridge knows where pods are, and has shown them to the programs.
everyone_speaks()
{
	local family

	for family in 4 6; do
		dns pod1 "$(pod $family pod2)" && dns pod1 "$(pod $family pod3)" &&
		dns pod3 "$(pod $family pod2)" || return
	done >/dev/null
}

# forwarded DEVICE: frames that its program has forwarded
forwarded()
{
	json '[.[0].counters[] | select(.reason == "forwarded") | .packets] |
		add // 0' xdp show "$1"
}

# forwards COMMAND...: how many frames of pod1 its program forwards meanwhile
forwards()
{
	rise "forwarded vpod1" "$@"
}

# asks FAMILY COUNT: pod1 asks pod2 by one socket
asks()
{
	in_ns pod1 ./progs/udp ask -c "$2" "$(pod "$1" pod2)" $DNS
}

nobody_minds()
{
	local family

	for family in 4 6; do
		forwards asks $family 5
		assert_eq pod2=5 "$(tally < /tmp/said)" "IPv$family"
		assert_between 4 9 "$GAIN" "IPv$family, by XDP"
		assert_eq pod2 "$(web pod1 "$(url_host $family pod2)")" "TCP"
	done
}

url_host()
{
	case $1 in
	4)	pod4 "$2" ;;
	6)	echo "[$(pod6 "$2")]" ;;
	esac
}

# The first packet of each is the kernel's bridge's.
allowed_is_forwarded()
{
	local family

	identities_up $PODS
	policy set 1002 isolate ingress
	policy add to 1002 from 1001 udp $DNS allow
	for family in 4 6; do
		node sluice flow flush
		forwards asks $family 5
		assert_eq pod2=5 "$(tally < /tmp/said)" "IPv$family"
		assert_between 3 4 "$GAIN" "IPv$family, by XDP"
		assert_eq "5 5" "$(json '.[] | select(.proto == "udp") |
			.counters | "\(.in_packets) \(.out_packets)"' flow show)" \
			"IPv$family, each counts once"
	done
}

denied_is_not()
{
	local family received

	received=$(udp_received pod2)
	for family in 4 6; do
		assert_eq lost=2 "$(in_ns pod3 ./progs/udp ask -c 2 -t 300 \
			"$(pod $family pod2)" $DNS | tally)" "IPv$family, UDP"
		assert_eq lost=2 "$(in_ns pod3 ./progs/udp ask -c 2 -t 300 \
			-s 4000 "$(pod $family pod2)" $DNS | tally)" \
			"IPv$family, in fragments"
		assert_eq '' "$(web pod1 "$(url_host $family pod2)")" \
			"IPv$family, TCP"
		assert_fails in_ns pod3 ping -qc 1 -W 1 "$(pod $family pod2)"
	done
	assert_eq "$received" "$(udp_received pod2)" "none is delivered"
}

# pod3_has MAC: how many datagrams, of one of pod1 to all of the subnet, in a frame
# for one host
pod3_has()
{
	local before

	before=$(udp_received pod3)
	in_ns pod1 python3 -B ./packet.py eth0 "$1" "$(pod4 pod1)" \
		10.245.0.255 $DNS
	asks 4 1 >/dev/null	# comes behind it
	echo $(($(udp_received pod3) - before))
}

# Who has it is told by the port, whoever else has had the like of it by another one.
receiver_is_by_port()
{
	local other

	policy flush
	node sluice device add vpod3 address "$(pod4 pod3),$(pod6 pod3)"
	assert_eq 1 "$(pod3_has "$(mac pod3)")" "nobody isolated"
	policy set 1003 isolate ingress
	for other in 02:00:00:00:00:fe "$(mac pod2)"; do
		node sluice flow flush
		pod3_has "$other" >/dev/null
		assert_eq 0 "$(pod3_has "$(mac pod3)")" "$other has had it"
	done
	policy flush
	node sluice device del vpod3
	policy set 1002 isolate ingress
	policy add to 1002 from 1001 udp $DNS allow
}

# What goes by XDP stops with its next frame.
change_cuts()
{
	open_socket in_ns pod1 ./progs/udp ask "$(pod4 pod2)" $DNS
	for _ in 1 2 3; do
		assert_eq pod2 "$(next)" "allowed"
	done
	policy del to 1002 from 1001 udp $DNS
	assert_eq lost "$(next)" "denied"
	policy add to 1002 from 1001 udp $DNS allow
	assert_eq pod2 "$(next)" "allowed again"
	close_socket
	policy flush
	node sluice identity flush
}

# The node routes requests; answers are bridged straight back.
services_are_rewritten()
{
	local family key

	for family in 4 6; do
		key=$(service $family $DNS/udp)
		node sluice service add "$key"
		node sluice backend add "$key" "$(at $family \
			"$(pod $family pod2)" $DNS)"
		assert_eq pod2=5 "$(udp_ask pod1 $family $DNS -c 5 | tally)" \
			"IPv$family"
		node sluice service del "$key"
	done
}

# Frames that claim another's address are the bound device's to drop.
bound_is_bound()
{
	local before

	node sluice device add vpod3 address 10.245.0.99
	before=$(dropped spoofed)
	assert_eq lost "$(in_ns pod3 ./progs/udp ask -t 300 "$(pod4 pod2)" $DNS)"
	(($(dropped spoofed) > before))
	node sluice device del vpod3
}

others_rules_hold()
{
	node nft add table bridge guard
	node nft add chain bridge guard forward \
		'{ type filter hook forward priority 0; }'
	node nft add rule bridge guard forward ip daddr "$(pod4 pod2)" drop
	assert_eq lost "$(in_ns pod1 ./progs/udp ask -t 300 "$(pod4 pod2)" $DNS)"
	node nft delete table bridge guard
	assert_eq pod2 "$(in_ns pod1 ./progs/udp ask "$(pod4 pod2)" $DNS)"
}

detached()
{
	local name

	for name in $PODS; do
		assert_ok sluice -n "$NODE" xdp detach "v$name"
	done
	assert_eq pod2=3 "$(asks 4 3 | tally)" "by the kernel's bridge"
	unload_module
}

ktap_begin
run_setup set_up "pods on a bridge, a program at each port"
run_case nobody_minds "without a policy"
run_case allowed_is_forwarded "flows that the policy allows"
run_case denied_is_not "what it denies"
run_case receiver_is_by_port "what a port has to be asked for"
run_case change_cuts "a change cuts them"
run_case services_are_rewritten "answers of a service"
run_case bound_is_bound "a bound device"
run_case others_rules_hold "rules of others"
run_case detached "detached"
ktap_end
