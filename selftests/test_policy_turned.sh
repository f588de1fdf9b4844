#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The policy: what begins something has no part in a flow of the other direction,
# which somebody may have begun by a packet that the kernel has dropped since.
# Who does so is "outside", a host on the node's network.
# check: 6.12
# needs: python
# timeout: 240

. ./lib.sh
. ./policy.sh

ASKED=40000	# its port

set_up()
{
	load_module && topo_up 2 1 && outside_up outside &&
	servers_up backend1 client1 &&
	start_nginx "$NODE" node $WEB && start_udp "$NODE" node $DNS &&
	identities_up client1 client2 backend1 || return
	node sluice identity add "$(gateway 4)" id host &&
	node sluice identity add "$(gateway 6)" id host
}

# forge SOURCE TARGET PROTO PORT: to ASKED
forge()
{
	in_ns outside python3 -B ./packet.py eth0 \
		"$(_ip_in "$NODE" -j link show voutside | jq -r '.[0].address')" \
		"$1" "$2" $ASKED "proto=$3" "sport=$4"
}

# asks_web FAMILY ADDRESS: outside, from ASKED
asks_web()
{
	http_get outside "http://$(url "$1" "$2"):$WEB/" --local-port $ASKED \
		--connect-timeout $((2 * SLOW)) 2>/dev/null
}

asks_dns()
{
	dns outside "$1" -p $ASKED
}

# It claims to be the node, which the kernel drops at once.
as_the_node()
{
	local family

	policy set host isolate ingress || return
	for family in 4 6; do
		node sluice flow flush
		forge "$(gateway $family)" "$(outside $family)" tcp $WEB
		assert_eq "" "$(asks_web $family "$(gateway $family)")" \
			"IPv$family TCP"
		forge "$(gateway $family)" "$(outside $family)" udp $DNS
		assert_eq lost "$(asks_dns "$(gateway $family)")" "IPv$family UDP"
	done
	node sluice flow flush
	# What the node does ask is answered.
	for family in 4 6; do
		assert_eq client1 "$(web "$NODE" "$(url $family "$(pod $family client1)")")" \
			"IPv$family, the node"
	done
	policy flush
}

# It claims to be a pod, which reverse path filters drop.
as_a_pod()
{
	node sluice flow flush
	node sysctl -qw net.ipv4.conf.voutside.rp_filter=1
	policy set 2001 isolate ingress || return
	forge "$(pod4 backend1)" "$(outside 4)" tcp $WEB
	assert_eq "" "$(asks_web 4 "$(pod4 backend1)")" "isolated"
	assert_eq 1 "$(json length flow show)" "the flow it has begun"
	policy add to 2001 from unknown tcp $WEB allow
	assert_eq backend1 "$(asks_web 4 "$(pod4 backend1)")" "allowed"
	assert_eq "$(outside 4):$ASKED" "$(json '.[].orig.src' flow show)" \
		"who has begun it"
	node sysctl -qw net.ipv4.conf.voutside.rp_filter=0
	policy flush
	node sluice flow flush
}

# pings FROM TO IDENTIFIER: of IPv4
pings()
{
	in_ns "$1" ping -nq -c 1 -W "$SLOW" -e "$3" "$(pod4 "$2")" >/dev/null
}

# identifier ID: as explain has it, for which there is none if it is 0
identifier()
{
	[[ $1 == 0 ]] || echo ":$1"
}

# With the identifier 0 requests look like answers.
echoes()
{
	local id

	policy set 1001 isolate ingress || return
	for id in 77 0; do
		assert_ok pings client1 backend1 $id
		assert_fails pings backend1 client1 $id
		assert_ok pings client1 backend1 $id
		assert_eq drop "$(json .outcome explain \
			"$(pod4 backend1)$(identifier $id)" "$(pod4 client1)/icmp")" \
			"$id explained"
	done
	policy add to 1001 from 2001 icmp 8 allow
	for id in 77 0; do
		assert_ok pings client1 backend1 $id
		assert_ok pings backend1 client1 $id
		assert_ok pings client1 backend1 $id
	done
	policy flush
}

many_identities()
{
	local i

	for ((i = 0; i < 1024; i++)); do
		echo "identity add 172.16.0.0/12 id $((5000 + i))"
	done > /tmp/identities
	assert_ok node sluice restore --noflush -f /tmp/identities || return
	assert_match "more than 1024 identities" \
		"$(node sluice identity add 172.17.0.0/16 id 4999 2>&1)" "one more"
	assert_ok node sluice identity add 172.17.0.0/16 id 5000
	echo "identity add 172.16.0.0/13 id 4998" > /tmp/more
	assert_fails node sluice restore --noflush -f /tmp/more
	assert_eq 1025 "$(json '[.[] | select(.id >= 4998)] | length' identity show)" \
		"what there is"
	assert_ok node sluice identity add 172.17.0.1 id 4999
	assert_ok node sluice identity del 172.16.0.0/12 id 6023
	assert_ok node sluice identity add 172.17.0.0/16 id 4997
}

ktap_begin
run_setup set_up "the node and its pods have identities"
run_case as_the_node "who claims to be the node is not answered by it"
run_case as_a_pod "who claims to be a pod does not reach it"
run_case echoes "echo requests with the same identifier, also 0"
run_case many_identities "an address has no more than 1024 identities"
ktap_end
