#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Devices bound to addresses: who claims others is dropped where it comes in,
# be it bridged or routed.
# needs: python
# timeout: 300
# check: 6.1 7.3

. ./lib.sh
. ./policy.sh
. ./bridge.sh

# pod3 is who claims to be others
SELF4=10.245.0.3 SELF6=fd00:10:245::3
OTHER4=10.245.0.99 OTHER6=fd00:10:245::99

set_up()
{
	load_module && bridge_up || return
	bridge_pod pod1 && bridge_pod pod2 && bridge_pod pod3 || return
	servers_up pod1 pod2 pod3 || return
	ip -n pod3 addr add $OTHER4/24 dev eth0 &&
	ip -n pod3 addr add $OTHER6/64 dev eth0 nodad preferred_lft 0
}

# device WORD...: sluice device
device()
{
	node sluice device "$@"
}

bind_all()
{
	local name

	for name in pod1 pod2 pod3; do
		device replace "v$name" address "$(pod4 "$name"),$(pod6 "$name")" ||
			return
	done
}

# may_be FAMILY ADDRESS: whether pod3 gets an answer as that
may_be()
{
	in_ns pod3 ping "-$1" -nq -c 2 -i 0.2 -W $((1 + SLOW / 2)) -I "$2" \
		"$(pod "$1" pod1)" >/dev/null
}

# drops DEVICE
drops()
{
	json ".[] | select(.device == \"$1\") | .drops" device show
}

unbound()
{
	assert_ok may_be 4 $OTHER4
	assert_ok may_be 6 $OTHER6
	assert_eq 0 "$(json length device show)" devices
}

# neighbours_last SECONDS SECONDS: until they are asked for, and asked again
neighbours_last()
{
	local name

	for name in pod1 pod2 pod3; do
		ip -n $name neigh flush all
		in_ns $name sysctl -qw \
			net.ipv4.neigh.eth0.base_reachable_time_ms=$(($1 * 1000)) \
			net.ipv6.neigh.eth0.base_reachable_time_ms=$(($1 * 1000)) \
			net.ipv4.neigh.eth0.delay_first_probe_time="$2" \
			net.ipv6.neigh.eth0.delay_first_probe_time="$2"
	done
}

# Nothing of what neighbours need is in the way, unicast probes included.
bound_to_their_own()
{
	assert_ok bind_all
	neighbours_last 1 1
	assert_reaches pod1 pod2 "$ALL"
	sleep 4
	assert_reaches pod2 pod3 "$ALL"
	sleep 4
	assert_reaches pod3 pod1 "$ALL"
	assert_eq 0 "$(dropped spoofed)" "spoofed packets"
	assert_eq 3 "$(json .devices stats show)" devices
}

# What a pod's own start sends: duplicate address detection, listener reports
comes_up()
{
	in_ns pod2 sysctl -qw net.ipv6.conf.eth0.accept_dad=1
	ip -n pod2 link set eth0 down && ip -n pod2 link set eth0 up &&
	ip -n pod2 addr replace "$(pod6 pod2)/64" dev eth0
	settled() {
		! ip -n pod2 -6 addr show tentative | grep -q inet6
	}
	wait_for 10 settled ||
		_assert_failed "addresses" settled "$(ip -n pod2 -6 addr show)"
	assert_reaches pod1 pod2 "$ALL"
	assert_eq 0 "$(drops vpod2)" "spoofed packets"
	ip -n pod2 route replace default via 10.245.0.254
}

sources()
{
	local before

	assert_ok may_be 4 $SELF4
	assert_ok may_be 6 $SELF6
	before=$(drops vpod3)
	assert_fails may_be 4 $OTHER4
	assert_between $((before + 1)) $((before + 20)) "$(drops vpod3)" IPv4
	before=$(drops vpod3)
	assert_fails may_be 6 $OTHER6
	assert_between $((before + 1)) $((before + 20)) "$(drops vpod3)" IPv6
	assert_eq "$(drops vpod3)" "$(dropped spoofed)" counted
	assert_eq 0 "$(drops vpod1)" "of others"
}

# lladdr POD ADDRESS: where it takes a neighbour to be
lladdr()
{
	ip -n "$1" neigh show "$2" dev eth0 | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
}

# mac POD
# claim KIND FAMILY: pod3 tells pod1 that pod2 is where pod3 is
claim()
{
	in_ns pod1 ping "-$2" -nq -c 1 -W $((1 + SLOW)) "$(pod "$2" pod2)" >/dev/null
	assert_eq "$(mac pod2)" "$(lladdr pod1 "$(pod "$2" pod2)")" "at first"
	in_ns pod3 python3 -B ./frame.py eth0 "$1" "$(pod "$2" pod2)" \
		"$(pod "$2" pod1)"
	sleep 1
	lladdr pod1 "$(pod "$2" pod2)"
}

# A neighbour would believe it, so that it is the binding that is in the way.
neighbours()
{
	in_ns pod1 sysctl -qw net.ipv4.neigh.eth0.locktime=0
	neighbours_last 60 60
	device del vpod3
	assert_eq "$(mac pod3)" "$(claim arp-reply 4)" "ARP believed"
	assert_eq "$(mac pod3)" "$(claim na 6)" "neighbour advertisement believed"
	ip -n pod1 neigh flush all
	assert_ok bind_all
	assert_eq "$(mac pod2)" "$(claim arp-reply 4)" "ARP"
	assert_eq 1 "$(drops vpod3)" "drops with ARP"
	assert_eq "$(mac pod2)" "$(claim na 6)" "neighbour discovery"
	assert_eq 2 "$(drops vpod3)" "drops with both"
}

# Extension headers hide nothing.
behind_options()
{
	neighbours_last 60 60
	device del vpod3
	assert_eq "$(mac pod3)" "$(claim na-options 6)" "believed"
	ip -n pod1 neigh flush all
	assert_ok bind_all
	assert_eq "$(mac pod2)" "$(claim na-options 6)" "neighbour discovery"
	assert_eq 1 "$(drops vpod3)" drops
}

has_router()
{
	ip -n pod1 -6 route show default proto ra | grep -q "via $(link_local pod3) "
}

# advertise: pod3 says that it is a router
advertise()
{
	in_ns pod3 python3 -B ./frame.py eth0 ra "$(link_local pod3)" ff02::1
}

# A workload is no router, by its own link-local address either.
router_advertisements()
{
	in_ns pod1 sysctl -qw net.ipv6.conf.eth0.accept_ra=2
	device del vpod3
	advertise
	wait_for 5 has_router || _assert_failed "a router" believed "none"
	ip -n pod1 -6 route del default proto ra
	assert_ok bind_all
	advertise
	sleep 1
	assert_fails has_router
	assert_eq 1 "$(drops vpod3)" drops
	in_ns pod1 sysctl -qw net.ipv6.conf.eth0.accept_ra=0
}

# tagged_claim ADDRESS VLAN...: pod3 tells pod1 that it has the address, which
# pod1 takes to be elsewhere, in VLAN 5
tagged_claim()
{
	local address=$1

	shift
	ip -n pod1 neigh replace "$address" lladdr 02:00:00:00:00:99 \
		dev eth0.5 nud stale
	in_ns pod3 python3 -B ./frame.py eth0 arp-reply "$address" 10.246.5.1 "$@"
	sleep 1
	ip -n pod1 neigh show "$address" dev eth0.5 |
		sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
}

# What has one tag is looked into, what has two is dropped.
tagged()
{
	local elsewhere=02:00:00:00:00:99

	ip -n pod1 link add link eth0 name eth0.5 type vlan id 5 &&
	ip -n pod1 addr add 10.246.5.1/24 dev eth0.5 &&
	ip -n pod1 link set eth0.5 up || return
	in_ns pod1 sysctl -qw net.ipv4.neigh.eth0/5.locktime=0
	device del vpod3
	assert_eq "$(mac pod3)" "$(tagged_claim 10.246.5.2 5)" "unbound"
	device add vpod3 address "$SELF4,10.246.5.3"
	assert_eq "$(mac pod3)" "$(tagged_claim 10.246.5.3 5)" "its own"
	assert_eq 0 "$(drops vpod3)" "drops of its own"
	assert_eq $elsewhere "$(tagged_claim 10.246.5.2 5)" "another's"
	assert_eq 1 "$(drops vpod3)" "drops of another's"
	tagged_claim 10.246.5.3 6 5 >/dev/null
	assert_eq 2 "$(drops vpod3)" "two tags"
	ip -n pod1 link del eth0.5
	device del vpod3
	assert_ok bind_all
	# What follows is about IP: no neighbour is to be asked for meanwhile.
	neighbours_last 600 600
	assert_ok may_be 4 $SELF4
	assert_ok may_be 6 $SELF6
}

told()
{
	local line trace=/sys/kernel/tracing

	mountpoint -q $trace || mount -t tracefs tracefs $trace
	spawn "$NODE" stdbuf -oL sluice monitor events > /tmp/events
	echo 1 > $trace/events/sluice/sluice_drop/enable
	heard() {
		may_be 4 $OTHER4
		grep -q $OTHER4 /tmp/events
	}
	wait_for 10 heard
	echo 0 > $trace/events/sluice/sluice_drop/enable
	line=$(grep -m1 $OTHER4 /tmp/events)
	assert_match "drop reason spoofed.*src $OTHER4.* device vpod3" "$line" monitor
	assert_match "$OTHER4.*reason=spoofed" "$(cat $trace/trace)" trace
	echo > $trace/trace
}

audited()
{
	node sluice node set policy-audit on
	assert_ok may_be 4 $OTHER4
	wait_for 5 grep -q "audit reason spoofed.*src $OTHER4" /tmp/events ||
		_assert_failed "told of" "an audit of $OTHER4" "$(cat /tmp/events)"
	assert_between 1 100 "$(json .audited stats show)" audited
	node sluice node set policy-audit off
	assert_fails may_be 4 $OTHER4
}

explained()
{
	local way

	way=$(pod4 pod1):80/tcp

	assert_eq "drop spoofed device" \
		"$(json '"\(.outcome) \(.reason) \(.by)"' explain $OTHER4 "$way" device vpod3)"
	assert_eq pass "$(json .outcome explain $SELF4 "$way" device vpod3)"
	assert_eq pass "$(json .outcome explain $OTHER4 "$way" device unbound)"
	assert_eq pass "$(json .outcome explain $OTHER4 "$way")"
}

# ifindex DEVICE: as the command has it
ifindex()
{
	json ".[] | select(.device == \"$1\") | .ifindex" device show
}

# A pod of this name may come back: nothing is to be done for it to be bound.
comes_and_goes()
{
	node ip link del vpod3
	assert_eq 0 "$(ifindex vpod3)" "deleted"
	veth_pair "$NODE" vpod3 pod3 eth0 && node ip link set vpod3 master br0 &&
	ip -n pod3 addr add $SELF4/24 dev eth0 &&
	ip -n pod3 addr add $OTHER4/24 dev eth0 || return
	assert_ok may_be 4 $SELF4
	assert_fails may_be 4 $OTHER4
}

renamed()
{
	node ip link set vpod3 down && node ip link set vpod3 name vother &&
	node ip link set vother up || return
	assert_eq 0 "$(ifindex vpod3)" "renamed"
	assert_ok may_be 4 $OTHER4
	node ip link set vother down && node ip link set vother name vpod3 &&
	node ip link set vpod3 up || return
	assert_fails may_be 4 $OTHER4
}

# To another namespace, where it is nobody's, and back
moved()
{
	ns_add elsewhere && node ip link set vpod3 netns elsewhere || return
	assert_eq 0 "$(ifindex vpod3)" "moved"
	ip -n elsewhere link set vpod3 netns 1 || return
	node ip link set vpod3 master br0 && node ip link set vpod3 up || return
	assert_fails may_be 4 $OTHER4
	assert_ok may_be 4 $SELF4
	ip netns del elsewhere
}

attached()
{
	json ".[] | select(.device == \"$1\") | .attached" device show
}

# One name for all, those to come included; its own name comes first.
by_pattern()
{
	local all

	all="$(pod4 pod1),$(pod4 pod2),$(pod6 pod1),$(pod6 pod2)"
	all+=",$SELF4,$SELF6"
	node sluice save > /tmp/by-name
	device flush
	device add 'vpod*' address "$all" || return
	assert_eq 3 "$(attached 'vpod*')" "devices of a pattern"
	assert_ok may_be 4 $SELF4
	assert_fails may_be 4 $OTHER4
	assert_match '^vpod\* address [^ ]+ attached 3$' \
		"$(node sluice device show | head -n 1)"
	assert_match 'outcome drop by device reason spoofed' \
		"$(node sluice explain $OTHER4 "$(pod4 pod1):80/tcp" device vpod3)"
	device add vpod3 fast-path off || return
	assert_eq "2 1" "$(attached 'vpod*') $(attached vpod3)" "one of its own"
	assert_ok may_be 4 $OTHER4
	device del vpod3
	assert_fails may_be 4 $OTHER4
	node ip link set vpod3 down && node ip link set vpod3 name vother &&
	node ip link set vother up || return
	assert_ok may_be 4 $OTHER4
	node ip link set vother down && node ip link set vother name vpod3 &&
	node ip link set vpod3 up || return
	assert_fails may_be 4 $OTHER4
	node ip link add vpod9 type dummy || return
	assert_eq 4 "$(attached 'vpod*')" "with one that has come"
	node ip link del vpod9
	assert_eq 3 "$(attached 'vpod*')" "and gone"
	node sluice restore < /tmp/by-name
	assert_eq "1 1 1" "$(attached vpod1) $(attached vpod2) $(attached vpod3)" \
		"each by its name again"
	assert_fails may_be 4 $OTHER4
}

# They come and go untold: only what a device is called counts.
other_names()
{
	node ip link property add dev vpod3 altname sluice-alt || return
	device add sluice-alt address 192.0.2.99
	assert_eq 0 "$(ifindex sluice-alt)" "an alternative name"
	node ip link set vpod3 nomaster
	moved
	node ip link property del dev vpod3 altname sluice-alt
	device del sluice-alt
}

changed()
{
	local before

	before=$(drops vpod3)
	device replace vpod3 address $OTHER4
	assert_ok may_be 4 $OTHER4
	assert_fails may_be 4 $SELF4
	assert_between $((before + 1)) $((before + 20)) "$(drops vpod3)" \
		"the counter goes on"
	device replace vpod3 address 10.245.0.0/24
	assert_ok may_be 4 $OTHER4
	assert_ok may_be 4 $SELF4
	assert_ok bind_all
}

saved()
{
	local saved

	saved=$(node sluice save)
	assert_match "device add vpod3 address $SELF4" "$saved" save
	device flush
	assert_ok may_be 4 $OTHER4
	node sluice restore <<< "$saved"
	assert_fails may_be 4 $OTHER4
	assert_eq "$saved" "$(node sluice save)" "again"
}

# What a file leaves out is as for a new device, whatever it was.
restored_anew()
{
	local how saved

	saved=$(node sluice save)
	for how in '' --noflush; do
		device replace vpod3 address $OTHER4 fast-path off \
			netfilter skip || return
		assert_ok node sluice restore $how <<< "device add vpod3"
		assert_eq "device add vpod3" \
			"$(node sluice save | grep 'add vpod3')" "restore $how"
		assert_ok may_be 4 $OTHER4
		assert_ok may_be 4 $SELF4
	done
	node sluice restore <<< "$saved"
}

# What a pod sends to be routed, with a reverse path filter that sees nothing
routed()
{
	ip -n pod1 addr add 10.245.0.98/24 dev eth0
	assert_ok in_ns pod1 ping -4 -nq -c 1 -W 2 10.245.0.254
	assert_fails in_ns pod1 ping -4 -nq -c 1 -W 2 -I 10.245.0.98 10.245.0.254
	device del vpod1
	assert_ok in_ns pod1 ping -4 -nq -c 1 -W 2 -I 10.245.0.98 10.245.0.254
	assert_ok bind_all
}

# A namespace goes, and the module, while devices are bound and send.
ends()
{
	ns_add bound && veth_pair bound inside "" outside &&
	ip -n bound addr add 10.246.0.1/24 dev inside &&
	ip addr add 10.246.0.2/24 dev outside || return
	assert_ok in_ns bound sluice device add inside address 10.246.0.99
	assert_fails ping -nq -c 1 -W 1 10.246.0.1
	assert_ok ip netns del bound
	gone() {
		! ip link show outside 2>/dev/null
	}
	wait_for 10 gone || _assert_failed "its devices" gone "still there"
	spawn pod3 ping -4 -q -i 0.02 -I $OTHER4 "$(pod4 pod1)" >/dev/null
	assert_fails may_be 4 $OTHER4
	unload_module
	assert_ok may_be 4 $OTHER4
}

ktap_begin
run_setup set_up "pods are on a bridge"
run_case unbound "who is not bound may be others"
run_case bound_to_their_own "who is bound goes on as before"
run_case comes_up "and comes up as before"
run_case sources "IPv4 and IPv6 sources"
run_case neighbours "ARP and neighbour discovery"
run_case behind_options "neighbour discovery behind an extension header"
run_case router_advertisements "router advertisements"
run_case tagged "frames with VLAN tags"
run_case told "drops are told of with their device"
run_case audited "audit mode"
run_case explained "sluice explain"
run_case comes_and_goes "the device goes and comes"
run_case renamed "it is renamed"
run_case moved "it is moved to another namespace and back"
run_case by_pattern "all whose names begin alike"
run_case other_names "an alternative name binds nothing"
run_case changed "addresses are changed live"
run_case saved "save, flush and restore"
run_case restored_anew "what a file leaves out is as for a new device"
run_case routed "what is routed"
run_case ends "a namespace and the module go"
run_case bridge_down "the bridge goes"
ktap_end
