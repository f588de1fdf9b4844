#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The policy: tiers in the order of the documentation's tables, ICMP by type and
# code, and what senders are told of what is denied.
# check: 7.3
# timeout: 300

. ./lib.sh
. ./policy.sh

set_up()
{
	load_module && topo_up 2 2 && servers_up backend1 backend2 &&
	start_nginx backend1 backend1 9090 &&
	outside_up outside && start_udp outside outside $DNS &&
	start_udp "$NODE" node $DNS &&
	identities_up client1 client2 backend1 backend2
}

# baseline_is STATE PROTOCOLS: what client1 reaches backend1 by
baseline_is()
{
	assert_eq "$2" "$(reaches client1 backend1)" "$1"
}

# It decides what nobody else has decided, and nothing but that.
baseline()
{
	policy add to 2001 from 1001 tcp deny tier baseline priority 5
	baseline_is "the baseline denies" "udp4 udp6"
	assert_reaches client2 backend1 "$ALL"
	policy add to 2001 from 1001 tcp allow tier baseline priority 6
	baseline_is "the lower number comes first" "udp4 udp6"
	policy replace to 2001 from 1001 tcp pass tier baseline priority 5
	baseline_is "it passes, and the next one allows" "$ALL"
	policy replace to 2001 from 1001 tcp allow tier baseline priority 5
	policy replace to 2001 from 1001 tcp deny tier baseline priority 6
	baseline_is "it allows, and the next one is not asked" "$ALL"
	policy replace to 2001 from 1001 tcp deny tier baseline priority 5
	policy add to 2001 from 1001 tcp $WEB pass tier admin
	baseline_is "the administrator leaves it to the baseline" "udp4 udp6"
	policy replace to 2001 from 1001 tcp $WEB allow tier admin
	baseline_is "the administrator allows" "$ALL"
	policy del to 2001 from 1001 tcp $WEB tier admin
	policy add to 2001 from 1001 allow
	baseline_is "a normal rule allows" "$ALL"
	policy replace to 2001 from 1001 tcp allow tier baseline priority 5
	policy del to 2001 from 1001
	policy set 2001 isolate ingress
	baseline_is "isolation comes first" ""
	policy set 2001 isolate none
	baseline_is "without it" "$ALL"
	policy flush
}

# The example of policy.rst, "tiers": a tenant, the metadata server, monitoring
# and another tenant
tenants()
{
	node sluice restore --noflush <<-END || return
		identity add $(pod4 backend1) id 2000
		identity add $(pod4 backend2) id 90
		identity add $(pod4 client1) id 91
		identity add $(pod4 client2) id 92
		policy add from 2000 to 90 deny tier admin priority 10
		policy add to 2000 from 91 pass tier admin priority 20
		policy add to 2000 from any deny tier admin priority 30
		policy add to 2000 from 91 tcp 9090 allow
		policy add to 2000 from 92 deny tier baseline
	END
	assert_eq "" "$(web backend1 "$(pod4 backend2)")" "metadata"
	assert_eq backend1 "$(web client1 "$(pod4 backend1)" 9090)" "monitoring"
	assert_eq "" "$(web client1 "$(pod4 backend1)")" "monitoring, another port"
	assert_eq "" "$(web client2 "$(pod4 backend1)" 9090)" "another tenant"
	# What the table leaves open
	assert_eq backend2 "$(web client1 "$(pod4 backend2)")" "nobody's rule"
	policy del to 2000 from any tier admin priority 30
	policy del to 2000 from 91 tcp 9090
	assert_eq "" "$(web client2 "$(pod4 backend1)" 9090)" "the baseline"
	assert_eq backend1 "$(web client1 "$(pod4 backend1)")" "passed on to nobody"
	policy flush
}

# count_in POD NAME MATCH...: what comes in that is like this
count_in()
{
	local pod=$1 name=$2

	shift 2
	in_ns "$pod" nft -f - <<-END
		table inet seen {
			counter $name { }
			chain in {
				type filter hook prerouting priority -350;
				$* counter name $name
			}
		}
	END
}

# seen POD NAME: packets
seen()
{
	in_ns "$1" nft -j list counter inet seen "$2" |
		jq '.nftables[] | .counter? // empty | .packets'
}

# sent_icmp FAMILY TYPE CODE...: to backend1; how many of them it gets
sent_icmp()
{
	local family=$1 before

	shift
	before=$(seen backend1 messages)
	in_ns client1 ./progs/icmp "$(pod "$family" backend1)" "$@" || return
	echo $(($(seen backend1 messages) - before))
}

# Of a type that is no echo, and of one that is
icmp_types()
{
	local family kind type

	count_in backend1 messages icmp type 1-255 &&
	count_in backend1 messages icmpv6 type 138-255 || return
	policy set 2001 isolate ingress
	for family in 4 6; do
		kind=icmp type=13
		((family == 4)) || kind=icmpv6 type=139
		assert_eq 0 "$(sent_icmp $family $type 0 1 2)" "IPv$family isolated"
		policy add to 2001 from 1001 $kind $type/1 allow
		assert_eq 1 "$(sent_icmp $family $type 0 1 2)" "IPv$family one code"
		assert_eq 0 "$(sent_icmp $family $((type + 1)) 0 1 2)" \
			"IPv$family another type"
		policy add to 2001 from 1001 $kind $type allow
		assert_eq 3 "$(sent_icmp $family $type 0 1 2)" "IPv$family all codes"
		policy add to 2001 from 1001 $kind $type/2 deny priority 1
		policy replace to 2001 from 1001 $kind $type/1 deny
		assert_eq 1 "$(sent_icmp $family $type 0 1 2)" \
			"IPv$family but one of better, one of the same priority"
		policy add to 2001 from any $kind allow tier admin
		assert_eq 3 "$(sent_icmp $family $type 0 1 2)" "IPv$family any type"
		policy replace to 2001 from any $kind deny tier admin
		assert_eq 0 "$(sent_icmp $family $type 0 1 2)" "IPv$family no type"
		policy flush
		policy set 2001 isolate ingress
	done
	policy flush
	in_ns backend1 nft delete table inet seen
}

# Who asks for it is told, and by nothing else than what he asked.
rejected()
{
	local family

	count_in client2 icmp4 icmp type destination-unreachable \
		icmp code admin-prohibited &&
	count_in client2 icmp6 icmpv6 type destination-unreachable \
		icmpv6 code admin-prohibited &&
	count_in client2 rst tcp sport $WEB tcp flags \& rst == rst || return
	policy set 2001 on-deny reject isolate both
	for family in 4 6; do
		assert_status 7 in_ns client2 curl -gs --max-time $((20 * SLOW)) \
			"http://$(url $family "$(pod $family backend1)"):$WEB/"
		assert_eq $((family / 2 - 1)) "$(seen client2 rst)" "IPv$family RST"
		assert_eq 0 "$(seen client2 icmp$family)" "IPv$family errors for TCP"
		assert_eq unreachable "$(dns client2 "$(pod $family backend1)")" \
			"IPv$family UDP"
		assert_eq 1 "$(seen client2 icmp$family)" "IPv$family errors"
	done
	assert_eq 2 "$(seen client2 rst)" RSTs
	in_ns client2 nft delete table inet seen
	policy flush
}

# What leaves with the node's address is judged as the pod that sends it, whose
# exchange stops and goes on.
leaves_as_the_node()
{
	local family

	node sluice node set pod-prefixes 10.244.0.0/16,fd00:10:244::/64 \
		egress-masquerade on || return
	for family in 4 6; do
		_ip_in outside "-$family" route del default
		open_socket in_ns client1 ./progs/udp ask "$(outside $family)" $DNS
		assert_eq outside "$(next)" "IPv$family"
		policy set 1001 isolate egress
		assert_eq lost "$(next)" "IPv$family, isolated"
		assert_eq outside "$(dns client2 "$(outside $family)")" \
			"IPv$family, another pod"
		policy add from 1001 to any udp $DNS allow
		assert_eq outside "$(next)" "IPv$family, allowed"
		policy replace from 1001 to any udp $DNS deny
		assert_eq lost "$(next)" "IPv$family, denied"
		close_socket
		policy flush
	done
	node sluice node set egress-masquerade off
}

# moving FAMILY: an address of the node that goes elsewhere
moving()
{
	case $1 in
	4)	echo 203.0.113.9/32 ;;
	6)	echo fd00:203:0:113::9/128 ;;
	esac
}

# What a pod may send to the node whatever it is isolated from, it may not send to
# whoever has the node's address next.
address_moves()
{
	local family address

	policy set 1001 isolate egress
	for family in 4 6; do
		address=$(moving $family)
		_ip_in "$NODE" addr add "$address" dev lo nodad
		open_socket in_ns client1 ./progs/udp ask "${address%/*}" $DNS
		assert_eq node "$(next)" "IPv$family"
		_ip_in "$NODE" addr del "$address" dev lo
		_ip_in outside addr add "$address" dev lo nodad
		_ip_in "$NODE" route add "$address" via "$(outside $family)"
		assert_eq outside "$(dns client2 "${address%/*}")" \
			"IPv$family, who is not isolated"
		assert_eq lost "$(next)" "IPv$family, elsewhere"
		close_socket
		_ip_in "$NODE" route del "$address"
		_ip_in outside addr del "$address" dev lo
	done
	policy flush
}

# What the node itself and a pod have begun stops as well, in both directions.
node_is_cut_live()
{
	local family from to

	policy set 2001 isolate both
	for family in 4 6; do
		for from in "$NODE" backend1; do
			to=$(gateway $family)
			[[ $from == backend1 ]] || to=$(pod $family backend1)
			open_socket in_ns "$from" ./progs/udp ask "$to" $DNS
			assert_ne lost "$(next)" "IPv$family, from $from"
			node sluice node set policy-node-traffic judge
			assert_eq lost "$(next)" "IPv$family, from $from, judged"
			node sluice node set policy-node-traffic allow
			assert_ne lost "$(next)" "IPv$family, from $from, allowed"
			close_socket
		done
	done
	policy flush
}

ktap_begin
run_setup set_up "pods have identities"
run_case baseline "the baseline decides what is left open"
run_case tenants "tenants, the example of the documentation"
run_case icmp_types "ICMP by type and code"
run_case address_moves "an address that is the node's no more"
run_case leaves_as_the_node "pods that leave as the node"
run_case node_is_cut_live "what the node and its pods begin"
run_case rejected "what is denied is answered in kind"
ktap_end
