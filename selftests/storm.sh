# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Short connections through services, from a pod and from the node itself, in
# both families; how many is up to the test that sources this, in CONNECTIONS.

. ./traffic.sh

set_up()
{
	local i

	load_module && topo_up 1 3 || return
	for i in 1 2 3; do
		serve backend$i || return
	done
	configuration 3 | node sluice restore
}

# connections_of FAMILY: of the services, as the module counted
connections_of()
{
	node sluice -s -j service show | jq "[.[] |
		select(.service | contains(\"$(vip "$1")\")) |
		.counters.connections] | add"
}

# blast NAMESPACE FAMILY: zero errors, and the module has counted each. Some
# begin twice: a client that uses a port again soon is sent to another backend,
# and the port then has no flow to the first one any more, which still has it in
# TIME_WAIT and refuses the next SYN from it once.
blast()
{
	local before result

	before=$(connections_of "$2")
	# shellcheck disable=SC2086 # two words
	result=$(in_ns "$1" ./progs/storm run -c "$CONNECTIONS" -n 64 -t 60000 \
		"$(vip "$2")" $SERVICE_PORTS)
	t_diag "${1:-node} IPv$2: $result"
	assert_match "^connections=$CONNECTIONS errors=0 " "$result"
	assert_between "$CONNECTIONS" $((CONNECTIONS + CONNECTIONS / 50)) \
		$(($(connections_of "$2") - before)) "flows"
}

pod4_connects()	{ blast client1 4; }
pod6_connects()	{ blast client1 6; }
node4_connects() { blast "$NODE" 4; }
node6_connects() { blast "$NODE" 6; }

backends_share()
{
	local shares

	shares=$(node sluice -s -j backend show "$(service 4 1001/tcp)" |
		jq -c '[.[].counters.connections] | (max - min) / (add + 1) < 0.05')
	assert_eq true "$shares" "shares of the backends of one service"
}

nothing_was_dropped()
{
	assert_eq 0 "$(node sluice -j stats show | jq '[.drops[].packets] | add')" \
		"drops"
}

storm_cases()
{
	run_setup set_up "eight services for each family over three backends"
	run_case pod4_connects "$CONNECTIONS connections from a pod, IPv4"
	run_case pod6_connects "$CONNECTIONS connections from a pod, IPv6"
	run_case node4_connects "$CONNECTIONS connections from the node, IPv4"
	run_case node6_connects "$CONNECTIONS connections from the node, IPv6"
	run_case backends_share "the backends had equal shares"
	run_case nothing_was_dropped "nothing was dropped"
}
