#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# SCTP through services.
# timeout: 180
# check: 6.1

. ./lib.sh

PORT=3868
OTHER=13868	# another port than the backend's

set_up()
{
	local i family key

	modprobe sctp && load_module && topo_up 1 2 || return
	for i in 1 2; do
		for family in 4 6; do
			spawn backend$i ./progs/sctp serve \
				"$(pod $family backend$i)" $PORT backend$i
		done
		wait_for 10 is_served backend$i || return
	done
	services_up $PORT/sctp 2 || return
	for family in 4 6; do
		key=$(service $family $OTHER/sctp)
		node sluice service add "$key" masquerade always || return
		node sluice backend add "$key" "$(backend $family 1 $PORT)" ||
			return
	done
}

is_served()
{
	[[ $(in_ns "$1" grep -c " $PORT " /proc/net/sctp/eps) == 2 ]]
}

# ask NAMESPACE FAMILY PORT [OPTION...]
ask()
{
	local ns=$1 family=$2 port=$3

	shift 3
	in_ns "$ns" ./progs/sctp ask "$@" "$(vip "$family")" "$port"
}

associations_reach_backends()
{
	local ns family

	for family in 4 6; do
		for ns in client1 "$NODE"; do
			assert_match '^backend[12]=20$' \
				"$(ask "$ns" $family $PORT -c 20 | tally)" \
				"${ns:-node}, IPv$family"
		done
		assert_eq "backend1=2 backend2=2" "$(for _ in 1 2 3 4; do
			ask client1 $family $PORT
		done | tally)" "in turn, IPv$family"
	done
}

# The CRC covers the ports: a wrong one and nothing would come back.
ports_change()
{
	local family

	for family in 4 6; do
		assert_eq backend1=20 \
			"$(ask client1 $family $OTHER -c 20 | tally)" \
			"IPv$family"
	done
	assert_eq 0 "$(checksum_errors)" "checksum errors"
}

checksum_errors()
{
	local ns sum=0

	for ns in client1 backend1 backend2; do
		sum=$((sum + $(in_ns "$ns" awk \
			'$1 == "SctpChecksumErrors" { print $2 }' \
			/proc/net/sctp/snmp)))
	done
	echo $sum
}

# ended_by FAMILY COMMAND...: the answers in one association of message after
# message, of which the backend goes by COMMAND
ended_by()
{
	local family=$1 pid

	shift
	: > /tmp/answers	# 5 seconds without one are the end
	in_ns client1 ./progs/sctp ask -c 1000 -i 20 "$(vip "$family")" $PORT \
		> /tmp/answers &
	pid=$!
	on_exit_kill $pid
	wait_for 10 test -s /tmp/answers
	"$@"
	wait_for 60 has_ended $pid
	uniq /tmp/answers | xargs
}

has_ended()
{
	! kill -0 "$1" 2>/dev/null
}

# del_busy_backend FAMILY: the one that answered
del_busy_backend()
{
	local n

	n=$(head -n 1 /tmp/answers)
	node sluice backend del "$(service "$1" $PORT/sctp)" \
		"$(backend "$1" "${n#backend}" $PORT)"
}

# An association does not go on with another backend: that one refuses it.
# Without any its client is left to its own patience.
removal_ends_associations()
{
	local family key

	for family in 4 6; do
		key=$(service $family $PORT/sctp)
		assert_match '^backend[12] reset$' \
			"$(ended_by $family del_busy_backend $family)" \
			"IPv$family: there is another one"
		assert_match '^backend[12] lost$' \
			"$(ended_by $family node sluice backend flush "$key")" \
			"IPv$family: it was the last one"
		assert_eq 0 "$(json length flow show service "$key")" \
			"IPv$family: flows"
		node sluice backend add "$key" "$(backend $family 1 $PORT)" &&
		node sluice backend add "$key" "$(backend $family 2 $PORT)"
		assert_match '^backend[12]$' "$(ask client1 $family $PORT)" \
			"IPv$family: they are back"
	done
}

# node_of FAMILY: what node ports are named by, and an address of the node
node_of()
{
	case $1 in
	4)	echo 0.0.0.0 192.0.2.1 ;;
	6)	echo '[::] fd00:192:0:2::1' ;;
	esac
}

# The node's address, a third port, and the source kept or masqueraded
node_ports()
{
	local family key any address ns how

	for family in 4 6; do
		read -r any address <<< "$(node_of $family)"
		key=$any:30868/sctp
		for how in hairpin always; do
			node sluice service add "$key" scheduler rr \
				masquerade $how
			node sluice backend add "$key" "$(backend $family 1 $PORT)"
			node sluice backend add "$key" "$(backend $family 2 $PORT)"
			for ns in client1 "$NODE"; do
				assert_eq "backend1=3 backend2=3" "$(
					for _ in 1 2; do
						in_ns "$ns" ./progs/sctp ask -c 3 \
							$address 30868
					done | tally)" \
					"${ns:-node}, $how, IPv$family"
			done
			node sluice service del "$key"
		done
	done
	assert_eq 0 "$(checksum_errors)" "checksum errors"
}

# An association that is not answered is lost after a while, as one that is
# refused; the drops tell.
source_ranges_hold()
{
	local family key before

	for family in 4 6; do
		key=$(service $family $PORT/sctp)
		node sluice service set "$key" deny "$(pod $family client1)"
		before=$(dropped source-range)
		assert_eq lost "$(ask client1 $family $PORT)" \
			"denied, IPv$family"
		assert_ne "$before" "$(dropped source-range)" \
			"reason of the drops, IPv$family"
		node sluice service set "$key" deny none \
			allow "$(pod $family client1)"
		assert_match '^backend[12]$' "$(ask client1 $family $PORT)" \
			"allowed, IPv$family"
		node sluice service set "$key" allow all
	done
}

flows_are_shown()
{
	node sluice flow flush
	ask client1 4 $PORT >/dev/null
	assert_eq sctp "$(json "[.[] | select(.orig.dst == \"$(vip 4):$PORT\")]
		[0].proto" flow show)"
}

ktap_begin
run_setup set_up "services over SCTP servers are set up"
run_case associations_reach_backends "associations reach the backends"
run_case ports_change "with other ports and masqueraded, too"
run_case removal_ends_associations "associations end with their backends"
run_case node_ports "node ports"
run_case source_ranges_hold "source ranges"
run_case flows_are_shown "flows are shown"
ktap_end
