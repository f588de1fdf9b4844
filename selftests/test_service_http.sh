#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# HTTP through services: real nginx behind a virtual address, clients in pods
# and on the node itself, both families.
# timeout: 180

. ./lib.sh

V4=10.96.0.1
V6=fd00:10:96::1
SCHEDULERS="random rr wrr maglev"

# key FAMILY: how the command names the HTTP service
key()
{
	case $1 in
	4)	echo "$V4:80/tcp" ;;
	6)	echo "[$V6]:80/tcp" ;;
	esac
}

# backend FAMILY N
backend()
{
	case $1 in
	4)	echo "$(pod4 "backend$2"):80" ;;
	6)	echo "[$(pod6 "backend$2")]:80" ;;
	esac
}

url()
{
	case $1 in
	4)	echo "http://$V4/" ;;
	6)	echo "http://[$V6]/" ;;
	esac
}

services_up()
{
	local family i

	for family in 4 6; do
		node sluice service add "$(key $family)" scheduler rr || return
		for i in 1 2 3; do
			node sluice backend add "$(key $family)" \
				"$(backend $family $i)" || return
		done
	done
}

set_up()
{
	local i

	load_module && topo_up 2 3 || return
	for i in 1 2 3; do
		start_nginx "backend$i" "backend$i" || return
	done
	services_up
}

# answers NS FAMILY COUNT: who answered how often
answers()
{
	local i

	for ((i = 0; i < $3; i++)); do
		http_get "$1" "$(url "$2")" || echo failed
	done | sort | uniq -c | awk '{ print $2 "=" $1 }' | xargs
}

round_robin_shares_evenly()
{
	local ns family

	for ns in client1 client2 "$NODE"; do
		for family in 4 6; do
			assert_eq "backend1=2 backend2=2 backend3=2" \
				"$(answers "$ns" $family 6)" "${ns:-node} IPv$family"
		done
	done
}

every_scheduler_reaches_a_backend()
{
	local scheduler family

	for scheduler in $SCHEDULERS; do
		for family in 4 6; do
			assert_ok node sluice service set "$(key $family)" \
				scheduler "$scheduler"
			assert_no_match failed "$(answers client1 $family 4)" \
				"$scheduler IPv$family"
		done
	done
}

ktap_begin
run_setup set_up "services over nginx are set up"
run_case round_robin_shares_evenly "pods and node reach backends in turn, IPv4 and IPv6"
run_case every_scheduler_reaches_a_backend "every scheduler reaches a backend"
ktap_end
