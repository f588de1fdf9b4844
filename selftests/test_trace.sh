#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is decided and dropped can be seen: tracepoints, events, counters.

. ./lib.sh

PORT=5353
TRACING=/sys/kernel/tracing

set_up()
{
	load_module && topo_up 1 1 && start_udp backend1 backend1 $PORT &&
	services_up $PORT/udp 1 &&
	node sluice service add "$(service 4 99/udp)" &&
	node sluice service add "$(service 6 99/udp)"
}

trace_on()
{
	mountpoint -q $TRACING || mount -t tracefs tracefs $TRACING
	echo >$TRACING/trace
	echo 1 >$TRACING/events/sluice/enable
}

trace_off()
{
	echo 0 >$TRACING/events/sluice/enable
}

verdicts_are_traced()
{
	trace_on
	udp_ask client1 4 $PORT -p 7001 >/dev/null
	udp_ask client1 6 $PORT -p 7001 >/dev/null
	trace_off
	assert_match "sluice_verdict: proto=17 src=$(pod 4 client1):7001 dst=$(vip 4):$PORT backend=$(pod 4 backend1):$PORT" \
		"$(grep sluice_verdict $TRACING/trace)"
	assert_match "src=\[$(pod 6 client1)\]:7001 dst=\[$(vip 6)\]:$PORT backend=\[$(pod 6 backend1)\]:$PORT" \
		"$(grep sluice_verdict $TRACING/trace)"
	assert_eq 2 "$(grep -c sluice_verdict $TRACING/trace)" "verdicts for two flows"
}

# One for each request that changes anything, and none for what is refused
changes_are_traced()
{
	trace_on
	node sluice service add 10.96.9.9:9/tcp
	node sluice service add 10.96.9.9:9/tcp 2>/dev/null
	node sluice service show > /dev/null
	node sluice service del 10.96.9.9:9/tcp
	trace_off
	assert_match 'sluice_change: netns=[1-9][0-9]* generation=[1-9]' \
		"$(grep sluice_change $TRACING/trace)"
	assert_eq 2 "$(grep -c sluice_change $TRACING/trace)" "changes"
}

drops_are_traced()
{
	trace_on
	udp_ask client1 4 99 -p 7002 -t 100 >/dev/null
	trace_off
	assert_match "sluice_drop: .* proto=17 src=$(pod 4 client1):7002 dst=$(vip 4):99 reason=no-backend" \
		"$(cat $TRACING/trace)"
}

# The kernel's own tracepoint shows the drop where others look for it.
kernel_sees_the_drop()
{
	echo >$TRACING/trace
	echo 1 >$TRACING/events/skb/kfree_skb/enable
	udp_ask client1 4 99 -t 100 >/dev/null
	echo 0 >$TRACING/events/skb/kfree_skb/enable
	assert_match "kfree_skb: .*protocol=2048 .*reason: NETFILTER_DROP" "$(cat $TRACING/trace)"
}

drops_are_reported()
{
	spawn "$NODE" sluice monitor events >/tmp/events
	reported() { udp_ask client1 6 99 -p 7003 -t 100 >/dev/null; grep -q :7003 /tmp/events; }
	assert_ok wait_for 10 reported
	assert_match "drop reason no-backend proto udp src \[$(pod 6 client1)\]:7003 dst \[$(vip 6)\]:99" \
		"$(cat /tmp/events)"
}

# A flood of drops makes few events and a count of those lost, which each event
# has with it.
events_are_limited()
{
	local lines lost

	((SLOW == 1)) || {
		case_skip "this kernel drops no 640 packets in a second"
		return
	}
	: >/tmp/events
	udp_ask client1 4 99 -c 2000 -t 0 >/dev/null
	lost_some() { (($(json .events_lost stats show) > 0)); }
	assert_ok wait_for 5 lost_some
	lines=$(wc -l </tmp/events)
	assert_between 1 1500 "$lines" "events for 2000 drops"
	# All that were dropped are in the queue, sent or lost.
	monitor /tmp/limited monitor events || return
	next_told() { udp_ask client1 4 99 -p 7004 -t 300 >/dev/null; grep -q :7004 /tmp/limited; }
	assert_ok wait_for 10 next_told
	lost=$(json .events_lost stats show)
	assert_match ":7004 .*lost $lost\$" "$(tail -n 1 /tmp/limited)" \
		"what the monitor says is lost"
}

change_many()
{
	local i

	for ((i = 0; i < 4000; i++)); do
		echo "identity add 10.99.$((i / 250)).$((i % 250 + 1)) id 4000"
	done | node sluice restore --noflush
	node sluice identity flush
	netlink_has_lost
}

# More than the monitor's socket has room for, while it does not read. What comes
# before it has read all of that is lost, too.
slow_monitors_are_told()
{
	local pid key

	key=$(service 4 98/udp)
	monitor /tmp/slow monitor config || return
	pid=$!
	kill -STOP $pid
	assert_ok wait_for $((60 * SLOW)) change_many
	kill -CONT $pid
	assert_ok wait_for $((20 * SLOW)) grep -q "^lost messages: " /tmp/slow
	goes_on() { node sluice service add "$key"; node sluice service del "$key"; grep -q "$key" /tmp/slow; }
	assert_ok wait_for $((30 * SLOW)) goes_on
}

ktap_begin
run_setup set_up "services with and without a backend are set up"
run_case verdicts_are_traced "each new flow is traced once"
run_case changes_are_traced "each change is traced once"
run_case drops_are_traced "a drop is traced with its reason"
run_case kernel_sees_the_drop "the kernel's tracepoint names the drop"
run_case drops_are_reported "a drop is reported as an event"
run_case events_are_limited "events are limited, and the monitor says how many are lost"
run_case slow_monitors_are_told "a monitor that does not keep up says so"
ktap_end
