#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The netlink family, by its specification alone: the kernel's own client (ynl)
# and a client that can be wrong on purpose (nlclient.py).
# needs: python
# timeout: 400
# check: 6.1 7.3

. ./lib.sh

MANY=3000
KEY=10.96.0.1:80/tcp
KEY6="[fd00:10:96::1]:80/tcp"

set_up()
{
	load_module && ns_add other
}

# as_jq FILTER: JSON with sorted keys, so that it can be compared
as_jq()
{
	jq -S -c "$1"
}

two_services()
{
	sluice service add $KEY scheduler maglev &&
	sluice backend add $KEY 10.244.2.1:80 weight 3 &&
	sluice backend add $KEY 10.244.2.2:8080 state draining &&
	sluice service add "$KEY6" &&
	sluice backend add "$KEY6" "[fd00:10:244::2:1]:80"
}

# Protocols are numbers for ynl and words for the command, which also joins
# address and port.
ynl_service='.service | {addr, port, proto, scheduler, n: ."backend-count"}'
ynl_backend='{of: .service.addr, addr: .backend.addr, port: .backend.port,
	weight: .backend.weight, state: .backend.state}'

ynl_lists_services_and_backends()
{
	two_services || return
	assert_eq '{"addr":"10.96.0.1","n":2,"port":80,"proto":6,"scheduler":"maglev"}
{"addr":"fd00:10:96::1","n":1,"port":80,"proto":6,"scheduler":"random"}' \
		"$(ynl_cli --dump service-get | as_jq ".[] | $ynl_service")" services
	assert_eq '{"addr":"10.244.2.1","of":"10.96.0.1","port":80,"state":"active","weight":3}
{"addr":"10.244.2.2","of":"10.96.0.1","port":8080,"state":"draining","weight":1}
{"addr":"fd00:10:244::2:1","of":"fd00:10:96::1","port":80,"state":"active","weight":1}' \
		"$(ynl_cli --dump backend-get | as_jq ".[] | $ynl_backend")" backends
}

# The command's JSON has underscores where the specification has hyphens.
underscored='walk(if type == "object"
	then with_entries(.key |= gsub("-"; "_")) else . end)'

# One answer of each kind, asked by ynl and by the command
ynl_agrees_with_the_command()
{
	assert_eq "$(sluice -j stats show | as_jq .)" \
		"$(ynl_cli --do stats-get | as_jq ".stats | $underscored |
			.drops = .drop | del(.drop)")" stats
	assert_ok sluice node set pod-prefixes 10.244.0.0/16,fd00:10:244::/64
	assert_eq "$( (sluice -j flow show settings; sluice -j node show) |
		jq -s add |
		as_jq ".pod_prefixes |= map({prefix: split(\"/\")})")" \
		"$(ynl_cli --do settings-get | as_jq ".settings | $underscored |
			.limit = .flow_limit | del(.flow_limit) |
			.node_port_addresses = [] |
			.node_port_loopback |= (. == 1) |
			.egress_masquerade |= (. == 1) |
			.policy_audit |= (. == 1) |
			.pod_prefixes |= (.prefix |
				map({prefix: [.addr, \"\\(.len)\"]}))")" settings
	assert_ok sluice node set pod-prefixes none
	assert_eq "$(sluice -s -j service show $KEY | as_jq '.[0].counters')" \
		"$(ynl_cli --do service-get --json \
			'{"service": {"addr": "10.96.0.1", "port": 80, "proto": 6}}' |
			as_jq ".service.counters | $underscored")" counters
}

ynl_changes_what_there_is()
{
	local service='"service": {"addr": "10.96.0.1", "port": 80, "proto": 6'
	local backend='"backend": {"addr": "10.244.2.7", "port": 80'

	assert_match 'File exists.*bad-attr' "$(ynl_cli --do service-new --create \
		--excl --json "{$service}}")" "an old service"
	assert_ok ynl_cli --do service-new --replace \
		--json "{$service, \"scheduler\": \"wrr\"}}"
	assert_match ' scheduler wrr' "$(sluice service show $KEY)"
	assert_ok ynl_cli --do backend-new --create --excl \
		--json "{$service}, $backend, \"state\": \"down\"}}"
	assert_match '10.244.2.7:80 weight 1 state down' \
		"$(sluice backend show $KEY)"
	assert_ok ynl_cli --do backend-del --json "{$service}, $backend}}"
	assert_no_match '10.244.2.7' "$(sluice backend show $KEY)"
	assert_ok ynl_cli --do service-flush
	assert_eq '' "$(sluice service show)" "after the flush"
}

# python CASE [ARGUMENT...]: a script beside this one; what it says is shown
python()
{
	local output status=0

	output=$(python3 -B "./nl_$1.py" "${@:2}" 2>&1) || status=$?
	[[ -z $output ]] || t_diag "$output"
	return $status
}

flags_mean_what_they_say()
{
	python flags &&
	assert_eq '' "$(sluice service show)" "left behind"
}

refusals_change_nothing()
{
	local before

	sluice service add $KEY scheduler rr &&
	sluice backend add $KEY 10.244.2.1:80 &&
	sluice service add "$KEY6" &&
	sluice service add 10.96.0.2:80/tcp &&
	sluice backend add 10.96.0.2:80/tcp 10.244.2.1:8080 &&
	sluice service add 10.96.0.3:80/tcp forward l2 || return
	before=$(sluice save; sluice -j stats show)
	python refusals || _case_failed=1
	assert_eq "$before" "$(sluice save; sluice -j stats show)" \
		"configuration and revision"
	assert_ok sluice service flush
	# The same in a namespace that has nothing must not leave hooks behind.
	assert_fails sluice service set $KEY scheduler rr
	assert_eq 0 "$(sluice -j stats show | jq .flow_buckets)" buckets
}

transactions_are_done_or_not()
{
	python transactions || return
	assert_eq '' "$(sluice service show)" "left behind"
	assert_eq 0 "$(sluice -j stats show | jq .flow_buckets)" buckets
}

# Without the right to more, a message is as long as everybody's may be.
transactions_have_room()
{
	local file=/tmp/long

	awk 'BEGIN {
		for (i = 0; i < 30000; i++)
			printf "service add 10.%d.%d.%d:80/tcp\n", 97 + i / 62500,
				i / 250 % 250, i % 250 + 1
	}' > $file
	assert_ok sluice restore -f $file
	assert_eq 30000 "$(sluice -j stats show | jq .services)" services
	assert_ok sluice service flush
	# Newer kernels allow everybody more by default.
	sysctl -qw net.core.wmem_max=212992
	assert_match 'bytes is more than may be sent.*wmem_max.*nothing was changed' \
		"$(setpriv --reuid 65534 --regid 65534 --clear-groups unshare \
			--user --map-root-user --net sluice restore -f $file 2>&1)" \
		"in a user namespace"
}

# ------------------------------------------------------------------ privileges

# nobody COMMAND...: as an ordinary user
nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$@"
}

refused_for_nobody()
{
	local output

	output=$(nobody sluice "$@" 2>&1) &&
		assert_eq refused allowed "$*" ||
		assert_match 'not permitted: this needs CAP_NET_ADMIN' \
			"$output" "$*"
}

nobody_may_look_only()
{
	local before

	sluice service add $KEY && sluice backend add $KEY 10.244.2.1:80 || return
	before=$(sluice save)
	refused_for_nobody service add 10.96.0.2:80/tcp
	refused_for_nobody service set $KEY scheduler rr
	refused_for_nobody service del $KEY
	refused_for_nobody service flush
	refused_for_nobody backend add $KEY 10.244.2.2:80
	refused_for_nobody backend del $KEY 10.244.2.1:80
	refused_for_nobody backend flush $KEY
	refused_for_nobody flow set limit 5
	refused_for_nobody flow flush
	refused_for_nobody flow del proto tcp src 10.0.0.1:1 dst 10.0.0.2:2
	refused_for_nobody flow show
	refused_for_nobody flow show proto tcp src 10.0.0.1:1 dst 10.0.0.2:2
	assert_match 'not permitted' \
		"$(nobody timeout 5 sluice monitor events 2>&1)" events
	assert_match 'not permitted' \
		"$(nobody timeout 5 sluice monitor flows 2>&1)" flows
	assert_eq "$before" "$(sluice save)" "configuration"
	assert_match "$KEY" "$(nobody sluice service show)" "services"
	assert_match 10.244.2.1:80 "$(nobody sluice backend show)" "backends"
	assert_ok nobody sluice service show $KEY
	assert_ok nobody sluice stats show
	assert_ok nobody sluice flow show settings
	assert_ok sluice service flush
}

# A user namespace rules its own network namespaces and no others.
user_namespaces_rule_their_own()
{
	local unshare=(setpriv --reuid 65534 --regid 65534 --clear-groups
		unshare --user --map-root-user)

	assert_eq "1 1" "$("${unshare[@]}" --net bash -c "
		sluice service add $KEY && sluice backend add $KEY 10.244.2.1:80 &&
		sluice flow show && sluice -j stats show" 2>&1 |
		jq -r '"\(.services) \(.backends)"')" "services and backends"
	assert_match 'not permitted' "$("${unshare[@]}" \
		sluice service add $KEY 2>&1)" "another's namespace"
	assert_eq '' "$(sluice service show)" "outside"
	assert_ok "${unshare[@]}" --net sluice flow set limit 262144
	assert_match 'needs CAP_NET_ADMIN' "$("${unshare[@]}" --net \
		sluice flow set limit 262145 2>&1)" "a limit above the default"
}

# ----------------------------------------------------------------------- dumps

# make_many: as nl_dumps.py thinks they are called
make_many()
{
	awk -v many=$MANY 'BEGIN {
		for (i = 0; i < many; i++) {
			key = sprintf("10.97.%d.%d:80/tcp", i / 250, i % 250 + 1)
			print "service add " key
			for (j = 1; j <= 3; j++)
				print "backend add " key " 10.244." i % 250 "." j ":80"
		}
	}' > /tmp/many
	sluice restore -f /tmp/many
}

dumps_are_complete()
{
	make_many || return
	assert_eq "$MANY $((3 * MANY))" "$(sluice -j stats show |
		jq -r '"\(.services) \(.backends)"')" "services and backends"
	python dumps complete $MANY
}

dumps_tell_of_changes()
{
	python dumps interrupted $MANY || return
	assert_eq '' "$(sluice service show)" "left behind"
}

# --------------------------------------------------------------- notifications

changes_are_told()
{
	python notifications
}

monitor_prints_changes()
{
	monitor /tmp/text monitor && monitor /tmp/json -j monitor || return
	sluice service add $KEY scheduler rr
	sluice -n other service add 10.96.7.7:80/tcp
	sluice service add $KEY 2>/dev/null && return 1
	sluice backend add $KEY 10.244.2.1:80 weight 2
	sluice backend add 10.96.0.2:80/tcp 10.244.2.1:80 2>/dev/null && return 1
	sluice backend set $KEY 10.244.2.1:80 state draining
	sluice flow set timeout-udp 99
	sluice backend del $KEY 10.244.2.1:80
	sluice service del $KEY
	sluice -n other service flush
	sluice flow set timeout-udp 120
	wait_for 10 grep -q 'timeout-udp 120' /tmp/text
	wait_for 10 grep -q '"timeout-udp":120' /tmp/json
	assert_eq "new service $KEY scheduler rr
new backend $KEY 10.244.2.1:80 weight 2 state active
backend $KEY 10.244.2.1:80 weight 2 state draining
settings timeout-udp 99
deleted backend $KEY 10.244.2.1:80 weight 2 state draining
deleted service $KEY scheduler rr
settings timeout-udp 120" \
		"$(sed -E 's/^(settings).*(timeout-udp [0-9]+) .*/\1 \2/
			s/ (backend|flow)-count 0//g' /tmp/text)" text
	assert_eq "new service, new backend, set backend, set settings, del backend,\
 del service, set settings" \
		"$(jq -r '"\(.change) \(.object)"' /tmp/json | paste -sd, |
			sed 's/,/, /g')" json
}

# ----------------------------------------------------------------- long lists

# prefixes NUMBER [COUNT]: a list of so many, or of the most there may be
prefixes()
{
	seq -f "fd$1:%g::/64" "${2:-500}" | paste -sd,
}

# Both lists of what is read, JSON with services
both_lists='.. | select(.deny?) | [.allow, .deny] | map(join(",")) | join(" ")'

# A message with such a service is longer than others may be.
lists_are_long()
{
	local allow deny first=10.96.0.9:80/tcp last=10.96.0.10:80/tcp

	allow=$(prefixes 10) deny=$(prefixes 20)
	monitor /tmp/told -j monitor || return
	assert_ok sluice service add $first
	assert_ok sluice service add "$KEY6" allow "$allow" deny "$deny"
	assert_ok sluice service add $last
	assert_ok wait_for 10 grep -q ${last%:*} /tmp/told
	assert_eq "$allow $deny" "$(jq -r "$both_lists" /tmp/told)" "told"
	assert_eq "$allow $deny" "$(sluice -j service show "$KEY6" |
		jq -r "$both_lists")" "asked for"
	assert_eq "$allow $deny" "$(sluice -j service show |
		jq -r "$both_lists")" "among all"
	assert_eq "3 500" "$(ynl_cli --dump service-get | jq -r \
		'"\(length) \(map(.service.deny.prefix // empty)[0] | length)"')" ynl
	sluice save > /tmp/long
	sluice service flush
	assert_ok sluice restore -f /tmp/long
	sluice save > /tmp/again
	assert_ok cmp /tmp/again /tmp/long

	assert_match "more than 500 prefixes" \
		"$(sluice service set "$KEY6" allow "$(prefixes 30 501)" 2>&1)"
	assert_match "too many prefixes" \
		"$(sluice service set "$KEY6" allow "$(prefixes 30 600)" 2>&1)"
	sluice save > /tmp/again
	assert_ok cmp /tmp/again /tmp/long

	assert_ok sluice node set pod-prefixes "$allow"
	assert_eq "$allow" "$(sluice -j node show |
		jq -r '.pod_prefixes | join(",")')" "of the node"
	assert_ok sluice node set pod-prefixes none
	assert_ok sluice service flush
}

# ------------------------------------------------------------------ namespaces

counts()
{
	sluice ${1:+-n "$1"} -j stats show |
		jq -r '"\(.services) \(.backends) \(.flow_buckets > 0)"'
}

namespaces_are_separate()
{
	assert_eq "0 0 false" "$(counts)" "before"
	assert_ok sluice service add $KEY scheduler rr
	assert_ok sluice -n other service add $KEY scheduler wrr
	assert_ok sluice backend add $KEY 10.244.2.1:80
	assert_ok sluice -n other flow set limit 1234
	assert_eq "1 1 true" "$(counts)" "here"
	assert_eq "1 0 true" "$(counts other)" "there"
	assert_match 'scheduler rr' "$(sluice service show)" here
	assert_match 'scheduler wrr' "$(sluice -n other service show)" there
	assert_eq 262144 "$(sluice -j flow show settings | jq .limit)" limit
	assert_ok sluice -n other service flush
	assert_eq "1 1 true" "$(counts)" "here, after a flush there"
	assert_eq "0 0 false" "$(counts other)" "there, after the flush"
	assert_ok sluice service flush
	assert_eq "0 0 false" "$(counts)" "after all"
}

monitor_ends_with_the_module()
{
	local status=0 pid

	sluice monitor 2>/tmp/complaint &
	pid=$!
	on_exit_kill $pid
	wait_for 10 has_joined $pid || return
	unload_module
	assert_ok wait_for 10 eval "! kill -0 $pid 2>/dev/null"
	wait $pid || status=$?
	assert_eq "1 sluice: monitor: module sluice has been unloaded" \
		"$status $(cat /tmp/complaint)" "the end"
}

ktap_begin
run_setup set_up "the module is loaded"
run_case ynl_lists_services_and_backends "ynl lists services and backends"
run_case ynl_agrees_with_the_command "ynl and the command say the same"
run_case ynl_changes_what_there_is "ynl creates, replaces and deletes"
run_case flags_mean_what_they_say "NLM_F_CREATE, _EXCL and _REPLACE mean what they say"
run_case refusals_change_nothing "what is wrong is refused, with a reason, and changes nothing"
run_case transactions_are_done_or_not "a transaction is done as a whole or not at all"
run_case transactions_have_room "a transaction can have many changes"
run_case nobody_may_look_only "an ordinary user may look and not change"
run_case user_namespaces_rule_their_own "a user namespace rules its own network namespace"
run_case dumps_are_complete "dumps of $MANY services are complete, each once"
run_case dumps_tell_of_changes "dumps tell of changes in between"
run_case changes_are_told "each kind of change is told, in order"
run_case monitor_prints_changes "sluice monitor prints them, of this namespace only"
run_case lists_are_long "the longest lists of prefixes are told and shown"
run_case namespaces_are_separate "namespaces are separate"
ip netns del other
run_case monitor_ends_with_the_module "sluice monitor ends with the module"
ktap_end
