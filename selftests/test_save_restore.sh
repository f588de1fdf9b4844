#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# sluice save and restore, with the kernel: round trips, all or nothing, and
# what is not changed is not touched.
# timeout: 240
# check: 6.1

. ./lib.sh
. ./traffic.sh

SERVICES=300	# of each family
TCP=10.96.0.1:80/tcp
UDP="[fd00:10:96::1]:53/udp"

set_up()
{
	load_module && topo_up 1 2 || return
	spawn backend1 ./progs/talk serve 80
	start_nginx backend2 backend2 || return
	wait_for 10 is_listening backend1 80
}

# many: commands for services of both families, of all kinds
many()
{
	awk -v services=$SERVICES '
	function service(i, key, backend) {
		print "service add " key " scheduler " scheduler[i % 4]
		for (j = 1; j <= i % 5; j++)
			printf "backend add %s %s weight %d state %s\n", key,
				sprintf(backend, j), i * j % 65536, state[i % 3]
	}
	BEGIN {
		split("rr wrr maglev random", scheduler)
		scheduler[0] = "random"
		split("draining down active", state)
		state[0] = "active"
		print "flow set limit 5000 timeout-udp 77"
		for (i = 0; i < services; i++) {
			service(i, sprintf("10.97.%d.%d:%d/%s", i / 250,
				i % 250 + 1, 1000 + i, i % 2 ? "udp" : "tcp"),
				"10.244.2.%d:" 2000 + i)
			service(i, sprintf("[fd00:10:97::%x]:%d/%s", i + 1,
				1000 + i, i % 2 ? "tcp" : "udp"),
				"[fd00:10:244::2:%d]:" 2000 + i)
		}
	}'
}

# Lines of what was given and of what was saved, but in another order, and
# "flow set" with all settings
comparable()
{
	grep -v '^#\|^flow set\|^node set' "$1" | sort
}

round_trip()
{
	many > /tmp/many
	assert_ok node sluice restore -f /tmp/many || return
	node sluice save > /tmp/saved
	comparable /tmp/many > /tmp/expected
	comparable /tmp/saved > /tmp/got
	assert_ok diff /tmp/expected /tmp/got
	assert_match 'limit 5000 .*timeout-udp 77 ' "$(grep '^flow set' /tmp/saved)"
	assert_eq $((2 * SERVICES)) "$(grep -c '^service' /tmp/saved)" services

	assert_ok node sluice service flush
	assert_ok node sluice flow set limit 9999 timeout-udp 5
	assert_ok node sluice restore < /tmp/saved
	node sluice save > /tmp/again
	assert_ok diff /tmp/saved /tmp/again
}

revision()
{
	node sluice -j stats show | jq .revision
}

# The kernel's tracepoint says how many changes there have been.
changes()
{
	grep -c sluice_change: /sys/kernel/tracing/trace
}

# Not even a message for what is the same, settings included
restoring_the_same_does_nothing()
{
	local before

	monitor /tmp/told monitor || return
	before=$(revision)
	echo 1 > /sys/kernel/tracing/events/sluice/sluice_change/enable
	assert_ok node sluice restore -f /tmp/saved
	assert_eq "$before" "$(revision)" revision
	assert_eq 0 "$(changes)" "changes"
	node sluice flow set timeout-udp 78
	wait_for 10 grep -q 'timeout-udp 78' /tmp/told
	assert_eq 1 "$(wc -l < /tmp/told)" "messages"
	assert_eq 1 "$(changes)" "changes"
	assert_ok node sluice restore -f /tmp/saved
	echo 0 > /sys/kernel/tracing/events/sluice/sluice_change/enable
}

buckets()
{
	node sluice -j stats show | jq .flow_buckets
}

# Wherever in the file it is said
table_is_made_for_the_limit()
{
	assert_ok node sluice service flush
	assert_ok node sluice flow set limit 5000
	printf '%s\n' "service add 10.96.0.9:80/tcp" "flow set limit 1000000" |
		node sluice restore || return
	assert_eq "524288 1000000" \
		"$(buckets) $(node sluice -j flow show settings | jq .limit)"
	assert_ok node sluice restore -f /tmp/saved
}

# The line that is one too many
too_many_backends()
{
	assert_ok node sluice service add 10.96.0.9:80/tcp || return
	seq 16001 | awk '{
		printf "backend add 10.96.0.9:80/tcp 10.%d.%d.1:80\n",
			$1 / 250, $1 % 250
	}' > /tmp/wrong
	assert_match 'restore: line 16001: .*the service has as many backends' \
		"$(node sluice restore --noflush -f /tmp/wrong 2>&1)"
	assert_ok node sluice service del 10.96.0.9:80/tcp
	node sluice save > /tmp/after
	assert_ok diff /tmp/saved /tmp/after
}

# refused FILE STATUS REGEX: restore fails so, and all is as before
refused()
{
	local output status=0

	output=$(node sluice restore -f "$1" 2>&1) || status=$?
	assert_eq "$2" "$status" "exit status"
	assert_match "$3" "$output" "complaint"
	node sluice save > /tmp/after
	assert_ok diff /tmp/saved /tmp/after
}

# with_line NUMBER TEXT: the saved file with that line more, as /tmp/wrong
with_line()
{
	sed "$1i $2" /tmp/saved > /tmp/wrong
}

a_syntax_error_changes_nothing()
{
	local before line text

	before=$(revision)
	for line in 1 2 100 700; do
		for text in 'service ad 10.96.9.9:80/tcp' \
				'backend add 10.97.0.1:1000/tcp 10.0.0.1' \
				'service add 10.96.9.9:80/tcp scheduler' \
				'service add 10.96.9.9:80/tcp "'; do
			with_line $line "$text"
			refused /tmp/wrong 2 "line $line:"
		done
	done
	assert_eq "$before" "$(revision)" revision
}

# Half of it goes (the services of one family), something new comes, something
# changes; and near the end there is a line that the kernel will not have.
what_the_kernel_refuses_is_undone()
{
	local text

	for text in 'service add 127.0.0.1:80/tcp' \
			'backend add 10.97.0.1:1000/tcp 10.97.0.1:1000' \
			'backend add 10.97.0.1:1000/tcp [fd00::1]:80' \
			'service add 10.96.9.9:80/136'; do
		{
			grep -v 'fd00\|10.97.0.3:' /tmp/saved
			echo "service add 10.96.8.8:80/tcp"
			echo "backend add 10.96.8.8:80/tcp 10.244.2.1:80"
			echo "$text"
		} > /tmp/wrong
		refused /tmp/wrong 1 "line $(wc -l < /tmp/wrong):.*nothing was changed"
	done
}

# Each option in another value than that of a new object
options_round_trip()
{
	cat > /tmp/options <<-END
		service add 0.0.0.0:30080/tcp scheduler wlc affinity client-ip 90 affinity-shared on masquerade always no-backend drop removal finish scope external traffic-policy local echo on allow 10.0.0.0/8,192.168.1.7/32 deny 10.1.0.0/16 health-port 32000 forward l2 affinity-group 7
		service add [::]:30080/sctp scheduler sh masquerade off-cluster allow fd00::/8 forward relay
		service add 10.96.9.9:80/udp scheduler lc masquerade never deny 0.0.0.0/0 forward tunnel
		backend add 0.0.0.0:30080/tcp 10.244.2.1:30080 weight 3 state draining local on
		identity add 10.244.1.7/32 id 1001 exclusive on
		identity add 172.17.0.0/16 id 70 except 172.17.1.0/24,172.17.2.7/32
		identity add fd00::/8 id world
		policy set 1001 isolate both audit on on-deny reject established keep
		policy add to 1001 from 1002 tcp 80-90 deny tier admin priority 7 cookie 42 name x/y
		policy add from 1001 to any icmp 8/0 pass tier baseline
		policy add from 1001 to unknown allow
	END
	{
		echo "node set node-port-addresses 192.168.0.0/16,fd00::/8" \
			"node-port-loopback on pod-prefixes 10.244.0.0/16" \
			"egress-masquerade on policy-tcp strict" \
			"policy-node-traffic judge policy-audit on"
		cat /tmp/options
	} > /tmp/with-node
	assert_ok node sluice restore -f /tmp/with-node
	node sluice save > /tmp/got
	assert_eq "$(sort /tmp/with-node)" "$(grep -v '^flow\|^#' /tmp/got | sort)"
	assert_ok node sluice restore -f /tmp/got
	assert_ok node sluice restore --noflush -f /tmp/options
	node sluice save > /tmp/again
	assert_ok diff /tmp/got /tmp/again
	assert_eq "$(node sluice node show)" "$(grep '^node' /tmp/got)" "node show"
	# What a line leaves out is as for a new one, with --noflush, too.
	assert_ok node sluice restore --noflush <<< \
		"service add 10.96.9.9:80/udp"
	assert_match '^service add 10.96.9.9:80/udp scheduler random$' \
		"$(node sluice save | grep 10.96.9.9)"
	assert_ok node sluice node set node-port-addresses all \
		node-port-loopback off pod-prefixes none egress-masquerade off \
		policy-tcp loose policy-node-traffic allow policy-audit off
	assert_ok node sluice restore < /dev/null
	assert_eq '' "$(node sluice save | grep -v '^#\|^flow\|^node')" \
		"after an empty file"
}

counters()
{
	node sluice -s -j service show "$1" | jq -c '.[0].counters'
}

# A file that keeps two services as they are, drops others and brings new ones
keep_two()
{
	cat <<-END
		service add 10.96.9.$1:80/tcp
		backend add 10.96.9.$1:80/tcp 10.244.2.2:80
		service add $TCP scheduler rr
		backend add $TCP 10.244.2.1:80
		service add $UDP scheduler rr
		backend add $UDP [fd00:10:244::2:1]:80
	END
}

what_stays_is_not_touched()
{
	local before i key

	keep_two 1 | node sluice restore || return
	background tcp client1 talk tcp 10.96.0.1 80
	background udp client1 talk udp fd00:10:96::1 53
	go_on tcp udp || return
	for i in 2 3 4 5; do
		keep_two $i | node sluice restore || return
		go_on tcp udp
		assert_eq backend2 "$(http_get client1 http://10.96.9.$i/)"
		assert_eq 3 "$(node sluice -j stats show | jq .services)"
	done
	without_errors tcp udp
	for key in $TCP "$UDP"; do
		before=$(counters "$key")
		assert_eq 1 "$(jq .connections <<< "$before")" "$key connections"
		assert_ne 0 "$(jq .in_packets <<< "$before")" "$key packets"
	done
}

packets_of_rule()
{
	node sluice -s -j policy show | jq ".[].rules[] | select(.cookie == 7) |
		.counters.packets"
}

all_but_policy()
{
	node sluice save | grep -v '^#\|^identity\|^policy'
}

# Services, devices and settings stay, and so do rules that come again.
policy_alone()
{
	local others before

	others="$(keep_two 1; echo "device add veth-x address 10.244.9.9")"
	node sluice restore <<-END || return
		$others
		identity add 10.244.2.1 id 2001
		policy add to 2001 from any allow cookie 7
		policy set 2001 audit on
	END
	background ruled client1 talk tcp 10.244.2.1 80
	go_on ruled || return
	others=$(all_but_policy)
	before=$(packets_of_rule)
	assert_ok node sluice restore --policy <<-END
		policy add to 2001 from any allow cookie 7
		policy add to 2001 from 2002 deny
		identity add 10.244.2.1 id 2001
	END
	go_on ruled
	without_errors ruled
	assert_between "$before" 1000000 "$(packets_of_rule)" \
		"packets of the rule that stays"
	assert_eq "$others" "$(all_but_policy)" "all else"
	assert_eq "identity add 10.244.2.1/32 id 2001
policy add to 2001 from any allow cookie 7
policy add to 2001 from 2002 deny" "$(node sluice save | grep '^identity\|^policy')" \
		"the policy"
	assert_fails node sluice restore --policy <<< "service add 10.96.9.9:80/tcp"
	assert_ok node sluice restore --policy < /dev/null
	assert_eq "$others" "$(node sluice save | grep -v '^#')" "without a policy"
}

ktap_begin
run_setup set_up "clients and backends are set up"
run_case round_trip "what is saved is what was restored, $((2 * SERVICES)) services"
run_case restoring_the_same_does_nothing "restoring the same does nothing"
run_case table_is_made_for_the_limit "the table of flows is made for the limit of the file"
run_case too_many_backends "of too many backends the line is named"
run_case a_syntax_error_changes_nothing "a syntax error changes nothing"
run_case what_the_kernel_refuses_is_undone "what the kernel refuses is undone"
run_case options_round_trip "all options are saved and restored"
run_case policy_alone "the policy alone is restored"
run_case what_stays_is_not_touched "connections and counters of what stays go on"
ktap_end
