#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_faults.sh with the pods' devices attached.
# timeout: 600
# campaign: yes
ATTACH=yes
. ./test_faults.sh
