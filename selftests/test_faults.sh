#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Things go away under traffic: the namespace with the services, devices,
# backends, the configuration, the module itself.
# timeout: 600
# check: 6.12

. ./lib.sh
. ./traffic.sh

NODE=node
ASKING="short4 short6 node4 node6"

set_up()
{
	local i

	hold_hooks && load_module && topo_up 3 3 && give_up_soon $NODE || return
	for i in 1 2 3; do
		serve backend$i || return
	done
	configuration 3 > /tmp/all
	configuration 2 > /tmp/two
	{ sed 's/scheduler rr/scheduler maglev/' /tmp/all; others; } > /tmp/more
	node sluice restore -f /tmp/all
}

# Services that nobody asks
others()
{
	local i

	for ((i = 1; i <= 50; i++)); do
		echo "service add 10.96.7.$i:80/tcp"
		echo "backend add 10.96.7.$i:80/tcp $(backend 4 1 $SHORT)"
	done
}

services_asked()
{
	local family

	for family in 4 6; do
		storm short$family client1 "$(vip $family)"
		storm node$family $NODE "$(vip $family)"
	done
	services_go_on
}

services_go_on()
{
	# shellcheck disable=SC2086 # one word a name
	go_on $ASKING
}

# bad NAME...: connections that failed, of all of them
bad()
{
	local name sum=0

	for name; do
		result "$name"
		[[ $REPLY =~ errors=([0-9]+) ]] && sum=$((sum + BASH_REMATCH[1]))
	done
	echo $sum
}

traffic_runs()
{
	direct_up && services_asked || return
	# shellcheck disable=SC2086 # one word a name
	without_errors $ASKING
}

# Other services come and go, these change their scheduler: nothing fails.
restore_under_traffic()
{
	local i

	for ((i = 0; i < 5; i++)); do
		assert_ok node sluice restore -f /tmp/more
		services_go_on || return
		assert_ok node sluice restore -f /tmp/all
	done
	services_go_on || return
	# shellcheck disable=SC2086 # one word a name
	without_errors $ASKING
	direct_goes_on
}

# Connections may fail here, but then all is as before.
flush_under_traffic()
{
	local i

	for ((i = 0; i < 5; i++)); do
		assert_ok node sluice service flush
		assert_ok node sluice restore -f /tmp/all
		go_on short4 || return
	done
	services_go_on || return
	direct_goes_on
}

flows()
{
	node sluice -j stats show | jq .flows
}

flows_flushed_under_traffic()
{
	local i

	for ((i = 0; i < 20; i++)); do
		assert_ok node sluice flow flush
	done
	services_go_on || return
	direct_goes_on
}

is_gone()
{
	! _ip_in "$1" link show "$2" >/dev/null 2>&1
}

a_clients_device_goes()
{
	local doomed=()

	storm doomed4 client3 "$(vip 4)"
	doomed+=($!)
	storm doomed6 client3 "$(vip 6)"
	doomed+=($!)
	go_on doomed4 doomed6 || return
	assert_ok ip -n $NODE link del vclient3
	kill "${doomed[@]}"
	services_go_on || return
	direct_goes_on
}

# The clients notice; they have the others when the backend is taken out.
a_backends_namespace_goes()
{
	assert_ok ip netns pids backend3
	ip netns pids backend3 | xargs kill
	ip netns del backend3
	assert_ok wait_for 60 is_gone $NODE vbackend3
	assert_ok node sluice restore -f /tmp/two
	services_go_on || return
	# Those that were in the middle of it are late by now.
	wait_for 60 no_new_errors || return
	direct_goes_on
	pod_add backend3 && serve backend3 && node sluice restore -f /tmp/all ||
		return
	services_go_on || return
	wait_for 30 backend_has_flows 3
}

no_new_errors()
{
	local before

	# shellcheck disable=SC2086 # one word a name
	before=$(bad $ASKING)
	services_go_on || return
	# shellcheck disable=SC2086 # one word a name
	[[ $before == "$(bad $ASKING)" ]]
}

backend_has_flows()
{
	node sluice -j backend show "$(service 4 1001/tcp)" |
		jq -e ".[] | select(.backend == \"$(backend 4 "$1" $SHORT)\") |
			.flow_count > 0" >/dev/null
}

# Both long and short connections are open when the module goes.
module_goes_and_comes()
{
	local i

	for ((i = 0; i < 3; i++)); do
		assert_ne 0 "$(flows)" "flows" || return
		unload_module || return
		direct_goes_on || return
		load_module && node sluice restore -f /tmp/all || return
		services_go_on || return
		direct_goes_on || return
	done
}

# A namespace is gone when the other ends of its devices are. That happens
# only when nothing holds it any more, neither flows nor queued work.
the_node_goes()
{
	local pid

	assert_ne 0 "$(flows)" "flows" || return
	ip netns pids $NODE | xargs -r kill
	ip netns del $NODE
	for pod in client1 client2 backend1 backend3; do
		wait_for 60 is_gone $pod eth0 ||
			_assert_failed "the node's namespace" "freed" "there"
	done
	wait_for 60 no_flow_is_left ||
		_assert_failed "flows" "none" "$(flow_objects)"
}

# Of the slab caches: they have all flows of all namespaces.
flow_objects()
{
	awk '$1 ~ /^sluice_flow/ { sum += $2 } END { print sum }' /proc/slabinfo
}

no_flow_is_left()
{
	local cache

	for cache in /sys/kernel/slab/sluice_flow*; do
		echo 1 > "$cache/shrink"
	done
	[[ $(flow_objects) == 0 ]]
}

a_new_node_works()
{
	local i

	topo_down
	topo_up 3 3 && give_up_soon $NODE || return
	for i in 1 2 3; do
		serve backend$i || return
	done
	node sluice restore -f /tmp/all || return
	traffic_runs
}

the_module_goes_with_a_node()
{
	unload_module
	direct_goes_on
}

ktap_begin
run_setup set_up "services of node, a namespace"
run_setup traffic_runs "short and long connections, through services and not"
run_case restore_under_traffic "restore under traffic loses nothing"
run_case flows_flushed_under_traffic "all flows are forgotten under traffic"
run_case flush_under_traffic "services are flushed and restored under traffic"
run_case a_clients_device_goes "a client's device goes"
run_case a_backends_namespace_goes "a backend's namespace goes and comes back"
run_case module_goes_and_comes "the module goes with flows open and comes back"
run_case the_node_goes "the namespace with the services goes"
run_case a_new_node_works "another one works"
run_case the_module_goes_with_a_node "the module goes for good"
ktap_end
