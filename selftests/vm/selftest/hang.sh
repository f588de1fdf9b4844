#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest hangs after the last result: both CPUs are busy for good.
# timeout: 5

echo "1..1"
echo "ok 1 - one"
sleep 0.5
echo -1 > /proc/sys/kernel/sched_rt_runtime_us
for cpu in 0 1; do
	taskset -c $cpu chrt -f 99 bash -c 'while :; do :; done' &
done
wait
