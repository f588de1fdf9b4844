#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A table of 20,000 services with 5 backends each, restored in one transaction
# while connections go on: none of them fails, whether it belongs to a service
# that stays or to none, and short connections see the old or the new table.
# timeout: 400
# memory: 3G
# check: 7.3

. ./lib.sh
. ./traffic.sh

SERVICES=20000
BACKENDS=5

set_up()
{
	load_module && topo_up 1 2 || return
	spawn backend1 ./progs/talk serve 80
	spawn backend2 ./progs/talk serve 80
	start_nginx backend1 web1 8080 && start_nginx backend2 web2 8080 ||
		return
	wait_for 10 is_listening backend1 80
	wait_for 10 is_listening backend2 80
	many 0 > /tmp/many0
	many 1 > /tmp/many1
}

# many N: commands for a table, with another second backend for each N. The
# first service has a connection that stays, the second is asked anew for ever:
# its only backend changes.
many()
{
	awk -v n="$1" -v services=$SERVICES -v backends=$BACKENDS 'BEGIN {
		print "service add 10.96.0.1:80/tcp scheduler rr"
		print "backend add 10.96.0.1:80/tcp 10.244.2.1:80"
		print "service add 10.96.0.2:80/tcp removal finish"
		printf "backend add 10.96.0.2:80/tcp 10.244.2.%d:8080\n", 1 + n
		for (i = 0; i < services - 2; i++) {
			key = sprintf("10.97.%d.%d:%d/tcp", i / 250 % 250,
				i % 250 + 1, 80 + i / 62500)
			print "service add " key
			for (j = 1; j <= backends; j++)
				print "backend add " key " 10.244.9." j ":" \
					(j == 2 ? 1000 + n : 80)
		}
	}'
}

expected_totals="$SERVICES $(((SERVICES - 2) * BACKENDS + 2))"

loaded_in_one_step()
{
	local before

	before=$(node sluice -j stats show | jq .revision)
	assert_ok node sluice restore -f /tmp/many0 || return
	assert_eq "$expected_totals" "$(totals)" "services and backends"
	assert_eq $((before + 1)) \
		"$(node sluice -j stats show | jq .revision)" revision
}

# ask_for_ever: a connection after the other to the second service, whose
# answers go to /tmp/asked
ask_for_ever()
{
	while :; do
		http_get client1 http://10.96.0.2/ || echo failed
	done > /tmp/asked 2>&1
}

replaced_under_traffic()
{
	local asking i

	background tcp client1 talk tcp 10.96.0.1 80
	background direct client1 talk tcp 10.244.2.2 80
	go_on tcp direct || return
	ask_for_ever &
	asking=$!
	on_exit_kill $asking
	for i in 1 0 1; do
		assert_ok node sluice restore -f /tmp/many$i
		go_on tcp direct || return
		wait_for 60 tail_is web$((1 + i)) || return
	done
	kill $asking
	without_errors tcp direct
	assert_eq 'web1
web2' "$(sort -u /tmp/asked)" "answers"
}

tail_is()
{
	[[ $(tail -n 1 /tmp/asked) == "$1" ]]
}

# The last of 120,000 lines is wrong.
refused_at_the_end()
{
	cp /tmp/many0 /tmp/wrong
	echo 'backend add 10.97.0.1:80/tcp [fd00::1]:80' >> /tmp/wrong
	assert_match "line $(wc -l < /tmp/wrong): .*nothing was changed" \
		"$(node sluice restore -f /tmp/wrong 2>&1)" complaint
	assert_eq "$expected_totals" "$(totals)" "services and backends"
	assert_match 10.244.9.2:1001 \
		"$(node sluice backend show 10.97.0.1:80/tcp)" "a backend"
	go_on tcp direct || return
	without_errors tcp direct
}

emptied()
{
	assert_ok node sluice restore < /dev/null
	assert_eq "0 0" "$(totals)" "services and backends"
	go_on direct || return
	without_errors direct
}

ktap_begin
run_setup set_up "clients and backends are set up"
run_case loaded_in_one_step "$SERVICES services with $BACKENDS backends are loaded in one step"
run_case replaced_under_traffic "the table is replaced, and no connection fails"
run_case refused_at_the_end "a mistake at the end changes nothing"
run_case emptied "an empty file removes all"
ktap_end
