# SPDX-License-Identifier: GPL-2.0
#
# The tables that the contenders load, as their own tools read them: a layout
# (layout/) in which a line "@STEP" stands for the services FIRST to LAST.
#
# usage: awk -v first=N -v last=N -v measured=N -v backends=N -v family=4|6
#            -f tables.awk LAYOUT
#
# Services have addresses of 10.96.0.0/16 or, of family 6, fd00:10:96::/112,
# backends of 10.244.0.0/14 or fd00:10:244::/46. The service number MEASURED has a TCP
# and a UDP port and two backends, that exist; the others have one TCP port and
# BACKENDS, at most 9.

# --------------------------------------------------------------- the services

function vip(i)
{
	if (family == 6)
		return sprintf("fd00:10:96::%x", i + 1)
	return "10.96." int(i / 250) "." (i % 250 + 1)
}

function count(i)
{
	return i == measured ? 2 : backends
}

# a backend of service i, from 1 on
function backend(i, b)
{
	if (family == 6)
		return i == measured ? "fd00:10:244::2:" b : \
			sprintf("fd00:10:%d::%x", 246 + b, i + 1)
	if (i == measured)
		return "10.244.2." b
	return "10." (246 + b) "." int(i / 250) "." (i % 250 + 1)
}

function at(address, port)
{
	return (family == 6 ? "[" address "]" : address) ":" port
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
	return "KUBE-" what "-" scramble(i * 21 + b * 2 + (proto == "udp"), 16)
}

function match_service(i)
{
	return "-m comment --comment \"" name ":" proto " cluster IP\" -m " \
		proto " -p " proto " -d " vip(i) " --dport 80"
}

function iptables_chains(i,    b)
{
	print ":" chain_of("SVC", i, 0) " - [0:0]"
	for (b = 1; b <= count(i); b++)
		print ":" chain_of("SEP", i, b) " - [0:0]"
}

# One of those that are left
function chance(i, b)
{
	if (b == count(i))
		return ""
	return sprintf("-m statistic --mode random --probability %.10f ",
		       1 / (count(i) - b + 1))
}

function iptables_backend(i, b,    to, comment)
{
	to = backend(i, b)
	comment = "-m comment --comment " name ":" proto
	print "-A " chain_of("SVC", i, 0) " -m comment --comment \"" name ":" \
		proto " -> " at(to, 8080) "\" " chance(i, b) "-j " chain_of("SEP", i, b)
	print "-A " chain_of("SEP", i, b), comment, "-s", to, \
		"-j KUBE-MARK-MASQ"
	print "-A " chain_of("SEP", i, b), comment, "-m", proto, "-p", proto, \
		"-j DNAT --to-destination " at(to, 8080)
}

function iptables_rules(i,    b)
{
	print "-A KUBE-SERVICES " match_service(i) " -j " chain_of("SVC", i, 0)
	print "-A " chain_of("SVC", i, 0), match_service(i) \
		" ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ"
	for (b = 1; b <= count(i); b++)
		iptables_backend(i, b)
}

# --------------------------------------------------------------------- nftables

function nft_name(i)
{
	return scramble(i * 7 + (proto == "udp"), 8) "-" name "/" proto "/" proto
}

function nft_endpoint(i, b,    text)
{
	text = "endpoint-" nft_name(i) "__" backend(i, b) "/8080"
	gsub(/:/, ".", text)
	return text
}

function nft_backend(i, b)
{
	print "add chain ip kube-proxy " nft_endpoint(i, b)
	print "add rule ip kube-proxy " nft_endpoint(i, b) \
		" ip saddr " backend(i, b) " jump mark-for-masquerade"
	print "add rule ip kube-proxy " nft_endpoint(i, b) \
		" meta l4proto " proto " dnat to " at(backend(i, b), 8080)
}

# Numbers and where each leads
function nft_choice(i,    b, text)
{
	for (b = 1; b <= count(i); b++)
		text = text (b > 1 ? ", " : "") b - 1 " : goto " \
			nft_endpoint(i, b)
	return "numgen random mod " count(i) " vmap { " text " }"
}

function nftables(i,    chain, b)
{
	chain = "service-" nft_name(i)
	if (proto == "tcp")
		print "add element ip kube-proxy cluster-ips { " vip(i) " }"
	for (b = 1; b <= count(i); b++)
		nft_backend(i, b)
	print "add chain ip kube-proxy " chain
	print "add rule ip kube-proxy " chain " ip daddr " vip(i) " " proto \
		" dport 80 ip saddr != 10.244.0.0/16 jump mark-for-masquerade"
	print "add rule ip kube-proxy " chain " " nft_choice(i)
	print "add element ip kube-proxy service-ips { " vip(i) " . " proto \
		" . 80 comment \"" name ":" proto "\" : goto " chain " }"
}

# ------------------------------------------------------------------------- ipvs

function ipvs(i,    to, b)
{
	to = (proto == "udp" ? "-u " : "-t ") at(vip(i), 80)
	print "-A", to, "-s rr"
	for (b = 1; b <= count(i); b++)
		print "-a", to, "-r " at(backend(i, b), 8080) " -m -w 1"
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
		print "address add " vip(i) " dev kube-ipvs0" \
			(family == 6 ? " nodad" : "")
}

# ----------------------------------------------------------------------- sluice

function sluice(i,    key, b)
{
	key = at(vip(i), 80) "/" proto
	print "service add " key " scheduler random"
	for (b = 1; b <= count(i); b++)
		print "backend add " key, at(backend(i, b), 8080)
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
