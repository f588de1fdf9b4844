#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# As many rules as there may be, and one more: it is refused by name, nothing is
# lost, and who may reach whom stays as it was.
# campaign: yes
# timeout: 1800
# memory: 6G

. ./lib.sh
. ./policy.sh

STEPS=10 SUBJECTS=10

set_up()
{
	load_module && topo_up 2 1 &&
	start_udp backend1 backend1 $DNS && identities_up client1 client2 backend1
}

# rules STEP: a tenth of all, but for two that backend1 has: each of ten subjects
# has ten peers with a thousand ports
rules()
{
	awk -v step="$1" -v subjects=$SUBJECTS -v steps=$STEPS 'BEGIN {
		left_out = step == steps ? 2 : 0
		for (s = 0; s < subjects; s++)
			for (p = 0; p < 10; p++)
				for (port = 1; port <= 1000; port++)
					if (--left_out < 0)
						printf "policy add to %d from %d tcp %d allow\n",
							10000 + 10 * step + s,
							20000 + p, port
	}'
}

total()
{
	json .rules stats show
}

asks()
{
	dns "$1" "$(pod4 backend1)"
}

as_many_as_there_may_be()
{
	local step

	policy add to 2001 from 1001 udp $DNS allow &&
	policy add to 2001 from 1002 tcp $WEB allow || return
	for ((step = 1; step <= STEPS; step++)); do
		rules $step > /tmp/rules
		assert_ok node sluice restore --noflush -f /tmp/rules || return
	done
	assert_eq 1000000 "$(total)" rules
	t_diag "slab: $(awk '$1 == "Slab:" { print $2 }' /proc/meminfo) KiB"
}

one_more()
{
	local before

	before=$(node sluice save | cksum)
	assert_fails policy add to 2001 from 1002 udp $DNS allow
	assert_match "as many rules as there may be" \
		"$(policy add to 2001 from 1002 udp $DNS allow 2>&1)" "what is told"
	printf '%s\n' "policy add to 2001 from any udp $DNS deny tier admin" \
		"policy add to 2001 from 1002 udp $DNS allow" > /tmp/two
	assert_fails node sluice restore --noflush -f /tmp/two
	assert_eq "$before" "$(node sluice save | cksum)" "the configuration"
	assert_eq "backend1 lost" "$(asks client1) $(asks client2)" "client1, client2"
}

# What is changed, and what comes for something that goes, has room.
in_place_of_another()
{
	assert_ok policy replace to 2001 from 1001 udp $DNS deny
	assert_ok policy del to 2001 from 1002 tcp $WEB
	assert_ok policy add to 2001 from 1002 udp $DNS allow
	assert_eq 1000000 "$(total)" rules
	assert_eq "lost backend1" "$(asks client1) $(asks client2)" "client1, client2"
}

emptied()
{
	assert_ok policy flush
	assert_eq 0 "$(total)" rules
}

ktap_begin
run_setup set_up "pods have identities"
run_case as_many_as_there_may_be "a million rules"
run_case one_more "one more is refused, and nothing is lost"
run_case in_place_of_another "one in place of another"
run_case emptied "all go"
ktap_end
