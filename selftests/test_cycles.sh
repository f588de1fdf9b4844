#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 1,000 times: load, configure, use, unload, under traffic. Another number:
# SLUICE_TEST_CYCLES.
# campaign: yes
# timeout: 14400

. ./lib.sh

CYCLES=${SLUICE_TEST_CYCLES:-1000}
. ./cycles.sh

ktap_begin
cycles_cases
ktap_end
