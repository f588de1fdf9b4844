#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module comes and goes, and says what it is.

. ./lib.sh

says()
{
	assert_eq "$2" "$(modinfo -F "$1" sluice)" "modinfo $1"
}

modinfo_is_right()
{
	says name sluice
	says license GPL
	assert_match '^[0-9]+\.[0-9]+\.[0-9]+$' "$(modinfo -F version sluice)"
	assert_eq "$(uname -r)" "$(modinfo -F vermagic sluice | cut -d' ' -f1)" vermagic
	assert_ne '' "$(modinfo -F description sluice)" description
}

loads()
{
	load_module || return
	assert_match '(^|
)sluice [0-9]+ 0 ' "$(cat /proc/modules)" "/proc/modules"
}

has_btf()
{
	[[ -e /sys/kernel/btf/vmlinux ]] || { case_skip "kernel without BTF"; return; }
	assert_ok test -s /sys/kernel/btf/sluice
}

unloads()
{
	unload_module
	assert_fails test -d /sys/module/sluice
}

loads_20_times()
{
	local i

	for ((i = 0; i < 20; i++)); do
		load_module && unload_module || return
	done
}

ktap_begin
run_case modinfo_is_right "modinfo says what the module is"
run_case loads "the module loads"
run_case has_btf "the module has BTF"
run_case unloads "the module unloads without a trace"
run_case loads "it loads again"
run_case unloads "it unloads again"
run_case loads_20_times "20 times in a row"
ktap_end
