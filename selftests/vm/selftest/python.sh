#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Python and the kernel's netlink client work in the guest.
# needs: python

. ./lib.sh

python_runs()
{
	assert_ok python3 -c 'import yaml, jsonschema, json, socket, struct, ctypes'
}

ynl_runs()
{
	load_module || return
	assert_ok ynl --family sluice --output-json --dump service-get
	unload_module
}

ktap_begin
run_case python_runs "python3 with yaml and jsonschema"
run_case ynl_runs "ynl knows the family"
ktap_end
