#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test_udp.sh with the pods' devices attached.

ATTACH=yes
. ./test_udp.sh
