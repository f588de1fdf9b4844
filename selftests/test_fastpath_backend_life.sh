#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_backend_life.sh with the pods' devices attached.
# timeout: 400
# check: 6.12
ATTACH=yes
. ./test_backend_life.sh
