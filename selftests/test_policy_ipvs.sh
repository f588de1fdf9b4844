#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The policy and ip_vs, as kube-proxy sets it up: what clients send to a virtual
# address the node sends on to a backend, with the clients' own addresses.
# check: 6.1
# timeout: 240

. ./lib.sh
. ./policy.sh

# ipvs_up: service 1 of both families and protocols at backend1
ipvs_up()
{
	local family proto port

	modprobe ip_vs && modprobe ip_vs_rr || return
	_ip_in "$NODE" link add kube-ipvs0 type dummy || return
	node sysctl -qw net.ipv4.vs.conntrack=1
	for family in 4 6; do
		_ip_in "$NODE" addr add "$(vip $family)" dev kube-ipvs0 nodad || return
		for proto in t u; do
			port=$WEB
			[[ $proto == t ]] || port=$DNS
			node ipvsadm -A -$proto "$(at $family "$(vip $family)" $port)" -s rr &&
			node ipvsadm -a -$proto "$(at $family "$(vip $family)" $port)" \
				-r "$(backend $family 1 $port)" -m || return
		done
	done
}

set_up()
{
	need_commands ipvsadm
	load_module && topo_up 2 1 && servers_up backend1 &&
	identities_up client1 client2 backend1 && ipvs_up
}

# by_ipvs NAMESPACE: by which protocols it reaches backend1 at service 1
by_ipvs()
{
	local family reached=()

	for family in 4 6; do
		[[ $(web "$1" "$(url $family "$(vip $family)")") != backend1 ]] ||
			reached+=("tcp$family")
		[[ $(dns "$1" "$(vip $family)") != backend1 ]] ||
			reached+=("udp$family")
	done
	echo "${reached[*]}"
}

# assert_by_ipvs NAMESPACE PROTOCOLS WHAT
assert_by_ipvs()
{
	assert_eq "$2" "$(by_ipvs "$1")" "${1:-the node}, $3"
}

EVERY="tcp4 udp4 tcp6 udp6"

nothing_is_denied()
{
	assert_by_ipvs client1 "$EVERY" "without rules"
	assert_by_ipvs "$NODE" "$EVERY" "without rules"
}

# Who is asked for is the backend, and who asks the client, not the node.
receivers()
{
	policy set 2001 isolate ingress
	assert_by_ipvs client1 "" "isolated"
	assert_by_ipvs "$NODE" "$EVERY" "which reaches its pods"
	policy add to 2001 from 1001 allow
	assert_by_ipvs client1 "$EVERY" "allowed"
	assert_by_ipvs client2 "" "not allowed"
	policy replace to 2001 from 1001 deny
	assert_by_ipvs client1 "" "denied"
	policy flush
}

senders()
{
	policy set 1001 isolate egress
	assert_by_ipvs client1 "" "isolated"
	assert_by_ipvs client2 "$EVERY" "another one"
	policy add from 1001 to 2001 udp $DNS allow
	assert_by_ipvs client1 "udp4 udp6" "allowed"
	policy flush
}

# A denied exchange stops, and goes on once it is allowed.
live()
{
	local family

	for family in 4 6; do
		open_socket in_ns client1 ./progs/udp ask "$(vip $family)" $DNS
		assert_eq backend1 "$(next)" "IPv$family"
		policy set 2001 isolate ingress
		assert_eq lost "$(next)" "IPv$family, isolated"
		policy add to 2001 from 1001 allow
		assert_eq backend1 "$(next)" "IPv$family, allowed"
		close_socket
		policy flush
	done
}

ipvs_down()
{
	node ipvsadm -C
	_ip_in "$NODE" link del kube-ipvs0
	assert_ok modprobe -r ip_vs_rr
	assert_ok modprobe -r ip_vs
}

ktap_begin
run_setup set_up "a virtual address of ip_vs"
run_case nothing_is_denied "without rules it is reached"
run_case receivers "who receives is isolated from clients, and not from the node"
run_case senders "who sends is judged by whom ip_vs sends it to"
run_case live "what is denied stops at once"
run_case ipvs_down "ip_vs goes"
ktap_end
