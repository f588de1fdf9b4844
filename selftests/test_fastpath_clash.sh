#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_clash.sh with the pods' devices attached.
# timeout: 240
# check: 6.1
ATTACH=yes
. ./test_clash.sh
