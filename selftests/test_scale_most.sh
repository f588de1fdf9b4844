#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 50,000 services with 5 backends each, in both families, in one step. Another
# number: SLUICE_TEST_SERVICES.
# campaign: yes
# timeout: 1800
# memory: 6G

. ./lib.sh

SERVICES=${SLUICE_TEST_SERVICES:-50000}
BACKENDS=5

set_up()
{
	load_module && topo_up 1 $BACKENDS || return
	start_udp backend1 backend1 53 && start_udp backend5 backend5 53 ||
		return
	all > /tmp/all
}

# vip_of FAMILY N: the address of the Nth service
vip_of()
{
	case $1 in
	4)	printf '10.97.%d.%d\n' $(($2 / 250)) $(($2 % 250 + 1)) ;;
	6)	printf 'fd00:10:97::%x\n' $(($2 + 1)) ;;
	esac
}

# Commands for all of them, as vip_of has them
all()
{
	awk -v services="$SERVICES" -v backends=$BACKENDS 'BEGIN {
		for (i = 0; i < services; i++) {
			four = sprintf("10.97.%d.%d:53/udp", i / 250,
				i % 250 + 1)
			six = sprintf("[fd00:10:97::%x]:53/udp", i + 1)
			print "service add " four " scheduler rr"
			print "service add " six " scheduler rr"
			for (j = 1; j <= backends; j++) {
				print "backend add " four " 10.244.2." j ":53"
				print "backend add " six " [fd00:10:244::2:" \
					j "]:53"
			}
		}
	}'
}

loaded_in_one_step()
{
	assert_ok node sluice restore -f /tmp/all || return
	assert_eq "$((2 * SERVICES)) $((2 * SERVICES * BACKENDS))" "$(totals)" \
		"services and backends"
	t_diag "slab: $(awk '$1 == "Slab:" { print $2 }' /proc/meminfo) KiB"
}

# asked FAMILY N: the fifth question in turn gets to backend5
asked()
{
	local i

	for ((i = 0; i < 2 * BACKENDS; i++)); do
		in_ns client1 ./progs/udp ask -t 300 "$(vip_of "$1" "$2")" 53
	done | grep -v lost | tally
}

first_and_last_work()
{
	local family n

	for family in 4 6; do
		for n in 0 $((SERVICES / 2)) $((SERVICES - 1)); do
			assert_eq "backend1=2 backend5=2 refused=6" \
				"$(asked $family $n)" "service $n, IPv$family"
		done
	done
}

one_more_and_one_less()
{
	local key

	key=$(at 4 "$(vip_of 4 $((SERVICES - 1)))" 53/udp)
	assert_ok node sluice backend set "$key" 10.244.2.5:53 state down
	assert_match '^backend1=[23] refused=[78]$' \
		"$(asked 4 $((SERVICES - 1)))" "a backend is down"
	assert_ok node sluice service add 10.96.0.1:53/udp
	assert_ok node sluice service del "$key"
	assert_eq "$((2 * SERVICES)) $((2 * SERVICES * BACKENDS - BACKENDS))" \
		"$(totals)" "services and backends"
}

saved_and_restored()
{
	node sluice save > /tmp/saved
	assert_ok node sluice restore -f /tmp/saved
	node sluice save > /tmp/again
	assert_ok cmp /tmp/again /tmp/saved
}

emptied()
{
	assert_ok node sluice restore < /dev/null
	assert_eq "0 0" "$(totals)" "services and backends"
}

ktap_begin
run_setup set_up "clients and backends are set up"
run_case loaded_in_one_step "$SERVICES services with $BACKENDS backends, dual stack, are loaded in one step"
run_case first_and_last_work "the first, the last and the one in the middle work"
run_case one_more_and_one_less "changes of one of them"
run_case saved_and_restored "all is saved and restored"
run_case emptied "an empty file removes all"
ktap_end
