#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# XDP programs ask the module: frames of flows that the device's door has sent go
# by the module's word, everything else goes as it would without a program, and
# no program is a way past the policy.
#
#	client1 --- vclient1 [XDP]  node  [XDP] vbackend1 --- backend1
#	client2 --- vclient2 [XDP]        [XDP] vbackend2 --- backend2
#
# timeout: 300
# needs: python

. ./lib.sh
. ./fastpath.sh
. ./policy.sh

export NODE=node
PORT=5353
PODS="client1 client2 backend1 backend2"
SIZE=300000

# programs_up [OPTION...]: at the node's end of each pod
programs_up()
{
	local name

	for name in $PODS; do
		sluice -n "$NODE" xdp attach "v$name" router "$@" >/dev/null || return
	done
}

programs_down()
{
	local name

	for name in $PODS; do
		sluice -n "$NODE" xdp detach "v$name" || return
	done
}

set_up()
{
	local name

	need_commands ethtool
	load_module && topo_up 2 2 || return
	for name in $PODS; do
		node sluice device add "v$name" address \
			"$(pod4 "$name"),$(pod6 "$name")" || return
	done
	for name in backend1 backend2; do
		start_udp $name $name $PORT && start_nginx $name $name || return
		mkdir -p "/tmp/nginx-$name-80/files"
		ln -sf /tmp/xdp-big "/tmp/nginx-$name-80/files/big"
	done
	head -c $SIZE /dev/urandom > /tmp/xdp-big
	services_up $PORT/udp 2 && services_up 80/tcp 2 && programs_up
}

redirected()
{
	json '.[0].redirected' device show "$1"
}

# by_xdp DEVICE COMMAND...: how many frames that the device has received were
# redirected meanwhile
by_xdp()
{
	rise "redirected $1" "${@:2}"
}

# Of five requests by one socket all but the first, and of the answers too
udp_goes_by_xdp()
{
	local family

	for family in 4 6; do
		by_xdp vclient1 udp_ask client1 $family $PORT -c 5 -p 70${family}1
		assert_match '^backend[12]=5$' "$(tally < /tmp/said)" \
			"IPv$family answers"
		assert_eq 4 "$GAIN" "IPv$family requests"
	done
}

doors_of()
{
	json ".[] | select(.orig.src | endswith(\":$1\")) |
		\"\(.orig_door) \(.reply_door)\"" flow show
}

flows_tell()
{
	node sluice flow flush
	udp_ask client1 4 $PORT -c 3 -p 7010 >/dev/null
	assert_eq "xdp xdp" "$(doors_of 7010)" "doors"
	assert_eq "3 3" "$(json '.[] | select(.orig.src | endswith(":7010")) |
		.counters | "\(.in_packets) \(.out_packets)"' flow show)" \
		"packets"
}

http_goes_by_xdp()
{
	local family

	for family in 4 6; do
		by_xdp vclient1 http_get client1 "http://$(at $family \
			"$(vip $family)" 80)/files/big" -o /tmp/xdp-got
		assert_ok cmp /tmp/xdp-got /tmp/xdp-big
		assert_between 3 1000000 "$GAIN" "IPv$family, frames of the client"
	done
}

plain_goes_by_xdp()
{
	local family

	for family in 4 6; do
		by_xdp vclient1 in_ns client1 ./progs/udp ask -c 5 \
			"$(pod $family backend1)" $PORT
		assert_eq backend1=5 "$(tally < /tmp/said)" "IPv$family"
		assert_eq 4 "$GAIN" "IPv$family"
	done
}

# ------------------------------------------------ what is left to the stack

# stays OPTION...: is answered, and no request is redirected
stays()
{
	by_xdp vclient1 udp_ask client1 "$@" -c 3
	assert_match '^backend[12].*=3$' "$(tally < /tmp/said)" "$*"
	assert_eq 0 "$GAIN" "$*"
}

odd_frames_stay()
{
	stays 4 $PORT -x opt
	stays 6 $PORT -x dst
	stays 4 $PORT -s 4000
	stays 6 $PORT -s 4000
	assert_ok in_ns client1 ping -c 2 -i 0.2 -W 2 "$(pod4 backend1)"
}

# Who listens at either device sees all of it.
listeners_see_them()
{
	local device

	for device in vclient1 vbackend1; do
		start_capture "$NODE" $device $PORT
		sleep_ticks
		by_xdp vclient1 in_ns client1 ./progs/udp ask -c 5 \
			"$(pod4 backend1)" $PORT
		assert_eq backend1=5 "$(tally < /tmp/said)" "$device"
		stop_capture 5
		assert_eq 0 "$GAIN" "$device"
	done
}

# Answers that hold until the next tick have gone.
sleep_ticks()
{
	in_ns client1 ping -qc 2 -i 0.2 "$(pod4 backend2)" >/dev/null
}

# A pod's end that does not poll would lose them.
no_poll_no_loss()
{
	in_ns backend1 ethtool -K eth0 gro off
	sleep_ticks
	by_xdp vclient1 in_ns client1 ./progs/udp ask -c 5 \
		"$(pod4 backend1)" $PORT
	assert_eq backend1=5 "$(tally < /tmp/said)"
	assert_eq 0 "$GAIN" "redirected"
	in_ns backend1 ethtool -K eth0 gro on
}

# Somebody else's rules, unless they are to be skipped
others_rules_hold()
{
	node nft add table ip guard
	node nft add chain ip guard forward \
		'{ type filter hook forward priority 0; }'
	node nft add rule ip guard forward ip daddr "$(pod4 backend1)" \
		udp dport $PORT drop
	assert_eq lost=1 "$(in_ns client1 ./progs/udp ask -t 500 \
		"$(pod4 backend1)" $PORT | tally)"
	node nft delete table ip guard
}

# --------------------------------------------------- no program is a way past

is_cut()
{
	local answer

	open_socket in_ns client1 ./progs/udp ask "$(pod4 backend1)" $PORT
	for _ in 1 2 3; do
		assert_eq backend1 "$(next)" "allowed"
	done
	policy set 2001 isolate ingress
	answer=$(next)
	assert_eq lost "$answer" "the first packet behind the change"
	policy add to 2001 from 1001 udp $PORT allow
	assert_eq backend1 "$(next)" "allowed again"
	close_socket
	policy flush
}

# is_lost FAMILY [OPTION...]
is_lost()
{
	assert_eq lost=2 "$(in_ns client1 ./progs/udp ask -c 2 -t 300 \
		"${@:2}" "$(pod "$1" backend1)" $PORT | tally)" "UDP, IPv$*"
}

# With each protocol
denied_stays_denied()
{
	local before family

	identities_up client1 client2 backend1 backend2
	is_cut
	policy set 2001 isolate ingress
	before=$(udp_received backend1)
	for family in 4 6; do
		is_lost $family
		is_lost $family -s 4000
		is_lost $family -x "$([[ $family == 4 ]] && echo opt || echo dst)"
		assert_fails in_ns client1 curl -gs -o /dev/null --max-time 1 \
			"http://$(at $family "$(pod $family backend1)" 80)/"
		assert_fails in_ns client1 ping -qc 1 -W 1 \
			"$(pod $family backend1)"
	done
	assert_eq "$before" "$(udp_received backend1)" "none delivered"
	programs_down && programs_up --no-policy || return
	assert_eq backend1 "$(in_ns client1 ./progs/udp ask \
		"$(pod4 backend1)" $PORT)" "by programs that do not ask"
	programs_down && programs_up
	policy flush
	node sluice identity flush
}

# Another pod claims to be the client of a flow that goes by XDP.
spoofed_is_dropped()
{
	local before received mac

	udp_ask client1 4 $PORT -c 3 -p 7777 >/dev/null
	mac=$(node cat /sys/class/net/vclient2/address)
	before=$(dropped spoofed)
	received=$(($(udp_received backend1) + $(udp_received backend2)))
	in_ns client2 ./packet.py eth0 "$mac" "$(pod4 client1)" "$(vip 4)" $PORT
	assert_ok wait_for 5 has_dropped $((before + 1))
	assert_eq "$received" "$(($(udp_received backend1) +
		$(udp_received backend2)))" "delivered"
}

has_dropped()
{
	(($(dropped spoofed) >= $1))
}

# A client whose device takes no other address any more
binding_changes()
{
	open_socket in_ns client1 ./progs/udp ask "$(pod4 backend1)" $PORT
	assert_eq backend1 "$(next)"
	assert_eq backend1 "$(next)"
	node sluice device replace vclient1 address 10.244.9.9
	assert_eq lost "$(next)"
	node sluice device replace vclient1 address \
		"$(pod4 client1),$(pod6 client1)"
	assert_eq backend1 "$(next)"
	close_socket
}

# ------------------------------------------------------------- other programs

# bpf COMMAND...: with a file system of the node's for what is pinned
bpf()
{
	node bash -c 'mount -t bpf bpf /sys/fs/bpf && "$@"' bash "$@"
}

# What is asked wrongly is refused, and said to be.
wrong_questions()
{
	head -c 64 /dev/zero > /tmp/frame
	assert_match 'Return value: 7(,|$)' "$(bpf bash -c '
		bpftool prog loadall progs/ask.bpf.o /sys/fs/bpf/ask &&
		bpftool prog run pinned /sys/fs/bpf/ask/ask_wrongly \
			data_in /tmp/frame repeat 1')"
}

# uploads POD FAMILY: how many bytes the backend has taken
uploads()
{
	http_get "$1" "http://$(at "$2" "$(vip "$2")" 80)/" -o /dev/null \
		-w '%{size_upload}' -H Expect: --data-binary @/tmp/xdp-big
}

# A tc program at a device that has no XDP program
tc_asks()
{
	local family

	programs_down
	node tc qdisc add dev vclient2 clsact
	node tc filter add dev vclient2 ingress bpf da \
		obj progs/ask.bpf.o sec tc || return
	for family in 4 6; do
		node sluice flow flush
		by_xdp vclient2 udp_ask client2 $family $PORT -c 5 -p 70${family}5
		assert_match '^backend[12]=5$' "$(tally < /tmp/said)" \
			"IPv$family answers"
		assert_eq 4 "$GAIN" "IPv$family requests"
		assert_eq "tc device" "$(doors_of 70${family}5)" "doors"
		by_xdp vclient2 http_get client2 "http://$(at $family \
			"$(vip $family)" 80)/files/big" -o /tmp/xdp-got
		assert_ok cmp /tmp/xdp-got /tmp/xdp-big
		assert_between 3 1000000 "$GAIN" "IPv$family, of the download"
		by_xdp vclient2 uploads client2 $family
		assert_eq $SIZE "$(cat /tmp/said)" "IPv$family, uploaded"
		assert_between 5 1000000 "$GAIN" "IPv$family, of the upload"
	done
	node tc qdisc del dev vclient2 clsact
	programs_up
}

# ------------------------------------------------------------- life of programs

# The kernel keeps the module as long as a program may call it.
module_is_in_use()
{
	assert_fails rmmod sluice
	programs_down
	unload_module
	assert_fails sluice -n "$NODE" xdp attach vclient1 router
	load_module
}

# Without anything configured the program routes by itself.
router_is_free()
{
	programs_up
	assert_eq backend1=3 "$(in_ns client1 ./progs/udp ask -c 3 \
		"$(pod4 backend1)" $PORT | tally)"
	assert_eq 3 "$(counted forwarded)" "requests forwarded by the program"
	programs_down
}

counted()
{
	json ".[0].counters[] | select(.reason == \"$1\") | .packets" \
		xdp show vclient1
}

ktap_begin
run_setup set_up "services, bound devices, a program at each"
run_case udp_goes_by_xdp "UDP through a service"
run_case flows_tell "flows count it, and tell the door"
run_case http_goes_by_xdp "TCP through a service"
run_case plain_goes_by_xdp "UDP without a service"
run_case odd_frames_stay "options, extensions, fragments, ICMP"
run_case listeners_see_them "packet sockets see them all"
run_case no_poll_no_loss "a pod that does not poll loses none"
run_case others_rules_hold "rules of others hold"
run_case denied_stays_denied "what is denied is not delivered"
run_case spoofed_is_dropped "who claims another's address"
run_case binding_changes "a binding that changes"
run_case wrong_questions "what is asked wrongly is refused"
run_case tc_asks "tc programs ask, too"
run_case module_is_in_use "the module stays while it may be called"
run_case router_is_free "a namespace without anything"
ktap_end
