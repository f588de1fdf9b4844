# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Traffic that runs while something else is done to the module, for tests that
# source lib.sh. Each pod backendN runs "storm serve 9000" for short connections
# and "talk serve 9001" for long ones; see progs/.
#
# What runs in the background keeps its result in a file, /tmp/NAME.

# On the debug kernel a packet costs so much that traffic has to be thin, or
# nothing else gets done.
PACE=$((SLOW * SLOW))	# times as long between two connections
ENOUGH=$((SLOW > 1 ? 2 : 10))	# results that show that something goes on

SHORT=9000 LONG=9001
SERVICE_PORTS="1001 1008"	# of the services for short connections

# hold_hooks: keep netfilter's static keys on, whatever the module does. The
# emulator (seen with QEMU 7.2) loses a processor now and then that runs into
# code while another one patches it: it stays for ever at the nop that a key's
# jump has become. Hooks of another namespace do not touch this one's packets.
hold_hooks()
{
	grep -q TCG /proc/cpuinfo || return 0
	ns_add keys && ip netns exec keys nft -f - <<-END
		table inet keys {
			chain a { type filter hook prerouting priority 0; }
			chain b { type filter hook input priority 0; }
			chain c { type filter hook output priority 0; }
			chain d { type filter hook postrouting priority 0; }
		}
	END
}

# A connection whose peer is gone without a word keeps its namespace for
# minutes after its process, as TCP always does: not here.
give_up_soon()
{
	in_ns "$1" sysctl -qw net.ipv4.tcp_orphan_retries=1
}

serve()
{
	give_up_soon "$1"
	spawn "$1" ./progs/storm serve $SHORT
	spawn "$1" ./progs/talk serve $LONG
	wait_for 10 is_listening "$1" $SHORT && wait_for 10 is_listening "$1" $LONG
}

# configuration BACKENDS: for sluice restore; eight services for each family
# over the same backends, so that clients' ports clash, and one for long
# connections; with ATTACH all pods' devices are attached
configuration()
{
	local family port i proto

	for family in 4 6; do
		for port in $(seq $SERVICE_PORTS); do
			echo "service add $(service $family "$port/tcp") scheduler rr"
			for ((i = 1; i <= $1; i++)); do
				echo "backend add $(service $family "$port/tcp")" \
					"$(backend $family $i $SHORT)"
			done
		done
		for proto in tcp udp; do
			echo "service add $(service $family $LONG/$proto)"
			echo "backend add $(service $family $LONG/$proto)" \
				"$(backend $family 1 $LONG)"
		done
	done
	[[ -z ${ATTACH:-} ]] ||
		printf 'device add v%s netfilter skip\n' "${_topo_pods[@]}"
}

# background NAME NAMESPACE PROGRAM ARGUMENT...: its pid in $!
background()
{
	local name=$1 ns=$2 program=$3

	shift 3
	: > "/tmp/$name"
	spawn "$ns" "./progs/$program" "$@" > "/tmp/$name" 2>&1
}

# storm NAME NAMESPACE ADDRESS [FIRST LAST]: short connections without an end,
# but slowly enough that there is time for other things; LATE: milliseconds that
# one may take
storm()
{
	local ports=("${@:4}")

	# shellcheck disable=SC2206 # two words
	((${#ports[@]})) || ports=($SERVICE_PORTS)
	background "$1" "$2" storm run -c 0 -n 4 -w $((40 * PACE)) \
		-t ${LATE:-$((5000 * SLOW))} "$3" "${ports[@]}"
}

# of NAME FIELD: a number of the last complete line
of()
{
	sed -n "s/.*\b$2=\([0-9]*\).*/\1/p" "/tmp/$1" | tail -n 1
}

# The polls below fork nothing: on a busy machine that would take most of the
# time.

# result NAME: what came of it so far, in $REPLY
result()
{
	REPLY=
	IFS= read -r REPLY < "/tmp/$1"
}

# count NAME: good connections or exchanges so far, in $REPLY
count()
{
	result "$1"
	[[ $REPLY =~ ^(connections|exchanges)=([0-9]+) ]] && REPLY=${BASH_REMATCH[2]}
}

has_more()
{
	count "$1" && ((REPLY > $2))
}

# more_than NAME COUNT: it has more good results, soon; TCP that was cut off
# tries again after as much time as that took
more_than()
{
	wait_for $((SLOW > 1 ? 180 : 60)) has_more "$1" "$2" ||
		_assert_failed "$1 goes on" "more than $2" "$(cat "/tmp/$1")"
}

# go_on_by COUNT NAME...: each has so many more good results, soon; they come
# while others are waited for
go_on_by()
{
	local by=$1 name
	local -A before

	shift
	for name; do
		count "$name" || REPLY=0
		before[$name]=$REPLY
	done
	for name; do
		more_than "$name" $((before[$name] + by - 1)) || return
	done
}

# go_on NAME...: each goes on for a while
go_on()
{
	go_on_by $((ENOUGH + 1)) "$@"
}

# without_errors NAME...: none of them had one, ever
without_errors()
{
	local name

	for name; do
		result "$name"
		assert_match ' (errors|lost)=0 ' "$REPLY" "$name"
	done
}

DIRECT="direct-tcp4 direct-udp4 direct-tcp6 direct-udp6 direct-short4 direct-short6"

# direct_up: from client2, long conversations that are no business of the
# module, and short connections of the same kind
direct_up()
{
	local family proto

	for family in 4 6; do
		for proto in tcp udp; do
			background direct-$proto$family client2 talk $proto \
				-i $((20 * PACE)) "$(pod $family backend2)" $LONG
		done
		background direct-short$family client2 storm run -c 0 -n 2 \
			-w $((40 * PACE)) "$(pod $family backend2)" $SHORT $SHORT
	done
	# shellcheck disable=SC2086 # one word a name
	go_on $DIRECT
}

# direct_goes_on: they work, and have all the time
direct_goes_on()
{
	# shellcheck disable=SC2086 # one word a name
	go_on $DIRECT || return
	# shellcheck disable=SC2086 # one word a name
	without_errors $DIRECT
}
