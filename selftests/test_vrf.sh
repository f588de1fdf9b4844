#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Pods whose devices are in a VRF of the node, and processes of the node that
# are bound to it: packets come by some hooks twice, connections count once.

. ./lib.sh

set_up()
{
	load_module && topo_up 1 2 && vrf_up || return
	start_nginx backend1 backend1 && start_nginx backend2 backend2 || return
	services_up 80/tcp 2 && direct_return_up
}

# Services 2 and 3, whose packets reach backends unchanged
direct_return_up()
{
	local family how n=1 i key

	modprobe ipip && modprobe ip6_tunnel || return
	for how in l2 tunnel; do
		n=$((n + 1))
		for family in 4 6; do
			key=$(service $family 80/tcp $n)
			node sluice service add "$key" scheduler rr forward $how
			for i in 1 2; do
				node sluice backend add "$key" \
					"$(backend $family $i 80)"
			done
		done
		for i in 1 2; do
			ip -n backend$i addr add "$(vip 4 $n)/32" dev lo
			ip -n backend$i addr add "$(vip 6 $n)/128" dev lo nodad
		done
	done
	for i in 1 2; do
		in_ns backend$i sysctl -qw net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.tunl0.rp_filter=0
		ip -n backend$i link set tunl0 up
		ip -n backend$i link set ip6tnl0 up
	done
}

# The VRF has the node's addresses, too, and routes those of services. What a
# device has of IPv6 goes when it is enslaved.
vrf_up()
{
	local pod

	_ip_in "$NODE" -batch - <<-END || return
		link add vrf0 type vrf table 10
		link set vrf0 up
		addr add 10.244.0.1/32 dev vrf0
		addr add fd00:10:244::1/128 dev vrf0 nodad
	END
	for pod in client1 backend1 backend2; do
		_ip_in "$NODE" -batch - <<-END || return
			link set v$pod master vrf0
			addr replace fe80::1/64 dev v$pod nodad
			route replace $(pod 4 $pod) dev v$pod table 10
			route replace $(pod 6 $pod) dev v$pod table 10
		END
	done
	_ip_in "$NODE" -batch - <<-END
		route add 10.96.0.0/16 dev vbackend1 table 10
		route add fd00:10:96::/64 dev vbackend1 table 10
	END
}

flows()
{
	json '[.[] | [.orig.dst, .direct // false, (.orig.src | sub(".*:"; "")) ==
		(.reply.dst | sub(".*:"; ""))] | map(tostring) | join(" ")] |
		unique | join(", ")' flow show
}

# asked NAMESPACE FAMILY [OPTION...]: both backends answer, and each connection
# is one flow with the client's own port
asked()
{
	local ns=$1 family=$2

	shift 2
	node sluice flow flush
	assert_eq "backend1=2 backend2=2" "$(for _ in 1 2 3 4; do
		http_get "$ns" "http://$(service "$family" 80)/" "$@"
	done | tally)" "IPv$family"
	assert_eq 4 "$(json length flow show)" "flows, IPv$family"
	assert_eq "$(service "$family" 80) false true" "$(flows)" \
		"to the service, own port, IPv$family"
}

pods()
{
	asked client1 4 && asked client1 6
}

processes_of_the_node()
{
	asked "$NODE" 4 --interface vrf0 && asked "$NODE" 6 --interface vrf0
}

# Routes to backends and the node's address on the way are those of the VRF.
unchanged()
{
	local ns family n

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			for n in 2 3; do
				assert_eq "backend1=2 backend2=2" "$(
					for _ in 1 2 3 4; do
						get_in_vrf "$ns" $family $n
					done | tally)" \
					"${ns:-node}, service $n, IPv$family"
			done
		done
	done
}

# get_in_vrf NAMESPACE FAMILY SERVICE
get_in_vrf()
{
	local interface=()

	[[ $1 != "$NODE" ]] || interface=(--interface vrf0)
	http_get "$1" "http://$(service "$2" 80 "$3")/" "${interface[@]}"
}

# Straight to a backend at the same time, from the same port
together_with_direct_ones()
{
	local family

	for family in 4 6; do
		node sluice flow flush
		for _ in 1 2; do
			assert_match '^backend[12]$' "$(http_get "$NODE" \
				"http://$(service $family 80)/" \
				--interface vrf0)" "the service, IPv$family"
			assert_eq backend1 "$(http_get "$NODE" \
				"http://$(backend $family 1 80)/" \
				--interface vrf0)" "the backend, IPv$family"
		done
		assert_eq 2 "$(json '[.[] | select(.direct)] | length' flow show)" \
			"direct flows, IPv$family"
	done
}

ktap_begin
run_setup set_up "pods in a VRF"
run_case pods "a pod in the VRF"
run_case processes_of_the_node "the node's processes that are bound to it"
run_case unchanged "both, to backends that get packets unchanged"
run_case together_with_direct_ones "and speak to backends directly"
ktap_end
