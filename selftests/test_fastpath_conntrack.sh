#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connections that change between the fast path and a slow path with connection
# tracking, whose firewall drops what it calls invalid: nothing is.
# timeout: 200
# needs: python
# check: 7.3

. ./lib.sh

export NODE=node
# Much more than is under way at a time
SIZE=60000000
FILES=/tmp/nginx-backend1-80/files

# attach on|off: the devices of both ends
attach()
{
	node sluice device replace vclient1 netfilter skip fast-path "$1" &&
	node sluice device replace vbackend1 netfilter skip fast-path "$1"
}

set_up()
{
	load_module && topo_up 1 1 && start_nginx backend1 backend1 || return
	services_up 80/tcp 1 && mkdir -p $FILES &&
	head -c $SIZE /dev/urandom > $FILES/big || return
	node nft -f - <<-END || return
		table inet firewall {
			chain forward {
				type filter hook forward priority 0;
				ct state invalid counter drop
			}
		}
	END
	attach on
}

invalid()
{
	node nft list table inet firewall |
		sed -n 's/.*invalid counter packets \([0-9]*\).*/\1/p'
}

# download FAMILY: in the background, by the service
download()
{
	INVALID=$(invalid)
	rm -f /tmp/got
	spawn client1 curl -gsS --limit-rate 20M --max-time $((60 * SLOW)) -o /tmp/got \
		"http://$(at "$1" "$(vip "$1")" 80)/files/big"
	DOWNLOAD=$!
}

has_got()
{
	[[ $(stat -c %s /tmp/got 2>/dev/null || echo 0) -ge $1 ]]
}

# switch_at BYTES on|off: nobody reads meanwhile
switch_at()
{
	wait_for 30 has_got "$1" || return
	kill -STOP $DOWNLOAD
	attach "$2"
	kill -CONT $DOWNLOAD
}

# is_whole FAMILY: what has been downloaded
is_whole()
{
	wait $DOWNLOAD
	assert_eq 0 $? "IPv$1: curl"
	assert_ok cmp /tmp/got $FILES/big
	assert_eq "$INVALID" "$(invalid)" "IPv$1 invalid packets"
}

# A segment that is far out of its window: nf_conntrack still calls that invalid.
nobody_skips()
{
	local before

	node sluice device replace vclient1 netfilter heed
	node sluice device replace vbackend1 netfilter heed
	before=$(invalid)
	in_ns client1 python3 -B ./window.py "$(vip 4)" 80
	assert_eq $((before + 1)) "$(invalid)"
}

# Back and forth while it is being downloaded
comes_back()
{
	local family before

	for family in 4 6; do
		attach off
		before=$(sent vbackend1)
		download $family
		switch_at 1000000 on
		switch_at $((SIZE / 2)) off
		assert_ne "$before" "$(sent vbackend1)" \
			"IPv$family segments by the fast path"
		is_whole $family
	done
}

# By the fast path from its first packet on, seen in the middle
comes_late()
{
	local family

	for family in 4 6; do
		attach on
		download $family
		switch_at 1000000 off
		is_whole $family
	done
}

ktap_begin
run_setup set_up "a firewall that drops what is invalid"
run_case nobody_skips "nothing is made easy where no device skips"
run_case comes_back "a connection goes and comes back"
run_case comes_late "a connection comes late"
ktap_end
