#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 2,000 connections through services of each kind, without an error; see
# test_storm.sh for many more.
# timeout: 240

. ./lib.sh

CONNECTIONS=2000
. ./storm.sh

ktap_begin
storm_cases
ktap_end
