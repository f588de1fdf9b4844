#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# As a user would do it.

. ./lib.sh

loads()
{
	assert_ok modprobe sluice
	assert_ok test -d /sys/module/sluice
}

unloads()
{
	assert_ok modprobe -r sluice
	assert_fails test -d /sys/module/sluice
}

# insmod finds nothing that the module depends on.
inserted()
{
	local file

	file=$(modinfo -n sluice)
	assert_fails insmod "$file"
	modinfo -F depends "$file" | tr , '\n' | xargs -r modprobe -a
	assert_ok insmod "$file"
	assert_ok rmmod sluice
}

ktap_begin
run_case inserted "insmod, once what it depends on is loaded"
run_case loads "modprobe sluice"
run_case unloads "modprobe -r sluice"
ktap_end
