#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The policy changes while connections are open, and under load, and says why it
# denies.
# timeout: 500
# check: 6.1

. ./lib.sh
. ./policy.sh
. ./traffic.sh

PROCESSORS=$(nproc)
TALKS="talk-tcp talk-udp"

set_up()
{
	load_module && topo_up 2 1 && serve backend1 &&
	start_nginx backend1 backend1 $WEB && start_udp backend1 backend1 $DNS &&
	identities_up client1 client2 backend1
}

# ------------------------------------------------------------------- under load

# delivered PID FAMILY: packets but ICMP's that IP has handed up in the namespace of
# a process, in $REPLY; nothing is started for that: it is as of now. A message of
# ICMP may be in one counter and not in the other yet, on each processor.
delivered()
{
	local words file=snmp

	(($2 == 4)) || file=snmp6
	while read -ra words; do
		case $2:${words[0]:-} in
		4:Ip:)			REPLY=${words[9]} ;;
		6:Ip6InDelivers)	REPLY=${words[1]} ;;
		6:Icmp6InMsgs)		REPLY=$((REPLY - words[1])) ;;
		esac
	done < "/proc/$1/net/$file"
}

has_got()
{
	delivered "$1" "$2"
	((REPLY >= $3))
}

# gets_more PID FAMILY
gets_more()
{
	delivered "$1" "$2"
	assert_ok wait_for $((30 * SLOW)) has_got "$1" "$2" $((REPLY + 200))
}

# goes_fast POD: what it sends, if it is to
goes_fast()
{
	local before

	[[ -n ${ATTACH:-} ]] || return 0
	before=$(sent "v$1")
	sleep 0.2
	assert_ne "$before" "$(sent "v$1")" "sent by the fast path"
}

# deny_live FROM TO FAMILY DENY ALLOW: one pod asks another one without a pause, and
# nothing arrives at either once the command that denies it has ended, but for
# what a processor had in hand then
deny_live()
{
	local asks answers requests told

	spawn "$1" ./progs/udp ask -t 0 -c 100000000 "$(pod "$3" "$2")" $DNS \
		>/dev/null
	asks=$!
	answers=$(ip netns pids "$2" | head -n 1)
	gets_more "$answers" "$3" && gets_more $asks "$3" && goes_fast "$1"
	# shellcheck disable=SC2086 # words
	policy $4
	delivered "$answers" "$3"
	requests=$REPLY
	delivered $asks "$3"
	told=$REPLY
	sleep 0.5
	delivered "$answers" "$3"
	assert_between -$PROCESSORS $PROCESSORS $((REPLY - requests)) "IPv$3 requests to $2, $4"
	delivered $asks "$3"
	assert_between -$PROCESSORS $PROCESSORS $((REPLY - told)) "IPv$3 answers to $1, $4"
	# shellcheck disable=SC2086 # words
	policy $5
	gets_more "$answers" "$3" && gets_more $asks "$3"
	kill $asks
	wait $asks 2>/dev/null
	return 0
}

# By rules and by isolation, of who receives and of who sends; there is no rule
# before, nor after.
denied_under_load()
{
	local family rule="to 2001 from 1001 udp $DNS"

	start_udp client1 client1 $DNS || return
	for family in 4 6 4 6; do
		deny_live client1 backend1 $family \
			"add $rule deny tier admin" "del $rule tier admin"
		deny_live client1 backend1 $family \
			"set 1001 isolate egress" "set 1001 isolate none"
		deny_live backend1 client1 $family \
			"set 1001 isolate ingress" "set 1001 isolate none"
		deny_live backend1 client1 $family \
			"set 2001 isolate egress" "set 2001 isolate none"
	done
	policy flush
}

# ------------------------------------------------------------------ conversations

declare -A TALKING

# talk_up NAME PROTO FAMILY: a conversation of client1 with backend1
talk_up()
{
	background "$1" client1 talk "$2" -i $((20 * PACE)) \
		"$(pod "$3" backend1)" $LONG
	TALKING[$1]=$!
	go_on "$1"
}

# talk_down NAME...
talk_down()
{
	local name

	for name; do
		kill "${TALKING[$name]}"
		wait "${TALKING[$name]}" 2>/dev/null || :
	done
}

# stand NAME...: no good result comes for a while
stand()
{
	local name
	local -A before

	sleep 0.5	# what is on its way arrives
	for name; do
		count "$name" || REPLY=0
		before[$name]=$REPLY
	done
	sleep $((SLOW))
	for name; do
		count "$name" || REPLY=0
		assert_eq "${before[$name]}" "$REPLY" "$name stands" || return
	done
}

# They began when nobody had a rule.
first_rule()
{
	local talks="early-tcp4 early-tcp6 early-udp4 early-udp6" name kind end

	assert_eq 0 "$(json length policy show)" "rules and subjects" || return
	for name in $talks; do
		kind=${name#early-}
		talk_up "$name" "${kind%?}" "${kind#???}" || return
	done
	# shellcheck disable=SC2086 # one word a name
	for end in "2001 isolate ingress" "1001 isolate egress"; do
		policy set $end
		stand $talks || return
		policy flush
		go_on $talks || return
	done
	# shellcheck disable=SC2086 # one word a name
	talk_down $talks
}

conversations()
{
	local name

	policy set 2001 isolate ingress &&
	policy add to 2001 from 1001 allow cookie 42 name talk || return
	for name in $TALKS; do
		talk_up "$name" "${name#talk-}" 4 || return
	done
}

# A denied flow stops both ways, whoever denies it, and goes on after that.
cut_and_go_on()
{
	policy del to 2001 from 1001
	stand talk-tcp talk-udp || return
	policy add to 2001 from 1001 allow cookie 42 name talk
	# shellcheck disable=SC2086 # one word a name
	go_on $TALKS || return
	policy set 1001 isolate egress
	stand talk-tcp talk-udp || return
	policy set 1001 isolate none
	# shellcheck disable=SC2086 # one word a name
	go_on $TALKS
}

# A pod's identity comes and goes with its address, and no rule with it.
identity_goes()
{
	node sluice identity del "$(pod4 client1)" id 1001
	stand talk-tcp talk-udp || return
	node sluice identity add "$(pod4 client1)" id 1001
	# shellcheck disable=SC2086 # one word a name
	go_on $TALKS
}

kept()
{
	policy set 2001 established keep
	policy del to 2001 from 1001
	# shellcheck disable=SC2086 # one word a name
	go_on $TALKS
	assert_eq "" "$(web client1 "$(pod4 backend1)")" "a new connection"
	policy set 2001 established cut
	stand talk-tcp
	policy add to 2001 from 1001 allow cookie 42 name talk
	# shellcheck disable=SC2086 # one word a name
	go_on $TALKS
}

# Changes of services have nothing to do with it.
other_changes()
{
	node sluice service add "$(service 4 80/tcp)"
	node sluice service flush
	# shellcheck disable=SC2086 # one word a name
	go_on $TALKS
}

rule_counts()
{
	local counters

	counters=$(json '.[].rules[] | select(.cookie == 42) | .counters | "\(.flows) \(.packets > 10) \(.bytes > 500)"' policy show)
	assert_match '^[2-9] true true$' "$counters" "flows, packets, bytes"
}

# Flows name the rules that allow them, those in the table and those that begin.
rule_of_flow()
{
	local line

	assert_eq "ingress allow rule 2001 1001 42 talk" \
		"$(json "[.[] | select(.proto == \"udp\" and
			(.orig.dst | endswith(\":$LONG\"))) | .judgements[]? |
			\"\(.direction) \(.action) \(.why) \(.subject) \(.peer) \(.cookie) \(.name)\"] |
			unique | .[]" flow show)" "the rule of a flow"
	policy add from 1001 to any allow tier admin cookie 44
	spawn "$NODE" stdbuf -oL sluice monitor flows > /tmp/flows
	wait_for 5 has_joined $! "$NODE"
	assert_eq backend1 "$(dns client1 "$(pod6 backend1)")" "a new flow"
	assert_ok wait_for 5 grep -q 'new flow.*cookie 44' /tmp/flows
	line=$(grep -m1 'new flow.*cookie 44' /tmp/flows)
	assert_match 'ingress allow by rule subject 2001 peer 1001 cookie 42 name talk' \
		"$line" "the receiver's rule"
	assert_match 'egress allow by rule subject 1001 cookie 44' "$line" "the sender's"
	kill $!
	policy del from 1001 to any tier admin
}

told()
{
	local line trace=/sys/kernel/tracing

	mountpoint -q $trace || mount -t tracefs tracefs $trace

	policy add to 2001 from 1002 tcp $WEB deny cookie 43 name no-web
	: > /tmp/events	# is emptied while it is written
	spawn "$NODE" stdbuf -oL sluice monitor events >> /tmp/events
	wait_for 5 in_ns "$NODE" grep -q 'sluice' /proc/net/netlink || :
	echo 1 > $trace/events/sluice/sluice_drop/enable
	sleep 1
	web client2 "$(pod4 backend1)"
	wait_for 5 grep -q 'cookie 43' /tmp/events
	echo 0 > $trace/events/sluice/sluice_drop/enable
	line=$(grep -m1 'cookie 43' /tmp/events)
	assert_match 'drop.*policy-rule.*ingress.*2001.*1002.*no-web' "$line" monitor
	assert_match 'reason=policy-rule direction=ingress subject=2001 peer=1002 cookie=43 name=no-web' \
		"$(cat $trace/trace)" trace
	assert_between 1 100 "$(json '.[].rules[] | select(.cookie == 43) | .counters.packets' policy show)" \
		"packets that the rule has denied"
	echo > $trace/trace
}

explained()
{
	local told

	told=$(node sluice explain "$(pod4 client2)" "$(pod4 backend1):$WEB/tcp")
	assert_match 'outcome drop by policy' "$told" denied
	assert_match 'ingress deny by rule.* 2001 .*1002.*cookie 43.*no-web' "$told" "denied by"
	told=$(node sluice explain "$(pod4 client1)" "$(pod4 backend1):$WEB/tcp")
	assert_match 'outcome pass by policy' "$told" allowed
	assert_match 'egress allow by default' "$told" "the sender"
	assert_match 'ingress allow by rule.*cookie 42' "$told" "the receiver"
	told=$(node sluice explain "$(pod4 client2)" "$(pod4 backend1):$DNS/udp")
	assert_match 'ingress deny by isolation' "$told" isolation
}

# The node speaks for who may not speak himself.
rejected()
{
	policy set 2001 on-deny reject isolate both
	assert_status 7 in_ns client2 curl -s --max-time 20 \
		"http://$(pod4 backend1):$WEB/"
	assert_eq unreachable "$(dns client2 "$(pod4 backend1)")" "UDP IPv4"
	assert_eq unreachable "$(dns client2 "$(pod6 backend1)")" "UDP IPv6"
	policy set 2001 on-deny drop isolate ingress
}

# counted COOKIE: what a rule has to do with, as "FLOWS PACKETS"
counted()
{
	json ".[].rules[] | select(.cookie == $1) | .counters |
		\"\(.flows) \(.packets)\"" policy show
}

# Everything is told as it would be denied, and nothing is dropped.
audited()
{
	local flows packets

	policy set 2001 audit on
	: > /tmp/events
	read -r flows packets <<< "$(counted 43)"
	assert_eq backend1 "$(web client2 "$(pod4 backend1)")" "the subject's audit"
	assert_match "^$((flows + 1)) " "$(counted 43)" "flows of the rule"
	assert_between $((packets + 6)) $((packets + 100)) \
		"$(counted 43 | cut -d' ' -f2)" "packets of the rule"
	assert_match "ingress deny by rule .*cookie 43" "$(node sluice flow show)" \
		"its flow"
	wait_for 5 grep -q 'audit.*cookie 43' /tmp/events
	assert_match "audit.*$WEB.*ingress.*2001.*1002.*cookie 43.*no-web" \
		"$(grep -m1 audit /tmp/events)" "told of a rule"
	assert_eq backend1 "$(dns client2 "$(pod4 backend1)")" "isolation's audit"
	wait_for 5 grep -q 'audit.*isolation' /tmp/events
	assert_match "audit.*$DNS.*ingress.*2001.*1002" \
		"$(grep -m1 'audit.*isolation' /tmp/events)" "told of isolation"
	policy set 2001 audit off
	assert_eq "" "$(web client2 "$(pod4 backend1)")" "without"
	node sluice node set policy-audit on
	: > /tmp/events
	assert_eq backend1 "$(web client2 "$(pod4 backend1)")" "the node's audit"
	node sluice node set policy-audit off
	wait_for 5 grep -q 'audit.*cookie 43' /tmp/events
	assert_match 'audit.*ingress.*2001.*1002.*cookie 43' \
		"$(grep -m1 audit /tmp/events)" monitor
	assert_between 2 100 "$(json .audited stats show)" "audited packets"
}

# What began before the module came has no flow. In loose mode it goes on where
# a connection like it may be, from whichever end the next packet comes.
loose_and_strict()
{
	local name

	policy flush && node sluice identity flush
	unload_module && load_module || return
	# shellcheck disable=SC2086 # one word a name
	go_on $TALKS || return
	identities_up client1 client2 backend1 &&
	node sluice restore --noflush <<-END || return
		policy set 2001 isolate both
		policy add to 2001 from 1001 allow cookie 42 name talk
	END
	go_on talk-tcp || return
	node sluice node set policy-tcp strict
	node sluice flow flush
	stand talk-tcp
	node sluice node set policy-tcp loose
	go_on talk-tcp || return
	assert_between 1 1000 "$(dropped policy-strict)" "drops in strict mode"
	node sluice node set policy-tcp strict
	policy set 2001 isolate both audit on
	node sluice flow flush
	go_on talk-tcp || return
	assert_between 1 1000 "$(json .audited stats show)" "audited in strict mode"
	# What it has told of is done then, though there is a flow meanwhile.
	policy set 2001 isolate both audit off
	assert_eq backend1 "$(web client1 "$(pod4 backend1)")" "a new connection"
	stand talk-tcp || return
	node sluice node set policy-tcp loose
	go_on talk-tcp
}

has_ended()
{
	! readlink "/proc/$1/exe" >/dev/null
}

# A flow to a service's backend is seen at both doors, and so is the RST.
reset_live()
{
	node sluice service add "$(service 4 $LONG/tcp)"
	node sluice backend add "$(service 4 $LONG/tcp)" "$(backend 4 1 $LONG)"
	node sluice flow flush
	go_on talk-tcp || return
	policy set 2001 established reset
	policy del to 2001 from 1001
	assert_ok wait_for 10 has_ended "${TALKING[talk-tcp]}"
	node sluice service flush
}

# Between pods, with no service near, of both families. Who sends is told.
reset_plain()
{
	local family

	policy add to 2001 from 1001 allow || return
	for family in 4 6; do
		talk_up plain-tcp$family tcp $family || return
	done
	policy del to 2001 from 1001
	for family in 4 6; do
		assert_ok wait_for $((10 * SLOW)) has_ended \
			"${TALKING[plain-tcp$family]}"
	done
}

ktap_begin
run_setup set_up "pods have identities"
run_case denied_under_load "nothing arrives once it is denied, under load"
run_case first_rule "the first rule there is stops what goes on"
run_setup conversations "conversations are allowed"
run_case cut_and_go_on "denied they stop, allowed they go on"
run_case identity_goes "an address has no identity for a while"
run_case kept "they may be kept"
run_case other_changes "other changes do not disturb them"
run_case rule_counts "the rule counts them"
run_case rule_of_flow "flows tell of their rules"
run_case told "a drop is told of with its rule"
run_case explained "what would be is explained"
run_case rejected "what is denied may be answered"
run_case audited "what would be denied may be told of only"
run_case loose_and_strict "connections older than the module"
run_case reset_live "they may be reset"
run_case reset_plain "so may those without a service"
ktap_end
