#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A client stays with its backend, for a while, and as long as that is there.
# timeout: 300
# check: 6.12

. ./lib.sh

PORT=5353
OTHER=5354

set_up()
{
	local i

	load_module && topo_up 2 3 || return
	for i in 1 2 3; do
		start_udp backend$i backend$i $PORT || return
		start_udp backend$i backend$i $OTHER || return
	done
	services_up $PORT/udp 3 && services_up $OTHER/udp 3 || return
	for_services affinity client-ip 60
}

# for_services WORD...: options of all four
for_services()
{
	local family port

	for family in 4 6; do
		for port in $PORT $OTHER; do
			node sluice service set \
				"$(service $family $port/udp)" "$@" || return
		done
	done
}

# ask NAMESPACE FAMILY COUNT [PORT]: from so many source ports, counted
ask()
{
	local i

	for ((i = 0; i < $3; i++)); do
		udp_ask "$1" "$2" "${4:-$PORT}"
	done | tally
}

clients_stay()
{
	local ns family

	for family in 4 6; do
		for ns in client1 client2 "$NODE"; do
			assert_match '^backend[123]=6$' \
				"$(ask "$ns" $family 6)" "${ns:-node} IPv$family"
		done
		assert_no_match '^backend[123]=9$' \
			"$(for ns in client1 client2 "$NODE"; do
				ask "$ns" $family 3
			done | cut -d= -f1 | tally)" \
			"they need not be together, IPv$family"
	done
}

# number FAMILY: of client1's backend
number()
{
	local name

	name=$(udp_ask client1 "$1" $PORT)
	echo "${name#backend}"
}

# set_state FAMILY STATE N...: of backends of the first service
set_state()
{
	local family=$1 state=$2 n

	shift 2
	for n in "$@"; do
		assert_ok node sluice backend set "$(service $family $PORT/udp)" \
			"$(backend $family "$n" $PORT)" state "$state"
	done
}

draining_and_deletion_move_clients()
{
	local family n key

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		n=$(number $family)
		set_state $family draining "$n"
		assert_no_match "backend$n" "$(ask client1 $family 5)" \
			"a draining one, IPv$family"
		assert_match '=5$' "$(ask client1 $family 5)" \
			"together, IPv$family"
		set_state $family active "$n"
		n=$(number $family)
		node sluice backend del "$key" "$(backend $family "$n" $PORT)"
		assert_no_match "backend$n" "$(ask client1 $family 5)" \
			"a deleted one, IPv$family"
		node sluice backend add "$key" "$(backend $family "$n" $PORT)"
	done
}

# The client's new flows go to another one meanwhile, and that is remembered.
draining_keeps_the_open_flow()
{
	local family first

	for family in 4 6; do
		open_socket udp_ask client1 $family $PORT
		first=$(next)
		assert_match '^backend[123]$' "$first" "IPv$family"
		set_state $family draining "${first#backend}"
		assert_eq "$first" "$(next)" "the open flow, IPv$family"
		assert_match '^backend[123]=3$' "$(ask client1 $family 3)" \
			"new ones, IPv$family"
		assert_ne "${first#backend}" "$(number $family)" \
			"elsewhere, IPv$family"
		assert_eq "$first" "$(next)" "the open flow, still, IPv$family"
		set_state $family active "${first#backend}"
		assert_eq "$first" "$(next)" "active again, IPv$family"
		close_socket
	done
}

# Nobody else is left: the last one that the client got goes on.
all_may_drain()
{
	local family n

	for family in 4 6; do
		for _ in 1 2; do
			set_state $family draining "$(number $family)"
		done
		n=$(number $family)
		set_state $family draining "$n"
		assert_eq "backend$n=4" "$(ask client1 $family 4)" \
			"all of them drain, IPv$family"
		set_state $family active 1 2 3
		assert_eq "backend$n=4" "$(ask client1 $family 4)" \
			"none of them does, IPv$family"
	done
}

# A client goes back unless it has got another one since.
former_backend_is_active_again()
{
	local family n other

	for family in 4 6; do
		n=$(number $family)
		set_state $family draining "$n"
		set_state $family active "$n"
		assert_eq "backend$n=4" "$(ask client1 $family 4)" \
			"nothing was asked meanwhile, IPv$family"
		set_state $family draining "$n"
		other=$(number $family)
		set_state $family active "$n"
		assert_ne "$n" "$other" "asked meanwhile, IPv$family"
		assert_eq "backend$other=4" "$(ask client1 $family 4)" \
			"the new one is kept, IPv$family"
	done
}

affinity_ends()
{
	for_services affinity client-ip 1
	ask client1 4 1 >/dev/null
	sleep 1.2
	assert_match ' ' "$(for _ in 1 2 3 4 5 6; do
		ask client1 4 1
		sleep 1.2
	done | tally)" "more than one backend in the end"
	for_services affinity client-ip 60
	assert_match '=5$' "$(ask client1 4 5)" "and again"
	for_services affinity none
	assert_eq "backend1=2 backend2=2 backend3=2" "$(ask client1 4 6)" \
		"none: in turn"
	for_services affinity client-ip 60
}

both_ports_are_one()
{
	local family first

	for family in 4 6; do
		first=$(ask client1 $family 4 $PORT)
		assert_match '=4$' "$first" "IPv$family"
		assert_eq "$first" "$(ask client1 $family 4 $OTHER)" \
			"the other port, IPv$family"
	done
}

# Two ports of one address, one backend
shared_by_ports()
{
	for_services affinity-shared on
	both_ports_are_one
	for_services affinity-shared off
}

# A node port is one service, whichever of the node's addresses is asked.
by_all_addresses()
{
	local key=0.0.0.0:30080/udp i address

	node sluice service add $key scheduler rr affinity client-ip 60
	for i in 1 2 3; do
		node sluice backend add $key "$(backend 4 $i $PORT)"
	done
	assert_match '^backend[123]=6$' "$(for address in 192.0.2.1 10.244.0.1; do
		for i in 1 2 3; do
			in_ns client1 ./progs/udp ask $address 30080
		done
	done | tally)" "two addresses"
	node sluice service del $key
}

# frontends FAMILY PORT: of one port of a Kubernetes service, but for the
# cluster address, which has PORT
frontends()
{
	case $1 in
	4)	echo "203.0.113.7:$2 198.51.100.250:$2 0.0.0.0:30080" ;;
	6)	echo "[fd00:203::7]:$2 [fd00:198::250]:$2 [::]:30080" ;;
	esac
}

# frontends_up FAMILY OPTION...: over the same backends
frontends_up()
{
	local family=$1 key i

	shift
	for key in $(frontends "$family" $OTHER); do
		node sluice service add "$key/udp" scheduler rr \
			affinity client-ip 60 "$@" || return
		for i in 1 2 3; do
			node sluice backend add "$key/udp" \
				"$(backend "$family" $i $PORT)" || return
		done
	done
}

frontends_down()
{
	local key

	for key in $(frontends "$1" $OTHER); do
		node sluice service del "$key/udp"
	done
}

# by_all FAMILY: who answers client1 by each of them, in turn
by_all()
{
	local at address port

	for at in $(frontends "$1" $OTHER); do
		port=${at##*:}
		address=${at%:*}
		case $address in
		0.0.0.0)	address=192.0.2.1 ;;
		'[::]')		address=fd00:192:0:2::1 ;;
		esac
		in_ns client1 ./progs/udp ask "$(tr -d '[]' <<< "$address")" \
			"$port"
	done
}

# The cluster address, an external one, that of a load balancer, a node port
shared_by_a_group()
{
	local family key n

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		node sluice service set "$key" affinity-group $((7 * family))
		frontends_up $family affinity-group $((7 * family)) || return
		for _ in 1 2 3; do
			n=$(number $family)
			assert_eq "backend$n=3" "$(by_all $family | tally)" \
				"all frontends, IPv$family"
			# The next one is of another backend.
			node sluice backend set "$key" \
				"$(backend $family "$n" $PORT)" weight 0
			assert_ne "$n" "$(number $family)" "IPv$family"
			node sluice backend set "$key" \
				"$(backend $family "$n" $PORT)" weight 1
		done
		frontends_down $family
		node sluice service set "$key" affinity-group 0
	done
}

# Other numbers, or none: each goes its way.
groups_are_apart()
{
	local key

	frontends_up 4 affinity-group 7
	by_all 4 >/dev/null
	node sluice service set 203.0.113.7:$OTHER/udp affinity-group 8
	node sluice service set 198.51.100.250:$OTHER/udp affinity-group 0
	for key in 203.0.113.7:$OTHER/udp 198.51.100.250:$OTHER/udp; do
		node sluice backend set $key "$(backend 4 1 $PORT)" weight 0
		node sluice backend set $key "$(backend 4 2 $PORT)" weight 0
	done
	by_all 4 >/dev/null
	for key in 203.0.113.7:$OTHER/udp 198.51.100.250:$OTHER/udp; do
		node sluice backend set $key "$(backend 4 1 $PORT)" weight 1
		node sluice backend set $key "$(backend 4 2 $PORT)" weight 1
	done
	node sluice backend set 0.0.0.0:30080/udp "$(backend 4 3 $PORT)" weight 0
	assert_match '^backend3 backend3 backend[12]$' "$(by_all 4 | xargs)"
	assert_match '^backend3 backend3 backend[12]$' "$(by_all 4 | xargs)" again
	frontends_down 4
}

# Of other ports, too, if the port is not to matter
shared_by_a_group_of_ports()
{
	for_services affinity-group 9 affinity-shared on
	both_ports_are_one
	for_services affinity-group 0 affinity-shared off
}

ktap_begin
run_setup set_up "services with affinity are set up"
run_case clients_stay "a client's new flows go to one backend"
run_case draining_and_deletion_move_clients "unless that takes no new flows"
run_case draining_keeps_the_open_flow "an open flow stays with a draining backend"
run_case all_may_drain "a client stays when all backends drain"
run_case former_backend_is_active_again "and where it was sent when its former backend is back"
run_case affinity_ends "until its time is over"
run_case shared_by_ports "services of one address can share it"
run_case by_all_addresses "a node port has one for all addresses of the node"
run_case shared_by_a_group "all frontends of a service share it in a group"
run_case groups_are_apart "groups have nothing to do with each other"
run_case shared_by_a_group_of_ports "a group of ports"
ktap_end
