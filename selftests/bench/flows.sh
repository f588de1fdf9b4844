# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # contender is the one being measured
#
# Contenders with one service and SIZE live flows, for measure.sh: of clients
# that are behind client1, 50,000 each or one each, and of whom nobody speaks while
# something is measured.

FLOWS="flows flows_slow flows_apart"

# Is the contender one of these?
is_crowded()
{
	[[ " $FLOWS " == *" $contender "* ]]
}

flows_slow_up()
{
	sluice_up && node sluice flow set limit $((SIZE + 100000)) \
		timeout-udp 3600 timeout-udp-unreplied 3600
}

# One server has all of them: two would have to be woken now and then in turn.
flows_slow_write()
{
	local SIZE=1

	sluice_write 1 1 &&
	awk '$1 != "backend" || !seen[$3]++' /tmp/table > /tmp/of-one &&
	mv /tmp/of-one /tmp/table
}

flows_slow_load()
{
	fast_load
}

# flows_slow_fill [EACH]: so many of each address
flows_slow_fill()
{
	local count to

	read -ra to <<< "$(target)"
	node ip route add "$(of_family 198.18.0.0/15 2001:2::/48)" \
		via "$(pod "$FAMILY" client1)" dev vclient1 onlink &&
	in_ns client1 ./progs/cost fill "$SIZE" "${to[@]}" "$@" &&
	count=$(json .flows stats show) || return
	((count >= SIZE)) || { t_diag "$count flows"; return 1; }
}

# "CALL ALL": the service's only backend, which has all the flows
flows_slow_del_backend()
{
	local to

	read -ra to <<< "$(target)"
	node ./progs/change backend "${to[0]}" "$(pod "$FAMILY" backend1)"
}

flows_up()
{
	flows_slow_up && attach_all
}

flows_write()
{
	flows_slow_write "$@"
}

flows_load()
{
	flows_slow_load
}

flows_fill()
{
	flows_slow_fill
}

flows_del_backend()
{
	flows_slow_del_backend
}

flows_apart_up()
{
	flows_up
}

flows_apart_write()
{
	flows_slow_write "$@"
}

flows_apart_load()
{
	flows_slow_load
}

flows_apart_fill()
{
	flows_slow_fill 1
}

flows_apart_del_backend()
{
	flows_slow_del_backend
}
