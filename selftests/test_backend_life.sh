#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Backends come, drain, go down and go away while clients are there.
# timeout: 400
# check: 6.1

. ./lib.sh

PORT=5353

set_up()
{
	local i

	load_module && topo_up 1 2 || return
	for i in 1 2; do
		start_udp "backend$i" "backend$i" $PORT || return
		start_nginx "backend$i" "backend$i" || return
		spawn "backend$i" ./progs/talk serve 7300
		wait_for 10 is_listening "backend$i" 7300 || return
		mkdir -p "/tmp/nginx-backend$i-80/files"
		head -c 20000000 /dev/urandom >"/tmp/nginx-backend$i-80/files/big"
	done
	spawn backend1 ./progs/talk serve 7400 300
	wait_for 10 is_listening backend1 7400 || return
	services_up $PORT/udp 2 && services_up 80/tcp 2
}

# open_connection FAMILY: one TCP connection to port 7300 for ever: "next" says
# something and prints the answer
open_connection()
{
	# shellcheck disable=SC2016 # expanded there
	open_socket in_ns client1 bash -c 'trap "" PIPE
		exec 3<>"/dev/tcp/$0/7300"
		while read -r; do
			echo alive >&3 && read -r answer <&3 || answer=broken
			echo $answer
		done' "$(vip "$1")" 2>/dev/null
}

# set_backend FAMILY PORT/PROTO N WORD...: e.g. state draining
set_backend()
{
	local family=$1 port=$2 n=$3

	shift 3
	assert_ok node sluice backend set "$(service "$family" "$port")" \
		"$(backend "$family" "$n" "${port%/*}")" "$@"
}

# del_backend FAMILY PORT/PROTO N
del_backend()
{
	assert_ok node sluice backend del "$(service "$1" "$2")" \
		"$(backend "$1" "$3" "${2%/*}")"
}

add_backend()
{
	assert_ok node sluice backend add "$(service "$1" "$2")" \
		"$(backend "$1" "$3" "${2%/*}")"
}

other()
{
	[[ $1 == backend1 ]] && echo backend2 || echo backend1
}

# The whole set is replaced again and again; one of it stays.
replaced_set_keeps_flows()
{
	local family key stays first i

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		open_socket udp_ask client1 $family $PORT
		first=$(next)
		stays=$(backend $family "${first#backend}" $PORT)
		for i in 1 2 3; do
			assert_ok node sluice backend replace-all "$key" "$stays" \
				weight $i "$(backend $family 1 $((PORT + i)))" \
				"$(backend $family 2 $((PORT + i)))" weight 5
			assert_eq 3 "$(json length backend show "$key")" backends
			assert_eq "$first" "$(next)" "flow of the one that stays"
		done
		first=$(other "$first")
		assert_ok node sluice backend replace-all "$key" \
			"$(backend $family "${first#backend}" $PORT)"
		assert_eq "$first" "$(next)" "the next packet"
		assert_fails node sluice backend replace-all "$key" "$stays" "$stays"
		assert_eq "$first" "$(next)" "after a refusal"
		assert_ok node sluice backend replace-all "$key" \
			"$(backend $family 1 $PORT)" "$(backend $family 2 $PORT)"
		close_socket
	done
}

replaced_set_keeps_connections()
{
	local family key stays i

	services_up 7300/tcp 2
	for family in 4 6; do
		key=$(service $family 7300/tcp)
		open_connection $family
		assert_eq alive "$(next)" "before, IPv$family"
		stays=$(json ".[] | select(.orig.dst == \"${key%/tcp}\") |
			.reply.src" flow show)
		for i in 1 2 3; do
			assert_ok node sluice backend replace-all "$key" "$stays" \
				weight $i "$(backend $family 1 $((7300 + i)))" \
				"$(backend $family 2 $((7300 + i)))" weight 5
			assert_eq alive "$(next)" "IPv$family, set $i"
		done
		assert_ok node sluice backend replace-all "$key" \
			"$(backend $family 1 7301)" "$(backend $family 2 7301)"
		assert_eq broken "$(next)" "IPv$family, without it"
		close_socket
		assert_ok node sluice service del "$key"
	done
}

draining_keeps_flows()
{
	local family first

	for family in 4 6; do
		open_socket udp_ask client1 $family $PORT
		first=$(next)
		set_backend $family $PORT/udp "${first#backend}" state draining
		assert_eq "$first" "$(next)" "IPv$family: the flow's backend"
		assert_eq "$(other "$first")=4" "$(four_answers $family)" \
			"IPv$family: backends of new flows"
		set_backend $family $PORT/udp "${first#backend}" state active
		assert_eq "$first" "$(next)" "IPv$family: active again"
		close_socket
	done
}

# Better a backend that terminates than none; a down one is none.
draining_ones_serve_alone()
{
	local family

	for family in 4 6; do
		set_backend $family $PORT/udp 1 state draining
		set_backend $family $PORT/udp 2 state down
		assert_eq "backend1=4" "$(four_answers $family)" \
			"IPv$family: nobody else is left"
		set_backend $family $PORT/udp 1 state down
		assert_eq "refused=4" "$(four_answers $family)" \
			"IPv$family: nobody is left"
		set_backend $family $PORT/udp 1 state draining
		set_backend $family $PORT/udp 2 state active
		assert_eq "backend2=4" "$(four_answers $family)" \
			"IPv$family: another one is back"
		set_backend $family $PORT/udp 1 state active
	done
}

# four_answers FAMILY: of new flows
four_answers()
{
	for _ in 1 2 3 4; do
		udp_ask client1 "$1" $PORT
	done | tally
}

# A socket kept for ever reaches the new backend with its very next packet.
deletion_moves_udp_at_once()
{
	local ns family first

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			open_socket udp_ask "$ns" $family $PORT
			first=$(next)
			del_backend $family $PORT/udp "${first#backend}"
			assert_eq "$(other "$first")" "$(next)" \
				"${ns:-node} IPv$family"
			add_backend $family $PORT/udp "${first#backend}"
			close_socket
		done
	done
}

# A socket kept for ever hears that nobody is left, and then of who comes.
last_deletion_refuses_udp()
{
	local ns family first other

	for ns in client1 "$NODE"; do
		for family in 4 6; do
			open_socket udp_ask "$ns" $family $PORT
			first=$(next)
			other=$(other "$first")
			del_backend $family $PORT/udp "${other#backend}"
			del_backend $family $PORT/udp "${first#backend}"
			assert_eq refused "$(next)" "none, ${ns:-node} IPv$family"
			add_backend $family $PORT/udp "${other#backend}"
			assert_eq "$other" "$(next)" \
				"the new one, ${ns:-node} IPv$family"
			add_backend $family $PORT/udp "${first#backend}"
			close_socket
		done
	done
}

# The service itself goes, and comes back elsewhere: what was said to the old
# one is not remembered.
service_deletion_moves_udp_at_once()
{
	local family key first

	for family in 4 6; do
		key=$(service $family $PORT/udp)
		open_socket udp_ask client1 $family $PORT
		first=$(next)
		assert_ok node sluice service del "$key"
		assert_eq 0 "$(json length flow show service "$key")" flows
		assert_ok node sluice service add "$key"
		add_backend $family $PORT/udp \
			"$(other "$first" | tr -d '[:alpha:]')"
		assert_eq "$(other "$first")" "$(next)" "IPv$family"
		add_backend $family $PORT/udp "${first#backend}"
		close_socket
	done
}

down_moves_udp_at_once()
{
	local family first

	for family in 4 6; do
		open_socket udp_ask client1 $family $PORT
		first=$(next)
		set_backend $family $PORT/udp "${first#backend}" state down
		assert_eq "$(other "$first")" "$(next)" \
			"IPv$family: while it is down"
		set_backend $family $PORT/udp "${first#backend}" state active
		assert_eq "$(other "$first")" "$(next)" \
			"IPv$family: the flow stays where it went"
		close_socket
	done
}

weight_zero_takes_none()
{
	set_backend 4 $PORT/udp 1 weight 0
	assert_eq "backend2=4" "$(four_answers 4)"
	set_backend 4 $PORT/udp 1 weight 1
}

# Deletion is seen by flows that get no packet too.
deletion_ends_idle_flows()
{
	local service before

	service=$(service 4 $PORT/udp)
	for i in 1 2 3 4; do
		udp_ask client1 4 $PORT >/dev/null
	done
	before=$(json length flow show service "$service")
	assert_between 4 100 "$before" "flows before"
	assert_ok node sluice backend flush "$service"
	no_flows_left() { [[ $(json length flow show service "$service") == 0 ]]; }
	assert_ok wait_for 10 no_flows_left
	add_backend 4 $PORT/udp 1
	add_backend 4 $PORT/udp 2
}

# download FAMILY RATE FILE: from the service, slowly; the curl is left in $!
download()
{
	in_ns client1 curl -gsS --max-time $((60 * SLOW)) --limit-rate "$2" -o "$3" \
		-w '%{http_code} %{size_download}' \
		"http://$(at "$1" "$(vip "$1")" 80)/files/big" >"$3.status" &
}

# busy_backend FAMILY: the number of the one that sends the file; an end of an
# earlier connection may have a flow with another
busy_backend()
{
	json "[.[] | select(.orig.dst == \"$(at "$1" "$(vip "$1")" 80)\")] |
		max_by(.counters.out_bytes).reply.src" flow show |
		sed -n 's/^.*[.:]\([12]\)\]\?:80$/\1/p'
}

# A download under way is finished by a backend that is drained meanwhile, and
# the backend can be removed when its flows have gone.
download_survives_draining()
{
	local pid n

	rm -f /tmp/download
	assert_ok node sluice flow flush
	download 4 4M /tmp/download
	pid=$!
	wait_for 10 test -s /tmp/download
	n=$(busy_backend 4)
	assert_match '^[12]$' "$n" "the backend in use"
	set_backend 4 80/tcp "$n" state draining
	assert_eq "$(other "backend$n")=3" "$(for i in 1 2 3; do
		http_get client1 "http://$(vip 4)/"
	done | tally)" "new connections meanwhile"
	wait $pid
	assert_eq 0 $? "exit status of curl"
	assert_eq "200 20000000" "$(cat /tmp/download.status)"
	assert_ok cmp /tmp/download "/tmp/nginx-backend$n-80/files/big"
	del_backend 4 80/tcp "$n"
	add_backend 4 80/tcp "$n"
}

# cut_download FAMILY RATE: one whose backend is deleted under way, and comes
# back
cut_download()
{
	local family=$1 pid n status

	rm -f /tmp/cut
	assert_ok node sluice flow flush
	download "$family" "$2" /tmp/cut 2>/tmp/cut.errors
	pid=$!
	wait_for 10 test -s /tmp/cut
	n=$(busy_backend "$family")
	del_backend "$family" 80/tcp "$n"
	wait $pid
	status=$?
	add_backend "$family" 80/tcp "$n"
	return $status
}

# The client of a TCP connection whose backend was removed hears of it, and
# not from another backend.
deletion_resets_tcp()
{
	local family key before gone

	for family in 4 6; do
		key=$(service $family 80/tcp)
		before=$(json '.[0].counters.drops' service show "$key")
		gone=$(dropped backend-gone)
		cut_download $family 400k	# it must not end before
		assert_eq 56 $? "IPv$family: curl's exit status: failure in receiving"
		assert_match 'reset by peer' "$(cat /tmp/cut.errors)"
		assert_ne "$gone" "$(dropped backend-gone)" \
			"IPv$family: reason of the drops"
		assert_ne "$before" \
			"$(json '.[0].counters.drops' service show "$key")" \
			"IPv$family: drops of the service"
	done
}

# cut_service FAMILY RATE: a download whose service is deleted under way, and
# comes back
cut_service()
{
	local key pid status

	key=$(service "$1" 80/tcp)
	rm -f /tmp/cut
	download "$1" "$2" /tmp/cut 2>/tmp/cut.errors
	pid=$!
	wait_for 10 test -s /tmp/cut
	assert_ok node sluice service del "$key"
	wait $pid
	status=$?
	assert_ok node sluice service add "$key"
	add_backend "$1" 80/tcp 1
	add_backend "$1" 80/tcp 2
	return $status
}

service_deletion_resets_tcp()
{
	local family

	for family in 4 6; do
		cut_service $family 400k
		assert_eq 56 $? "IPv$family: exit status of curl"
		assert_match 'reset by peer' "$(cat /tmp/cut.errors)"
	done
}

# cut_listener FAMILY CLIENT COMMAND [OPTION...]: who only listens to a service
# that has these, with one backend, until COMMAND with FAMILY
cut_listener()
{
	local family=$1 key

	key=$(service $family 7400/tcp)
	node sluice service add "$key" "${@:4}"
	node sluice backend add "$key" "$(backend "$family" 1 7400)"
	rm -f /tmp/first
	spawn "$2" bash -c "exec 3<>/dev/tcp/$(vip "$family")/7400
		read -r -u 3 tick; echo \$tick >/tmp/first; cat <&3" \
		>/dev/null 2>/tmp/heard
	wait_for 10 test -s /tmp/first
	"$3" "$family"
	wait_for 10 grep -q 'reset by peer' /tmp/heard
	assert_match 'reset by peer' "$(cat /tmp/heard)" "IPv$family: ${*:2}"
	assert_ok wait_for 10 is_free backend1 7400
}

# For cut_listener
del_service()
{
	assert_ok node sluice service del "$(service "$1" 7400/tcp)"
}

down_backend()
{
	set_backend "$1" 7400/tcp 1 state down
}

# The server speaks, who gets no answer to what it says but a RST.
deletion_resets_listeners()
{
	local family

	for family in 4 6; do
		cut_listener $family client1 del_service
		cut_listener $family client1 del_service masquerade always
		cut_listener $family "$NODE" del_service
	done
}

# cut_idle FAMILY CLIENT COMMAND...: who has nothing to say until its backend is
# gone, which there is no other one for, and COMMAND run
cut_idle()
{
	local family=$1 key

	key=$(service $family 7300/tcp)
	node sluice service add "$key" no-backend drop
	node sluice backend add "$key" "$(backend $family 1 7300)"
	rm -f /tmp/go /tmp/first /tmp/heard
	mkfifo /tmp/go
	spawn "$2" bash -c "exec 3<>/dev/tcp/$(vip $family)/7300
		echo once >&3; head -n 1 <&3 >/tmp/first
		read </tmp/go; echo twice >&3; cat <&3" 2>/tmp/heard
	wait_for 10 test -s /tmp/first
	node sluice backend del "$key" "$(backend $family 1 7300)"
	"${@:3}"
	sleep 1		# the collector has been round
	echo >/tmp/go
	wait_for 10 grep -q 'reset by peer' /tmp/heard
	assert_match 'reset by peer' "$(cat /tmp/heard)" "IPv$family: $2"
	node sluice service del "$key"
}

deletion_resets_idle_tcp()
{
	local family client

	for family in 4 6; do
		for client in client1 "$NODE"; do
			cut_idle $family "$client" true
			assert_ok wait_for 10 is_free backend1 7300
		done
	done
}

# is_remembered FAMILY: that the connection is over
is_remembered()
{
	[[ $(json ".[] | select(.orig.dst == \"$(service "$1" 7300)\") | .state" \
		flow show) == closing ]]
}

# change_way FAMILY OLD NEW: to backend1, words of routes
change_way()
{
	# shellcheck disable=SC2086 # a word each
	node ip -"$1" route del $2 && node ip -"$1" route add $3
}

# The pod has gone with its backend: errors come back of what is to tell it.
deletion_resets_without_a_route()
{
	local family to

	for family in 4 6; do
		to=$(pod $family backend1)
		node sluice flow flush
		cut_idle $family client1 change_way $family \
			"$to dev vbackend1" "unreachable $to"
		assert_ok is_remembered $family
		assert_ok change_way $family "unreachable $to" "$to dev vbackend1"
	done
}

# finishes FAMILY CUT: so it does
finishes()
{
	assert_ok node sluice service set "$(service "$1" 80/tcp)" removal finish
	"$2" "$1" 4M
	assert_eq 0 $? "IPv$1, $2: exit status of curl"
	assert_eq "200 20000000" "$(cat /tmp/cut.status)" "IPv$1, $2"
}

# By choice what has begun is finished.
removal_can_let_finish()
{
	local family

	for family in 4 6; do
		finishes $family cut_download
		finishes $family cut_service
		node sluice service set "$(service $family 80/tcp)" removal reset
	done
}

# resets NAMESPACE: connections that have been ended there by a RST
resets()
{
	snmp "$1" TcpEstabResets
}

# There is another backend for the client to begin anew with: nobody else gets
# what goes on.
down_resets_tcp()
{
	local family key n client server gone

	services_up 7300/tcp 2
	assert_ok node sluice flow flush
	for family in 4 6; do
		key=$(service $family 7300/tcp)
		open_connection $family
		assert_eq alive "$(next)" "IPv$family: before"
		n=$(json ".[] | select(.orig.dst == \"${key%/tcp}\") |
			.reply.src" flow show | sed 's/^.*[.:]\([12]\)\]\?:7300$/\1/')
		assert_match '^[12]$' "$n" "IPv$family: the backend in use"
		client=$(resets client1) server=$(resets "backend$n")
		gone=$(dropped backend-gone)
		set_backend $family 7300/tcp "$n" state down
		assert_eq broken "$(next)" "IPv$family: while it is down"
		assert_ok wait_for 10 is_free "backend$n" 7300
		assert_eq $((client + 1)) "$(resets client1)" \
			"IPv$family: resets at the client"
		assert_eq $((server + 1)) "$(resets "backend$n")" \
			"IPv$family: resets at the backend"
		assert_ne "$gone" "$(dropped backend-gone)" \
			"IPv$family: reason of the drop"
		set_backend $family 7300/tcp "$n" state active
		close_socket
		open_connection $family
		assert_eq alive "$(next)" "IPv$family: a new connection"
		close_socket
		assert_ok node sluice service del "$key"
	done
}

# put_down FAMILY CLIENT [OPTION...]: who only listens
put_down()
{
	cut_listener "$1" "$2" down_backend "${@:3}"
	del_service "$1"
}

# To let a connection finish is a matter of removal.
down_resets_listeners()
{
	local family

	for family in 4 6; do
		put_down $family client1
		put_down $family client1 masquerade always
		put_down $family client1 removal finish
		put_down $family "$NODE"
	done
}

no_backend_refuses()
{
	local key before

	key=$(service 4 9999/udp)
	node sluice service add "$key"
	before=$(dropped no-backend)
	assert_eq refused "$(in_ns client1 ./progs/udp ask "$(vip 4)" 9999)"
	assert_eq 1 $(($(dropped no-backend) - before)) \
		"drops counted in the namespace"
	assert_eq 1 "$(json '.[0].counters.drops' service show "$key")" \
		"drops counted in the service"
	node sluice service del "$key"
}

ktap_begin
run_setup set_up "services are set up"
run_case draining_keeps_flows "a draining backend keeps flows and takes no new ones"
run_case replaced_set_keeps_flows "a backend that stays in a replaced set keeps its flows"
run_case replaced_set_keeps_connections "and its connections"
run_case deletion_moves_udp_at_once "a UDP socket leaves a deleted backend with its next packet"
run_case down_moves_udp_at_once "and one that is down"
run_case service_deletion_moves_udp_at_once "and one whose service was deleted"
run_case last_deletion_refuses_udp "a UDP socket is refused when the last is deleted, until another one comes"
run_case draining_ones_serve_alone "draining backends serve when there are no others"
run_case weight_zero_takes_none "weight 0 takes no new flows"
run_case deletion_ends_idle_flows "flows of deleted backends end without a packet"
run_case download_survives_draining "a download is finished by a draining backend"
run_case deletion_resets_tcp "a TCP connection of a deleted backend is reset"
run_case service_deletion_resets_tcp "and of a deleted service"
run_case deletion_resets_listeners "and a client that only listens"
run_case deletion_resets_idle_tcp "an idle one is, too, when its client speaks"
run_case deletion_resets_without_a_route "also if there is no way to the backend"
run_case removal_can_let_finish "or finished, by choice"
run_case down_resets_tcp "a TCP connection of a backend that is down is reset at both ends"
run_case down_resets_listeners "and a client that only listens, whatever removal says"
run_case no_backend_refuses "a service without backends refuses and counts it"
ktap_end
