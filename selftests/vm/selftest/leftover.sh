#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Leaves the module, a process, a namespace and a link behind.

modprobe sluice
ip netns add left
ip link add left type dummy
sleep 1000 &
echo "1..1"
echo "ok 1 - one"
