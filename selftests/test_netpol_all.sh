#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All cases of NetworkPolicies with real pods; see netpol.sh.
# needs: python
# campaign: yes
# timeout: 1200

. ./lib.sh
. ./netpol.sh

# Backwards: what was before an update comes before what is after it.
mapfile -t CASES <<< "$(basename -s .json netpol/cases/*.json | sort -r)"

set_up()
{
	netpol_up "${CASES[@]}"
}

ktap_begin
run_setup set_up "nine pods in three namespaces have servers"
for name in "${CASES[@]}"; do
	run_netpol "$name"
done
ktap_end
