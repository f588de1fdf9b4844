#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Health checks of a load balancer: sluice healthd on the node, asked by a pod
# with curl. What changes shows a moment later, so that each step waits for an
# answer; where nothing is to change, a change of another port is waited for.
# timeout: 600
# check: 6.12

. ./lib.sh
need_commands curl jq sluice-healthd

PORT=32000 OTHER=32001
KEY=10.96.0.1:80/tcp SECOND=10.96.0.2:443/tcp SIX="[fd00:10:96::1]:80/tcp"
healthd=0

start_healthd()
{
	spawn "$NODE" sluice healthd "$@" 2> /tmp/healthd.err
	healthd=$!
}

set_up()
{
	load_module && topo_up 1 2 && start_healthd
}

node_address()
{
	[[ $1 == 4 ]] && echo 192.0.2.1 || echo '[fd00:192:0:2::1]'
}

# ask FAMILY PORT [PATH]: "STATUS WEIGHT", with the answer in /tmp/answer.*;
# "refused" if nobody listens
ask()
{
	local status=0

	in_ns client1 curl -gsS --max-time $((10 * SLOW)) -D /tmp/answer.head \
		-o /tmp/answer.body "http://$(node_address "$1"):$2${3:-/}" \
		2>/dev/null || status=$?
	case $status in
	0)	tr -d '\r' < /tmp/answer.head | awk '
			NR == 1 { status = $2 }
			/^X-Load-Balancing-Endpoint-Weight:/ { weight = $2 }
			END { print status, weight }' ;;
	7)	echo refused ;;
	*)	echo "curl: $status" ;;
	esac
}

_answers()
{
	[[ $(ask "$1" "$2") == "$3" ]]
}

# answers PORT ANSWER [WHAT]: soon, in both families
answers()
{
	local family

	for family in 4 6; do
		wait_for $((10 * SLOW)) _answers $family "$1" "$2"
		assert_eq "$2" "$(ask $family "$1")" "IPv$family ${3:-}" || return
	done
}

body()
{
	ask 4 $PORT > /dev/null
	jq -r "$1" /tmp/answer.body
}

# set_backend N [OPTIONS [SERVICE]]
set_backend()
{
	# shellcheck disable=SC2086 # options are words
	node sluice backend replace "${3:-$KEY}" "10.244.2.$1:80" ${2:-}
}

counts_local_backends()
{
	assert_eq refused "$(ask 4 $PORT)" "no service"
	node sluice service add $KEY health-port $PORT
	answers $PORT "503 0" "no backend" || return
	# The second is on another node.
	set_backend 2
	set_backend 1 "local on"
	answers $PORT "200 1"
	set_backend 2 "local on"
	answers $PORT "200 2"
	set_backend 2 "local off"
	answers $PORT "200 1" "not local any more"
}

answers_as_kube_proxy()
{
	assert_eq "200 1" "$(ask 4 $PORT /healthz?x=1)" "any path"
	assert_match 'Content-Type: application/json' "$(< /tmp/answer.head)"
	assert_match 'X-Content-Type-Options: nosniff' "$(< /tmp/answer.head)"
	assert_eq "$KEY 1" "$(body '"\(.service) \(.localEndpoints)"')"
	assert_eq 501 "$(in_ns client1 curl -s -o /dev/null -X DELETE \
		-w '%{http_code}' http://192.0.2.1:$PORT/)" "another method"
}

only_what_is_ready_counts()
{
	local how

	for how in "state draining" "state down" "weight 0"; do
		set_backend 1 "$how"
		answers $PORT "503 0" "$how"
		set_backend 1 "state active weight 1"
		answers $PORT "200 1" "ready again"
	done
	node sluice backend del $KEY 10.244.2.1:80
	answers $PORT "503 0" "no backend"
	node sluice backend replace-all $KEY 10.244.2.1:80 local on \
		10.244.2.2:80 local on
	answers $PORT "200 2" "all replaced"
}

services_share_a_port()
{
	node sluice service add $SECOND
	set_backend 2 "local on" $SECOND
	set_backend 3 "local on" $SECOND
	node sluice service add "$SIX" health-port $PORT
	node sluice backend add "$SIX" "[fd00:10:244::2:1]:80" local on
	answers $PORT "200 3" "the other family's service"
	# It has backends already when it names the port.
	node sluice service set $SECOND health-port $PORT
	answers $PORT "200 4" "one of its two backends is new"
	assert_eq "$KEY,$SECOND,$SIX 4" \
		"$(body '"\(.service) \(.localEndpoints)"')"
	node sluice service del $SECOND
	node sluice service del "$SIX"
	answers $PORT "200 2"
	assert_eq $KEY "$(body .service)"
}

ports_come_and_go()
{
	node sluice service set $KEY health-port $OTHER
	answers $OTHER "200 2"
	assert_eq refused "$(ask 4 $PORT)" "the old port"
	assert_eq refused "$(ask 6 $PORT)" "the old port"
	node sluice service set $KEY health-port 0
	answers $OTHER refused "no port"
	node sluice service set $KEY health-port $PORT
	answers $PORT "200 2" "named again"
	node sluice service flush
	answers $PORT refused "no services"
	node sluice service add $KEY health-port $PORT
	set_backend 1 "local on"
	answers $PORT "200 1" "new services"
}

a_port_may_be_taken()
{
	local taker

	spawn "$NODE" ./progs/talk serve $OTHER
	taker=$!
	wait_for 10 is_listening "$NODE" $OTHER || return
	node sluice service add $SECOND health-port $OTHER
	assert_ok wait_for 10 grep -q ":$OTHER: Address already in use" \
		/tmp/healthd.err
	set_backend 1 "local off"
	answers $PORT "503 0" "the others go on"
	set_backend 1 "local on"
	answers $PORT "200 1" "the others go on"
	kill $taker
	answers $OTHER "503 0" "free again"
	assert_match ":$OTHER: listening now" "$(< /tmp/healthd.err)"
	assert_eq 1 "$(grep -c "0:$OTHER: Address already" /tmp/healthd.err)" \
		"said once"
	node sluice service del $SECOND
	answers $OTHER refused
}

# many [OPTION...]: for sluice restore
many()
{
	awk -v options="$*" 'BEGIN {
		for (i = 0; i < 4000; i++)
			printf "service add 10.97.%d.%d:80/tcp %s\n",
				i / 250, i % 250 + 1, options
	}'
}

change_many()
{
	many traffic-policy local | node sluice restore --noflush &&
		many traffic-policy cluster | node sluice restore --noflush &&
		netlink_has_lost
}

# More than the socket has room for, while nobody reads
lost_notifications_do_no_harm()
{
	kill -STOP $healthd
	assert_ok wait_for $((120 * SLOW)) change_many
	set_backend 2 "local on"
	kill -CONT $healthd
	answers $PORT "200 2"
	assert_match 'notifications were lost' "$(< /tmp/healthd.err)"
	node sluice service flush
	answers $PORT refused "all gone"
	node sluice service add $KEY health-port $PORT
	set_backend 1 "local on"
	answers $PORT "200 1" "followed again"
}

files_open()
{
	find "/proc/$healthd/fd" -type l | wc -l
}

_files_between()
{
	local count

	count=$(files_open)
	(($1 <= count && count <= $2))
}

# In hundredths of a second
cpu_time()
{
	awk '{ print $14 + $15 }' "/proc/$healthd/stat"
}

# Clients that connect and say nothing: some are accepted, the others wait
# until those have been given up, and nothing spins meanwhile.
idle_clients_are_bounded()
{
	local before start=$SECONDS

	((SLOW == 1)) ||
		{ case_skip "clients are given up before they are many"; return; }
	before=$(cpu_time)
	# All at once: they are given up after a time that is the same on any kernel.
	spawn client1 ./progs/halfopen 192.0.2.1 $PORT 600 100000
	assert_ok wait_for $((20 * SLOW)) _files_between 500 560
	assert_ok wait_for $((60 * SLOW)) _files_between 0 30
	assert_between 0 $((50 * (SECONDS - start))) \
		$(($(cpu_time) - before)) "time of the processor"
	kill $!
	answers $PORT "200 1"
}

the_module_may_go()
{
	unload_module || return
	answers $PORT "503 0" "without the module"
	assert_match 'waiting: module sluice is not loaded' \
		"$(< /tmp/healthd.err)"
	load_module
	answers $PORT refused "a module without services"
	node sluice service add $KEY health-port $OTHER
	set_backend 1 "local on"
	answers $OTHER "200 1" "new services"
}

# wait_for_end STATUS: of healthd
wait_for_end()
{
	local status=0

	wait $healthd || status=$?
	assert_eq "$1" $status "exit status"
}

ends_at_signals()
{
	local signal

	for signal in TERM INT; do
		kill -$signal $healthd
		wait_for_end 0
		assert_eq refused "$(ask 4 $OTHER)" "ended"
		start_healthd
		answers $OTHER "200 1" "started with services"
	done
	kill $healthd
	wait_for_end 0
}

listens_where_told()
{
	start_healthd address 192.0.2.1 address 192.0.2.77
	assert_ok wait_for 10 grep -q 'sluice-healthd: 192.0.2.77:.* assign' \
		/tmp/healthd.err
	assert_eq "200 1" "$(ask 4 $OTHER)"
	assert_eq refused "$(ask 6 $OTHER)" "the other family"
	assert_eq "192.0.2.1:$OTHER" \
		"$(node ss -Hltn "sport = :$OTHER" | awk '{ print $4 }')"
	node ip addr add 192.0.2.77/32 dev node0
	assert_ok wait_for 10 grep -q '192.0.2.77:.* listening now' \
		/tmp/healthd.err
	kill $healthd
	wait_for_end 0
	node ip addr del 192.0.2.77/32 dev node0
}

namespaces_are_separate()
{
	ip netns exec client1 sluice service add $KEY health-port $PORT
	spawn "$NODE" sluice -n client1 healthd 2> /tmp/healthd.err
	healthd=$!
	wait_for 10 is_listening client1 $PORT
	assert_eq '503' "$(in_ns client1 curl -s -o /dev/null \
		-w '%{http_code}' http://127.0.0.1:$PORT/)"
	assert_eq '' "$(in_ns client1 ss -Hltn "sport = :$OTHER")" \
		"another namespace's port"
	kill $healthd
	wait_for_end 0
}

ktap_begin
run_setup set_up "the program is started, without services"
run_case counts_local_backends "local backends are counted"
run_case answers_as_kube_proxy "the answer is that of kube-proxy"
run_case only_what_is_ready_counts "only what is ready counts"
run_case services_share_a_port "services share a port, addresses count once"
run_case ports_come_and_go "ports come and go with the option"
run_case a_port_may_be_taken "a port that is taken is tried again"
run_case lost_notifications_do_no_harm "lost notifications do no harm"
run_case idle_clients_are_bounded "idle clients are bounded and given up"
run_case the_module_may_go "without the module the answer is no"
run_case ends_at_signals "signals end it"
run_case listens_where_told "it listens where it is told"
run_case namespaces_are_separate "namespaces are separate"
ktap_end
