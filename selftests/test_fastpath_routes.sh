#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path and routes that are not for it: packets get where they would
# without it, and count as left to the node's routing.
# timeout: 300
# check: 6.12

. ./lib.sh
. ./fastpath.sh
. ./othernode.sh

export NODE=node
PORT=5353

# ask FAMILY [PORT]
ask()
{
	in_ns client1 ./progs/udp ask -t $((1000 * SLOW)) \
		"$(pod "$1" backend1)" "${2:-$PORT}"
}

# ------------------------------------------------------- routes that encapsulate

# encapsulated FAMILY NAME TYPE ENCAP: by a device of the name that has no remote
# end of its own
encapsulated()
{
	local ends before

	ends="$4 src $(wire "$1" node) dst $(wire "$1" far)"
	ip -n far link add "$2" type "$3" remote "$(wire "$1" node)" \
		local "$(wire "$1" far)" &&
	ip -n node link add "$2" type "$3" external &&
	ip -n far link set "$2" up && ip -n node link set "$2" up || return
	# shellcheck disable=SC2086 # one word an option
	way "$1" node encap $ends dev "$2" || return
	before=$(statistic far "$2" rx_packets)
	routed "$LEFT" "IPv$1 answer, sent, left" ask "$1"
	assert_ne "$before" "$(statistic far "$2" rx_packets)" "IPv$1 in the tunnel"
	straight
	routed "$TAKEN" "IPv$1, a plain route" ask "$1"
}

encapsulations()
{
	modprobe ipip && modprobe ip6_tunnel ||
		{ case_skip "no ipip or ip6_tunnel"; return; }
	encapsulated 4 encap4 ipip ip
	encapsulated 6 encap6 ip6tnl ip6
}

# ------------------------------------------------------------------------ IPsec

# state_add FAMILY NAMESPACE FROM TO SPI: the nodes between which that is
state_add()
{
	ip -n "$2" xfrm state add src "$(wire "$1" "$3")" \
		dst "$(wire "$1" "$4")" proto esp spi "$5" mode tunnel \
		aead 'rfc4106(gcm(aes))' \
		0x000102030405060708090a0b0c0d0e0f10111213 128
}

# policy_add FAMILY NAMESPACE DIRECTION FROM TO: sealed between the nodes
policy_add()
{
	ip -n "$2" xfrm policy add dir "$3" \
		src "$(pod "$1" "$(pod_of "$4")")" \
		dst "$(pod "$1" "$(pod_of "$5")")" \
		tmpl src "$(wire "$1" "$4")" dst "$(wire "$1" "$5")" \
		proto esp mode tunnel
}

# seals FAMILY node|far: what it sends to the other's pod, and it takes nothing
# else from there
seals()
{
	local there

	there=$(other "$2")
	state_add "$1" "$2" node far 1 && state_add "$1" "$2" far node 2 &&
	policy_add "$1" "$2" out "$2" "$there" &&
	policy_add "$1" "$2" fwd "$there" "$2"
}

no_seals()
{
	local node

	for node in node far; do
		ip -n $node xfrm policy flush
		ip -n $node xfrm state flush
	done
	straight
}

ipsec_policies()
{
	local family

	modprobe xfrm_user && modprobe esp4 && modprobe esp6 ||
		{ case_skip "no esp4, esp6 or xfrm_user"; return; }
	for family in 4 6; do
		seals $family far || return
		routed "lost 1 0" "IPv$family, one node has a policy" \
			ask $family
		seals $family node || return
		routed "$LEFT" "IPv$family, both have" ask $family
		no_seals
		routed "$TAKEN" "IPv$family, none has" ask $family
	done
}

# The other node seals what this one has no policy for: the kernel drops what comes
# out of a tunnel then.
unasked_seals()
{
	local family

	modprobe xfrm_user && modprobe esp4 && modprobe esp6 ||
		{ case_skip "no esp4, esp6 or xfrm_user"; return; }
	node sluice device add wire || return
	for family in 4 6; do
		gain wire ask $family
		assert_eq "backend1 1" "$(cat /tmp/said) $GAIN" \
			"IPv$family answer as it is"
		state_add $family node far node 2 &&
		state_add $family far far node 2 &&
		policy_add $family far out far node || return
		gain wire ask $family
		assert_eq "lost 0" "$(cat /tmp/said) $GAIN" \
			"IPv$family answer sealed"
		no_seals
		gain wire ask $family
		assert_eq "backend1 1" "$(cat /tmp/said) $GAIN" \
			"IPv$family answer as before"
	done
	node sluice device del wire
}

# ------------------------------------------------------- rules, and NDP's proxies

rules_for_ports()
{
	local family

	for family in 4 6; do
		ip -n node -$family rule add ipproto udp dport 9 \
			unreachable || return
		routed "$LEFT" "IPv$family, another port" ask $family
		routed "unreachable 0 1" "IPv$family, the rule's" ask $family 9
		ip -n node -$family rule del ipproto udp dport 9 unreachable
		routed "$TAKEN" "IPv$family, without the rule" ask $family
	done
}

# Paths that are known are found again when a route changes.
ndp_proxies()
{
	node sysctl -qw net.ipv6.conf.all.proxy_ndp=1
	straight
	routed "$LEFT" "IPv6" ask 6
	routed "$TAKEN" "IPv4 has no such thing" ask 4
	node sysctl -qw net.ipv6.conf.all.proxy_ndp=0
	straight
	routed "$TAKEN" "IPv6 without proxies" ask 6
}

ktap_begin
run_setup straight_set_up "a node and another one, with a pod each"
run_case encapsulations "routes that encapsulate are left to the node"
run_case ipsec_policies "so are those that IPsec policies are for"
run_case unasked_seals "and so is what comes out of a tunnel that none is for"
run_case rules_for_ports "and all, where rules look at ports"
run_case ndp_proxies "and those of IPv6, where NDP has proxies"
ktap_end
