#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The standard topology carries traffic, without the module's help.

. ./lib.sh

tools_are_there()
{
	local name

	for name in iptables ip6tables nft conntrack ipvsadm ethtool tcpdump \
			curl nginx ping iperf3 strace jq bpftool ss tc bridge \
			unshare setpriv timeout awk; do
		command -v "$name" >/dev/null || assert_eq present missing "$name"
	done
	assert_match legacy "$(iptables -V)"
}

pods_reach_each_other()
{
	assert_ok in_ns client1 ping -c1 -W5 10.244.2.1 &&
	assert_ok in_ns client1 ping -c1 -W5 fd00:10:244::2:1 &&
	assert_ok in_ns client1 ping -c1 -W5 192.0.2.1 &&
	assert_ok node ping -c1 -W5 10.244.1.1
}

web_servers_answer()
{
	start_nginx backend1 one && start_nginx backend2 two || return
	assert_eq one "$(http_get client1 http://10.244.2.1/)"
	assert_eq two "$(http_get client1 "http://[fd00:10:244::2:2]/")"
	assert_match '^10.244.1.1 [0-9]+$' "$(http_get client1 http://10.244.2.1/from)"
	assert_eq one "$(http_get "$NODE" http://10.244.2.1/)"
}

service_addresses_have_a_route()
{
	assert_match 'dev node0' "$(node ip route get 10.96.0.1)" &&
	assert_match 'dev node0' "$(node ip route get fd00:10:96::1)"
}

modules_load()
{
	local name

	for name in veth bridge br_netfilter vxlan dummy ipip nf_conntrack \
			nf_nat nf_tables ip_vs tun sch_netem sch_ingress cls_bpf \
			xt_conntrack xt_nat iptable_nat ip6table_filter sctp; do
		assert_ok modprobe "$name"
	done
}

all_of_it()
{
	run_case pods_reach_each_other "pods and node reach each other ($1)"
	run_case web_servers_answer "nginx answers, with its name ($1)"
	run_case service_addresses_have_a_route "service addresses have a route ($1)"
	topo_down
}

ktap_begin
run_case tools_are_there "the usual tools are there"
run_case modules_load "the kernel's modules load"
topo_up 2 2
all_of_it "node is the initial namespace"
NODE=node
topo_up 2 2
all_of_it "node is a namespace"
ktap_end
