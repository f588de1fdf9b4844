#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_flow.sh, floods included, with the pods' devices attached.
# timeout: 300
# check: 7.3
ATTACH=yes
. ./test_flow.sh
