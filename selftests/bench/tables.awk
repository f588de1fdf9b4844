# SPDX-License-Identifier: GPL-2.0
#
# The tables that the contenders load, as their own tools read them: a layout
# (layout/) in which a line "@STEP" stands for the services FIRST to LAST.
#
# usage: awk -v first=N -v last=N -v measured=N -f tables.awk LAYOUT
#
# Services have addresses of 10.96.0.0/16 and two backends each. The service
# number MEASURED has a TCP and a UDP port and backends that exist; the others
# have one TCP port.

# --------------------------------------------------------------- the services

function vip(i)
{
	return "10.96." int(i / 250) "." (i % 250 + 1)
}

# backend 1 or 2 of service i
function backend(i, b)
{
	if (i == measured)
		return "10.244.2." b
	return "10." (246 + b) "." int(i / 250) "." (i % 250 + 1)
}

# For each port: set proto and name, call frontend(i)
function service(i)
{
	name = "bench/service-" i
	proto = "tcp"
	frontend(i)
	if (i != measured)
		return
	proto = "udp"
	frontend(i)
}

function services(    i)
{
	for (i = first; i <= last; i++)
		service(i)
}

# Like a hash in base 32: long, and in no order
function scramble(x, length_,    text)
{
	x = ((x + 1) * 2654435761) % 4294967296
	while (length_-- > 0) {
		x = (x * 69069 + 12345) % 4294967296
		text = text substr("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
				   int(x / 134217728) + 1, 1)
	}
	return text
}

# --------------------------------------------------------------------- iptables

function chain_of(what, i, b)
{
	return "KUBE-" what "-" scramble(i * 7 + b * 2 + (proto == "udp"), 16)
}

function match_service(i)
{
	return "-m comment --comment \"" name ":" proto " cluster IP\" -m " \
		proto " -p " proto " -d " vip(i) " --dport 80"
}

function iptables_chains(i)
{
	print ":" chain_of("SVC", i, 0) " - [0:0]"
	print ":" chain_of("SEP", i, 1) " - [0:0]"
	print ":" chain_of("SEP", i, 2) " - [0:0]"
}

function iptables_backend(i, b,    to, comment, random)
{
	to = backend(i, b)
	comment = "-m comment --comment " name ":" proto
	random = b == 1 ? "-m statistic --mode random --probability 0.5000000000 " : ""
	print "-A " chain_of("SVC", i, 0) " -m comment --comment \"" name ":" \
		proto " -> " to ":8080\" " random "-j " chain_of("SEP", i, b)
	print "-A " chain_of("SEP", i, b), comment, "-s", to, \
		"-j KUBE-MARK-MASQ"
	print "-A " chain_of("SEP", i, b), comment, "-m", proto, "-p", proto, \
		"-j DNAT --to-destination " to ":8080"
}

function iptables_rules(i)
{
	print "-A KUBE-SERVICES " match_service(i) " -j " chain_of("SVC", i, 0)
	print "-A " chain_of("SVC", i, 0), match_service(i) \
		" ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ"
	iptables_backend(i, 1)
	iptables_backend(i, 2)
}

# --------------------------------------------------------------------- nftables

function nft_name(i)
{
	return scramble(i * 7 + (proto == "udp"), 8) "-" name "/" proto "/" proto
}

function nft_endpoint(i, b)
{
	return "endpoint-" nft_name(i) "__" backend(i, b) "/8080"
}

function nft_backend(i, b)
{
	print "add chain ip kube-proxy " nft_endpoint(i, b)
	print "add rule ip kube-proxy " nft_endpoint(i, b) \
		" ip saddr " backend(i, b) " jump mark-for-masquerade"
	print "add rule ip kube-proxy " nft_endpoint(i, b) \
		" meta l4proto " proto " dnat to " backend(i, b) ":8080"
}

function nftables(i,    chain)
{
	chain = "service-" nft_name(i)
	if (proto == "tcp")
		print "add element ip kube-proxy cluster-ips { " vip(i) " }"
	nft_backend(i, 1)
	nft_backend(i, 2)
	print "add chain ip kube-proxy " chain
	print "add rule ip kube-proxy " chain " ip daddr " vip(i) " " proto \
		" dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade"
	print "add rule ip kube-proxy " chain " numgen random mod 2 vmap { 0 : goto " \
		nft_endpoint(i, 1) ", 1 : goto " nft_endpoint(i, 2) " }"
	print "add element ip kube-proxy service-ips { " vip(i) " . " proto \
		" . 80 comment \"" name ":" proto "\" : goto " chain " }"
}

# ------------------------------------------------------------------------- ipvs

function ipvs(i,    to)
{
	to = (proto == "udp" ? "-u " : "-t ") vip(i) ":80"
	print "-A", to, "-s rr"
	print "-a", to, "-r " backend(i, 1) ":8080 -m -w 1"
	print "-a", to, "-r " backend(i, 2) ":8080 -m -w 1"
}

function ipvs_sets(i,    b)
{
	print "add KUBE-CLUSTER-IP " vip(i) "," proto ":80"
	if (proto == "tcp")
		print "add KUBE-IPVS-IPS " vip(i)
	# Backends on this node
	for (b = 1; i == measured && b <= 2; b++)
		print "add KUBE-LOOP-BACK " backend(i, b) "," proto ":8080," \
			backend(i, b)
}

function ipvs_address(i)
{
	if (proto == "tcp")
		print "address add " vip(i) "/32 dev kube-ipvs0"
}

# ----------------------------------------------------------------------- sluice

function sluice(i,    key)
{
	key = vip(i) ":80/" proto
	print "service add " key " scheduler random"
	print "backend add " key " " backend(i, 1) ":8080"
	print "backend add " key " " backend(i, 2) ":8080"
}

# ------------------------------------------------------------------------- main

function frontend(i)
{
	if (step == "iptables-chains")
		iptables_chains(i)
	else if (step == "iptables-rules")
		iptables_rules(i)
	else if (step == "nftables")
		nftables(i)
	else if (step == "ipvs")
		ipvs(i)
	else if (step == "ipvs-sets")
		ipvs_sets(i)
	else if (step == "ipvs-addresses")
		ipvs_address(i)
	else
		sluice(i)
}

/^@/ {
	step = substr($0, 2)
	services()
	next
}

{ print }
