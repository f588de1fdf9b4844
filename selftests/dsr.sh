# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# Direct server return: packets to a service reach backends unchanged, and
# replies go to the client past the node, which sees one direction only. For
# tests that source lib.sh.
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

PORT=5353

# The services, each with UDP and TCP
L2=1
TUNNEL=2
FAR=3		# by tunnel to backend3
FRESH=4		# by tunnel to backend1; nobody has asked it before
OTHER=5		# what a test needs
SERVICES=5

BOTH="backend1=2 backend2=2"

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
	ln -sf /tmp/dsr-big "/tmp/nginx-$1-80/$FILES"
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

# ask_often NAMESPACE FAMILY SERVICE: four sockets, one after the other, each
# with a port of its own
ask_often()
{
	local i

	for i in 1 2 3 4; do
		ask "$@"
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

# one_flow FAMILY PORT/PROTO SERVICE FILTER: of the flow with client port 7004
# or 7006
one_flow()
{
	json "[.[] | select(.orig.src | endswith(\":700$1\"))] | .[0] | $4" \
		flow show service "$(service "$1" "$2" "$3")"
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

# mtu_to NAMESPACE ADDRESS: the path MTU that the namespace has learned
mtu_to()
{
	in_ns "$1" ip -j route get "$2" | jq -r '.[0].metrics[0].mtu // 0'
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

# how_many SERVICE-KEY: flows by mode
how_many()
{
	json '.[].forward' flow show service "$1" | tally
}

outcome()
{
	node sluice -j explain "$(at "$1" "$2" "$3")" \
		"$(service "$1" "$PORT/udp" "$4")" | jq -r '"\(.outcome) \(.by)"'
}
