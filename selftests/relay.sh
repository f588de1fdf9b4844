# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # for lib.sh
#
# Two nodes with services that are relayed: the one that a client comes to sends
# its packets to the backend's node, which translates, and answers the client
# itself. For tests that source lib.sh.
#
#	          outside
#	             |
#	           router --------------- far ------ backend2 (in its network,
#	             | to_node      to_far |          too: client2)
#	           node ------ client1, backend1
#
# node and far have the module each, with the same services; whose backends are
# local is all that differs. Each node knows the other one's pods by the router.

NODE=node

WEB=30080 DNS=30053 ASSOC=30068 TALK=30073	# node ports
HTTP=80 UDP=5353 SCTP=3868		# of the pods; 7300 to talk
LB_PORT=8080
SIZE=500000

PODS=10.244.1.0/24,10.244.2.0/24,fd00:10:244::1:0/112,fd00:10:244::2:0/112

# on NODE COMMAND...: there
on()
{
	local NODE=$1

	shift
	"$@"
}

# wire FAMILY node|far|router-node|router-far
wire()
{
	case $1:$2 in
	4:node)		echo 198.18.1.1 ;;
	4:far)		echo 198.18.2.1 ;;
	4:router-node)	echo 198.18.1.2 ;;
	4:router-far)	echo 198.18.2.2 ;;
	6:node)		echo fd00:198:18:1::1 ;;
	6:far)		echo fd00:198:18:2::1 ;;
	6:router-node)	echo fd00:198:18:1::2 ;;
	6:router-far)	echo fd00:198:18:2::2 ;;
	esac
}

# lb FAMILY: of a load balancer
lb()
{
	case $1 in
	4)	echo 203.0.113.9 ;;
	6)	echo fd00:203::9 ;;
	esac
}

# pods_of node|far
pods_of()
{
	case $1 in
	node)	echo client1 backend1 ;;
	far)	echo client2 backend2 ;;
	esac
}

# plug node|far: into the router
plug()
{
	local family pod

	veth_pair "$1" uplink router "to_$1" || return
	ip -n "$1" addr add "$(wire 4 "$1")/24" dev uplink &&
	ip -n "$1" addr add "$(wire 6 "$1")/64" dev uplink nodad &&
	ip -n router addr add "$(wire 4 "router-$1")/24" dev "to_$1" &&
	ip -n router addr add "$(wire 6 "router-$1")/64" dev "to_$1" nodad ||
		return
	for family in 4 6; do
		ip -n "$1" -$family route replace default \
			via "$(wire $family "router-$1")" || return
		for pod in $(pods_of "$1"); do
			ip -n router route add "$(pod $family "$pod")" \
				via "$(wire $family "$1")" || return
		done
	done
}

network_up()
{
	ns_add router && in_ns router sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 &&
	on router outside_up outside || return
	topo_up 1 1 && on far topo_up 0 0 || return
	on far pod_add client2 && on far pod_add backend2 &&
	plug node && plug far || return
	ip -n router route add "$(lb 4)" via "$(wire 4 node)" &&
	ip -n router route add "$(lb 6)" via "$(wire 6 node)"
}

servers_up()
{
	local name family

	head -c $SIZE /dev/urandom >/tmp/relay-big
	for name in backend1 backend2; do
		start_nginx $name $name $HTTP && start_udp $name $name $UDP ||
			return
		spawn $name ./progs/talk serve 7300
		wait_for 10 is_listening $name 7300 || return
		mkdir -p /tmp/nginx-$name-$HTTP/files
		ln -sf /tmp/relay-big /tmp/nginx-$name-$HTTP/files/big
		for family in 4 6; do
			spawn $name ./progs/sctp serve "$(pod $family $name)" \
				$SCTP $name
		done
	done
}

# keys FAMILY: the services, each with the port of its backends
keys()
{
	local port

	for port in $WEB/tcp:$HTTP $DNS/udp:$UDP $ASSOC/sctp:$SCTP \
			$TALK/tcp:7300 $TALK/udp:7300; do
		echo "$(at "$1" "$(unspecified "$1")" "${port%:*}") ${port#*:}"
	done
	echo "$(at "$1" "$(lb "$1")" $LB_PORT/tcp) $HTTP"
}

# is_local NODE BACKEND
is_local()
{
	[[ " $(pods_of "$1") " == *" $2 "* ]] && echo on || echo off
}

# backends NODE BACKEND...: all that its services have
backends()
{
	local ns=$1 family key port name words

	shift
	for family in 4 6; do
		while read -r key port; do
			words=()
			for name; do
				words+=("$(at $family "$(pod $family "$name")" \
					"$port")" local "$(is_local "$ns" "$name")")
			done
			in_ns "$ns" sluice backend replace-all "$key" \
				"${words[@]}" || return
		done <<< "$(keys $family)"
	done
}

# services NODE
services()
{
	local family key port other

	in_ns "$1" sluice node set pod-prefixes "$PODS" || return
	for family in 4 6; do
		for other in node far; do
			in_ns "$1" sluice identity add "$(wire $family $other)" \
				id remote-node || return
		done
		while read -r key port; do
			in_ns "$1" sluice service add "$key" scheduler rr \
				scope external masquerade off-cluster \
				forward relay || return
		done <<< "$(keys $family)"
	done
}

# all_backends BACKEND...: on both nodes
all_backends()
{
	backends node "$@" && backends far "$@"
}

set_up()
{
	modprobe sctp && load_module && network_up && servers_up &&
	services node && services far && all_backends backend2
}

# web NAMESPACE FAMILY [PATH [CURL-OPTION...]]: by the node port
web()
{
	local ns=$1 family=$2 path=${3:-}

	shift $(($# < 3 ? 2 : 3))
	http_get "$ns" "http://$(at "$family" "$(wire "$family" node)" \
		$WEB)/$path" "$@"
}

# dns NAMESPACE FAMILY [OPTION...]
dns()
{
	local ns=$1 family=$2

	shift 2
	in_ns "$ns" ./progs/udp ask -t $((1000 * SLOW)) "$@" \
		"$(wire "$family" node)" $DNS
}

flush_flows()
{
	on node node sluice flow flush
	on far node sluice flow flush
}

# flows NODE PORT FILTER: of connections to that port; the original direction
flows()
{
	on "$1" json "[.[] | select(.orig.dst | endswith(\":$2\"))] | $3" \
		flow show
}
