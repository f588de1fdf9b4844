#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Finds nothing of what leftover left.

. ./lib.sh

all_gone()
{
	assert_fails test -d /sys/module/sluice
	assert_fails ip link show left
	assert_eq '' "$(ip netns list)"
	assert_no_match REJECT "$(iptables-legacy -S)"
	assert_eq '' "$(nft list ruleset)"
	assert_eq '' "$(pgrep -x sleep)"
}

ktap_begin
run_case all_gone "nothing is left of the test before"
ktap_end
