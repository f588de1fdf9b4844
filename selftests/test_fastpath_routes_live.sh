#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rules of routing, tables that rules name, nexthop objects and IPsec policies that
# change hold for the next packet of a flow that the fast path has.
# timeout: 900
# check: 6.12

. ./lib.sh
. ./fastpath.sh
. ./othernode.sh

export NODE=node
PORT=5353

# with_live_flow FAMILY ADDRESS COMMAND...: it gets the family and the address
with_live_flow()
{
	open_socket in_ns client1 ./progs/udp ask "$2" $PORT
	routed "$TAKEN" "the first one, to $2" next
	routed "$TAKEN" "another one, to $2" next
	"${@:3}" "$1" "$2"
	close_socket
}

# with_plain_flows COMMAND...: of both families
with_plain_flows()
{
	local family

	for family in 4 6; do
		with_live_flow $family "$(pod $family backend1)" "$@"
	done
}

# with_live_flows COMMAND...: of both families, with a service and without
with_live_flows()
{
	local family to

	for family in 4 6; do
		for to in "$(vip $family)" "$(pod $family backend1)"; do
			with_live_flow $family "$to" "$@"
		done
	done
}

# A second way to the other node, for which there is a table; the other node
# counts by which one requests come.
second_way_up()
{
	cable detour &&
	ip -n node -batch - <<-END &&
		addr add 198.18.1.1/30 dev detour
		addr add fd00:198:18:1::1/64 dev detour nodad
		route add $(pod4 backend1) via 198.18.1.2 dev detour table 100
		route add $(pod6 backend1) via fd00:198:18:1::2 dev detour table 100
	END
	ip -n far -batch - <<-END &&
		addr add 198.18.1.2/30 dev detour
		addr add fd00:198:18:1::2/64 dev detour nodad
	END
	in_ns far nft -f - <<-END
		table inet ways {
			counter wire { }
			counter detour { }
			chain in {
				type filter hook prerouting priority 0;
				iifname wire udp dport $PORT counter name wire
				iifname detour udp dport $PORT counter name detour
			}
		}
	END
}

set_up()
{
	straight_set_up && second_way_up
}

# goes_by wire|detour WHAT: the next request of the live flow, once
goes_by()
{
	in_ns far nft reset counters table inet ways >/dev/null
	routed "$TAKEN" "$2" next
	assert_eq "$1 1" "$(in_ns far nft -j list counters | jq -r '
		.nftables[].counter // empty | select(.packets > 0) |
		"\(.name) \(.packets)"' | xargs)" "$2"
}

# rule_changes FAMILY ADDRESS
rule_changes()
{
	local from

	from="from $(pod "$1" client1)"
	# shellcheck disable=SC2086 # two words
	{
		goes_by wire "before, to $2"
		ip -n node "-$1" rule add $from lookup 100
		goes_by detour "by another table, to $2"
		ip -n node "-$1" rule del $from lookup 100
		goes_by wire "as before, to $2"
		ip -n node "-$1" rule add $from prohibit
		routed "unreachable 0 1" "prohibited, to $2" next
		ip -n node "-$1" rule del $from prohibit
		goes_by wire "and allowed, to $2"
	}
}

rules_hold_at_once()
{
	with_live_flows rule_changes
}

# gateway_of FAMILY wire|detour: the other node's address there
gateway_of()
{
	case $1:$2 in
	*:wire)		wire "$1" far ;;
	4:detour)	echo 198.18.1.2 ;;
	6:detour)	echo fd00:198:18:1::2 ;;
	esac
}

# by FAMILY wire|detour: as a route has it
by()
{
	echo "via $(gateway_of "$1" "$2") dev $2"
}

# table_changes FAMILY ADDRESS: a table that is asked ahead of the main one. Nothing
# changes in the table whose route the flow has.
table_changes()
{
	local pod

	pod=$(pod "$1" backend1)
	# shellcheck disable=SC2046 # one word an option
	{
		ip -n node "-$1" rule add from "$(pod "$1" client1)" lookup 101
		goes_by wire "with a table that is empty, to $2"
		ip -n node "-$1" route add "$pod" $(by "$1" detour) table 101
		goes_by detour "by its route, to $2"
		ip -n node "-$1" route del "$pod" table 101
		goes_by wire "without that, to $2"
		ip -n node "-$1" route add default $(by "$1" detour) table 101
		goes_by detour "by its default, to $2"
		ip -n node "-$1" route add throw "$pod" table 101
		goes_by wire "which is not for this, to $2"
		ip -n node "-$1" route del throw "$pod" table 101
		goes_by detour "and is again, to $2"
		ip -n node "-$1" route flush table 101
		ip -n node "-$1" rule del from "$(pod "$1" client1)" lookup 101
		goes_by wire "and as before, to $2"
	}
}

tables_hold_at_once()
{
	with_plain_flows table_changes
}

# object FAMILY add|replace ID wire|detour
object()
{
	# shellcheck disable=SC2046 # one word an option
	ip -n node "-$1" nexthop "$2" id "$3" $(by "$1" "$4")
}

# object_changes FAMILY ADDRESS: of the route's nexthop object
object_changes()
{
	object "$1" add 66 wire &&
	ip -n node "-$1" route del "$(pod "$1" backend1)" dev wire &&
	way "$1" node nhid 66 || return
	goes_by wire "by an object, to $2"
	object "$1" replace 66 detour
	goes_by detour "which is another one, to $2"
	object "$1" add 67 wire && way "$1" node nhid 67
	goes_by wire "by another object, to $2"
	ip -n node nexthop add id 68 group 66 && way "$1" node nhid 68
	goes_by detour "by a group, to $2"
	object "$1" replace 66 wire
	goes_by wire "whose member is another one, to $2"
	ip -n node "-$1" route replace unreachable "$(pod "$1" backend1)"
	routed "unreachable 0 1" "by a route that leads nowhere, to $2" next
	way "$1" node nhid 67
	goes_by wire "by an object again, to $2"
	ip -n node "-$1" route del "$(pod "$1" backend1)" nhid 67
	routed "lost 0 1" "without a route, to $2" next
	straight
	ip -n node nexthop flush >/dev/null
	goes_by wire "without objects, to $2"
}

objects_hold_at_once()
{
	with_plain_flows object_changes
}

# The next request has taken the fast path.
is_taken()
{
	gain vclient1 next && ((GAIN == 1))
}

# policy_changes FAMILY ADDRESS: when a policy has gone the way is found anew
# within a second; a default is forgotten at once.
policy_changes()
{
	local of

	of="dir fwd src $(pod "$1" client1) dst $(pod "$1" backend1)"
	# shellcheck disable=SC2086 # one word an option
	{
		ip -n node xfrm policy add $of action block
		routed "lost 0 1" "blocked, to $2" next
		ip -n node xfrm policy del $of
		assert_eq backend1 "$(next)" "without the policy, to $2"
		assert_ok wait_for 10 is_taken
	}
	ip -n node xfrm policy setdefault fwd block
	routed "lost 0 1" "blocked by default, to $2" next
	ip -n node xfrm policy setdefault fwd accept
	routed "$TAKEN" "accepted by default, to $2" next
}

ipsec_policies_hold_at_once()
{
	modprobe xfrm_user || { case_skip "no xfrm_user"; return; }
	with_live_flows policy_changes
}

ktap_begin
run_setup set_up "a node and another one, with a pod each and two ways"
run_case rules_hold_at_once "rules hold for the next packet of a flow"
run_case tables_hold_at_once "so do routes of tables that rules name"
run_case objects_hold_at_once "and nexthop objects"
run_case ipsec_policies_hold_at_once "and IPsec policies"
ktap_end
