#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Leaves the module, a process, a namespace, a link and firewall rules behind.

modprobe sluice
ip netns add left
ip link add left type dummy
iptables-legacy -A FORWARD -j REJECT
nft add table inet left
sleep 1000 &
echo "1..1"
echo "ok 1 - one"
