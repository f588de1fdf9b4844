#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration, inside the guest: two client pods, three nginx pods behind
# one service in each family, and a change of backends under load.

cd "$(dirname "$0")/.." || exit 1
. ./lib.sh

ROUND=75			# requests of each client and family
FAMILIES="4 6"
ANSWERS=/tmp/demo-answers
FAILURES=/tmp/demo-failures
SENT=/tmp/demo-sent
ENOUGH=/tmp/demo-enough
: >$ANSWERS
: >$FAILURES
: >$SENT

step()
{
	printf '\n== %s\n' "$*"
}

# Show a command and run it.
show()
{
	printf '# %s\n' "$*"
	"$@"
}

stop()
{
	echo "demo: $*" >&2
	topo_down
	exit 1
}

# A new connection for every request; the answer is the backend's name. Each
# gives a line, be it in $ANSWERS or in $FAILURES.
requests()
{
	local client=$1 family=$2 count=$3 url

	url="http://$(at "$family" "$(vip "$family")" 80)/?[1-$count]"
	echo "$count" >>$SENT
	in_ns "$client" curl -fsS --max-time 10 -H 'Connection: close' "$url" \
		>>$ANSWERS 2>>$FAILURES
}

# everywhere COMMAND...: from all clients in both families at once
everywhere()
{
	local client family pids=()

	for client in client1 client2; do
		for family in $FAMILIES; do
			"$1" $client "$family" "${@:2}" &
			pids+=($!)
		done
	done
	wait "${pids[@]}"
}

requests_until_told()
{
	while [[ ! -e $ENOUGH ]]; do
		requests "$1" "$2" 10
	done
}

answered()
{
	wc -l <$ANSWERS
}

failed()
{
	wc -l <$FAILURES
}

sent()
{
	awk '{ sum += $1 } END { print sum + 0 }' $SENT
}

print_table()
{
	echo "backend    requests"
	sort $ANSWERS | uniq -c | awk '{ printf "%-10s %8d\n", $2, $1 }'
	echo "failed     $(failed)" | awk '{ printf "%-10s %8d\n", $1, $2 }'
}

# quiet BACKEND: none of its flows is open any more
quiet()
{
	[[ $(json "[.[] | select(.state != \"closing\" and
		(.reply.src == \"$(backend 4 "$1" 80)\" or
		 .reply.src == \"$(backend 6 "$1" 80)\"))] | length" \
		flow show) == 0 ]]
}

bring_up()
{
	local i

	show modprobe sluice || stop "the module does not load"
	topo_up 2 4 || stop "cannot set up pods"
	for i in 1 2 3 4; do
		start_nginx "backend$i" "backend$i" || stop "no nginx in backend$i"
	done
}

configure()
{
	local family i

	for family in $FAMILIES; do
		show sluice service add "$(service "$family" 80/tcp)" scheduler rr
		for i in 1 2 3; do
			show sluice backend add "$(service "$family" 80/tcp)" \
				"$(backend "$family" $i 80)"
		done
	done
}

change_backends()
{
	local family

	for family in $FAMILIES; do
		show sluice backend add "$(service "$family" 80/tcp)" \
			"$(backend "$family" 4 80)"
		show sluice backend set "$(service "$family" 80/tcp)" \
			"$(backend "$family" 1 80)" state draining
	done
	wait_for 30 quiet 1 || stop "backend1 does not drain"
	echo "backend1 has no open connection left"
	for family in $FAMILIES; do
		show sluice backend del "$(service "$family" 80/tcp)" \
			"$(backend "$family" 1 80)"
	done
}

change_under_load()
{
	local start load

	start=$(answered)
	everywhere requests_until_told &
	load=$!
	more_than() { (($(answered) > $1)); }
	wait_for 30 more_than $((start + 20)) || stop "no request is answered"
	change_backends
	wait_for 30 more_than $(($(answered) + 60)) || stop "requests stopped"
	: >$ENOUGH
	wait $load
}

step "sluice on Linux $(uname -r): pods client1, client2, backend1 to backend4"
bring_up
step "one service in each family, three backends"
configure
step "$((4 * ROUND)) requests from two pods, a connection each"
everywhere requests $ROUND
print_table
step "more all the time; backend4 is added, backend1 drained and removed meanwhile"
change_under_load
print_table
step "what the module knows"
show sluice service show -s
show sluice flow show | head -n 6
echo "... of $(json length flow show) flows"
show sluice stats show | head -n 9
step "the end"
show sluice service flush
topo_down
show modprobe -r sluice || stop "the module does not unload"
is_loaded && stop "the module is still there"
(($(sent) == $(answered) + $(failed))) ||
	stop "$(sent) requests were sent, $(answered) answered, $(failed) failed"
backends=$(sort -u $ANSWERS | wc -l)
echo
echo "demo: $(($(answered) + $(failed))) requests, $(failed) failed, $backends backends"
[[ $(failed) == 0 ]]
