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

ktap_begin
run_case loads "modprobe sluice"
run_case unloads "modprobe -r sluice"
ktap_end
