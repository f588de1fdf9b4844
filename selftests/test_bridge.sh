#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Services between pods on one Linux bridge: requests are routed by the node,
# answers are bridged straight back and get the service's address there, without
# br_netfilter and with it.
# timeout: 300
# check: 7.3

. ./lib.sh
. ./policy.sh
. ./bridge.sh

export NODE=node
SIZE=3000000

# both COMMAND ARGUMENT...: with 4 and 6 behind the command
both()
{
	"$1" 4 "${@:2}" && "$1" 6 "${@:2}"
}

service_of()
{
	node sluice service add "$(service "$1" "$2")" &&
	node sluice backend add "$(service "$1" "$2")" \
		"$(at "$1" "$(pod "$1" pod2)" "$3")"
}

set_up()
{
	local dir=/tmp/nginx-pod2-$WEB/files

	load_module && topo_up 0 0 && bridge_up || return
	node sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	bridge_pod pod1 && bridge_pod pod2 && bridge_pod pod3 || return
	servers_up pod1 pod2 && mkdir -p $dir &&
	head -c $SIZE /dev/urandom > $dir/big || return
	both service_of $WEB/tcp $WEB && both service_of $DNS/udp $DNS
}

# by_service FAMILY [OPTION...]: pod1 asks by UDP, and who answers how often
by_service()
{
	udp_ask pod1 "$1" $DNS "${@:2}" | tally
}

answers()
{
	assert_eq pod2=3 "$(by_service "$1" -c 3)" "IPv$1 UDP"
	assert_eq pod2 "$(http_get pod1 \
		"http://$(at "$1" "$(vip "$1")" $WEB)/")" "IPv$1 TCP"
}

# Both directions, and each packet once
are_counted()
{
	node sluice flow flush
	by_service "$1" -c 3 -p 7001 >/dev/null
	assert_eq "3 3" "$(json '.[] | select(.orig.src | endswith(":7001")) |
		.counters | "\(.in_packets) \(.out_packets)"' flow show)" \
		"IPv$1 packets in and out"
}

# Large segments, of which the headers alone are rewritten
whole_files()
{
	local url

	url="http://$(at "$1" "$(vip "$1")" $WEB)/files/big"
	http_get pod1 "$url" > /tmp/got
	assert_ok cmp /tmp/got "/tmp/nginx-pod2-$WEB/files/big"
}

errors()
{
	service_of "$1" 7777/udp 7777
	assert_eq refused "$(in_ns pod1 ./progs/udp ask -t 2000 \
		"$(vip "$1")" 7777)" "IPv$1 port unreachable"
	node sluice service del "$(service "$1" 7777/udp)"
}

# as_such FAMILY [OPTION...]: pod1 asks pod2's own address
as_such()
{
	in_ns pod1 ./progs/udp ask "${@:2}" "$(pod "$1" pod2)" $DNS | tally
}

# One port of a client speaks to a backend as such and by the service, whichever
# comes first.
one_port()
{
	node sluice flow flush
	for _ in 1 2; do
		assert_eq pod2=2 "$(as_such "$1" -p 7002 -c 2)" "IPv$1 as such"
		assert_eq pod2=2 "$(by_service "$1" -p 7002 -c 2)" \
			"IPv$1 then by the service"
	done
	node sluice flow flush
	for _ in 1 2; do
		assert_eq pod2=2 "$(by_service "$1" -p 7004 -c 2)" \
			"IPv$1 by the service"
		assert_eq pod2=2 "$(as_such "$1" -p 7004 -c 2)" \
			"IPv$1 then as such"
	done
}

# of_flow FAMILY PORT: state and counters of the flow of pod1's port
of_flow()
{
	json ".[] | select(.orig.src == \"$(at "$1" "$(pod "$1" pod1)" "$2")\") |
		\"\(.state) \(.counters.in_packets) \(.counters.out_packets)\"" \
		flow show
}

# Both directions of what is bridged to a backend are seen, with a policy, too.
both_ways_are_seen()
{
	node sluice flow flush
	as_such "$1" -p 7005 -c 3 >/dev/null
	assert_eq "established 3 3" "$(of_flow "$1" 7005)" "IPv$1"
	identities_up pod1 pod2
	policy set 1002 isolate ingress
	policy add to 1002 from 1001 allow
	node sluice flow flush
	as_such "$1" -p 7006 -c 3 >/dev/null
	assert_eq "established 3 3" "$(of_flow "$1" 7006)" "IPv$1 with a policy"
	policy flush
	node sluice identity flush
}

# ask_elsewhere VLAN: frames of twins of pod1 and pod2, with their addresses and
# one port as a flow of the service, and whether they are as they were
ask_elsewhere()
{
	assert_eq pod2=1 "$(by_service 4 -p 7007)" "$1: a flow of the service"
	assert_eq twin2=2 "$(in_ns twin1 ./progs/udp ask -p 7007 -c 2 \
		"$(pod4 pod2)" $DNS | tally)" "$1: twins"
}

# twin NAME BRIDGE: with the addresses of a pod
twin()
{
	_topo_pods+=("$1")
	ns_add "$1" && veth_pair "$NODE" "v$1" "$1" eth0 &&
	node ip link set "v$1" master "$2" &&
	ip -n "$1" addr add "$(pod4 "${1/twin/pod}")/24" dev eth0
}

# Other links have the same addresses: another bridge, on which the node has none,
# and another VLAN.
other_links()
{
	node ip link add br1 type bridge && node ip link set br1 up &&
	twin twin1 br1 && twin twin2 br1 &&
	start_udp twin2 twin2 $DNS || return
	node sluice flow flush
	ask_elsewhere "another bridge"
	node ip link set br0 type bridge vlan_filtering 1
	# Down until they are in it, or a twin answers for its pod's address.
	for name in vtwin1 vtwin2; do
		node ip link set $name down
		node ip link set $name master br0
		node bridge vlan del dev $name vid 1
		node bridge vlan add dev $name vid 20 pvid untagged
		node ip link set $name up
	done
	ask_elsewhere "another VLAN"
	both answers
	# Gone first, or a twin answers for its pod's address once more.
	node ip link del vtwin1
	node ip link del vtwin2
	node ip link set br0 type bridge vlan_filtering 0
	node ip link del br1
}

# What is bridged both ways is nobody's but the policy's.
strangers()
{
	assert_eq pod1 "$(http_get pod3 "http://$(at "$1" "$(pod "$1" pod1)" \
		$WEB)/")" "IPv$1"
	assert_eq 0 "$(json "[.[] | select(.orig.dst |
		startswith(\"$(at "$1" "$(pod "$1" pod1)" '')\"))] | length" \
		flow show)" "IPv$1 flows"
}

by_policy()
{
	identities_up pod1 pod2 pod3
	policy set 1002 isolate ingress
	policy set 1001 isolate ingress
	both is_lost
	policy add to 1002 from 1001 allow
	both answers
	assert_eq lost=1 "$(udp_ask pod3 4 $DNS -t 500 | tally)" "pod3"
	policy del to 1002 from 1001
	both is_lost
	policy flush
	node sluice identity flush
}

is_lost()
{
	assert_eq lost=1 "$(by_service "$1" -t 500)" "IPv$1"
}

# The last backend gone
changes_hold()
{
	local backend

	backend=$(at "$1" "$(pod "$1" pod2)" $DNS)
	by_service "$1" -p 7003 >/dev/null
	node sluice backend del "$(service "$1" $DNS/udp)" "$backend"
	assert_eq refused=1 "$(by_service "$1" -p 7003)" "IPv$1 without a backend"
	node sluice backend add "$(service "$1" $DNS/udp)" "$backend"
	assert_eq pod2=1 "$(by_service "$1" -p 7003)" "IPv$1 with it"
}

# The IP hooks see the answers then.
with_br_netfilter()
{
	modprobe br_netfilter &&
	node sysctl -qw net.bridge.bridge-nf-call-iptables=1 \
		net.bridge.bridge-nf-call-ip6tables=1 || return
	both answers
	both are_counted
	both errors
	node sysctl -qw net.bridge.bridge-nf-call-iptables=0 \
		net.bridge.bridge-nf-call-ip6tables=0
	both answers
	node ip link del br0
	rmmod br_netfilter
}

# run_both FUNCTION DESCRIPTION: a case for each family
run_both()
{
	in_both() { both "$function"; }
	local function=$1

	run_case in_both "$2"
}

ktap_begin
run_setup set_up "pods on a bridge, services with one of them"
run_both answers "a client and its backend on one bridge"
run_both are_counted "packets are counted once"
run_both whole_files "downloads"
run_both errors "ICMP errors"
run_both one_port "one port of the client by both ways"
run_both both_ways_are_seen "what is bridged to a backend"
run_case other_links "other links with the same addresses"
run_both strangers "what is no service's"
run_both changes_hold "a backend goes and comes"
run_case by_policy "the policy"
run_case with_br_netfilter "with br_netfilter"
ktap_end
