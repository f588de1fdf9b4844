#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the kernel said before is not to be seen any more.

echo "<4>WARNING: CPU: 0 PID: 1 at kernel/nowhere.c:1 nothing" > /dev/kmsg
dmesg -C
echo "1..1"
echo "ok 1 - one"
