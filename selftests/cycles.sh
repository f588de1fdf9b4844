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
ASKING="short4 short6 node4 node6"

set_up()
{
	local i

	hold_hooks && topo_up 2 2 || return
	for i in 1 2; do
		serve backend$i || return
	done
	{ configuration 2; policy_too; } > /tmp/all
	direct_up && asking_up
}

# A policy that has a word on all of it and allows it, and bound devices
policy_too()
{
	local name

	for name in backend1 backend2; do
		echo "identity add $(pod4 $name) id 2001"
		echo "identity add $(pod6 $name) id 2001"
	done
	for name in client1 client2; do
		echo "device add v$name address $(pod4 $name),$(pod6 $name) short-cut on"
	done
	echo "policy add to 2001 from any allow"
}

# refusal -A, refusal -D: what goes to services without the module is refused at
# once: a cycle does not have to wait for connections that began before it
refusal()
{
	local chain

	for chain in FORWARD OUTPUT; do
		node iptables-legacy "$1" $chain -d 10.96.0.0/16 -p tcp \
			-j REJECT --reject-with tcp-reset &&
		node ip6tables-legacy "$1" $chain -d fd00:10:96::/112 -p tcp \
			-j REJECT --reject-with tcp-reset || return
	done
}

# Without the module these fail, at once or when they are in the middle of it.
asking_up()
{
	local family LATE=3000

	refusal -A || return
	for family in 4 6; do
		storm short$family client1 "$(vip $family)"
		storm node$family "$NODE" "$(vip $family)"
	done
}

# Some flows are open and some closing whenever the module goes.
cycle()
{
	load_module && node sluice restore -f /tmp/all || return
	# shellcheck disable=SC2086 # one word a name
	go_on_by 1 $ASKING || return
	unload_module
}

cycles()
{
	local i

	for ((i = 1; i <= CYCLES; i++)); do
		cycle || return
		((i % 100)) || t_diag "cycle $i"
	done
}

available_kb()
{
	echo 3 > /proc/sys/vm/drop_caches
	awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo
}

# count_lost: by so many cycles, in LOST_KB
count_lost()
{
	local before after

	before=$(available_kb)
	cycles || return
	# What is freed late (sockets in TIME_WAIT, RCU) comes back in a minute.
	is_back() {
		after=$(available_kb)
		((before - after <= LEAK_KB))
	}
	wait_for 90 is_back
	t_diag "available before $before, after $after KiB"
	LOST_KB=$((after > before ? 0 : before - after))
}

# The first cycles fill caches that stay, as other tests may have filled some
# that do not: a leak is there again the second time.
memory_is_not_lost()
{
	cycle && cycle && count_lost || return
	((LOST_KB <= LEAK_KB)) || count_lost || return
	assert_between 0 $LEAK_KB "$LOST_KB" "KiB lost in $CYCLES cycles"
}

cycles_cases()
{
	run_setup set_up "traffic runs without the module"
	run_case memory_is_not_lost "$CYCLES cycles, and memory is not lost"
	run_case direct_goes_on "conversations from before the first cycle go on"
	refusal -D
}
