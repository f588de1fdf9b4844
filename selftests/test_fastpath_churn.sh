#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the fast path goes by changes all the time, under traffic: attached
# devices, routes, neighbours, backends, policies, the module. Nothing is lost
# that should arrive, and of a denied flow nothing ever arrives.
# timeout: 900
# campaign: yes

. ./lib.sh
. ./traffic.sh
. ./policy.sh

NODE=node
ATTACH=yes
ASKING="short4 short6"
DENIED=9999
ROUNDS=6

set_up()
{
	local i

	hold_hooks && load_module && topo_up 3 3 && outside_up outside || return
	for i in 1 2; do
		serve backend$i || return
	done
	serve outside && start_udp backend3 backend3 $DENIED || return
	configuration 2 | node sluice restore &&
	node sluice device add voutside netfilter skip &&
	identities_up client1 client2 client3 backend1 backend2 backend3
}

asking()
{
	local family proto

	for family in 4 6; do
		storm short$family client1 "$(vip $family)"
		for proto in tcp udp; do
			background out-$proto$family client1 talk $proto \
				-i $((20 * PACE)) "$(outside $family)" $LONG
		done
	done
	ASKING+=" out-tcp4 out-udp4 out-tcp6 out-udp6"
	all_go_on
}

all_go_on()
{
	# shellcheck disable=SC2086 # one word a name
	go_on $ASKING && direct_goes_on
}

# all_is_well: all of it goes on and nothing has ever been lost
all_is_well()
{
	all_go_on || return
	# shellcheck disable=SC2086 # one word a name
	without_errors $ASKING
}

traffic_runs()
{
	direct_up && asking && all_is_well &&
	assert_ne 0 "$(json '[.[].sent] | add' device show)" "by the fast path"
}

# often COMMAND...: while traffic goes on; it gets the number of the round
often()
{
	local i

	for ((i = 0; i < ROUNDS; i++)); do
		"$@" $i || return
	done
	all_is_well
}

attach_and_detach()
{
	local device

	for device in vclient1 vclient2 vbackend1 vbackend2; do
		node sluice device replace $device fast-path off &&
		node sluice device replace $device fast-path on netfilter skip &&
		node sluice device del $device &&
		node sluice device add $device netfilter skip || return
	done
}

devices()
{
	ROUNDS=3 often attach_and_detach
}

# The pods' own, others, and the default route, which all look-ups depend on
flap_routes()
{
	local n

	for n in 1 2; do
		node ip route replace "$(pod4 backend$n)" dev vbackend$n mtu 1400
		node ip route replace "$(pod4 backend$n)" dev vbackend$n
		node ip -6 route add "$(pod6 backend$n)" dev vbackend$n metric 9
		node ip -6 route del "$(pod6 backend$n)" dev vbackend$n metric 9
	done
	node ip route add 10.250.0.0/16 dev node0
	node ip route del 10.250.0.0/16
}

routes()
{
	often flap_routes
}

flap_neighbours()
{
	node ip neigh flush dev voutside nud all
	node ip neigh flush dev vbackend1 nud all
	node ip neigh flush dev vclient1 nud all
}

neighbours()
{
	often flap_neighbours
}

# A backend nobody has connections with; there is always another one
change_backends()
{
	local key n=$(($1 % 2 + 1))

	key=$(service 4 1001/tcp)
	node sluice backend set "$key" "$(backend 4 $n $SHORT)" state draining &&
	node sluice backend set "$key" "$(backend 4 $n $SHORT)" state active &&
	node sluice service set "$key" scheduler maglev &&
	node sluice service set "$key" scheduler rr
}

backends()
{
	often change_backends
}

# knocking: packets that are to be denied, from as many flows as there are ports
knocking()
{
	local family

	while :; do
		for family in 4 6; do
			in_ns client3 ./progs/udp ask "$(pod $family backend3)" \
				$DENIED -c 50 -t 20
		done
	done > /dev/null 2>&1
}

# datagrams: how many have come to backend3, whoever got them
datagrams()
{
	in_ns backend3 cat /proc/net/snmp /proc/net/snmp6 | awk '
		/^Udp:/ && $2 ~ /^[0-9]/ { n += $2 + $3 + $4 }
		/^Udp6(InDatagrams|NoPorts|InErrors)/ { n += $2 }
		END { print n + 0 }'
}

# Of the admin tier: a rule of the normal one isolates its subject.
change_policies()
{
	node sluice policy add to 2001 from 1001 tcp $((2000 + $1)) deny tier admin
	node sluice policy add to 2003 from 1002 allow priority 9
	node sluice identity add 10.251.0.$1 id $((5000 + $1))
	node sluice policy del to 2003 from 1002 priority 9
	node sluice identity del 10.251.0.$1 id $((5000 + $1))
	node sluice policy del to 2001 from 1001 tcp $((2000 + $1)) tier admin
}

policies()
{
	local before told

	assert_ok node sluice policy add to 2003 from 1003 deny cookie 42
	before=$(datagrams)
	knocking &
	on_exit_kill $!
	often change_policies
	ROUNDS=3 often attach_and_detach
	often flap_routes
	assert_eq "$before" "$(datagrams)" "datagrams of denied flows"
	told=$(json '.[].rules[] | select(.cookie == 42) | .counters.packets' \
		policy show)
	assert_between 50 100000000 "$told" "packets that were denied"
}

# Nothing runs that would need the module but direct traffic.
module_goes()
{
	local i

	for i in 1 2 3; do
		unload_module && direct_goes_on && load_module || return
		configuration 2 | node sluice restore && direct_goes_on || return
		assert_ne 0 "$(json '[.[].sent] | add' device show)" \
			"packets by the fast path"
	done
}

ktap_begin
run_setup set_up "devices are attached"
run_setup traffic_runs "short and long connections, also to the outside"
run_case devices "devices are attached and detached"
run_case routes "routes come and go"
run_case neighbours "neighbours are forgotten"
run_case backends "backends and schedulers change"
run_case policies "of a denied flow nothing arrives, whatever changes"
run_case module_goes "the module goes and comes"
ktap_end
