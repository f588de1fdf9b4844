#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs as they are used, between two pods and within one, by TCP alone, with
# the short-cut and with mode sockmap: redis, haproxy ahead of nginx, iperf3, wrk.
# What they get is compared.
# needs: programs
# check: 6.12
# timeout: 600

. ./lib.sh
. ./fastpath.sh

export NODE=node
FILE=/tmp/nginx-backend1-80/files/some
PROXY=8080 REDIS=6379 IPERF=5201

set_up()
{
	load_module && topo_up 1 1 && start_nginx backend1 backend1 || return
	mkdir -p "${FILE%/*}"
	head -c 300000 /dev/urandom > "$FILE"
	SUM=$(md5sum < "$FILE")
	start_haproxy && start_redis || return
	spawn backend1 iperf3 -s -p $IPERF > /dev/null
	wait_for 10 is_listening backend1 $IPERF
}

# A side-car: what reaches the pod comes by it.
start_haproxy()
{
	cat > /tmp/haproxy.cfg <<-END
		global
			maxconn 100
			nbthread 1
		defaults
			mode http
			timeout connect 20s
			timeout client 60s
			timeout server 60s
		frontend all
			bind :$PROXY
			bind :::$PROXY v6only
			default_backend nginx
		backend nginx
			server one 127.0.0.1:80
	END
	spawn backend1 haproxy -db -f /tmp/haproxy.cfg
	wait_for $((10 * SLOW)) is_listening backend1 $PROXY
}

start_redis()
{
	spawn backend1 redis-server --port $REDIS --bind "* -::*" --save "" \
		--protected-mode no > /dev/null
	wait_for $((10 * SLOW)) is_listening backend1 $REDIS
}

# ------------------------------------------------------------------------ modes

by_tcp()
{
	PAST="echo 0"
}

segments()
{
	json '[.[].segments] | add' device show
}

by_short_cut()
{
	PAST=segments
	node sluice device add vclient1 short-cut on &&
	node sluice device add vbackend1 short-cut on
}

messages()
{
	sluice -s -j local show | jq '[.[].messages] | add'
}

by_sockmap()
{
	PAST=messages
	node sluice device flush &&
	node sluice device add vclient1 && node sluice device add vbackend1 &&
	sluice local enable mode sockmap node
}

# past MINIMUM COMMAND...: how often something goes past TCP meanwhile
past()
{
	local before

	before=$($PAST)
	"${@:2}"
	[[ $PAST == "echo 0" ]] ||
		assert_between "$1" 100000000 $(($($PAST) - before)) \
			"past IP while: ${*:2}"
}

# --------------------------------------------------------------------- programs

# redis ADDRESS WORD...
redis()
{
	in_ns client1 redis-cli -h "$1" -p $REDIS "${@:2}"
}

benchmark()
{
	in_ns client1 redis-benchmark -h "$1" -p $REDIS -n 300 -c 5 -d 700 -P 3 \
		-r 50 -q -t set,get,lpush,lrange_100 > /tmp/benchmark 2>&1
	assert_eq 0 $? "redis-benchmark"
	assert_match 'LRANGE_100.* requests per second' \
		"$(tr '\r' '\n' < /tmp/benchmark)" "its last test"
}

redis_is_right()
{
	local address=$1

	redis "$address" flushall > /dev/null
	past 100 benchmark "$address"
	# One at least of the 50 keys, and a list of what was pushed
	assert_eq 700 "$(redis "$address" lindex mylist -1 | tr -d '\n' | wc -c)" \
		"what it holds"
	# By lpush, and once more ahead of lrange_100
	assert_eq 600 "$(redis "$address" llen mylist)" "how many of it"
	base64 < "$FILE" | redis "$address" -x set some > /dev/null
	assert_eq "$SUM" "$(redis "$address" get some | base64 -di | md5sum)" \
		"a large value"
}

# fetch URL: five times by one connection
fetch()
{
	http_get client1 "$1" "$1" "$1" "$1" "$1" > /tmp/got
	assert_eq "$(for _ in 1 2 3 4 5; do cat "$FILE"; done | md5sum)" \
		"$(md5sum < /tmp/got)" "$1"
}

load()
{
	in_ns client1 wrk -t 1 -c 6 -d $((2 * SLOW))s --timeout $((20 * SLOW)) \
		"$1" > /tmp/wrk 2>&1
	assert_eq 0 $? wrk
	assert_fails grep -E 'Socket errors|Non-2xx' /tmp/wrk
	assert_between 20 1000000 "$(awk '/requests in/ { print $1 }' /tmp/wrk)" \
		"requests"
}

# stream OPTION...: what has arrived the receiver counts when the sender ends, or
# before
stream()
{
	in_ns client1 iperf3 -J -p $IPERF -n 3M "$@" > /tmp/iperf
	assert_eq 0 $? "iperf3 $*"
	assert_between $((3 * 1024 * 1024)) $((8 * 1024 * 1024)) \
		"$(jq .end.sum_sent.bytes /tmp/iperf)" "bytes by iperf3 $*"
}

all_programs()
{
	local family address url

	for family in 4 6; do
		address=$(pod $family backend1)
		url=http://$(at $family "$address" $PROXY)
		redis_is_right "$address"
		past 10 fetch "$url/files/some"
		past 20 load "$url/"
		past 5 stream -c "$address"
		past 5 stream -c "$address" -R
		past 5 stream -c "$address" -P 3
	done
}

with_tcp()
{
	by_tcp && all_programs
}

with_short_cut()
{
	by_short_cut && all_programs
}

with_sockmap()
{
	by_sockmap && all_programs
	assert_ok sluice local disable mode sockmap
}

ktap_begin
run_setup set_up "a pod with haproxy ahead of nginx, redis, iperf3"
run_case with_tcp "by TCP alone"
run_case with_short_cut "with the short-cut"
run_case with_sockmap "with mode sockmap"
ktap_end
