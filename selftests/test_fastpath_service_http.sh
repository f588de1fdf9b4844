#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_service_http.sh with the pods' devices attached.
# timeout: 180
# check: 6.12
ATTACH=yes
. ./test_service_http.sh
