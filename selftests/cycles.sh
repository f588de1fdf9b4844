# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The module is loaded, configured, used and unloaded over and over, while
# traffic runs that is not its business; how often is up to the test that
# sources this, in CYCLES.

. ./traffic.sh

# A cycle leaves nothing behind. What the kernel allots and keeps for itself
# shrinks in comparison with a leak as the cycles get more.
LEAK_KB=16384

set_up()
{
	local i

	hold_hooks && topo_up 2 2 || return
	for i in 1 2; do
		serve backend$i || return
	done
	configuration 2 > /tmp/all
	direct_up
}

asks_once()
{
	in_ns "$1" ./progs/storm run -c 8 -n 4 -t 5000 "$2" $SERVICE_PORTS |
		grep -q ' errors=0 '
}

# Connections that are in the middle of it when the module goes are lost, and
# the backend still has them when it comes back: a client that happens to have
# the same port again is late once.
cycle()
{
	local ns family

	load_module && node sluice restore -f /tmp/all || return
	for ns in client1 "$NODE"; do
		for family in 4 6; do
			asks_once "$ns" "$(vip $family)" ||
				asks_once "$ns" "$(vip $family)" ||
				_assert_failed "cycle $1, IPv$family" \
					"connections" "errors" || return
		done
	done
	unload_module
}

# Some flows are open and some closing whenever the module goes.
cycles()
{
	local i

	storm short4 client1 "$(vip 4)"
	storm short6 "$NODE" "$(vip 6)"
	for ((i = 1; i <= CYCLES; i++)); do
		cycle $i || return
		((i % 100)) || t_diag "cycle $i"
	done
}

available_kb()
{
	echo 3 > /proc/sys/vm/drop_caches
	awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo
}

# The first cycles fill caches that stay.
memory_is_not_lost()
{
	local before after

	assert_ok cycle first && assert_ok cycle second || return
	before=$(available_kb)
	cycles || return
	# What is freed late (sockets in TIME_WAIT, RCU) comes back in a minute.
	is_back() {
		after=$(available_kb)
		((before - after <= LEAK_KB))
	}
	wait_for 90 is_back
	t_diag "available before $before, after $after KiB"
	assert_between 0 $LEAK_KB $((after > before ? 0 : before - after)) \
		"KiB lost in $CYCLES cycles"
}

cycles_cases()
{
	run_setup set_up "traffic runs without the module"
	run_case memory_is_not_lost "$CYCLES cycles, and memory is not lost"
	run_case direct_goes_on "conversations from before the first cycle go on"
}
