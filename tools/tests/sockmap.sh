#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sluice local, mode sockmap, on this machine's own kernel: sockets of one network
# namespace, in a control group of our own. Nothing is watched here (unwatched), as
# not every kernel can, and the module is not needed.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

port=4712
node=sluice-sockmap-$$
group=
enabled=

in_group()
{
	# shellcheck disable=SC2016 # for the other shell
	bash -c 'echo $$ > "$0"/cgroup.procs && exec ip netns exec "$@"' \
		"$group" "$node" "$@"
}

ends()
{
	in_group timeout 60 ./sockmap_ends.py "$@"
}

cleanup()
{
	[[ -z $enabled ]] || $SLUICE local disable mode sockmap 2>/dev/null
	$SLUICE local show >/dev/null 2>&1	# lets go of what has drained
	ip netns del "$node" 2>/dev/null
	[[ -z $group ]] || rmdir "$group"
}

# What else this machine lacks, or nothing
lacking()
{
	local root

	xdp_lacking "$node" veth ip python3 | grep . && return
	root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	[[ -n $root ]] || { echo "control groups of version 2"; return; }
	$SLUICE local show >/dev/null 2>&1	# lets go of what has drained
	[[ ! -e /run/sluice/sockmap ]] ||
		{ echo "a mode sockmap that is not enabled already"; return; }
	mkdir "$root/$node" 2>/dev/null || echo "a control group of our own"
}

enable()
{
	$SLUICE local enable mode sockmap cgroup "$group" unwatched "$@" \
		2>/dev/null && enabled=yes
}

disable()
{
	$SLUICE local disable mode sockmap && enabled=
}

# count NAME: of a counter, or of sockets with a reason why they send by TCP
count()
{
	$SLUICE -s -j local show 2>/dev/null | python3 -c '
import json, sys
for mode in json.load(sys.stdin):
    if mode["state"] == "enabled":
        by_tcp = {e["reason"]: e["sockets"] for e in mode["by_tcp"]}
        print({**mode, **by_tcp}[sys.argv[1]])' "$1"
}

state()
{
	$SLUICE local show 2>/dev/null | cut -d ' ' -f 3
}

# refused TEXT WORD...
refused()
{
	local text=$1 said

	shift
	said=$($SLUICE local "$@" 2>&1) && return 1
	[[ $said == *"$text"* ]] || { echo "# $said"; return 1; }
}

check_refusals()
{
	tap "it is not enabled" refused "not enabled" disable mode sockmap
	tap "a group that is not there" refused '"/nowhere": No such file' \
		enable mode sockmap cgroup /nowhere unwatched
	tap "a file is no group" refused "Not a directory" \
		enable mode sockmap cgroup /proc/version unwatched
	tap "nothing is left of that" test ! -e /run/sluice/sockmap
	tap "it is enabled" enable
	tap "but once" refused "enabled already" enable mode sockmap node
	tap "and goes on" test "$(state)" = enabled
}

# Of another user
as_nobody()
{
	SLUICE="setpriv --reuid 65534 --regid 65534 --clear-groups $SLUICE" "$@"
}

check_root()
{
	tap "only root may enable it" as_nobody refused "needs root" \
		enable mode sockmap node
	tap "and disable it" as_nobody refused "needs root" disable mode sockmap
}

check_talk()
{
	local address messages

	for address in 127.0.0.1 ::1 ::ffff:127.0.0.1; do
		messages=$(count messages)
		tap "$address: sockets talk" ends talk $address $port 50
		tap_text "$address: without TCP" \
			"$(($(count messages) - messages))" 100
	done
	tap_text "each has found its peer" "$(count paired)" 6
	tap_text "and all are closed" "$(count sockets)" 0
	tap "who is not in the group" \
		ip netns exec "$node" ./sockmap_ends.py talk 127.0.0.1 $port 3
	tap_text "has not joined" "$(count joined)" 6
}

# What a port is made into in between is found all the same.
check_redirect()
{
	local messages

	if ! ip netns exec "$node" nft -f - 2>/dev/null <<-END
		table ip nat {
			chain output {
				type nat hook output priority -100
				tcp dport 80 redirect to :$port
			}
		}
	END
	then
		tap_skip "a redirected connection" "nft with nat"
		return
	fi
	messages=$(count messages)
	tap "a redirected connection" ends redirected 127.0.0.1 80 $port
	tap_text "goes without TCP" "$(($(count messages) - messages))" 6
	ip netns exec "$node" nft delete table ip nat
}

# filtered NAME JOINED PAIRED EXCLUDED FILTER...: what becomes of a connection; once one
# end is excluded and gone, the other one has no peer
filtered()
{
	local name=$1 want="$2 $3 $4"

	shift 4
	enable "$@"
	ends talk 127.0.0.1 $port 3 ||
		{ tap_fail "$name: they talk"; disable; return; }
	tap_text "$name" \
		"$(count joined) $(count paired) $(($(count excluded) > 0))" \
		"$want"
	disable
}

check_filters()
{
	disable
	filtered "its port" 2 2 0 only port $port
	filtered "a range of ports" 2 2 0 only port 4000-5000
	filtered "another port" 0 0 1 only port 80-90
	filtered "one of two ports" 2 2 0 only port 80 only port $port
	filtered "its port, but excepted" 0 0 1 only port $port except port $port
	filtered "its address" 2 2 0 only prefix 127.0.0.0/8
	filtered "its whole address" 2 2 0 only prefix 127.0.0.1
	filtered "another address" 0 0 1 only prefix 10.0.0.0/8
	filtered "IPv6 is another one" 0 0 1 only prefix fd00::/8
	filtered "all of IPv4 excepted" 0 0 1 except prefix 0.0.0.0/0
	filtered "its address, but another port" 0 0 1 \
		only prefix 127.0.0.0/8 only port 80
	filtered "its namespace" 2 2 0 only netns "$node"
	filtered "but that one" 0 0 1 except netns "$node"
	filtered "its user" 2 2 0 only uid 0 only gid 0
	filtered "another user" 2 0 1 only uid 1000-2000
	filtered "another group" 2 0 1 except gid 0
	enable only uid 1000
	tap "a user" ends as 127.0.0.1 $port 1000 2000
	tap_text "of whom sends" "$(count paired)" 1
	disable
	enable except gid 2000
	tap "a group" ends as 127.0.0.1 $port 1000 2000
	tap_text "of whom sends" "$(count paired) $(count excluded)" "0 1"
	disable
	enable except uid 1000
	tap "a receiver" ends to 127.0.0.1 $port 1000
	tap_text "of whose socket" "$(count paired) $(count excluded)" "0 1"
	disable
	enable only port 80 except prefix fd00::/8 only uid 5-6
	tap_text "they are shown" "$($SLUICE local show 2>/dev/null |
		sed 's/.* module off //')" \
		"only port 80 except prefix fd00::/8 only uid 5-6 sockets 0"
	disable
}

# What nobody has seen is not guessed.
check_odd()
{
	enable
	tap "sent before it is connected" ends waiting 127.0.0.1 $port
	tap_text "so by TCP" "$(count sent-by-tcp) $(count messages)" "1 0"
	tap "chosen sequence numbers" ends chosen 127.0.0.1 $((port + 10))
	tap_text "do not join" "$(count refused) $(count messages)" "2 0"
	tap "connected a second time" ends reused 127.0.0.1 $port $((port + 1))
	tap_text "so by TCP" "$(count messages)" 6
	disable
	enable except port $((port + 1))
	tap "connected to who is excluded" \
		ends reused 127.0.0.1 $port $((port + 1))
	tap_text "so by TCP" "$(count messages)" 6
	disable
}

# $1: how many sockets there should be while one connection talks; the rest: filters
joined_amid()
{
	local want=$1 seen

	shift
	enable "$@"
	seen=$(mktemp)
	# shellcheck disable=SC2016 # for the other shell
	ends during 127.0.0.1 $port sh -c 'sleep 0.3; "$0" -j local show > "$1"' \
		"$SLUICE" "$seen" </dev/null >/dev/null
	tap_text "joined amid the talk: $want" \
		"$(grep -o '"sockets":[0-9]*' "$seen")" "\"sockets\":$want"
	rm "$seen"
	disable
}

# Who sends by TCP, and is given nothing, is not in the map for long.
check_leaving()
{
	joined_amid 2
	joined_amid 0 except uid 0
}

check_size()
{
	enable size 4
	tap "more connections than may join" ends several 127.0.0.1 $port 5
	tap_text "some have joined" "$(count joined) $(count full)" "4 6"
	tap "those behind them may again" ends talk 127.0.0.1 $port 3
	tap_text "as the others have closed" "$(count joined)" 6
	disable
}

# TCP takes as much again, and at most what its own buffers let it.
check_memory()
{
	local taken

	enable memory 100000
	taken=$(ends stopped 127.0.0.1 $port)
	tap "a receiver that stops holds little" test "${taken:-0}" -gt 0
	tap "as its sender goes over to TCP" test "$(count memory)" = 1
	tap "which has been given no more than that" \
		test "$(count bytes)" -le 100000
	disable
	enable memory 16777216
	taken=$(ends stopped 127.0.0.1 $port)
	tap "another bound" test "$(count bytes)" -gt 1000000
	tap "holds, too" test "$(count bytes)" -le 16777216
	disable
}

# A connection that goes on: its standard input is in descriptor 5.
held()
{
	exec 5> >(ends during "$@" > "$said" 2>&1; echo "$?" >> "$said")
}

ends_well()
{
	exec 5>&-
	for _ in {1..100}; do
		[[ $(tail -n 1 "$said") =~ ^[0-9]+$ ]] && break
		sleep 0.1
	done
	[[ $(tr '\n' ' ' < "$said") == "right 0 " ]] || { cat "$said"; return 1; }
}

wait_for_right()
{
	for _ in {1..100}; do
		grep -q right "$said" && return
		sleep 0.1
	done
	cat "$said"
	return 1
}

check_disable()
{
	local said

	said=$(mktemp)
	enable
	held 127.0.0.1 $port $SLUICE local disable mode sockmap
	enabled=
	tap "it is disabled amid a conversation" wait_for_right
	tap_text "of which it lets go" "$(state)" draining
	tap "it is enabled once more" enable
	tap_text "beside what still drains" "$(state | sort | tr '\n' ' ')" \
		"draining enabled "
	tap "new ones talk" ends talk 127.0.0.1 $((port + 1)) 3
	tap_text "without TCP" "$(count messages)" 6
	tap "the old one goes on to its end" ends_well
	tap_text "and nothing is left of it" "$(state)" enabled
	disable
	tap "nothing at all" test ! -e /run/sluice/sockmap
	rm "$said"
}

tap_begin
trap cleanup EXIT
# There is one such mode on a machine, and test_bench_local.sh has it, too.
exec 9>> /tmp/sluice-sockmap-tests.lock
flock 9
lacking=$(lacking)
if [[ -n $lacking ]]; then
	tap_skip "sluice local, mode sockmap" "$lacking"
	tap_end
fi
group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)/$node
ip -n "$node" link set lo up
check_refusals
check_root
check_talk
check_redirect
check_filters
check_odd
check_leaving
check_size
check_memory
check_disable
tap_end
