#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 20 times: load, configure, use, unload, under traffic; see test_cycles.sh
# for many more.
# timeout: 600

. ./lib.sh

CYCLES=20
. ./cycles.sh

ktap_begin
cycles_cases
ktap_end
