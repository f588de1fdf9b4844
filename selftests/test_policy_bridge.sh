#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The policy between pods on one Linux bridge, which the node does not route.
# check: 6.1 7.3
# needs: python
# timeout: 600

. ./lib.sh
. ./policy.sh
. ./bridge.sh

set_up()
{
	load_module && bridge_up || return
	bridge_pod pod1 && bridge_pod pod2 && bridge_pod pod3 || return
	servers_up pod1 pod2 && identities_up pod1 pod2 pod3
}

has_no_br_netfilter()
{
	assert_fails test -d /proc/sys/net/bridge
	assert_reaches pod1 pod2 "$ALL"
	assert_eq 4 "$(json length flow show)" "flows"
}

# asks FAMILY: pod1 asks pod2 by one socket, with each "next"
asks()
{
	open_socket in_ns pod1 ./progs/udp ask "$(pod "$1" pod2)" $DNS
	assert_eq pod2 "$(next)" "IPv$1, allowed"
}

# What is open when the first rule comes
first_rule()
{
	local family

	for family in 4 6; do
		asks $family
		policy set 1002 isolate ingress
		assert_eq lost "$(next)" "IPv$family, isolated"
		policy flush
		assert_eq pod2 "$(next)" "IPv$family, without rules again"
		close_socket
	done
}

bridged()
{
	policy set 1002 isolate ingress || return
	assert_reaches pod1 pod2 ""
	assert_reaches pod2 pod1 "$ALL"
	policy add to 1002 from 1001 tcp $WEB allow cookie 42
	assert_reaches pod1 pod2 "tcp4 tcp6"
	assert_reaches pod3 pod2 ""
	policy add to 1002 from 1001 udp allow
	assert_reaches pod1 pod2 "$ALL"
}

# Denied, neighbours still find each other; errors come with what they are about.
icmp()
{
	ip -n pod1 neigh flush all
	ip -n pod2 neigh flush all
	assert_reaches pod1 pod2 "$ALL"
	assert_eq refused "$(in_ns pod1 ./progs/udp ask -t 700 "$(pod4 pod2)" 7777)" \
		"IPv4 port unreachable"
	assert_eq refused "$(in_ns pod1 ./progs/udp ask -t 700 "$(pod6 pod2)" 7777)" \
		"IPv6 port unreachable"
	assert_fails in_ns pod1 ping -nq -c 1 -W 1 "$(pod4 pod2)"
}

# None is of a flow, nor is an answer. Later ones have no ports: a rule about all of UDP allows them, one about a port
# does not. The first one has, so that a port can be denied.
fragments()
{
	assert_eq pod2 "$(dns pod1 "$(pod4 pod2)" -s 4000)" "all of UDP"
	policy set 1002 isolate both
	assert_eq pod2 "$(dns pod1 "$(pod4 pod2)")" "an answer"
	assert_eq lost "$(dns pod1 "$(pod4 pod2)" -s 4000)" "an answer in fragments"
	policy add from 1002 to 1001 udp allow
	assert_eq pod2 "$(dns pod1 "$(pod4 pod2)" -s 4000)" "with a rule of its own"
	policy del from 1002 to 1001 udp
	policy set 1002 isolate ingress
	policy add to 1002 from 1003 udp $DNS allow
	assert_eq pod2 "$(dns pod3 "$(pod4 pod2)")" "a port"
	assert_eq lost "$(dns pod3 "$(pod4 pod2)" -s 4000)" "fragments to a port"
	policy del to 1002 from 1003 udp $DNS
	assert_eq pod1 "$(dns pod3 "$(pod4 pod1)" -s 4000)" "nobody isolated, IPv4"
	assert_eq pod1 "$(dns pod3 "$(pod6 pod1)" -s 4000)" "nobody isolated, IPv6"
	policy add from 1003 to 1001 udp $DNS deny tier admin
	assert_eq lost "$(dns pod3 "$(pod4 pod1)" -s 4000)" "a port denied, IPv4"
	assert_eq lost "$(dns pod3 "$(pod6 pod1)" -s 4000)" "a port denied, IPv6"
	policy del from 1003 to 1001 udp $DNS tier admin
}

cut_live()
{
	local family

	for family in 4 6; do
		asks $family
		policy del to 1002 from 1001 udp
		assert_eq lost "$(next)" "IPv$family, denied"
		policy add to 1002 from 1001 udp allow
		assert_eq pod2 "$(next)" "IPv$family, allowed again"
		close_socket
	done
	policy del to 1002 from 1001 tcp $WEB
	assert_reaches pod1 pod2 "udp4 udp6"
	policy add to 1002 from 1001 tcp $WEB allow cookie 42
	assert_reaches pod1 pod2 "$ALL"
}

packets_of_rule()
{
	json '.[].rules[] | select(.cookie == 42) | .counters.packets' policy show
}

# With br_netfilter the IP hooks see the frames instead, and see them once.
with_br_netfilter()
{
	local before

	modprobe br_netfilter &&
	node sysctl -qw net.bridge.bridge-nf-call-iptables=1 \
		net.bridge.bridge-nf-call-ip6tables=1 || return
	assert_reaches pod1 pod2 "$ALL"
	assert_reaches pod3 pod2 ""
	assert_eq lost "$(dns pod3 "$(pod4 pod2)" -s 4000)" "denied fragments"
	before=$(packets_of_rule)
	web pod1 "$(pod4 pod2)" >/dev/null
	assert_between 8 16 $(($(packets_of_rule) - before)) \
		"packets of a connection, each counted once"
	neighbours
	direct_server_return
	rmmod br_netfilter	# alone: the bridge goes with its module
}

# What pods tell each other of themselves, unicast, too
neighbours()
{
	local name

	for name in pod1 pod2; do
		ip -n $name neigh flush all
		in_ns $name sysctl -qw \
			net.ipv6.neigh.eth0.base_reachable_time_ms=1000 \
			net.ipv6.neigh.eth0.delay_first_probe_time=1
	done
	assert_reaches pod1 pod2 "$ALL"
	sleep 4
	assert_reaches pod1 pod2 "$ALL"
	assert_eq 0 "$(ip -n pod1 -6 neigh show "$(pod6 pod2)" | grep -c FAILED)" \
		"failed neighbours"
}

# What is to reach a backend as it is waits until it is routed, and may not be:
# pod2 has the address that is a service on the node, too.
direct_server_return()
{
	local service=10.96.0.77

	ip -n pod2 addr add $service/32 dev lo &&
	ip -n pod1 route add $service via "$(pod4 pod2)" &&
	node sluice service add $service:$WEB/tcp forward l2 &&
	node sluice backend add $service:$WEB/tcp "$(pod4 pod3):$WEB" || return
	assert_eq pod2 "$(web pod1 $service)" "bridged on"
	node sluice identity add $service id 1009
	policy set 1009 isolate ingress
	assert_eq "" "$(web pod1 $service)" "bridged on, denied"
	policy add to 1009 from 1001 tcp $WEB allow
	assert_eq pod2 "$(web pod1 $service)" "bridged on, allowed"
	node sluice service del $service:$WEB/tcp
	policy del to 1009 from 1001 tcp $WEB
	policy set 1009 isolate none
}

# heard: echo requests to all on the link that pod2 has had of three
heard()
{
	local before

	before=$(snmp pod2 IcmpInEchos)
	in_ns pod1 ping -4 -b -nq -c 3 -i 0.3 -W 1 -I eth0 255.255.255.255 \
		>/dev/null 2>&1
	echo $(($(snmp pod2 IcmpInEchos) - before))
}

# The node gets them, too, and may; which must not open the way to others.
to_all_on_the_link()
{
	assert_eq 3 "$(heard)" "to all"
	policy set 1001 isolate egress
	assert_eq 0 "$(heard)" "isolated"
	policy set 1001 isolate none
}

# The node may have its address in a VLAN of the bridge.
vlan_up()
{
	local name

	node ip link set br0 type bridge vlan_filtering 1 &&
	node bridge vlan add dev br0 vid 10 self &&
	node ip link add link br0 name br0.10 type vlan id 10 &&
	node ip link set br0.10 up &&
	node ip addr del 10.245.0.254/24 dev br0 &&
	node ip addr add 10.245.0.254/24 dev br0.10 || return
	for name in pod1 pod2 pod3; do
		node bridge vlan add dev "v$name" vid 10 pvid untagged || return
	done
}

vlan_down()
{
	node ip link del br0.10
	node ip link set br0 type bridge vlan_filtering 0
	node ip addr add 10.245.0.254/24 dev br0
}

to_all_in_a_vlan()
{
	vlan_up || return
	to_all_on_the_link
	vlan_down
}

# What is for the node by its address only, and goes elsewhere, is not the node's,
# nor if the like of it has been.
to_the_node_elsewhere()
{
	local to before

	node sluice flow flush
	policy set 1001 isolate egress
	before=$(dropped policy-isolation)
	for to in "$(mac pod2)" 02:00:00:00:00:fe "$(mac pod2)"; do
		in_ns pod1 python3 -B ./packet.py eth0 "$to" "$(pod4 pod1)" \
			10.245.0.254 7777
	done
	assert_eq 1 "$(json 'map(select(.proto == "udp")) | length' flow show)" \
		"flows: the node has had one"
	assert_eq 2 $(($(dropped policy-isolation) - before)) "drops"
	policy set 1001 isolate none
}

# The port tells who gets that, if it is bound.
all_on_the_link_by_port()
{
	local before

	policy set 1002 isolate ingress
	assert_eq 3 "$(heard)" "a port that is not bound"
	node sluice device add vpod2 address "$(pod4 pod2),$(pod6 pod2)"
	before=$(dropped policy-isolation)
	assert_eq 0 "$(heard)" "a port that is"
	assert_eq 3 $(($(dropped policy-isolation) - before)) "drops"
	# A frame for pod2 alone, with such a packet in it
	in_ns pod1 nft -f - <<-END || return
		table netdev alone {
			chain out {
				type filter hook egress device eth0 priority 0;
				ip daddr 255.255.255.255 ether daddr set $(mac pod2)
			}
		}
	END
	assert_eq 0 "$(heard)" "by the hardware address"
	in_ns pod1 nft delete table netdev alone
	policy add to 1002 from 1001 icmp allow
	assert_eq 3 "$(heard)" "allowed"
	policy flush
}

# What has no address but the link's; vpod2 is bound from before, and pod2 may
# use that one, too.
link_local_by_port()
{
	local to

	to=$(link_local pod2)
	node sluice device replace vpod2 \
		address "$(pod4 pod2),$(pod6 pod2),$to"
	open_socket in_ns pod1 ./progs/udp ask "$to%eth0" $DNS
	assert_eq pod2 "$(next)" "nobody isolated"
	policy set 1002 isolate ingress
	assert_eq lost "$(next)" "isolated"
	assert_eq "" "$(web pod1 "[$to%25eth0]")" "TCP, isolated"
	assert_eq pod1 "$(dns pod2 "$(link_local pod1)%eth0")" "what it begins itself"
	policy add to 1002 from any udp $DNS allow
	assert_eq pod2 "$(next)" "allowed"
	policy add to 1002 from any tcp $WEB allow
	assert_eq pod2 "$(web pod1 "[$to%25eth0]")" "TCP, allowed"
	policy del to 1002 from any tcp $WEB
	close_socket
	policy flush
	node sluice device del vpod2
}

# forget: the bridge has forgotten where pod2 is
forget()
{
	! node bridge fdb show br br0 | grep -q "^$(mac pod2) .*dev vpod2 master" ||
		node bridge fdb del "$(mac pod2)" dev vpod2 master
}

# told_of COMMAND...: drops of isolation meanwhile
told_of()
{
	local before

	before=$(dropped policy-isolation)
	"$@" >/dev/null
	echo $(($(dropped policy-isolation) - before))
}

one_to()
{
	in_ns pod1 python3 -B ./packet.py eth0 "$1" "$(pod4 pod1)" \
		"$(pod4 pod2)" $DNS
	web pod1 "$(pod4 pod2)"		# comes behind it
}

# What the bridge sends to all in search of pod2 is not denied to pod3; what is for
# pod3's hardware address is.
flooded()
{
	local received

	node sluice device add vpod3 address "$(pod4 pod3),$(pod6 pod3)"
	policy set 1003 isolate ingress
	forget
	received=$(udp_received pod2)
	assert_eq 0 "$(told_of one_to "$(mac pod2)")" "told of, for pod2"
	assert_eq 1 $(($(udp_received pod2) - received)) "pod2 has it"
	assert_eq 1 "$(told_of one_to "$(mac pod3)")" "told of, for pod3"
	policy flush
	node sluice device del vpod3
}

# Who has addresses of one family only has those of the link all the same.
link_local_of_others()
{
	local to before

	to=$(link_local pod2)
	ip -n pod2 addr del "$(pod6 pod2)/64" dev eth0
	node sluice device add vpod2 address "$(pod4 pod2),$to"
	open_socket in_ns pod1 ./progs/udp ask "$to%eth0" $DNS
	assert_eq pod2 "$(next)" "nobody isolated"
	policy set 1002 isolate ingress
	assert_eq lost "$(next)" "isolated"
	node sluice device replace vpod2 address "$(pod4 pod2)"
	before=$(udp_received pod2)
	assert_eq lost "$(next)" "bound to IPv4 alone"
	assert_eq "$before" "$(udp_received pod2)" "datagrams that arrive"
	policy add to 1002 from any udp $DNS allow
	node sluice device replace vpod2 address "$(pod4 pod2),$to"
	assert_eq pod2 "$(next)" "allowed"
	close_socket
	policy flush
	node sluice device del vpod2
	ip -n pod2 addr add "$(pod6 pod2)/64" dev eth0 nodad
}

# arrives_with TAGS: how many of two datagrams of pod1 to pod2, one of each family
arrives_with()
{
	local before family

	before=$(udp_received pod2)
	for family in 4 6; do
		in_ns pod1 python3 -B ./packet.py eth0 "$(mac pod2)" \
			"$(pod $family pod1)" "$(pod $family pod2)" $DNS vlan="$1"
	done
	web pod1 "$(pod4 pod2)" >/dev/null	# comes behind them
	echo $(($(udp_received pod2) - before))
}

# A host takes off all tags that are of no VLAN.
priority_tags()
{
	local tags

	policy set 1002 isolate ingress
	policy add to 1002 from 1001 tcp $WEB allow
	for tags in 0 0,0 0,0,0; do
		assert_eq 0 "$(arrives_with $tags)" "isolated, tags $tags"
	done
	policy add to 1002 from 1001 udp $DNS allow
	for tags in 0 0,0 0,0,0; do
		assert_eq 2 "$(arrives_with $tags)" "allowed, tags $tags"
	done
	assert_reaches pod1 pod2 "tcp4 tcp6 udp4 udp6"
	policy flush
}

# A pod's packets to elsewhere are routed by the node, which sees them there.
routed()
{
	start_nginx "$NODE" node 8080
	policy set 1001 isolate egress
	assert_eq node "$(web pod1 10.245.0.254 8080)" "the node itself"
	assert_reaches pod1 pod2 ""
	policy set 1001 isolate none
}

ktap_begin
run_setup set_up "pods are on a bridge and have identities"
run_case has_no_br_netfilter "without rules everything may pass"
run_case first_rule "the first rule stops what goes on"
run_case bridged "rules hold between the ports of a bridge"
run_case icmp "neighbour discovery and ICMP errors"
run_case fragments "fragments"
run_case cut_live "a change holds for the next packet"
run_case with_br_netfilter "br_netfilter may be there"
run_case to_all_on_the_link "what is for all on the link"
run_case to_all_in_a_vlan "with the node in a VLAN of the bridge"
run_case to_the_node_elsewhere "the node's address, another's hardware"
run_case all_on_the_link_by_port "to a port that is bound"
run_case link_local_by_port "for an address of the link"
run_case link_local_of_others "to who has no other address of the family"
run_case flooded "frames for a host that the bridge does not know"
run_case priority_tags "tags of no VLAN"
run_case routed "what the node routes is judged there"
run_case bridge_down "the bridge goes"
ktap_end
