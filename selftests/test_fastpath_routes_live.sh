#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rules of routing and IPsec policies that change hold for the next packet of a
# flow that the fast path has.
# timeout: 600
# check: 6.12

. ./lib.sh
. ./fastpath.sh
. ./othernode.sh

export NODE=node
PORT=5353

# with_live_flows COMMAND...: of both families, with a service and without; it
# gets the family and the address
with_live_flows()
{
	local family to

	for family in 4 6; do
		for to in "$(vip $family)" "$(pod $family backend1)"; do
			open_socket in_ns client1 ./progs/udp ask "$to" $PORT
			routed "$TAKEN" "the first one, to $to" next
			routed "$TAKEN" "another one, to $to" next
			"$@" $family "$to"
			close_socket
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
	second_way_up && with_live_flows rule_changes
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
run_setup straight_set_up "a node and another one, with a pod each"
run_case rules_hold_at_once "rules hold for the next packet of a flow"
run_case ipsec_policies_hold_at_once "so do IPsec policies"
ktap_end
