#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Direct server return: packets to a service reach backends unchanged, and
# replies go to the client past the node, which sees one direction only.
#
#	client1 ------- router -------- node
#	                |    \           |
#	                |     `----------+-- segment (a bridge)
#	            backend3             |       |        |
#	            MTU 1400         backend1 backend2   near
#
# The router sends to the node what is for a service and knows the way from the
# backends to the client itself. Backends have the addresses of the services on
# their loopback device; for each family there is a tunnel to them.
# timeout: 480

. ./lib.sh

PORT=5353

# The services, each with UDP and TCP
L2=1
TUNNEL=2
FAR=3		# by tunnel to backend3
FRESH=4		# by tunnel to backend1; nobody has asked it before
OTHER=5		# what a test needs
SERVICES=5

FILES=files/big
SIZE=500000

# on_segment FAMILY node|router|near
on_segment()
{
	local n

	case $2 in
	node)	n=253 ;;
	router)	n=254 ;;
	near)	n=252 ;;
	esac
	case $1 in
	4)	echo "10.244.2.$n" ;;
	6)	echo "fd00:10:244::2:$n" ;;
	esac
}

address()
{
	case $2 in
	backend*)	pod "$1" "$2" ;;
	*)		on_segment "$1" "$2" ;;
	esac
}

# plug NAMESPACE DEVICE NAME: into the segment, with the address of a name
plug()
{
	veth_pair "$1" "$2" segment "p$3" &&
	ip -n segment link set "p$3" master br0 &&
	add_address "$1" "$2" "$(address 4 "$3")/24" &&
	add_address "$1" "$2" "$(address 6 "$3")/112"
}

# add_address NAMESPACE DEVICE ADDRESS: usable at once
add_address()
{
	case $3 in
	*:*)	_ip_in "$1" addr add "$3" dev "$2" nodad ;;
	*)	_ip_in "$1" addr add "$3" dev "$2" ;;
	esac
}

segment_up()
{
	ns_add segment && ip -n segment link add br0 type bridge &&
	ip -n segment link set br0 up
}

router_up()
{
	ns_add router && ns_add client1 &&
	veth_pair "$NODE" vrouter router node &&
	veth_pair router client client1 eth0 || return
	in_ns router sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 || return
	plug router seg router || return
	add_address "$NODE" vrouter 198.18.0.1/30
	add_address "$NODE" vrouter fd00:198:18::1/64
	ip -n router -batch - <<-END || return
		addr add 198.18.0.2/30 dev node
		addr add fd00:198:18::2/64 dev node nodad
		addr add 10.244.1.254/24 dev client
		addr add fd00:10:244::1:254/112 dev client nodad
		route add 10.96.0.0/16 via 198.18.0.1
		route add fd00:10:96::/112 via fd00:198:18::1
		route add 10.244.0.1 via 198.18.0.1
		route add fd00:10:244::1 via fd00:198:18::1
	END
	ip -n client1 -batch - <<-END || return
		addr add 10.244.1.1/24 dev eth0
		addr add fd00:10:244::1:1/112 dev eth0 nodad
		route add default via 10.244.1.254
		route add ::/0 via fd00:10:244::1:254
	END
	_ip_in "$NODE" -batch - <<-END
		route add 10.244.1.0/24 via 198.18.0.2
		route add fd00:10:244::1:0/112 via fd00:198:18::2
	END
}

# routes_by_router NAMESPACE
routes_by_router()
{
	_ip_in "$1" route add default via "$(on_segment 4 router)" &&
	_ip_in "$1" route add ::/0 via "$(on_segment 6 router)"
}

# A loopback device has the services' addresses, and no other one says so.
service_addresses()
{
	local n

	in_ns "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 \
		net.ipv4.conf.all.arp_announce=2 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	for ((n = 1; n <= SERVICES; n++)); do
		add_address "$1" lo "$(vip 4 $n)/32" &&
		add_address "$1" lo "$(vip 6 $n)/128" || return
	done
}

tunnel_ends()
{
	in_ns "$1" sysctl -qw net.ipv4.conf.tunl0.rp_filter=0 &&
	ip -n "$1" link set tunl0 up && ip -n "$1" link set ip6tnl0 up
}

servers_up()
{
	start_udp "$1" "$1" $PORT && start_nginx "$1" "$1" || return
	mkdir -p "/tmp/nginx-$1-80/files"
	ln -s /tmp/dsr-big "/tmp/nginx-$1-80/$FILES"
}

# backend_up NAME: on the segment
backend_up()
{
	ns_add "$1" && plug "$1" eth0 "$1" && routes_by_router "$1" &&
	service_addresses "$1" && tunnel_ends "$1" && servers_up "$1"
}

# Behind the router, with a smaller MTU on the way there
far_backend_up()
{
	ns_add backend3 && veth_pair router far backend3 eth0 || return
	ip -n router link set far mtu 1400
	ip -n backend3 link set eth0 mtu 1400
	ip -n router -batch - <<-END || return
		addr add 10.244.3.254/24 dev far
		addr add fd00:10:244::3:254/112 dev far nodad
		route add 10.244.2.3 via 10.244.3.3
		route add fd00:10:244::2:3 via fd00:10:244::3:3
	END
	ip -n backend3 -batch - <<-END || return
		addr add 10.244.2.3/32 dev lo
		addr add fd00:10:244::2:3/128 dev lo nodad
		addr add 10.244.3.3/24 dev eth0
		addr add fd00:10:244::3:3/112 dev eth0 nodad
		route add default via 10.244.3.254
		route add ::/0 via fd00:10:244::3:254
	END
	_ip_in "$NODE" -batch - <<-END || return
		route add 10.244.2.3 via 198.18.0.2
		route add fd00:10:244::2:3 via fd00:198:18::2
	END
	service_addresses backend3 && tunnel_ends backend3 && servers_up backend3
}

# A client beside the backends
near_up()
{
	ns_add near && plug near eth0 near || return
	in_ns near sysctl -qw net.ipv4.conf.all.accept_redirects=1 \
		net.ipv4.conf.eth0.accept_redirects=1 || return
	ip -n near -batch - <<-END
		route add default via $(on_segment 4 node)
		route add ::/0 via $(on_segment 6 node)
	END
}

# add_service FAMILY PORT/PROTO NUMBER HOW BACKEND...
add_service()
{
	local key i

	key=$(service "$1" "$2" "$3")
	node sluice service add "$key" scheduler rr forward "$4" || return
	for i in "${@:5}"; do
		node sluice backend add "$key" \
			"$(backend "$1" "$i" "${2%/*}")" || return
	done
}

services()
{
	local family port

	for family in 4 6; do
		for port in $PORT/udp 80/tcp; do
			add_service $family $port $L2 l2 1 2 &&
			add_service $family $port $TUNNEL tunnel 1 2 &&
			add_service $family $port $FAR tunnel 3 &&
			add_service $family $port $FRESH tunnel 1 || return
		done
	done
}

no_rate_limits()
{
	local ns

	for ns in "$NODE" router client1; do
		in_ns "$ns" sysctl -qw net.ipv4.icmp_ratelimit=0 \
			net.ipv6.icmp.ratelimit=0 \
			net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0 || return
	done
}

set_up()
{
	modprobe ipip && modprobe ip6_tunnel && load_module || return
	head -c $SIZE /dev/urandom >/tmp/dsr-big
	topo_up 0 0 && segment_up && plug "$NODE" vseg node &&
	router_up && no_rate_limits || return
	backend_up backend1 && backend_up backend2 && far_backend_up &&
	near_up && services
}

# url FAMILY SERVICE [PATH]
url()
{
	echo "http://$(at "$1" "$(vip "$1" "$2")" 80)/${3:-}"
}

# ask NAMESPACE FAMILY SERVICE [OPTION...]: see progs/udp.c
ask()
{
	local ns=$1 family=$2 n=$3

	shift 3
	in_ns "$ns" ./progs/udp ask "$@" "$(vip "$family" "$n")" $PORT
}

# ask_often NAMESPACE FAMILY SERVICE: four sockets, one after the other, from
# ports that nobody has had in the last minutes
ask_often()
{
	local i

	for i in 1 2 3 4; do
		ask "$@" -p $((10000 + 1000 * i + SECONDS % 1000))
	done | tally
}

# get_often NAMESPACE FAMILY SERVICE
get_often()
{
	local i

	for i in 1 2 3 4; do
		http_get "$1" "$(url "$2" "$3")"
	done | tally
}

# reaches_all NAMESPACE SERVICE TALLY: with both protocols, in both families
reaches_all()
{
	local family

	for family in 4 6; do
		assert_eq "$3" "$(ask_often "$1" $family "$2")" \
			"${1:-node}, service $2, UDP, IPv$family"
		assert_eq "$3" "$(get_often "$1" $family "$2")" \
			"${1:-node}, service $2, TCP, IPv$family"
	done
}

BOTH="backend1=2 backend2=2"

l2()
{
	reaches_all client1 $L2 "$BOTH"
}

tunnel()
{
	reaches_all client1 $TUNNEL "$BOTH"
}

far()
{
	reaches_all client1 $FAR "backend3=4"
}

# one_flow FAMILY PORT/PROTO SERVICE FILTER: of the flow with client port 7004
# or 7006
one_flow()
{
	json "[.[] | select(.orig.src | endswith(\":700$1\"))] | .[0] | $4" \
		flow show service "$(service "$1" "$2" "$3")"
}

# What the node knows of what it sees one side of
flows_are_shown()
{
	local family udp tcp counters='.counters | "\(.in_packets) \(.out_packets)"'

	for family in 4 6; do
		udp=("$family" "$PORT/udp" "$L2") tcp=("$family" 80/tcp "$TUNNEL")
		node sluice flow flush
		ask client1 $family $L2 -p 700$family >/dev/null
		assert_eq unreplied "$(one_flow "${udp[@]}" .state)" \
			"one packet, IPv$family"
		ask client1 $family $L2 -p 700$family -c 3 >/dev/null
		assert_eq established "$(one_flow "${udp[@]}" .state)" \
			"some packets, IPv$family"
		assert_between 100000 120000 \
			"$(one_flow "${udp[@]}" .timeout)" timeout
		assert_eq "4 0" "$(one_flow "${udp[@]}" "$counters")" \
			"one side, IPv$family"
		assert_match "^l2 ($(pod $family backend1)|$(pod $family \
			backend2)) $PORT\$" \
			"$(one_flow "${udp[@]}" '"\(.forward) \(.backend)"' |
				sed 's/\(.*\):/\1 /; s/[][]//g')" "IPv$family"
		assert_eq "$(pod $family client1) 700$family" \
			"$(http_get client1 "$(url $family $TUNNEL from)" \
			   --local-port 700$family)" \
			"what the backend sees, IPv$family"
		assert_eq "tunnel established" "$(one_flow "${tcp[@]}" \
			'"\(.forward) \(.state)"')" "TCP, IPv$family"
		# half closed by the client's FIN
		assert_between 100000 120000 \
			"$(one_flow "${tcp[@]}" .timeout)" "after the end"
	done
}

tcp_is_established()
{
	local family

	for family in 4 6; do
		spawn client1 bash -c "exec 3<>/dev/tcp/$(vip $family $L2)/80
			sleep 60"
		is_established() {
			[[ $(json '.[].timeout' flow show \
				service "$(service $family 80/tcp $L2)" |
				sort -n | tail -n 1) -gt 80000000 ]]
		}
		assert_ok wait_for 10 is_established
		kill $!
	done
}

# transfer NAMESPACE FAMILY SERVICE: there and back again
transfer()
{
	local ns=$1 family=$2 n=$3

	assert_eq "200 $SIZE" "$(http_get "$ns" "$(url "$family" "$n")" \
		-o /dev/null -w '%{http_code} %{size_upload}' -H Expect: \
		--data-binary @/tmp/dsr-big)" "${ns:-node}, upload, IPv$family"
	assert_eq "200 $SIZE" "$(http_get "$ns" \
		"$(url "$family" "$n" $FILES)" -o /tmp/dsr-got \
		-w '%{http_code} %{size_download}')" \
		"${ns:-node}, download, IPv$family"
	assert_ok cmp /tmp/dsr-got /tmp/dsr-big
}

transfers_l2()
{
	transfer client1 4 $L2
	transfer client1 6 $L2
}

# mtu_to NAMESPACE ADDRESS: the path MTU that the namespace has learned
mtu_to()
{
	in_ns "$1" ip -j route get "$2" | jq -r '.[0].metrics[0].mtu // 0'
}

# Full segments do not fit with a header more: the client hears of it.
transfers_tunnel()
{
	local family mtu

	for family in 4 6; do
		mtu=$((family == 4 ? 1480 : 1460))
		assert_eq 0 "$(mtu_to client1 "$(vip $family $TUNNEL)")" \
			"before, IPv$family"
		transfer client1 $family $TUNNEL
		assert_eq $mtu "$(mtu_to client1 "$(vip $family $TUNNEL)")" \
			"IPv$family"
	done
}

# The router finds outer packets too large and tells the node, not the client.
path_mtu_of_the_tunnel()
{
	local family mtu

	for family in 4 6; do
		mtu=$((family == 4 ? 1380 : 1360))
		transfer client1 $family $FAR
		assert_eq $mtu "$(mtu_to client1 "$(vip $family $FAR)")" \
			"IPv$family"
		assert_eq 1400 "$(mtu_to "$NODE" "$(pod $family backend3)")" \
			"node, IPv$family"
	done
}

dropped()
{
	json ".drops[] | select(.reason == \"$1\") | .packets" stats show
}

datagrams()
{
	local family before n size

	for family in 4 6; do
		before=$(dropped too-big)
		assert_eq "too big" "$(ask client1 $family $FRESH -d \
			-s $((family == 4 ? 1453 : 1413)))" "IPv$family"
		assert_eq 1 $(($(dropped too-big) - before)) \
			"counted, IPv$family"
		assert_eq backend1 "$(ask client1 $family $FRESH -d \
			-s $((family == 4 ? 1452 : 1412)))" "fits, IPv$family"
		for n in $L2 $TUNNEL $FAR; do
			for size in 4000 30000; do
				assert_match '^backend[123]$' "$(ask client1 \
					$family "$n" -s $size)" \
					"$size bytes, service $n, IPv$family"
			done
		done
	done
}

hop_limit()
{
	local family n

	for family in 4 6; do
		for n in $L2 $TUNNEL; do
			assert_eq unreachable "$(ask client1 $family $n -l 2)" \
				"ends at the node, service $n, IPv$family"
			assert_match '^backend[12]$' \
				"$(ask client1 $family $n -l 3)" \
				"service $n, IPv$family"
		done
	done
}

# Routers tell the service that its packets are too large for the client, and
# what they say comes by the node.
errors_reach_the_backend()
{
	local family n mtu=1300

	for n in $L2 $TUNNEL; do
		ip -n router link set client mtu $mtu
		for family in 4 6; do
			node sluice backend set "$(service $family 80/tcp $n)" \
				"$(backend $family 2 80)" weight 0
			http_get client1 "$(url $family $n $FILES)" -o /tmp/dsr-got
			assert_ok cmp /tmp/dsr-got /tmp/dsr-big
			assert_eq $mtu \
				"$(mtu_to backend1 "$(pod $family client1)")" \
				"service $n, IPv$family"
		done
		# smaller than what the backend has learned
		mtu=1290
	done
	ip -n router link set client mtu 1500
}

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

node_gets_address()
{
	add_address "$NODE" lo "$(vip 4 "$1")/32"
	add_address "$NODE" lo "$(vip 6 "$1")/128"
}

node_loses_address()
{
	_ip_in "$NODE" addr del "$(vip 4 "$1")/32" dev lo
	_ip_in "$NODE" addr del "$(vip 6 "$1")/128" dev lo
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

# In and out by one device; only the node knows the shorter way.
client_beside_the_backends()
{
	local i

	for i in 1 2; do
		reaches_all near $L2 "$BOTH"
		reaches_all near $TUNNEL "$BOTH"
	done
	assert_eq 0 "$(snmp near IcmpInRedirects)" "redirects, IPv4"
	assert_eq 0 "$(snmp near Icmp6InRedirects)" "redirects, IPv6"
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

# open_socket NS FAMILY SERVICE: one UDP socket for ever; ask with "next"
open_socket()
{
	coproc SOCKET { ask "$1" "$2" "$3" -p "700$2" -i -c 100 -t 2000; }
	on_exit_kill "$SOCKET_PID"
}

next()
{
	local answer

	echo >&"${SOCKET[1]}"
	read -r -t 10 answer <&"${SOCKET[0]}"
	echo "$answer"
}

close_socket()
{
	local pid=$SOCKET_PID

	kill "$pid"
	wait "$pid" 2>/dev/null
	return 0
}

backends_drain_and_go()
{
	local family key first other

	for family in 4 6; do
		key=$(service $family $PORT/udp $L2)
		open_socket client1 $family $L2
		first=$(next)
		assert_match '^backend[12]$' "$first"
		other=backend$((3 - ${first#backend}))
		node sluice backend set "$key" \
			"$(backend $family "${first#backend}" $PORT)" \
			state draining
		assert_eq "$first" "$(next)" "keeps its flow, IPv$family"
		assert_eq "$other=4" "$(ask_often client1 $family $L2)" \
			"new ones, IPv$family"
		node sluice backend del "$key" \
			"$(backend $family "${first#backend}" $PORT)"
		assert_eq "$other" "$(next)" "gone, IPv$family"
		node sluice backend add "$key" \
			"$(backend $family "${first#backend}" $PORT)"
		close_socket
	done
}

removal_resets()
{
	local family key

	for family in 4 6; do
		key=$(service $family 7300/tcp $OTHER)
		spawn backend1 ./progs/talk serve 7300
		wait_for 10 is_listening backend1 7300
		add_service $family 7300/tcp $OTHER l2 1
		rm -f /tmp/dsr-go /tmp/dsr-first
		mkfifo /tmp/dsr-go
		spawn client1 bash -c "exec 3<>/dev/tcp/$(vip $family $OTHER)/7300
			echo once >&3; head -n 1 <&3 >/tmp/dsr-first
			read </tmp/dsr-go; echo twice >&3; cat <&3" 2>/tmp/dsr-heard
		assert_ok wait_for 10 test -s /tmp/dsr-first
		node sluice backend del "$key" "$(backend $family 1 7300)"
		echo >/tmp/dsr-go
		wait_for 10 grep -q 'reset by peer' /tmp/dsr-heard
		assert_match 'reset by peer' "$(cat /tmp/dsr-heard)" \
			"the client, IPv$family"
		node sluice service del "$key"
	done
}

# how_many SERVICE-KEY: flows by mode
how_many()
{
	json '.[].forward' flow show service "$1" | tally
}

# What has begun goes on as it has begun.
change_of_mode()
{
	local family key how before

	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		# answers do not come back by the node otherwise
		add_service $family $PORT/udp $OTHER nat 1
		node sluice service set "$key" masquerade always
		before=nat
		for how in l2 tunnel nat; do
			node sluice flow flush
			open_socket client1 $family $OTHER
			assert_eq backend1 "$(next)" "$before, IPv$family"
			assert_ok node sluice service set "$key" forward $how
			assert_eq backend1 "$(next)" "goes on, IPv$family"
			assert_eq "$before=1" "$(how_many "$key")" "as before"
			assert_eq backend1=4 \
				"$(ask_often client1 $family $OTHER)" \
				"new flows by $how, IPv$family"
			assert_match "(^| )$before=1( |\$)" "$(how_many "$key")"
			assert_match "(^| )$how=4( |\$)" "$(how_many "$key")"
			close_socket
			before=$how
		done
		node sluice service del "$key"
	done
}

outcome()
{
	node sluice -j explain "$(at "$1" "$2" "$3")" \
		"$(service "$1" "$PORT/udp" "$4")" | jq -r '"\(.outcome) \(.by)"'
}

explained()
{
	local family client

	for family in 4 6; do
		client=$(pod $family client1)
		assert_eq "l2 service" "$(outcome $family "$client" 99 $L2)"
		assert_eq "tunnel service" \
			"$(outcome $family "$client" 99 $TUNNEL)"
		ask client1 $family $TUNNEL -p 700$family >/dev/null
		assert_eq "tunnel flow" \
			"$(outcome $family "$client" 700$family $TUNNEL)"
	done
}

same_port_only()
{
	local key says="backends? must have the service's port"

	key=$(service 4 7400/udp $OTHER)
	node sluice service add "$key"
	node sluice backend add "$key" "$(backend 4 1 7401)"
	assert_match "$says" "$(node sluice service set "$key" forward l2 2>&1)" \
		"the mode"
	assert_match "$says" \
		"$(node sluice service set "$key" forward tunnel 2>&1)" "the mode"
	assert_eq nat "$(json '.[0].forward' service show "$key")" "as it was"
	node sluice backend replace-all "$key" "$(backend 4 1 7400)"
	assert_ok node sluice service set "$key" forward l2
	assert_match "$says" \
		"$(node sluice backend add "$key" "$(backend 4 2 7401)" 2>&1)" \
		"the backend"
	assert_eq 1 "$(json length backend show "$key")" "as before"
	assert_match "line 2:.*$says" "$(node sluice restore --noflush 2>&1 <<-END
		service add $key forward tunnel
		backend add $key $(backend 4 2 7402)
	END
	)" "a transaction"
	assert_ok node sluice service set "$key" forward nat
	assert_ok node sluice backend add "$key" "$(backend 4 2 7401)"
	assert_match "line 2:.*$says" "$(node sluice restore --noflush 2>&1 <<-END
		service add $(service 4 7499/udp $OTHER)
		service add $key forward tunnel
		service add $(service 4 7498/udp $OTHER)
	END
	)" "what only its end shows"
	assert_ok node sluice backend del "$key" "$(backend 4 2 7401)"
	assert_ok node sluice service set "$key" forward l2
	assert_ok node sluice restore --noflush <<-END
		service add $key
		backend add $key $(backend 4 2 7402)
	END
	assert_match "^service add $(service 4 80/tcp $L2) .*forward l2" \
		"$(node sluice save | grep "^service add $(service 4 80/tcp $L2)")"
	node sluice service del "$key"
}

no_route()
{
	local family key before

	_ip_in "$NODE" route add unreachable 10.244.99.0/24
	_ip_in "$NODE" route add unreachable fd00:10:244::99:0/112
	for family in 4 6; do
		key=$(service $family $PORT/udp $OTHER)
		node sluice service add "$key" forward tunnel
		case $family in
		4)	node sluice backend add "$key" 10.244.99.1:$PORT ;;
		6)	node sluice backend add "$key" "[fd00:10:244::99:1]:$PORT" ;;
		esac
		before=$(dropped no-route)
		assert_eq lost "$(ask client1 $family $OTHER -t 300)" \
			"nothing comes, IPv$family"
		assert_eq 1 $(($(dropped no-route) - before)) \
			"counted, IPv$family"
		node sluice service del "$key"
	done
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

ktap_begin
run_setup set_up "services that forward packets unchanged are set up"
run_case l2 "a backend on the segment answers straight to the client"
run_case tunnel "and one at the end of a tunnel"
run_case far "which may be far away"
run_case flows_are_shown "flows say who has them, and how"
run_case tcp_is_established "a connection of which one side is seen is established"
run_case hop_limit "a packet out of hops is reported to its client"
run_case client_beside_the_backends "a client beside the backends is not told a shorter way"
run_case firewall "the node's firewall sees what is forwarded"
run_case backends_drain_and_go "a draining backend keeps flows, one that goes does not"
run_case removal_resets "a connection whose backend is removed is reset"
run_case change_of_mode "a change of the mode concerns new flows"
run_case explained "what would become of a packet is explained"
run_case same_port_only "backends need the service's port"
run_case no_route "a backend without a route is reported"
run_case transfers_l2 "large transfers"
run_case transfers_tunnel "in a tunnel, whose client learns what fits"
run_case path_mtu_of_the_tunnel "and what fits on the way behind the node"
run_case datagrams "datagrams that do not fit are refused or fragmented"
run_case node_is_client "the node itself is a client"
run_case node_has_the_address "with the service's address, too"
run_case node_is_backend "the node itself is a backend"
run_case namespace_goes "a namespace can go with routes in use"
run_case errors_reach_the_backend "errors about replies reach the backend"
ktap_end
