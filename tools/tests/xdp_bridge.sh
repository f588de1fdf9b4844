#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sluice xdp attach DEVICE bridge, on this machine's own kernel and one of its
# bridges, in namespaces of our own:
#
#	pod a   .1 eth0 ------ veth-a --XDP--+
#	pod b   .2 eth0 ------ veth-b --XDP--+-- br0    node    10.78.0.0/24
#	pod c   .3 eth0 ------ veth-c --XDP--+                  fd78::/64
#
# A twin of the node and of pods a and b has devices of the same names, with the
# same indexes and addresses of hardware. The programs do not ask the module
# (--no-policy): it is not needed here.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

port=4712
prefix=sluice-bridge-$$
node=$prefix-node twin=$prefix-twin
work=$(mktemp -d)
servers=()

in_ns()
{
	ip netns exec "$@"
}

# $1: a pod
pod()
{
	echo "$prefix-$1"
}

cleanup()
{
	local ns

	((${#servers[@]} == 0)) || kill "${servers[@]}" 2>/dev/null
	for ns in "$node" "$twin" "$prefix"-{a,b,c,twin-a,twin-b}; do
		ip netns del "$ns" 2>/dev/null
	done
	rm -rf "$work"
}

# $1: the node's namespace
add_node()
{
	ip netns add "$1" 2>/dev/null
	in_ns "$1" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip -n "$1" link add br0 index 100 type bridge forward_delay 0
	ip -n "$1" link set br0 up
}

# $1: node; $2: namespace of the pod; $3: a, b or c; $4: its number
add_pod()
{
	ip netns add "$2"
	in_ns "$2" sysctl -qw net.ipv6.conf.default.router_solicitations=0
	ip -n "$1" link add "veth-$3" index "10$4" type veth \
		peer name eth0 address "02:00:00:00:78:0$4" netns "$2"
	ip -n "$1" link set "veth-$3" master br0 up
	ip -n "$2" link set eth0 up
	ip -n "$2" address add "10.78.0.$4/24" dev eth0
	ip -n "$2" address add "fd78::$4/64" dev eth0 nodad
}

# $1: pod
add_server()
{
	exec {ready}< <(exec ip netns exec "$(pod "$1")" ./echo.py serve $port)
	servers+=($!)
	read -r -u "$ready" -t 20
}

make_topology()
{
	add_node "$node"
	add_pod "$node" "$(pod a)" a 1
	add_pod "$node" "$(pod b)" b 2
	add_pod "$node" "$(pod c)" c 3
	add_server b
	add_server c
	until_true pings a 10.78.0.2
}

# As "xdp" of the node. The rest: its words
xdp()
{
	"$SLUICE" -n "$node" xdp "$@" 2>"$work/err"
}

# $1: pod; the rest: words of ping
pings()
{
	local from=$1
	shift

	in_ns "$(pod "$from")" ping -q -c 3 -i 0.01 -W 1 "$@" >/dev/null
}

no_pings()
{
	! pings "$@"
}

# $1: pod; $2: tcp or udp; $3: address; $4: bytes
asks()
{
	in_ns "$(pod "$1")" ./echo.py ask "$2" "$3" "$port" "$4"
}

until_true()
{
	local end=$((SECONDS + 10))

	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

# $1: device; $2: reason. How many frames
counter()
{
	"$SLUICE" -n "$node" -s -j xdp show "$1" | python3 -c '
import json, sys
print(sum(c["packets"] for p in json.load(sys.stdin) for c in p["counters"]
          if c["reason"] == sys.argv[1]))' "$2"
}

# $1: at least so much more; $2: device; $3: reason; the rest: what makes it so
raises()
{
	local least=$1 device=$2 reason=$3 before after
	shift 3

	before=$(counter "$device" "$reason")
	"$@" >/dev/null || return 1
	after=$(counter "$device" "$reason")
	((after - before >= least)) && return
	echo "# $device $reason rose by $((after - before)) instead of $least"
	return 1
}

# Whether the kernel does not know it. $1: an address' last number
forgotten()
{
	! in_ns "$node" bridge fdb show br br0 |
		grep -q "^02:00:00:00:78:0$1 .*master br0"
}

# Compare all that is forwarded by with what the kernel has
agree()
{
	in_ns "$node" ./fdb_compare.py "$@"
}

check_refusals()
{
	ip -n "$node" link set veth-c nomaster
	tap_text "what is no port is refused" \
		"$(xdp attach veth-c bridge --no-policy; cat "$work/err")" \
		'sluice: xdp attach: "veth-c": it is no port of a bridge: make it one first (ip link set dev DEVICE master BRIDGE)'
	ip -n "$node" link set veth-c master br0
}

attach_all()
{
	local device

	for device in veth-a veth-b veth-c; do
		xdp attach $device bridge --no-policy || return
	done
}

detach_all()
{
	local device

	for device in veth-a veth-b veth-c; do
		xdp detach $device || return
	done
}

check_attached()
{
	tap "attach" attach_all
	tap_text "all are shown" "$(xdp show | sed 's/ id .*//')" \
"veth-a bridge mode native policy off
veth-b bridge mode native policy off
veth-c bridge mode native policy off"
	tap "what was learned before is known" \
		raises 2 veth-a forwarded pings a 10.78.0.2
}

# $1: address of pod b
check_traffic()
{
	tap "ping to $1" raises 2 veth-a forwarded pings a "$1"
	tap "and back" raises 2 veth-b forwarded pings a "$1"
	tap "TCP to $1" raises 50 veth-a forwarded asks a tcp "$1" 300000
	tap "UDP to $1" raises 1 veth-a forwarded asks a udp "$1" 1000
	tap "fragments to $1" raises 5 veth-b forwarded asks a udp "$1" 9000
	tap "the kernel's table and ours agree" agree
}

# The node itself is reached by the kernel's bridge.
check_local()
{
	ip -n "$node" address add 10.78.0.100/24 dev br0
	tap "to the node" raises 3 veth-a local pings a 10.78.0.100
	ip -n "$node" address del 10.78.0.100/24 dev br0
}

# What the kernel forgets of a and b while that is done
forgotten_during()
{
	local monitor

	ip netns exec "$node" bridge monitor fdb >"$work/forgotten" &
	monitor=$!
	sleep 0.2
	"$@" >/dev/null
	sleep 0.2
	kill $monitor
	grep '^Deleted 02:00:00:00:78:0[12]' "$work/forgotten"
}

# Longer than the kernel would remember without having seen anything
check_ageing()
{
	local pings=(in_ns "$(pod a)" ping -q -c 50 -i 0.1 -W 1 10.78.0.2)

	ip -n "$node" link set br0 type bridge ageing_time 200
	sleep 0.1
	pings a 10.78.0.2
	tap "frames are shown to the kernel while it remembers" \
		raises 3 veth-a refresh "${pings[@]}"
	tap_text "so that it does not forget who is there" \
		"$(forgotten_during "${pings[@]}" | grep Deleted)" ""
	tap "who is silent is forgotten" until_true forgotten 1
	tap "and here as well" agree
	ip -n "$node" link set br0 type bridge ageing_time 30000
	tap "and learned again" raises 2 veth-a forwarded pings a -c 6 10.78.0.2
}

# Pod c takes pod b's place, address of hardware included.
check_move()
{
	ip -n "$(pod b)" link set eth0 down
	ip -n "$(pod c)" link set eth0 address 02:00:00:00:78:02
	ip -n "$(pod c)" address add 10.78.0.2/24 dev eth0
	tap "who moves is seen to" raises 1 veth-c unknown-source \
		in_ns "$(pod c)" ping -q -c 2 -i 0.1 -W 1 -I 10.78.0.2 10.78.0.1
	tap "and is where it is now" raises 2 veth-c forwarded pings a 10.78.0.2
	tap "the tables agree" agree
	ip -n "$(pod c)" address del 10.78.0.2/24 dev eth0
	ip -n "$(pod c)" link set eth0 address 02:00:00:00:78:03
	ip -n "$(pod b)" link set eth0 up
	tap "it comes back" until_true pings b 10.78.0.1
}

# Both are there, and b's address comes from c once.
check_stolen()
{
	in_ns "$(pod c)" ./send_frame.py eth0 02:00:00:00:78:01 02:00:00:00:78:02
	tap "a stolen address is where it was stolen to" \
		agree 02:00:00:00:78:02 veth-c
	tap "until its owner sends" raises 1 veth-b moved pings b 10.78.0.1
	tap "and is back" agree 02:00:00:00:78:02 veth-b
}

set_port()
{
	in_ns "$node" bridge link set dev "$@"
	sleep 0.02
}

check_isolation()
{
	set_port veth-a isolated on
	set_port veth-b isolated on
	tap "isolated from each other" raises 3 veth-a isolated \
		no_pings a 10.78.0.2
	tap "but not from others" raises 2 veth-a forwarded pings a 10.78.0.3
	set_port veth-b isolated off
	tap "until one is not" raises 2 veth-a forwarded pings a 10.78.0.2
	set_port veth-a isolated off
}

check_state()
{
	set_port veth-b state 1
	tap "a port that does not forward" raises 3 veth-a port-state \
		no_pings a 10.78.0.2
	set_port veth-b state 3
	tap "and does again" raises 2 veth-a forwarded pings a 10.78.0.2
	ip -n "$node" link set veth-b down
	tap "a port that is down" no_pings a 10.78.0.2
	tap "nobody is there any more" agree
	ip -n "$node" link set veth-b up
	tap "and up again" until_true pings a 10.78.0.2
	ip -n "$node" link set veth-b nomaster
	tap "a port that is one no more" no_pings a 10.78.0.2
	tap "nobody is there, either" agree
	ip -n "$node" link set veth-b master br0
	tap "and is again" until_true pings a 10.78.0.2
	tap "by us" raises 2 veth-a forwarded pings a 10.78.0.2
}

check_locked()
{
	set_port veth-a learning off locked on
	in_ns "$node" bridge fdb del 02:00:00:00:78:01 dev veth-a master
	tap "nobody is let in who is not known" \
		raises 3 veth-a unknown-source no_pings a 10.78.0.2
	set_port veth-a learning on locked off
	tap "until anybody is" until_true pings a 10.78.0.2
}

check_flush()
{
	in_ns "$node" ip link set br0 type bridge fdb_flush
	tap "all is forgotten" agree
	tap "and learned" pings a 10.78.0.2
	tap "as before" raises 2 veth-a forwarded pings a 10.78.0.2
}

check_static()
{
	in_ns "$node" bridge fdb replace 02:00:00:00:78:02 dev veth-b \
		master static
	tap "what is added by hand is left to the kernel" \
		raises 3 veth-a unknown-destination pings a 10.78.0.2
	xdp detach veth-c
	sleep 1
	xdp attach veth-c bridge --no-policy
	pings a 10.78.0.2
	tap "until it is read" raises 3 veth-a forwarded pings a 10.78.0.2
	tap "the tables agree" agree
	in_ns "$node" bridge fdb del 02:00:00:00:78:02 dev veth-b master
	tap "it is deleted" agree
	tap "and learned" until_true pings a 10.78.0.2
}

# The bridge's own device is listened at.
check_watched()
{
	ip -n "$node" link set br0 promisc on
	sleep 0.02
	tap "all is passed while somebody listens at the bridge" \
		raises 3 veth-a feature pings a 10.78.0.2
	ip -n "$node" link set br0 promisc off
	sleep 0.02
}

check_twin()
{
	add_node "$twin"
	add_pod "$twin" "$(pod twin-a)" a 1
	add_pod "$twin" "$(pod twin-b)" b 2
	"$SLUICE" -n "$twin" xdp attach veth-a bridge --no-policy 2>/dev/null
	"$SLUICE" -n "$twin" xdp attach veth-b bridge --no-policy 2>/dev/null
	until_true pings twin-a 10.78.0.2
	ip -n "$twin" link set veth-b down
	tap "a twin's port is down" no_pings twin-a 10.78.0.2
	tap "not ours" raises 3 veth-a forwarded pings a 10.78.0.2
	ip -n "$twin" link set br0 type bridge fdb_flush
	tap "a twin forgets, not we" raises 3 veth-a forwarded pings a 10.78.0.2
	ip -n "$(pod b)" link set eth0 down
	ip -n "$twin" link set veth-b up
	until_true pings twin-a 10.78.0.2
	tap "what is ours does not come to a twin" no_pings a 10.78.0.2
	tap "but its own does" pings twin-a 10.78.0.2
	ip -n "$(pod b)" link set eth0 up
	tap "ours is back" until_true pings a 10.78.0.2
	tap "the tables agree" agree
	check_gone_elsewhere
	ip netns del "$twin"
}

# A device takes its program along into another namespace.
check_gone_elsewhere()
{
	ip -n "$node" link add veth-d index 104 type veth \
		peer name eth1 netns "$(pod c)"
	ip -n "$node" link set veth-d master br0 up
	xdp attach veth-d bridge --no-policy
	ip -n "$node" link set veth-d netns "$twin"
	ip -n "$twin" link set veth-d master br0 up
	ip -n "$(pod c)" link set eth1 address 02:00:00:00:78:09 up
	sleep 0.1
	for _ in 1 2; do
		in_ns "$(pod c)" ./send_frame.py eth1 02:00:00:00:78:02 \
			02:00:00:00:78:09
	done
	tap_text "elsewhere it forwards nothing" "$("$SLUICE" -n "$twin" -s \
		xdp show veth-d | awk '/redirect/ || /no-bridge/ { print $2 }')" \
		no-bridge
	ip -n "$twin" link del veth-d
}

# An address is learned at two ports at once, as fast as that can be.
check_flapping()
{
	local pod senders=()

	for pod in a c; do
		in_ns "$(pod $pod)" ./send_frame.py eth0 02:00:00:00:78:02 \
			02:00:00:00:78:07 2 &
		senders+=($!)
	done
	wait "${senders[@]}"
	tap "who is at two places is not forwarded to at the wrong one" agree
}

vlan()
{
	in_ns "$node" bridge vlan "$@"
}

check_vlans()
{
	local device

	if ! ip -n "$node" link set br0 type bridge vlan_filtering 1 2>/dev/null
	then
		tap_skip "VLANs" "a kernel whose bridges have VLANs"
		return
	fi
	for device in veth-a veth-b; do
		vlan del vid 1 dev $device
		vlan add vid 10 pvid untagged dev $device
	done
	tap "in one VLAN" until_true pings a 10.78.0.2
	tap "by us" raises 2 veth-a forwarded pings a 10.78.0.2
	tap "in different ones" no_pings a 10.78.0.3
	vlan add vid 20 pvid untagged dev veth-b
	sleep 0.02
	tap "not any more" no_pings a 10.78.0.2
	vlan add vid 10 pvid untagged dev veth-b
	tap "again" until_true pings a 10.78.0.2
	tap "the tables agree" agree
	ip -n "$node" link set br0 type bridge vlan_filtering 0
}

# $1: seed. What a busy administrator might do; the same each time, so that RANDOM
# is asked by no subshell, which would begin it anew
churn()
{
	local i pod device names=(a b c)

	RANDOM=$1
	for ((i = 0; i < 30; i++)); do
		pod=$((RANDOM % 3 + 1)) device=veth-${names[RANDOM % 3]}
		case $((RANDOM % 8)) in
		0) ip -n "$node" link set br0 type bridge fdb_flush ;;
		1) in_ns "$node" bridge fdb replace "02:00:00:00:78:0$pod" \
			dev "$device" master static ;;
		2) in_ns "$node" bridge fdb del "02:00:00:00:78:0$pod" \
			dev "$device" master 2>/dev/null ;;
		3) ip -n "$node" link set "$device" down
		   ip -n "$node" link set "$device" up ;;
		4) ip -n "$node" link set "$device" nomaster
		   ip -n "$node" link set "$device" master br0 ;;
		*) in_ns "$(pod "${device#veth-}")" \
			./send_frame.py eth0 "02:00:00:00:78:0$pod" \
			"02:00:00:00:78:0$((RANDOM % 3 + 1))" 2>/dev/null ;;
		esac
	done
}

check_churn()
{
	local seed i name

	for seed in 1 2 3; do
		churn $seed
		tap "the tables agree after all that, $seed" agree
	done
	# What is static may be at any port.
	for i in 1 2 3; do
		for name in a b c; do
			in_ns "$node" bridge fdb del "02:00:00:00:78:0$i" \
				dev "veth-$name" master 2>/dev/null
		done
	done
	ip -n "$node" link set br0 type bridge fdb_flush
	tap "and all goes on" until_true pings a 10.78.0.2
}

# What the programs are told by is gone, as with a mount namespace.
check_unfed()
{
	umount -l /run/sluice/feed
	tap "who is told nothing more forwards nothing" \
		until_true raises 3 veth-a not-fed pings a 10.78.0.2
	detach_all
	attach_all
	pings a 10.78.0.2
	tap "until it is attached again" raises 2 veth-a forwarded \
		pings a 10.78.0.2
}

check_detached()
{
	tap "detach" detach_all
	tap "ping by the kernel's bridge" pings a 10.78.0.2
	tap_text "nothing is left" "$(ls /run/sluice/feed 2>/dev/null)" ""
}

run()
{
	make_topology
	check_refusals
	check_attached
	check_traffic 10.78.0.2
	check_traffic fd78::2
	check_local
	check_ageing
	check_stolen
	check_move
	check_isolation
	check_state
	check_locked
	check_flush
	check_static
	check_watched
	check_twin
	check_flapping
	check_vlans
	check_churn
	check_unfed
	check_detached
}

trap cleanup EXIT
tap_begin
missing=$(xdp_lacking "$node" bridge ip bridge ethtool ping python3)
if [[ -n $missing ]]; then
	tap_skip "sluice xdp attach DEVICE bridge" "$missing"
else
	run
fi
tap_end
