#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NetworkPolicies of Kubernetes with real pods: who reaches whom is what they
# say; see netpol.sh. These are some of the cases, test_netpol_all.sh has all.
# needs: python
# timeout: 600
# check: 6.12

. ./lib.sh
. ./netpol.sh

# Those of an update one after the other
CASES=(deny-all allow-all-beats-deny-all by-pod by-namespace by-pod-and-namespace
	pods-by-expressions namespaces-by-expressions
	port port-range named-port-moved same-labels-other-ports udp sctp
	egress-named-port-of-any-peer ingress-and-egress allow-to-self stacked
	cidr-except cidr-named-port-moved outside
	update-policy.before update-policy.after
	update-pod-labels.before update-pod-labels.after
	update-namespace-labels.before update-namespace-labels.after
	deleted-policy.before deleted-policy.after)

set_up()
{
	netpol_up "${CASES[@]}"
}

no_policies()
{
	assert_eq "yes=$(wc -l < $PLAN/deny-all.probes)" \
		"$(tried deny-all | cut -d ' ' -f 6- | tally)" probes
}

saved()
{
	local name

	for name in stacked cidr-except; do
		in_force $name && node sluice save > $PLAN/saved || return
		node sluice policy flush && node sluice identity flush &&
		restored $PLAN/saved && assert_case $name || return
		node sluice save > $PLAN/again
		assert_ok diff $PLAN/saved $PLAN/again
	done
}

# What x/b may is one rule.
missing_rule()
{
	local rule

	in_force by-pod || return
	rule=$(sed -n 's/^policy add \(.*\) allow .*/\1/p' "$RULES")
	# shellcheck disable=SC2086 # several words
	assert_ok node sluice policy del $rule || return
	assert_differ by-pod "x/b x/a no=12"
}

missing_entry()
{
	local entry

	in_force by-pod || return
	entry=$(sed -n 's,^identity add \(fd00.* id [0-9]*\).* # x/b$,\1,p' "$RULES")
	# shellcheck disable=SC2086 # several words
	assert_ok node sluice identity del $entry || return
	assert_differ by-pod "x/b x/a no=6"
}

# As if the compiler had taken one port of one protocol for all.
wrong_rule()
{
	compiled by-pod && sed 's/ allow / tcp 80 allow /' "$RULES" > $PLAN/wrong &&
	restored $PLAN/wrong || return
	assert_differ by-pod "x/b x/a no=10"
}

ktap_begin
run_setup set_up "nine pods in three namespaces have servers"
run_case no_policies "without policies everyone reaches everyone"
for name in "${CASES[@]}"; do
	run_netpol "$name"
done
run_case saved "what was saved and restored does the same"
run_case missing_rule "a rule that is missing is noticed"
run_case missing_entry "an address without its identity is noticed"
run_case wrong_rule "a wrong rule is noticed"
ktap_end
