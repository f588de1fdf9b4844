#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sluice xdp on this machine's own kernel, in namespaces of our own:
#
#	    pod a                  node                   pod b
#	  .2 eth0 ---------- veth-a .1  .1 veth-b ---------- eth0 .2
#	    10.77.1.0/24      |                |      10.77.2.0/24
#	    fd77:1::/64      XDP              XDP     fd77:2::/64
#
# The programs do not ask the module (--no-policy): it is not needed here.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

port=4711
node=sluice-xdp-$$-node pod_a=sluice-xdp-$$-a pod_b=sluice-xdp-$$-b
work=$(mktemp -d)
server=

# As "in" of a namespace: run a command there. $1: the namespace
in_ns()
{
	ip netns exec "$@"
}

cleanup()
{
	local ns

	[[ -z $server ]] || kill "$server" 2>/dev/null
	for ns in "$node" "$pod_a" "$pod_b"; do
		ip netns del "$ns" 2>/dev/null
	done
	umount "$work/bpf" 2>/dev/null
	rm -rf "$work"
}

# $1: a or b; $2: number of its networks; $3: its namespace
add_pod()
{
	ip netns add "$3"
	ip -n "$node" link add "veth-$1" type veth peer name eth0 netns "$3"
	ip -n "$node" link set "veth-$1" up
	ip -n "$3" link set eth0 up
	ip -n "$node" address add "10.77.$2.1/24" dev "veth-$1"
	ip -n "$node" address add "fd77:$2::1/64" dev "veth-$1" nodad
	ip -n "$3" address add "10.77.$2.2/24" dev eth0
	ip -n "$3" address add "fd77:$2::2/64" dev eth0 nodad
	ip -n "$3" route add default via "10.77.$2.1"
	ip -n "$3" route add default via "fd77:$2::1"
}

make_topology()
{
	in_ns "$node" sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv6.conf.all.forwarding=1
	add_pod a 1 "$pod_a"
	add_pod b 2 "$pod_b"
	exec {ready}< <(exec ip netns exec "$pod_b" ./echo.py serve $port)
	server=$!
	read -r -u "$ready" -t 20
	# Both are known as neighbours from now on.
	pings 10.77.2.2 && pings fd77:2::2
}

sluice()
{
	"$SLUICE" -n "$node" "$@" 2>"$work/err"
}

# $1: part of what the command says; the rest: its words
refused()
{
	local part=$1 status=0
	shift

	sluice "$@" >/dev/null || status=$?
	if [[ $status == 1 && $(<"$work/err") == *"$part"* ]]; then
		tap_ok "sluice $* is refused: $part"
	else
		tap_fail "sluice $* is refused: $part"
		echo "# status $status: $(<"$work/err")"
	fi
}

# The features of a device that matter. $1: namespace; $2: device
features()
{
	in_ns "$1" ethtool -k "$2" | grep -E \
		'^(tcp-seg|generic-receive|(rx|tx)-vlan-off)|tx-checksum-(ip|sctp)|vlan-stag-hw'
}

all_features()
{
	features "$pod_a" eth0
	features "$pod_b" eth0
	features "$node" veth-a
	features "$node" veth-b
}

# $1: device; $2: action; $3: reason. How many packets
counter()
{
	"$SLUICE" -n "$node" -s -j xdp show "$1" | python3 -c '
import json, sys
print(sum(c["packets"] for p in json.load(sys.stdin) for c in p["counters"]
          if [c["action"], c["reason"]] == sys.argv[1:]))' "$2" "$3"
}

# $1: at least so much more; $2: device; $3: action; $4: reason; the rest: a
# command that makes it so
raises()
{
	local least=$1 counter=("$2" "$3" "$4") before after
	shift 4

	before=$(counter "${counter[@]}")
	"$@" >/dev/null || return 1
	after=$(counter "${counter[@]}")
	((after - before >= least)) && return
	echo "# ${counter[*]} rose by $((after - before)) instead of $least"
	return 1
}

ask()
{
	in_ns "$pod_a" ./echo.py ask "$1" "$2" $port "$3"
}

pings()
{
	in_ns "$pod_a" ping -q -c 3 -i 0.01 -W 5 "$@" >/dev/null
}

no_pings()
{
	! in_ns "$pod_a" ping -q -c 3 -i 0.01 -W 1 "$@" >/dev/null
}

check_refusals()
{
	local before

	before=$(all_features)
	refused '"nosuch": no such device' xdp attach nosuch --no-policy
	refused '"lo": its frames are not those of Ethernet' \
		xdp attach lo --no-policy
	refused '"nosuch": no such device' xdp detach nosuch
	refused '"nosuch": no such device' xdp show nosuch
	refused '"veth-a": no XDP program of sluice is attached' \
		xdp detach veth-a
	ip -n "$node" link add br0 type bridge
	refused 'its driver has no native XDP; "mode generic"' \
		xdp attach br0 --no-policy
	ip -n "$node" link set veth-a master br0
	refused '"veth-a": it is part of a bridge, so it is not routed' \
		xdp attach veth-a --no-policy
	ip -n "$node" link del br0
	tap_text "nothing is shown" "$(sluice xdp show)" ""
	tap_text "as JSON neither" "$(sluice -j xdp show)" "[]"
	tap_text "and nothing was changed" "$(all_features)" "$before"
}

check_no_module()
{
	local before

	if [[ -d /sys/module/sluice ]]; then
		tap_skip "without the module" "a kernel without the module"
		return
	fi
	before=$(all_features)
	refused 'module sluice is not loaded: load it (modprobe sluice); or say --no-policy' \
		xdp attach veth-a
	tap_text "and nothing was changed" "$(all_features)" "$before"
}

check_root()
{
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

	tap_text "nobody else may" \
		"$("${nobody[@]}" "$SLUICE" xdp attach veth-a 2>&1; echo $?)" \
		$'sluice: xdp attach: "veth-a": not permitted: this needs root\n1'
	tap_text "nor look" \
		"$("${nobody[@]}" "$SLUICE" xdp show 2>&1 >/dev/null; echo $?)" \
		$'sluice: xdp show: not permitted: this needs root\n1'
}

# What the stack would encrypt must not go out in the clear.
check_ipsec()
{
	if ! ip -n "$node" xfrm policy add dir out src 10.77.1.0/24 \
			dst 10.77.2.0/24 action block 2>/dev/null; then
		tap_skip "IPsec" "a kernel with IPsec"
		return
	fi
	refused 'this namespace has IPsec policies' \
		xdp attach veth-a --no-policy
	ip -n "$node" xfrm policy flush
}

# Whatever else is there stays.
check_other_program()
{
	if ! ip -n "$node" link set dev veth-a xdp \
			obj ../../bpf/tests/build/pass.bpf.o sec xdp; then
		tap_skip "beside another program" "ip that loads programs"
		return
	fi
	refused 'another XDP program is there, "passes_all" with number ' \
		xdp attach veth-a --no-policy
	refused 'no XDP program of sluice is attached' xdp detach veth-a
	ip -n "$node" link set dev veth-a xdp off
}

loader()
{
	in_ns "$node" xdp-loader "$@" 2>/dev/null
}

# What libxdp's dispatcher at veth-a calls
called()
{
	loader status veth-a | grep -Eo 'passes_all|sluice_router|xdp_dispatcher' |
		sort | xargs
}

begin_chain()
{
	command -v xdp-loader >/dev/null || return
	mkdir "$work/bpf" && mount -t bpf sluice-test "$work/bpf" || return
	export LIBXDP_BPFFS=$work/bpf
	loader load -m native veth-a ../../bpf/tests/build/pass.bpf.o
	[[ $(called) == 'passes_all xdp_dispatcher' ]]
}

end_chain()
{
	loader unload -a veth-a
	umount "$work/bpf" 2>/dev/null
	unset LIBXDP_BPFFS
}

# Where a dispatcher is there already, ours is called by it, too.
check_beside()
{
	if ! begin_chain; then
		tap_skip "beside other programs" \
			"xdp-loader, or a kernel that extends programs"
		end_chain
		return
	fi
	tap "attach where a dispatcher is" attach_both native
	tap_text "it calls both" "$(called)" \
		"passes_all sluice_router xdp_dispatcher"
	tap_text "ours is shown" "$(sluice xdp show veth-a | sed 's/ id .*//')" \
		"veth-a router mode native policy off"
	tap "ping" raises 2 veth-a redirect forwarded pings 10.77.2.2
	tap "and back" raises 2 veth-b redirect forwarded pings 10.77.2.2
	tap "detach" detach_both
	tap_text "the other one stays" "$(called)" "passes_all xdp_dispatcher"
	end_chain
}

# $1: the mode
attach_both()
{
	sluice xdp attach veth-a router mode "$1" --no-policy &&
		sluice xdp attach veth-b mode "$1" --no-policy
}

detach_both()
{
	sluice xdp detach veth-a && sluice xdp detach veth-b
}

check_attached()
{
	tap "it says what it is not for" \
		grep -q '^sluice: note: .*sluice device add' "$work/err"
	tap_text "both are shown" "$(sluice xdp show | sed 's/ id .*//')" \
		$'veth-a router mode native policy off\nveth-b router mode native policy off'
	tap_text "one is shown" "$(sluice xdp show veth-b | sed 's/ id .*//')" \
		"veth-b router mode native policy off"
	tap_text "the pod receives frames, and computes checksums" \
		"$(features "$pod_a" eth0 | grep -E 'receive|generic|vlan-off|sctp' |
			sed 's/^[ \t]*//')" \
"tx-checksum-ip-generic: off
tx-checksum-sctp: off
generic-receive-offload: on
rx-vlan-offload: on
tx-vlan-offload: off"
	refused 'a router is attached already; detach it first' \
		xdp attach veth-a --no-policy
}

# $1: 10.77.2.2 or its like
check_traffic()
{
	local to=$1

	tap "ping to $to" raises 2 veth-a redirect forwarded pings "$to"
	tap "and back" raises 2 veth-b redirect forwarded pings "$to"
	tap "TCP to $to" raises 50 veth-a redirect forwarded \
		ask tcp "$to" 300000
	tap "UDP to $to" raises 1 veth-a redirect forwarded ask udp "$to" 1000
	tap "fragments to $to take the stack" \
		raises 10 veth-a pass fragment ask udp "$to" 15000
	tap "the last hop to $to takes the stack" \
		raises 1 veth-a pass ttl no_pings -t 1 "$to"
}

set_mtu()
{
	ip -n "$node" link set veth-a mtu "$1"
	ip -n "$node" link set veth-b mtu "$1"
	ip -n "$pod_a" link set eth0 mtu "$1"
	ip -n "$pod_b" link set eth0 mtu "$1"
}

check_jumbo()
{
	set_mtu 9000
	tap "jumbo frames of UDP" \
		raises 1 veth-a redirect forwarded ask udp 10.77.2.2 8900
	tap "jumbo frames of TCP" \
		raises 30 veth-a redirect forwarded ask tcp fd77:2::2 500000
	ip -n "$node" link set veth-b mtu 2000
	tap "what does not fit takes the stack" \
		raises 1 veth-a pass mtu no_pings -M 'do' -s 4000 10.77.2.2
	tap "which tells the sender" ask tcp 10.77.2.2 300000
	set_mtu 1500
}

# The programs are told of each other when both are there.
check_parallel()
{
	local first

	sluice xdp attach veth-a --no-policy &
	first=$!
	"$SLUICE" -n "$node" xdp attach veth-b --no-policy 2>/dev/null
	wait "$first"
	tap "attached at the same time they know each other" \
		raises 2 veth-a redirect forwarded pings 10.77.2.2
	tap "in both directions" \
		raises 2 veth-b redirect forwarded pings 10.77.2.2
	detach_both
}

# How many of veth-a's frames were lost, in whichever way this kernel tells it
lost()
{
	echo $(($(counter veth-a lost refused) + $(counter veth-a lost not-taken)))
}

# Redirected frames vanish where the pod does not receive them.
check_lost()
{
	local before

	before=$(lost)
	in_ns "$pod_b" ethtool -K eth0 gro off
	tap "a pod that receives no frames gets none" no_pings 10.77.2.2
	in_ns "$pod_b" ethtool -K eth0 gro on
	tap "and they are counted" test "$(lost)" -ge $((before + 3))
}

# Neither a program nor a file
nothing_left()
{
	[[ -n $("$SLUICE" -n "$node" xdp show) ]] && return 1
	[[ -z $(grep -ls "\"netns\":$(in_ns "$node" stat -Lc %i /proc/self/ns/net)," \
		/run/sluice/xdp/*.json) ]]
}

check_native()
{
	local before

	before=$(all_features)
	tap "attach" attach_both native
	check_attached
	check_traffic 10.77.2.2
	check_traffic fd77:2::2
	check_jumbo
	check_lost
	tap "detach" detach_both
	tap_text "all is as before" "$(all_features)" "$before"
	tap "and nothing is left" nothing_left
	refused 'no XDP program of sluice is attached' xdp detach veth-a
	tap "the stack routes" ask tcp 10.77.2.2 100000
}

check_one_sided()
{
	sluice xdp attach veth-a --no-policy
	tap "out by a device without a program: the stack" \
		raises 2 veth-a pass no-port pings 10.77.2.2
	sluice xdp detach veth-a
}

check_generic()
{
	local before

	before=$(features "$pod_a" eth0 | grep -v vlan)
	tap "attach in the stack" attach_both generic
	tap_text "it is shown" "$(sluice xdp show veth-a | sed 's/ id .*//')" \
		"veth-a router mode generic policy off"
	tap_text "checksums stay as they are" \
		"$(features "$pod_a" eth0 | grep -v vlan)" "$before"
	tap "ping" raises 2 veth-a redirect forwarded pings 10.77.2.2
	tap "TCP" raises 2 veth-a redirect forwarded ask tcp fd77:2::2 300000
	tap "detach" detach_both
}

# The route back must be there, as rp_filter wants it.
check_source()
{
	in_ns "$node" sysctl -qw net.ipv4.conf.veth-a.rp_filter=1
	attach_both native
	ip -n "$pod_a" address add 10.77.9.9/32 dev eth0
	tap "a sender that is not routed back takes the stack" \
		raises 1 veth-a pass source no_pings -I 10.77.9.9 10.77.2.2
	tap "another is forwarded" \
		raises 2 veth-a redirect forwarded pings 10.77.2.2
	detach_both
	ip -n "$pod_a" address del 10.77.9.9/32 dev eth0
	in_ns "$node" sysctl -qw net.ipv4.conf.veth-a.rp_filter=0
}

# $1: queues that veth-q receives by, of at most $2; the other end sends by 2
add_queued()
{
	ip -n "$node" link add veth-q numtxqueues 1 numrxqueues "$2" \
		type veth peer name eth1 netns "$pod_a" \
		numtxqueues 2 numrxqueues 2
	in_ns "$node" ethtool -L veth-q rx "$1" 2>/dev/null
	ip -n "$node" link set veth-q up
}

queues()
{
	in_ns "$node" ethtool -l veth-q | awk '/^RX:/ { n = $2 } END { print n }'
}

check_queues()
{
	add_queued 1 2
	sluice xdp attach veth-q --no-policy
	tap_text "there are as many queues as the pod sends by" "$(queues)" 2
	sluice xdp detach veth-q
	tap_text "and as many as before afterwards" "$(queues)" 1
	ip -n "$node" link del veth-q
}

# The last change cannot be made.
check_undo()
{
	local before

	add_queued 1 1
	before=$(features "$pod_a" eth1)
	refused '"rx-queues" of "veth-q" cannot be 2' \
		xdp attach veth-q --no-policy
	tap_text "what was changed before that is undone" \
		"$(features "$pod_a" eth1)" "$before"
	tap "and nothing is left" nothing_left
	ip -n "$node" link del veth-q
}

# By another hand, or with the device
check_gone()
{
	local before

	before=$(all_features)
	sluice xdp attach veth-a --no-policy
	ip -n "$node" link set dev veth-a xdp off
	"$SLUICE" -n "$pod_b" xdp attach eth0 --no-policy 2>/dev/null
	"$SLUICE" -n "$pod_b" xdp detach eth0
	refused 'no XDP program of sluice is attached' xdp detach veth-a
	tap_text "what another hand has detached is restored nevertheless" \
		"$(all_features)" "$before"
	add_queued 2 2
	sluice xdp attach veth-q --no-policy
	ip -n "$node" link del veth-q
	sluice xdp attach veth-b --no-policy
	sluice xdp detach veth-b
	tap "what went with its device is forgotten" nothing_left
}

# The pod receives no frames by then: it cannot be sent to.
check_no_way_out()
{
	if [[ $(printf '6.3\n%s\n' "$(uname -r)" | sort -V | head -1) != 6.3 ]]; then
		tap_skip "a way out that cannot send" "a kernel that tells (6.3)"
		return
	fi
	sluice xdp attach veth-b --no-policy
	in_ns "$pod_b" ethtool -K eth0 gro off
	sluice xdp attach veth-a --no-policy
	tap "a way out that cannot send frames: the stack" \
		raises 2 veth-a pass no-port pings 10.77.2.2
	in_ns "$pod_b" ethtool -K eth0 gro on
	detach_both
}

# A namespace that only a descriptor keeps
check_hidden()
{
	local hidden=sluice-xdp-$$-hidden fd

	ip netns add "$hidden"
	ip -n "$node" link add veth-h type veth peer name eth0 netns "$hidden"
	exec {fd}<"/run/netns/$hidden"
	ip netns del "$hidden"
	refused 'the network namespace of its other end has no name' \
		xdp attach veth-h --no-policy
	exec {fd}<&-
}

# Pod b in VLAN 5 of its link
check_vlan()
{
	if ! ip -n "$node" link add link veth-b name vlan5 type vlan id 5 \
			2>/dev/null; then
		tap_skip "VLAN" "a kernel with VLAN devices"
		return
	fi
	ip -n "$node" link set vlan5 up
	ip -n "$node" address add 10.77.5.1/24 dev vlan5
	ip -n "$pod_b" link add link eth0 name vlan5 type vlan id 5
	ip -n "$pod_b" link set vlan5 up
	ip -n "$pod_b" address add 10.77.5.2/24 dev vlan5
	ip -n "$pod_b" route add 10.77.1.0/24 via 10.77.5.1
	attach_both native
	tap "into a VLAN" raises 2 veth-a redirect forwarded pings 10.77.5.2
	tap "out of it" raises 2 veth-b redirect forwarded pings 10.77.5.2
	tap "TCP" ask tcp 10.77.5.2 300000
	refused 'it is a VLAN device: attach to the device below it' \
		xdp attach vlan5 --no-policy
	detach_both
	ip -n "$node" link del vlan5
}

tap_begin
trap cleanup EXIT
lacking=$(xdp_lacking "$node" veth ip ethtool ping python3)
if [[ -n $lacking ]]; then
	tap_skip "sluice xdp" "$lacking"
	tap_end
fi
tap "the stack routes" make_topology
check_refusals
check_no_module
check_root
check_ipsec
check_other_program
check_native
check_beside
check_parallel
check_one_sided
check_generic
check_source
check_queues
check_undo
check_gone
check_no_way_out
check_hidden
check_vlan
tap_end
