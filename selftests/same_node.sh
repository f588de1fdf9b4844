# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For tests of TCP between sockets of one node: conversations with "talk serve" at
# PORT, and the script of calls.

PORT=5000

# converse ADDRESS [NAMESPACE]: one connection, of which "next" sends a line and
# prints what comes back
converse()
{
	# shellcheck disable=SC2016,SC2034 # for the other shell; lib.sh has it
	coproc SOCKET {
		in_ns "${2:-client1}" bash -c '
			exec 5<> "/dev/tcp/$0/$1" || exit
			while read -r; do
				echo "line $((++n))" >&5
				read -r answer <&5 || exit
				echo "$answer"
			done' "$1" $PORT
	}
	on_exit_kill "$SOCKET_PID"
	assert_eq "line 1" "$(next)" "the first line"
	spoken=1
}

# say COUNT: so many lines, and each comes back
say()
{
	local i

	for ((i = 0; i < $1; i++)); do
		((spoken++))
		assert_eq "line $spoken" "$(next)"
	done
}

# talk ADDRESS: a conversation in the background, until end_talk
talk()
{
	ip netns exec client1 ./progs/talk tcp -i 2 "$1" $PORT \
		> /tmp/talk 2>&1 &
	TALK=$!
	on_exit_kill $TALK
	wait_for 10 grep -q exchanges /tmp/talk
}

exchanges()
{
	head -n 1 /tmp/talk | sed -n 's/.*exchanges=\([0-9]*\).*/\1/p'
}

goes_on()
{
	(($(exchanges) > $1))
}

# talks_on ADDRESS COMMAND...: what the command does from time to time loses nothing
# of a conversation, of which each exchange is compared
talks_on()
{
	local i

	talk "$1"
	for ((i = 0; i < 40; i++)); do
		"${@:2}" $i
	done
	assert_ok wait_for 20 goes_on "$(exchanges)"
	assert_eq 0 "$(kill -0 $TALK; echo $?)" \
		"it goes on: $(tr '\n' ' ' < /tmp/talk)"
	kill $TALK
}

# probe CLIENT ADDRESS OUTPUT [OPTION...]
probe()
{
	timeout $((120 * SLOW)) ./progs/probe "${@:4}" "/run/netns/$1" \
		/run/netns/backend1 "$2" 6000 > "$3" 2>&1
	assert_eq 0 $? "the script ends"
}
