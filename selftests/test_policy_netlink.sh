#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Identities, rules and devices by netlink: refusals, notifications, transactions, dumps.
# needs: python
# check: 7.3

. ./lib.sh
. ./policy.sh

set_up()
{
	load_module &&
	sluice identity add 10.244.1.7 id 1001 &&
	policy add to 1001 from 1002 tcp 80 allow cookie 42 name web &&
	policy set 1001 isolate ingress &&
	sluice device add veth-a address 10.244.1.7
}

state()
{
	sluice save
	sluice -j stats show
}

refusals_change_nothing()
{
	local before output

	before=$(state)
	output=$(python3 -B ./nl_policy_refusals.py 2>&1) || _case_failed=1
	t_diag "$output"
	assert_eq "$before" "$(state)" "configuration and revision"
}

# The kernel's own client has the same to say as the command.
ynl_agrees()
{
	assert_eq "$(ynl_cli --dump identity-get | jq -c '.[].identity | [.prefix.addr, .prefix.len, .id]')" \
		'["10.244.1.7",32,1001]' identities
	assert_eq "$(ynl_cli --dump rule-get | jq -c '.[].rule | [.subject, .direction, .peer, ."port-first", .tier, .action, .cookie, .name]')" \
		'[1001,"ingress",1002,80,"normal","allow",42,"web"]' rules
	assert_eq "$(ynl_cli --dump subject-get | jq -c '.[].subject | [.id, ."isolate-ingress", ."isolate-egress"]')" \
		'[1001,1,0]' subjects
	assert_eq "$(ynl_cli --dump device-get | jq -c '.[].device | [.name, .addresses.prefix[].addr, .ifindex, .drops]')" \
		'["veth-a","10.244.1.7",0,0]' devices
}

# told PATTERN: a line of the monitor's, soon
told()
{
	wait_for 5 grep -q "$1" /tmp/told ||
		_assert_failed "told of" "$1" "$(cat /tmp/told)"
}

monitor_up()
{
	spawn "$NODE" stdbuf -oL sluice monitor config > /tmp/told
	listens() {
		sluice identity replace 10.99.99.99 id 99
		sluice identity del 10.99.99.99 id 99
		grep -q 10.99.99.99 /tmp/told
	}
	wait_for 10 listens
	sleep 0.5
	: > /tmp/told
}

changes_are_told()
{
	monitor_up || return
	sluice identity add 10.244.1.8 id 1002
	told '^new identity 10.244.1.8.* id 1002'
	sluice identity replace 10.244.1.8 id 1002 exclusive on
	told '^identity 10.244.1.8.* exclusive on'
	policy add to 1001 from 1003 allow
	told '^new rule to 1001 from 1003 allow'
	policy replace to 1001 from 1003 deny
	told '^rule to 1001 from 1003 deny'
	policy del to 1001 from 1003
	told '^deleted rule to 1001 from 1003'
	policy set 1001 audit on
	told '^subject 1001 isolate ingress audit on'
	policy set 1001 audit off
	sluice identity del 10.244.1.8 id 1002
	told '^deleted identity 10.244.1.8'
	sluice device add veth-b address 10.244.1.8
	told '^new device veth-b address 10.244.1.8'
	sluice device replace veth-b address 10.244.1.9
	told '^device veth-b address 10.244.1.9'
	sluice device replace veth-b address 10.244.1.9
	sluice device del veth-b
	told '^deleted device veth-b'
	assert_eq 11 "$(wc -l < /tmp/told)" "lines"
}

# One mistake, and nothing of it was.
all_or_nothing()
{
	local before

	before=$(state)
	assert_fails sluice restore <<-END
		identity add 10.0.0.0/8 id 300
		policy add to 300 from any deny
		service add 10.96.0.1:80/tcp
		device add veth-b address 10.244.1.8
		policy add to 0 from any deny
	END
	assert_eq "$before" "$(state)" "nothing is left"
	assert_fails sluice restore --noflush <<-END
		policy set 1001 audit on
		identity add 10.0.0.0/8 id 300 except 11.0.0.0/16
	END
	assert_eq "$before" "$(state)" "nothing of the second"
}

# Rules name numbers, not entries: they stay when the last entry goes.
identity_in_use()
{
	assert_ok sluice identity del 10.244.1.7 id 1001
	assert_eq 1 "$(json '.[].rules | length' policy show)" "rules"
	assert_ok sluice identity add 10.244.1.7 id 1001
}

# replace: counters stay; nothing else does
counters_stay()
{
	assert_ok policy replace to 1001 from 1002 tcp 80 deny cookie 43
	assert_match 'deny .*cookie 43' "$(policy show)"
	assert_no_match 'web' "$(policy show)"
	assert_ok policy replace to 1001 from 1002 tcp 80 allow cookie 42 name web
}

MANY=3000

# Dumps of many packets have everything, once.
many()
{
	seq 1 $MANY | awk '{
		a = "10." int($1 / 256) "." $1 % 256 ".0/24"
		print "identity add " a " id " 1000 + $1
		print "policy add to 1001 from " 1000 + $1 " tcp " $1 " allow cookie " $1
		print "device add veth" $1 " address " a
	}' > /tmp/many
	assert_ok sluice restore -f /tmp/many
	sluice save | grep '^identity\|^policy\|^device' | sort > /tmp/saved
	assert_eq "$(sort /tmp/many | md5sum)" "$(md5sum < /tmp/saved)" "all of it"
	assert_eq "$MANY $MANY $MANY" \
		"$(json '"\(.identities) \(.rules) \(.devices)"' stats show)" totals
	assert_ok sluice restore < /dev/null
	assert_eq 0 "$(json .flow_buckets stats show)" "nothing is left"
}

# Whoever may not configure may look, and may not change.
as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

unprivileged()
{
	assert_ok as_nobody sluice identity show
	assert_ok as_nobody sluice policy show
	assert_fails as_nobody sluice identity flush
	assert_fails as_nobody sluice policy flush
	assert_fails as_nobody sluice policy add to 1001 from any allow
}

ktap_begin
run_setup set_up "there are an identity, a rule and a subject"
run_case refusals_change_nothing "bad requests are refused by name and change nothing"
run_case ynl_agrees "the kernel's own client sees them"
run_case changes_are_told "changes are told of"
run_case all_or_nothing "a transaction is done as a whole or not"
run_case identity_in_use "an identity may go while rules name it"
run_case counters_stay "a rule is replaced"
run_case unprivileged "others may look"
run_case many "dumps of thousands"
ktap_end
