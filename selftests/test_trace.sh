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

# A flood of drops makes few events and a count of those lost.
events_are_limited()
{
	local lines

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
}

ktap_begin
run_setup set_up "services with and without a backend are set up"
run_case verdicts_are_traced "each new flow is traced once"
run_case drops_are_traced "a drop is traced with its reason"
run_case kernel_sees_the_drop "the kernel's tracepoint names the drop"
run_case drops_are_reported "a drop is reported as an event"
run_case events_are_limited "events are limited"
ktap_end
