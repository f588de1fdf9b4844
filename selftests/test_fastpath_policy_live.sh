#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_policy_live.sh with the pods' devices attached.
# timeout: 500
# check: 7.3
ATTACH=yes
. ./test_policy_live.sh
