#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_udp.sh with the pods' devices attached.
# check: 6.1 7.3

ATTACH=yes
. ./test_udp.sh
