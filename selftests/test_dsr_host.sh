#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return and what else the node is and has: a client, a backend,
# the service's address, a firewall. See dsr.sh for the topology.
# timeout: 900
# check: 7.3

. ./lib.sh
. ./dsr.sh

# The node's own clients
node_is_client()
{
	local family n

	reaches_all "$NODE" $L2 "$BOTH"
	reaches_all "$NODE" $TUNNEL "$BOTH"
	for family in 4 6; do
		for n in $L2 $TUNNEL $FAR; do
			transfer "$NODE" $family "$n"
		done
	done
}

# From the address itself: by NAT, as the node.
node_has_the_address()
{
	local family

	node_gets_address $L2
	for family in 4 6; do
		node sluice flow flush
		assert_eq "$BOTH" "$(ask_often "$NODE" $family $L2)" \
			"IPv$family"
		assert_eq nat=4 "$(json '.[].forward' flow show | tally)" \
			"how, IPv$family"
		assert_eq "$BOTH" "$(ask_often client1 $family $L2)" \
			"others, IPv$family"
	done
	node_loses_address $L2
}

node_is_backend()
{
	local family how key

	start_udp "$NODE" here $PORT
	node_gets_address $OTHER
	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		for how in l2 tunnel; do
			node sluice service add "$key" forward $how
			node sluice backend add "$key" \
				"$(at $family "$(on_segment $family node)" $PORT)"
			assert_eq here=4 "$(ask_often client1 $family $OTHER)" \
				"$how, IPv$family"
			assert_eq "$how=4" "$(how_many "$key")" "not by chance"
			node sluice service del "$key"
		done
	done
	node_loses_address $OTHER
}

# The node's firewall sees what is forwarded, conntrack does not mind.
firewall()
{
	local family n

	node nft -f - <<-END
		table inet watch {
			chain forward {
				type filter hook forward priority 0;
				ct state invalid counter drop
				ct state untracked counter
				udp sport 7777 drop
			}
		}
	END
	reaches_all client1 $L2 "$BOTH"
	reaches_all client1 $TUNNEL "$BOTH"
	transfer client1 4 $L2
	assert_match 'invalid counter packets 0 ' \
		"$(node nft list table inet watch)" "invalid packets"
	assert_no_match 'untracked counter packets 0 ' \
		"$(node nft list table inet watch)" "seen"
	for family in 4 6; do
		for n in $L2 $TUNNEL; do
			assert_eq lost \
				"$(ask client1 $family $n -p 7777 -t 300)" \
				"a rule that drops, service $n, IPv$family"
		done
	done
	node nft delete table inet watch
}

# The routes to backends go with the namespace that they are in.
namespace_goes()
{
	local i

	for i in 1 2 3; do
		ns_add other && veth_pair "" vother other eth0 || return
		ip -n other addr add 10.9.0.1/24 dev eth0
		ip -n other addr add fd00:10:9::1/64 dev eth0 nodad
		ip -n other route add default dev eth0
		ip -n other route add ::/0 dev eth0
		in_ns other sluice restore <<-END
			service add 10.96.0.1:$PORT/udp forward l2
			backend add 10.96.0.1:$PORT/udp 10.9.0.2:$PORT
			service add [fd00:10:96::1]:$PORT/udp forward tunnel
			backend add [fd00:10:96::1]:$PORT/udp [fd00:10:9::2]:$PORT
		END
		assert_eq "lost" "$(in_ns other ./progs/udp ask -t 100 \
			10.96.0.1 $PORT)" "IPv4"
		assert_eq "lost" "$(in_ns other ./progs/udp ask -t 100 \
			fd00:10:96::1 $PORT)" "IPv6"
		assert_eq 2 "$(in_ns other sluice -j flow show | jq length)" flows
		ip netns del other
		is_gone() { ! ip link show vother; }
		assert_ok wait_for 20 is_gone
	done
}

# What many a firewall has, at every hook. SYN-ACKs are such without a SYN.
drop_invalid_packets()
{
	node nft -f - <<-END
		table inet strict {
			chain prerouting {
				type filter hook prerouting priority -150;
				ct state invalid counter drop
			}
			chain forward {
				type filter hook forward priority 0;
				ct state invalid counter drop
			}
			chain input {
				type filter hook input priority 0;
				ct state invalid counter drop
			}
			chain output {
				type filter hook output priority 0;
				ct state invalid counter drop
			}
		}
	END
}

# replies_by NAME: the way on which backends send them to the client
replies_by()
{
	local i

	for i in 1 2; do
		ip -n backend$i route replace default via \
			"$(on_segment 4 "$1")"
		ip -n backend$i route replace ::/0 via "$(on_segment 6 "$1")"
	done
}

backend_here()
{
	local family how key

	start_nginx "$NODE" here 8080
	node_gets_address $OTHER
	for family in 4 6; do
		key=$(service $family 8080/tcp $OTHER)
		for how in l2 tunnel; do
			node sluice service add "$key" forward $how
			node sluice backend add "$key" \
				"$(at $family "$(on_segment $family node)" 8080)"
			assert_eq here "$(http_get client1 \
				"http://$(at $family "$(vip $family $OTHER)" 8080)/")" \
				"backend on the node, $how, IPv$family"
			node sluice service del "$key"
		done
	done
	node_loses_address $OTHER
}

# Replies that come by the node nevertheless belong to nothing that conntrack
# has seen.
replies_come_by()
{
	drop_invalid_packets
	replies_by node
	reaches_all client1 $L2 "$BOTH"
	reaches_all client1 $TUNNEL "$BOTH"
	replies_by router
	reaches_all "$NODE" $L2 "$BOTH"
	reaches_all "$NODE" $TUNNEL "$BOTH"
	backend_here
	assert_no_match 'counter packets [1-9]' \
		"$(node nft list table inet strict)" "invalid packets"
	node nft delete table inet strict
}

# Packets that the router holds back
held()
{
	in_ns router tc -s -j qdisc show dev node root | jq '.[0].qlen'
}

are_held()
{
	(($(held) >= $1))
}

# hold_and_release FAMILY: a question to another port of the address right
# behind some that are forwarded; what it is answered
hold_and_release()
{
	local address before pid _

	address=$(vip "$1" $L2)
	rm -f /tmp/dsr-batch
	in_ns router tc qdisc add dev node root plug
	for _ in 1 2 3; do
		spawn client1 ./progs/udp ask "$address" $PORT >/dev/null
	done
	wait_for 10 are_held 3
	before=$(held)
	spawn client1 ./progs/udp ask -t 20000 "$address" 5454 >/tmp/dsr-batch
	pid=$!
	wait_for 10 are_held $((before + 1))
	in_ns router tc qdisc change dev node root plug release_indefinite
	wait $pid
	in_ns router tc qdisc del dev node root
}

# Packets for a port of the address that the node itself serves come together
# with such as are forwarded.
others_in_one_batch()
{
	local family _

	modprobe sch_plug 2>/dev/null || { case_skip "no sch_plug"; return; }
	start_udp "$NODE" here 5454
	node_gets_address $L2
	# NAPI takes packets in batches
	node ethtool -K vrouter gro on
	for family in 4 6; do
		for _ in 1 2; do
			# neighbours are known then
			in_ns client1 ./progs/udp ask "$(vip $family $L2)" 5454 \
				>/dev/null
			hold_and_release $family
			assert_eq here "$(cat /tmp/dsr-batch)" "IPv$family"
		done
	done
	node ethtool -K vrouter gro off
	node_loses_address $L2
}

# tunnel_protocol FAMILY
tunnel_protocol()
{
	case $1 in
	4)	echo 4 ;;
	6)	echo 41 ;;
	esac
}

# xfrm NAMESPACE FAMILY OBJECT WORD...: for the tunnel from node to backend1
xfrm()
{
	local ns=$1 family=$2 object=$3

	shift 3
	in_ns "$ns" ip xfrm "$object" add \
		src "$(on_segment "$family" node)" \
		dst "$(pod "$family" backend1)" "$@"
}

# esp NAMESPACE FAMILY: without encryption, which needs no hardware to be quick
esp()
{
	xfrm "$1" "$2" state proto esp spi 0x100 reqid 1 mode transport \
		auth 'hmac(sha256)' "0x$(printf '%064d' 7)" \
		enc 'ecb(cipher_null)' ''
}

no_xfrm()
{
	in_ns "$1" ip xfrm policy flush
	in_ns "$1" ip xfrm state flush
}

# The tunnel is the node's own and subject to its policies.
policy_that_blocks()
{
	local before family

	modprobe xfrm_user || { case_skip "no xfrm_user"; return; }
	for family in 4 6; do
		assert_eq backend1 "$(ask client1 $family $FRESH)" \
			"without it, IPv$family"
		xfrm "$NODE" $family policy proto "$(tunnel_protocol $family)" \
			dir out action block
		before=$(dropped no-route)
		assert_eq lost "$(ask client1 $family $FRESH -t 300)" \
			"with it, IPv$family"
		assert_eq 1 $(($(dropped no-route) - before)) \
			"counted, IPv$family"
		assert_match '^backend[12]$' "$(ask client1 $family $L2)" \
			"l2 is no tunnel, IPv$family"
		no_xfrm "$NODE"
	done
}

# The backend takes nothing in clear.
esp_for_the_tunnel()
{
	local family

	# No alias leads to the last
	modprobe -a xfrm_user esp4 esp6 crypto_null ||
		{ case_skip "no ESP"; return; }
	in_ns backend1 nft -f - <<-END
		table inet in_clear {
			chain prerouting {
				type filter hook prerouting priority -300;
				meta l4proto { 4, 41 } meta ipsec missing counter drop
			}
		}
	END
	for family in 4 6; do
		assert_ok esp "$NODE" $family
		assert_ok esp backend1 $family
		xfrm "$NODE" $family policy proto "$(tunnel_protocol $family)" \
			dir out tmpl proto esp reqid 1 mode transport
		assert_eq backend1 "$(ask client1 $family $FRESH)" \
			"ESP, IPv$family"
		assert_eq backend1 "$(ask "$NODE" $family $FRESH)" \
			"ESP, from the node, IPv$family"
		transfer client1 $family $FRESH
		no_xfrm "$NODE"
		no_xfrm backend1
	done
	assert_match 'counter packets 0 ' \
		"$(in_ns backend1 nft list table inet in_clear)" "in clear"
	in_ns backend1 nft delete table inet in_clear
}

ktap_begin
run_setup set_up "services that forward packets unchanged are set up"
run_case firewall "the node's firewall sees what is forwarded"
run_case node_is_client "the node itself is a client"
run_case node_has_the_address "with the service's address, too"
run_case node_is_backend "the node itself is a backend"
run_case replies_come_by "replies that come by the node are not invalid"
run_case others_in_one_batch "what comes in one batch with it keeps its own route"
run_case policy_that_blocks "an IPsec policy blocks the tunnel"
run_case esp_for_the_tunnel "another one has it sent by ESP"
run_case namespace_goes "a namespace can go with routes in use"
ktap_end
