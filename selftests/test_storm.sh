#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 200,000 connections through services of each kind, without an error. Another
# number: SLUICE_TEST_CONNECTIONS.
# campaign: yes
# timeout: 7200

. ./lib.sh

CONNECTIONS=${SLUICE_TEST_CONNECTIONS:-200000}
. ./storm.sh

ktap_begin
storm_cases
ktap_end
