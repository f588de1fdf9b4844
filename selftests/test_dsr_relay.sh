#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return by relaying: the backend's node translates. See relay.sh
# for the topology.
# timeout: 900
# check: 6.12

. ./lib.sh
. ./traffic.sh
. ./relay.sh

backend_sees_the_client()
{
	local family

	for family in 4 6; do
		assert_match "^$(outside $family) " "$(web outside $family from)" \
			"node port, IPv$family"
		assert_match "^$(outside $family) " \
			"$(http_get outside "http://$(at $family "$(lb $family)" \
				$LB_PORT)/from")" "load balancer, IPv$family"
		flush_flows
		assert_eq backend2=3 "$(dns outside $family -c 3 | tally)" \
			"UDP, IPv$family"
		assert_match "^.*$(outside $family)\]?:" \
			"$(flows far $DNS '.[0].reply.dst')" "UDP, IPv$family"
	done
}

associations()
{
	local family

	for family in 4 6; do
		assert_eq backend2=5 "$(in_ns outside ./progs/sctp ask -c 5 \
			"$(wire $family node)" $ASSOC | tally)" "IPv$family"
	done
}

bytes_out_of_node()
{
	in_ns router cat /sys/class/net/to_node/statistics/rx_bytes
}

# The router knows by which node an answer has come.
replies_go_straight()
{
	local family before

	for family in 4 6; do
		flush_flows
		before=$(bytes_out_of_node)
		assert_ok web outside $family files/big -o /tmp/relay-got
		assert_ok cmp /tmp/relay-got /tmp/relay-big
		assert_between 1 $((SIZE / 2)) \
			$(($(bytes_out_of_node) - before)) "IPv$family"
		assert_eq "tunnel 0" "$(flows node $WEB \
			'.[0] | "\(.forward) \(.counters.out_packets)"')" \
			"the node's flow, IPv$family"
		assert_eq "nat true" "$(flows far $WEB \
			'.[0] | "\(.forward) \(.counters.out_packets > 10)"')" \
			"the other one's, IPv$family"
	done
}

# transfer FAMILY: there and back
transfer()
{
	assert_eq "200 $SIZE" "$(web outside "$1" '' -o /dev/null \
		-w '%{http_code} %{size_upload}' -H Expect: \
		--data-binary @/tmp/relay-big)" "upload, IPv$1"
	assert_ok web outside "$1" files/big -o /tmp/relay-got
	assert_ok cmp /tmp/relay-got /tmp/relay-big
}

# mtu_to ADDRESS: that the client has learned
mtu_to()
{
	in_ns outside ip -j route get "$1" | jq -r '.[0].metrics[0].mtu // 0'
}

# transfers MTU WHAT: of that the client has learned, less the outer header
transfers()
{
	local family

	for family in 4 6; do
		transfer $family
		assert_eq $(($1 - (family == 4 ? 20 : 40))) \
			"$(mtu_to "$(wire $family node)")" "$2, IPv$family"
	done
}

# mtu_to_far MTU: of the last part of the way to the backend's node
mtu_to_far()
{
	ip -n router link set to_far mtu "$1" &&
	ip -n far link set uplink mtu "$1"
}

# What the way to the backend has no room for the client is told; also what a
# router tells the node.
client_is_told_the_mtu()
{
	transfers 1500 "the node's"
	mtu_to_far 1400
	transfers 1400 "a router's"
	mtu_to_far 1500
}

# Also between a backend's node and the client: the node hears of that.
errors_reach_the_backend()
{
	local family

	ip -n router link set voutside mtu 1300
	for family in 4 6; do
		assert_ok web outside $family files/big -o /tmp/relay-got
		assert_ok cmp /tmp/relay-got /tmp/relay-big
		assert_eq 1300 "$(in_ns backend2 ip -j route get \
			"$(outside $family)" | jq -r '.[0].metrics[0].mtu')" \
			"IPv$family"
	done
	ip -n router link set voutside mtu 1500
}

fragments()
{
	local family size

	for family in 4 6; do
		for size in 1460 4000 30000; do
			assert_eq backend2 "$(dns outside $family -s $size)" \
				"$size bytes, IPv$family"
		done
	done
}

# With a backend here as well: half of the flows stay, without a tunnel.
local_backend_keeps_the_client()
{
	local family

	all_backends backend1
	for family in 4 6; do
		flush_flows
		assert_match "^$(outside $family) " "$(web outside $family from)" \
			"IPv$family"
		assert_eq nat "$(flows node $WEB '.[0].forward')" "IPv$family"
		assert_eq 0 "$(flows far $WEB length)" "nothing far, IPv$family"
	done
	all_backends backend1 backend2
	for family in 4 6; do
		assert_eq "backend1=2 backend2=2" "$(for _ in 1 2 3 4; do
			web outside $family
		done | tally)" "both, TCP, IPv$family"
		assert_eq "backend1=2 backend2=2" "$(for _ in 1 2 3 4; do
			dns outside $family
		done | tally)" "both, UDP, IPv$family"
	done
	all_backends backend2
}

# host_backends NODE on|off: one in the network of the backend's node itself
host_backends()
{
	local family

	for family in 4 6; do
		in_ns "$1" sluice backend replace-all \
			"$(at $family "$(unspecified $family)" $DNS/udp)" \
			"$(at $family "$(wire $family far)" $UDP)" \
			local "$2" || return
	done
}

host_network()
{
	local family

	start_udp far host $UDP || return
	host_backends node off && host_backends far on || return
	for family in 4 6; do
		flush_flows
		assert_eq host=2 "$(dns outside $family -c 2 | tally)" \
			"IPv$family"
		assert_eq tunnel "$(flows node $DNS '.[0].forward')" "IPv$family"
	done
	all_backends backend2
}

# seen FAMILY CLIENT ADDRESS: as whom the backend sees it
seen()
{
	flush_flows
	assert_match "^$3 " "$(web "$2" "$1" from)" "$2, TCP, IPv$1"
	assert_eq backend2 "$(dns "$2" "$1")" "$2, UDP, IPv$1"
	assert_eq nat "$(flows node $WEB '.[0].forward')" "$2, IPv$1"
}

# Whom nobody but the node could answer it answers itself.
cluster_clients_are_translated()
{
	local family client

	for family in 4 6; do
		for client in client1 client2 node far; do
			seen $family $client "$(wire $family node)"
		done
	done
}

outcome()
{
	node sluice -j explain "$(outside "$1")" "$(at "$1" "$(wire "$1" node)" \
		$DNS/udp)" device uplink | jq -r '"\(.outcome) \(.by)"'
}

explained()
{
	local family

	for family in 4 6; do
		assert_eq "tunnel service" "$(outcome $family)" "IPv$family"
		backends node backend1
		assert_eq "translate service" "$(outcome $family)" \
			"a backend here, IPv$family"
		backends node backend2
	done
}

# forge FAMILY: the pod's own tunnel to the backend for what is for the node
forge()
{
	local mode=ipip

	[[ $1 == 4 ]] || mode=ip6ip6
	ip -n client2 tunnel add "forge$1" mode $mode \
		local "$(pod "$1" client2)" remote "$(pod "$1" backend2)" \
		2>/dev/null ||
	ip -n client2 -6 tunnel add "forge$1" mode $mode encaplimit none \
		local "$(pod "$1" client2)" remote "$(pod "$1" backend2)" || return
	ip -n client2 link set "forge$1" up
	ip -n client2 "-$1" route add "$(wire "$1" node)" dev "forge$1" \
		src "$(pod "$1" client2)"
}

# Only nodes may say who a client is.
forged_tunnels_are_not_taken()
{
	local family

	modprobe ipip && modprobe ip6_tunnel || return
	for family in 4 6; do
		forge $family || return
		on far node sluice identity add "$(pod $family client2)" \
			id remote-node
		assert_eq backend2 "$(dns client2 $family)" \
			"if it were a node, IPv$family"
		on far node sluice identity del "$(pod $family client2)" \
			id remote-node
		flush_flows
		assert_match '^(lost|unreachable|refused)$' \
			"$(dns client2 $family)" "a pod, IPv$family"
		assert_eq 0 "$(flows far $DNS length)" "no flow, IPv$family"
		ip -n client2 link del forge$family
	done
}

# The node's rules for routes hold, too.
forged_tunnels_by_a_wrong_way()
{
	forge 4 || return
	on far node sluice identity add "$(pod 4 client2)" id remote-node
	in_ns far sysctl -qw net.ipv4.conf.vclient2.rp_filter=1
	assert_eq backend2 "$(dns client2 4)" "by its own device"
	ip -n far route replace "$(pod 4 client2)" dev node0
	flush_flows
	assert_eq lost "$(dns client2 4)" "by another one"
	assert_eq 0 "$(flows far $DNS length)" "no flow"
	ip -n far route replace "$(pod 4 client2)" dev vclient2
	in_ns far sysctl -qw net.ipv4.conf.vclient2.rp_filter=0
	on far node sluice identity del "$(pod 4 client2)" id remote-node
	ip -n client2 link del forge4
}

# Of whoever has asked, though it has come from a node
policy_holds_at_the_backend()
{
	local family before

	for family in 4 6; do
		on far node sluice identity add "$(outside $family)" id 3000 &&
		on far node sluice identity add "$(pod $family backend2)" id 2002 ||
			return
	done
	on far node sluice policy add to 2002 from 3000 deny tier admin cookie 7
	flush_flows
	for family in 4 6; do
		before=$(on far dropped policy-rule)
		assert_eq lost "$(dns outside $family)" "IPv$family"
		assert_eq 1 $(($(on far dropped policy-rule) - before)) \
			"counted, IPv$family"
		assert_eq backend2 "$(dns client1 $family)" \
			"as another one, IPv$family"
	done
	on far node sluice policy set 2002 on-deny reject
	for family in 4 6; do
		assert_match "Couldn't connect" \
			"$(web outside $family from 2>&1)" "told, IPv$family"
	done
	on far node sluice policy flush
	for family in 4 6; do
		assert_eq backend2 "$(dns outside $family)" "again, IPv$family"
		on far node sluice policy add to 2002 from 3000 deny tier admin
		assert_eq lost "$(dns outside $family -p 7000)" \
			"and not, IPv$family"
		on far node sluice policy flush
	done
	on far node sluice identity flush
	for family in 4 6; do
		for before in node far; do
			on far node sluice identity add \
				"$(wire $family $before)" id remote-node
		done
	done
}

# Refused there if the other node does not know better
source_ranges_hold_at_the_backend()
{
	local family key before

	for family in 4 6; do
		key=$(at $family "$(unspecified $family)" $DNS/udp)
		on far node sluice service set "$key" deny "$(outside $family)"
		before=$(on far dropped source-range)
		assert_eq lost "$(dns outside $family)" "IPv$family"
		assert_eq 1 $(($(on far dropped source-range) - before)) \
			"counted, IPv$family"
		on far node sluice service set "$key" deny none
	done
}

# conntrack of the backend's node sees client and backend, in both directions.
# A firewall of the backend's node that the backend begins nothing by
guard_far()
{
	local tables

	for tables in iptables-legacy ip6tables-legacy; do
		in_ns far $tables -A FORWARD -m conntrack --ctstate INVALID \
			-j DROP &&
		in_ns far $tables -A FORWARD -i vbackend2 -p udp -m conntrack \
			--ctstate NEW -j DROP || return
	done
}

no_guard()
{
	in_ns far iptables-legacy -F && in_ns far ip6tables-legacy -F
}

conntrack_sees_a_connection()
{
	local family entries

	guard_far || return
	for family in 4 6; do
		flush_flows
		transfer $family
		assert_eq backend2=2 "$(dns outside $family -c 2 -p 7001 |
			tally)" "IPv$family"
		entries=$(in_ns far conntrack -L -f ipv$family -p udp \
			--orig-port-src 7001 2>/dev/null)
		assert_match "src=$(pod $family backend2) dst=$(outside $family)" \
			"$entries" "IPv$family"
		assert_no_match UNREPLIED "$entries" "IPv$family"
	done
	no_guard
}

# What the uplink has taken out, and what the pod answers, go by the fast path.
fast_path()
{
	local family device

	on far node sluice device add uplink netfilter skip
	on far node sluice device add vbackend2 netfilter skip
	for family in 4 6; do
		transfer $family
	done
	for device in uplink vbackend2; do
		assert_between 20 1000000 "$(on far sent $device)" "$device"
	done
	on far node sluice device flush
	node sluice device add uplink netfilter skip
	for family in 4 6; do
		transfer $family
	done
	assert_between 20 1000000 "$(fallbacks uplink forward)" "the other node"
	node sluice device flush
}

# talk_up FAMILY tcp|udp: a conversation, under way; mostly it is silent
talk_up()
{
	background talk outside talk "$2" -i 300 "$(wire "$1" node)" $TALK &&
	wait_for 20 has_more talk 1
}

# A node that forgets what it knew finds it again by what comes.
connections_outlive_a_restart()
{
	local family ns proto

	for family in 4 6; do
		for proto in tcp udp; do
			talk_up $family $proto || return
			for ns in node far; do
				in_ns $ns sluice flow flush
				count talk
				more_than talk $((REPLY + 3))
			done
			kill $!
		done
	done
}

# The node's tables are older than the other one's.
backend_goes_away()
{
	local family key

	for family in 4 6; do
		talk_up $family tcp || return
		backends far
		wait_for 20 grep -q reset /tmp/talk ||
			_assert_failed "IPv$family" reset "$(cat /tmp/talk)"
		flush_flows
		assert_match '^(lost|unreachable|refused)$' \
			"$(dns outside $family)" "gone there, IPv$family"
		assert_eq 0 "$(flows far $DNS length)" "no flow, IPv$family"
		key=$(at $family "$(unspecified $family)" $DNS/udp)
		backends far backend2
		on far node sluice backend set "$key" "$(at $family \
			"$(pod $family backend2)" $UDP)" state draining
		backends far backend2 backend1
		on far node sluice backend set "$key" "$(at $family \
			"$(pod $family backend2)" $UDP)" state draining
		assert_eq backend2 "$(dns outside $family)" \
			"draining there, chosen here, IPv$family"
		backends far backend2
	done
	backends node backend1
	for family in 4 6; do
		assert_eq backend1 "$(dns outside $family)" "anew, IPv$family"
	done
	backends node backend2
}

# in_bridge DEVICE: of the backend's node, as many hosts have theirs
in_bridge()
{
	local family

	ip -n far link add br0 type bridge && ip -n far link set br0 up || return
	for family in 4 6; do
		ip -n far addr del "$(wire $family far)/$((family == 4 ? 24 : 64))" \
			dev "$1"
	done
	ip -n far link set "$1" master br0
	ip -n far addr add "$(wire 4 far)/24" dev br0
	ip -n far addr add "$(wire 6 far)/64" dev br0 nodad
	for family in 4 6; do
		ip -n far -$family route replace default \
			via "$(wire $family router-far)" || return
	done
}

# Its own backend: the first packet has waited in the bridge, and is tracked.
bridged_node_is_asked()
{
	local family

	guard_far || return
	for family in 4 6; do
		flush_flows
		assert_eq backend2 "$(in_ns outside ./progs/udp ask \
			-t $((1000 * SLOW)) "$(wire $family far)" $DNS)" \
			"IPv$family, by the node in the bridge"
	done
	no_guard
}

uplink_in_a_bridge()
{
	local family call

	modprobe br_netfilter 2>/dev/null ||
		{ case_skip "no br_netfilter"; return; }
	in_bridge uplink || return
	for call in 1 0; do
		in_ns far sysctl -qw net.bridge.bridge-nf-call-iptables=$call \
			net.bridge.bridge-nf-call-ip6tables=$call
		for family in 4 6; do
			flush_flows
			assert_match "^$(outside $family) " \
				"$(web outside $family from)" "calls $call, IPv$family"
			# What fits is forgotten after ten minutes.
			dns outside $family -s 4000 > /dev/null
			assert_eq backend2 "$(dns outside $family -s 4000)" \
				"calls $call, IPv$family"
		done
		bridged_node_is_asked
	done
}

saved_and_shown()
{
	assert_match "forward relay" "$(node sluice service show \
		"0.0.0.0:$WEB/tcp")" "shown"
	assert_eq 12 "$(node sluice save | grep -c 'forward relay')" "saved"
	node sluice save > /tmp/relay-saved
	assert_ok node sluice restore -f /tmp/relay-saved
	assert_eq "$(cat /tmp/relay-saved)" "$(node sluice save)" "restored"
}

ktap_begin
run_setup set_up "two nodes have services that are relayed"
run_case saved_and_shown "they are shown and saved"
run_case backend_sees_the_client "backends see the client's address"
run_case associations "SCTP, too"
run_case replies_go_straight "replies do not come by the node asked"
run_case client_is_told_the_mtu "the client hears what fits in the tunnel"
run_case errors_reach_the_backend "the backend hears what fits on its way"
run_case fragments "datagrams in fragments"
run_case local_backend_keeps_the_client "a backend of the node itself"
run_case host_network "a backend in the network of its node"
run_case cluster_clients_are_translated "pods and nodes as clients"
run_case explained "explain says how it gets there"
run_case forged_tunnels_are_not_taken "tunnels of pods are not taken for nodes'"
run_case forged_tunnels_by_a_wrong_way "nor what comes by a wrong way"
run_case policy_holds_at_the_backend "policy holds for the client"
run_case source_ranges_hold_at_the_backend "source ranges do"
run_case conntrack_sees_a_connection "nf_conntrack sees client and backend"
run_case fast_path "the fast path"
run_case connections_outlive_a_restart "connections outlive their flows"
run_case backend_goes_away "a backend goes, there before here"
run_case uplink_in_a_bridge "the uplink is in a bridge, with br_netfilter"
ktap_end
