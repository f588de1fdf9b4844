#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Pods whose devices are in a VRF of the node, and processes of the node that
# are bound to it: packets come by some hooks twice, connections count once, and
# the node's addresses and routes are those of the VRF. client2 is in none.
#
#	client1   backend1   backend2   outside          client2
#	    \         |          |         /                 |
#	     ------- vrf0 (table 10) ------            the node's own
#	  10.244.0.1, 10.244.0.9, 198.51.100.1        10.244.0.1, 192.0.2.1
# timeout: 300
# check: 6.1 7.3

. ./lib.sh

set_up()
{
	load_module && topo_up 2 2 && outside_up outside && vrf_up || return
	start_nginx outside outside || return
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

# own FAMILY: an address that the node has in the VRF alone
own()
{
	case $1 in
	4)	echo 10.244.0.9 ;;
	6)	echo fd00:10:244::9 ;;
	esac
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
		addr add $(own 4)/32 dev vrf0
		addr add $(own 6)/128 dev vrf0 nodad
	END
	for pod in client1 backend1 backend2; do
		_ip_in "$NODE" -batch - <<-END || return
			link set v$pod master vrf0
			addr replace fe80::1/64 dev v$pod nodad
			route replace $(pod 4 $pod) dev v$pod table 10
			route replace $(pod 6 $pod) dev v$pod table 10
		END
	done
	_ip_in "$NODE" -batch - <<-END || return
		link set voutside master vrf0
		addr replace fd00:198:51:100::1/64 dev voutside nodad
	END
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

# from FAMILY ADDRESS PORT: whom client1 is for the server there
from()
{
	http_get client1 "http://$(at "$1" "$2" "$3")/from" | cut -d' ' -f1
}

# Backends of service 5, the one outside as well, and what leaves the cluster
masqueraded()
{
	local family key

	for family in 4 6; do
		key=$(service $family 80/tcp 5)
		node sluice service add "$key" masquerade always
		node sluice backend add "$key" "$(backend $family 1 80)"
		_ip_in "$NODE" route replace "$(pod $family backend1)" \
			dev vbackend1 table 10 src "$(own $family)"
		assert_eq "$(own $family)" "$(from $family \
			"$(vip $family 5)" 80)" "to a pod, IPv$family"
		node sluice backend add "$key" \
			"$(at $family "$(outside $family)" 80)"
		node sluice backend del "$key" "$(backend $family 1 80)"
		assert_eq "$(gateway $family)" "$(from $family \
			"$(vip $family 5)" 80)" "to a host, IPv$family"
		node sluice service del "$key"
	done
	node sluice node set pod-prefixes 10.244.0.0/16,fd00:10:244::/64 \
		egress-masquerade on
	for family in 4 6; do
		assert_eq "$(gateway $family)" "$(from $family \
			"$(outside $family)" 80)" "out of the cluster, IPv$family"
	done
	node sluice node set pod-prefixes none egress-masquerade off
}

# hidden_by FAMILY ADDRESS: flows that have it as their source
hidden_by()
{
	json "[.[] | select(.reply.dst | startswith(\"$(at "$1" "$2" '')\"))] |
		length" flow show
}

hides_nobody()
{
	[[ $(hidden_by "$1" "$2") == 0 ]]
}

# Masqueraded flows end with their address and no other one.
address_goes()
{
	local family key n

	for family in 4 6; do
		node sluice flow flush
		for n in 6 7; do
			key=$(service $family 80/tcp $n)
			node sluice service add "$key" masquerade always
		done
		node sluice backend add "$(service $family 80/tcp 6)" \
			"$(backend $family 1 80)"
		node sluice backend add "$key" \
			"$(at $family "$(outside $family)" 80)"
		for n in 6 7; do
			from $family "$(vip $family $n)" 80 >/dev/null
		done
		assert_eq "1 1" "$(hidden_by $family "$(own $family)") $(
			hidden_by $family "$(gateway $family)")" \
			"flows, IPv$family"
		_ip_in "$NODE" addr del "$(own $family)/$((family == 4 ? 32 : 128))" \
			dev vrf0
		wait_for 10 hides_nobody $family "$(own $family)"
		assert_eq "0 1" "$(hidden_by $family "$(own $family)") $(
			hidden_by $family "$(gateway $family)")" \
			"without the address, IPv$family"
		for n in 6 7; do
			node sluice service del "$(service $family 80/tcp $n)"
		done
	done
}

# any FAMILY: of node ports
any()
{
	case $1 in
	4)	echo 0.0.0.0 ;;
	6)	echo '[::]' ;;
	esac
}

# by_node_port NAMESPACE FAMILY ADDRESS [OPTION...]
by_node_port()
{
	local url

	url=http://$(at "$2" "$3" 30080)/
	http_get "$1" "$url" --connect-timeout $((2 * SLOW)) "${@:4}" 2>&1
}

# They are at the addresses of the VRF that a client is in.
node_ports()
{
	local family key address

	for family in 4 6; do
		key=$(any $family):30080/tcp
		node sluice service add "$key"
		node sluice backend add "$key" "$(backend $family 1 80)"
		for address in "$(own $family)" "$(gateway $family)"; do
			assert_eq backend1 "$(by_node_port client1 $family \
				"$address")" "a pod, $address"
			assert_eq backend1 "$(by_node_port outside $family \
				"$address")" "from outside, $address"
			assert_no_match '^backend' "$(by_node_port client2 \
				$family "$address")" "not in the VRF, $address"
			assert_eq backend1 "$(by_node_port "$NODE" $family \
				"$address" --interface vrf0)" \
				"the node's process, $address"
		done
		node sluice service del "$key"
	done
}

# pings NAMESPACE FAMILY [OPTION...]: how many of two are answered
pings()
{
	in_ns "$1" ping -n -c 2 -i 0.2 -W $((2 * SLOW)) "${@:3}" \
		"$(vip "$2" 8)" | sed -n 's/.* \([0-9]\) received.*/\1/p'
}

echoes()
{
	local family ns key

	for family in 4 6; do
		key=$(service $family 80/tcp 8)
		node sluice service add "$key" echo on
		for ns in client1 outside; do
			assert_eq 2 "$(pings $ns $family)" "$ns, IPv$family"
		done
		assert_eq 2 "$(pings "$NODE" $family -I vrf0 -I "$(own $family)")" \
			"the node's process, IPv$family"
		node sluice service del "$key"
	done
}

# An isolated pod and its node reach each other all the same; by the VRF's addresses.
isolated_from_all_but_the_node()
{
	local family pod once=(ping -n -q -c 1 -W $((2 * SLOW)))

	for family in 4 6; do
		pod=$(pod $family client1)
		node sluice identity add "$pod" id 1001
		node sluice policy set 1001 isolate both
		assert_ok in_ns client1 "${once[@]}" "$(own $family)"
		assert_ok node "${once[@]}" -I vrf0 "$pod"
		assert_status 1 in_ns client1 "${once[@]}" \
			"$(pod $family backend1)"
		node sluice policy flush
		node sluice identity flush
	done
}

ktap_begin
run_setup set_up "pods in a VRF"
run_case pods "a pod in the VRF"
run_case processes_of_the_node "the node's processes that are bound to it"
run_case unchanged "both, to backends that get packets unchanged"
run_case together_with_direct_ones "and speak to backends directly"
run_case masqueraded "masquerading by the addresses and routes of the VRF"
run_case node_ports "node ports at the addresses of the VRF"
run_case echoes "echo answers go back into the VRF"
run_case isolated_from_all_but_the_node "an isolated pod and the node"
run_case address_goes "masqueraded flows end with their address"
ktap_end
