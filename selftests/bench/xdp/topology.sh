# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# Where frames are sent, for run.sh: of each layout the namespaces client,
# server and, but for a cable, node.
#
#	direct		client ------------ server
#			   one veth pair
#
#	routed		client ---- node ---- server
#			     veth pairs, node forwards
#
#	bridge		client ---- br0 ---- server
#			     veth pairs, br0 in node
#
# Addresses are the same in all of them.

prefix=sluice-bench-$$
declare -A layout_of=([direct]=direct [routed]=routed [xdp_router]=routed
	[bridge]=bridge [xdp_bridge]=bridge [bridge_nf]=bridge
	[bare]=bridge)
declare -A source=([4]=10.78.1.2 [6]=fd78:1::2)
declare -A target=([4]=10.78.2.2 [6]=fd78:2::2)
declare -A address_of=([client]=source [server]=target)

# netns LAYOUT ROLE: its name
netns()
{
	echo "$prefix-$1-$2"
}

# in_netns LAYOUT ROLE COMMAND...
in_netns()
{
	ip netns exec "$(netns "$1" "$2")" "${@:3}"
}

# ip_in LAYOUT ROLE ARGUMENT...
ip_in()
{
	ip -n "$(netns "$1" "$2")" "${@:3}"
}

add_netns()
{
	ip netns add "$(netns "$1" "$2")"
	in_netns "$1" "$2" sysctl -qw net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
}

# add_link LAYOUT ROLE: from the node to client or server. The node's end has
# NAPI, as it would not receive frames that are not packets.
add_link()
{
	ip_in "$1" node link add "v$2" type veth \
		peer name eth0 netns "$(netns "$1" "$2")"
	ip_in "$1" node link set "v$2" up
	in_netns "$1" node ethtool -K "v$2" gro on
}

# add_addresses LAYOUT ROLE LENGTH4 LENGTH6
add_addresses()
{
	local -n address=${address_of[$2]}

	ip_in "$1" "$2" link set eth0 up
	ip_in "$1" "$2" address add "${address[4]}/$3" dev eth0
	ip_in "$1" "$2" address add "${address[6]}/$4" dev eth0 nodad
}

# on_one_link LAYOUT
on_one_link()
{
	local role

	for role in client server; do
		add_addresses "$1" $role 32 128
		ip_in "$1" $role route add default dev eth0
		ip_in "$1" $role -6 route add default dev eth0
	done
}

direct_links()
{
	ip_in direct client link add eth0 type veth \
		peer name eth0 netns "$(netns direct server)"
	in_netns direct client ethtool -K eth0 gro on
	in_netns direct server ethtool -K eth0 gro on
	on_one_link direct
}

# set_bridge_netfilter 0|1: whether the bridge hands packets to netfilter. A kernel
# that cannot has no such switch.
set_bridge_netfilter()
{
	in_netns bridge node sysctl -eqw \
		"net.bridge.bridge-nf-call-iptables=$1" \
		"net.bridge.bridge-nf-call-ip6tables=$1"
}

bridge_links()
{
	local role

	ip_in bridge node link add br0 up type bridge
	set_bridge_netfilter 0
	for role in client server; do
		add_link bridge $role
		ip_in bridge node link set v$role master br0
	done
	on_one_link bridge
}

# route_via ROLE NETWORK: its own network of the two
route_via()
{
	add_link routed "$1"
	add_addresses routed "$1" 24 64
	ip_in routed node address add "10.78.$2.1/24" dev "v$1"
	ip_in routed node address add "fd78:$2::1/64" dev "v$1" nodad
	ip_in routed "$1" route add default via "10.78.$2.1"
	ip_in routed "$1" route add default via "fd78:$2::1"
}

routed_links()
{
	in_netns routed node sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
	route_via client 1
	route_via server 2
}

# build LAYOUT
build()
{
	local role

	for role in client server node; do
		[[ $1-$role == direct-node ]] || add_netns "$1" $role
	done
	"$1_links"
}

# set_server_gro on|off: whether that of the bridge receives frames
set_server_gro()
{
	in_netns bridge server ethtool -K eth0 gro "$1"
}

# set_mtu LAYOUT MTU
set_mtu()
{
	local role

	for role in client server; do
		ip_in "$1" $role link set eth0 mtu "$2"
		[[ $1 == direct ]] || ip_in "$1" node link set v$role mtu "$2"
	done
}

# What is ours, and what a run that was killed has left
remove_all()
{
	local name pid

	ip netns list | awk '/^sluice-bench-/ { print $1 }' | while read -r name; do
		pid=${name#sluice-bench-}
		pid=${pid%%-*}
		[[ $pid != "$$" && -e /proc/$pid ]] || ip netns del "$name"
	done
}

# mac LAYOUT ROLE DEVICE
mac()
{
	in_netns "$1" "$2" cat "/sys/class/net/$3/address"
}

# next_hop LAYOUT: who the client's frames are sent to
next_hop()
{
	case $1 in
	routed)	mac routed node vclient ;;
	*)	mac "$1" server eth0 ;;
	esac
}

# is_reached LAYOUT FAMILY: the server, and by that it is known where it is
is_reached()
{
	for _ in 1 2 3 4 5; do
		! in_netns "$1" client ping -q -c 1 -W 1 "${target[$2]}" \
			>/dev/null 2>&1 || return 0
	done
	return 1
}
