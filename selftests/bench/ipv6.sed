# SPDX-License-Identifier: GPL-2.0
#
# A layout, and what is written into one, for IPv6; addresses of services and
# backends come from tables.awk.

s/\<ip kube-proxy\>/ip6 kube-proxy/
s/\<ip \([sd]addr\)\>/ip6 \1/g
s/\<ipv4_addr\>/ipv6_addr/
s/\<family inet\>/family inet6/
s|10\.244\.0\.0/16|fd00:10:244::/48|
s|127\.0\.0\.0/8|::1/128|
