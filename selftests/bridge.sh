# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests with pods on one Linux bridge share, after lib.sh and policy.sh:
# pod1, pod2, ... with identities 1001, 1002, ...

# As the usual topology has it, but for the network
pod4()
{
	echo "10.245.0.${1#pod}"
}

pod6()
{
	echo "fd00:10:245::${1#pod}"
}

number()
{
	echo "100${1#pod}"
}

# With an address of its own: otherwise it has the lowest of its ports', another
# one when a port comes or goes, and pods would send to the one before.
bridge_up()
{
	node ip link add br0 address 02:00:00:00:00:fe type bridge &&
	node ip link set br0 up &&
	node ip addr add 10.245.0.254/24 dev br0 &&
	node ip addr add fd00:10:245::254/64 dev br0 nodad
}

bridge_pod()
{
	local name=$1

	_topo_pods+=("$name")
	ns_add "$name" && veth_pair "$NODE" "v$name" "$name" eth0 &&
	node ip link set "v$name" master br0 &&
	ip -n "$name" addr add "$(pod4 "$name")/24" dev eth0 &&
	ip -n "$name" addr add "$(pod6 "$name")/64" dev eth0 nodad &&
	ip -n "$name" route add default via 10.245.0.254 &&
	ip -n "$name" route add ::/0 via fd00:10:245::254
}

bridge_down()
{
	node ip link del br0
}

mac()
{
	ip -n "$1" -j link show eth0 | jq -r '.[].address'
}

# link_local POD
link_local()
{
	ip -n "$1" -o -6 addr show dev eth0 scope link |
		sed -n 's|.* inet6 \([^/]*\)/.*|\1|p'
}
