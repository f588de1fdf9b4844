# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # contender is the one being measured
#
# Contenders that decide who may reach a pod, for measure.sh: backend1 is
# reached by SIZE peers and nobody else; client1 is the last of them. Those with
# state accept what belongs to a connection first; the others accept whatever
# backend1 sends.

POLICIES="policy rules rules_state sets sets_state ipset ipset_state"

BACKEND1=10.244.2.1 CLIENT1=10.244.1.1

# Is the contender one of these?
is_policy()
{
	[[ " $POLICIES " == *" $contender "* ]]
}

# peers FIRST LAST LINE: the line for each, with its number for @n and its
# address for @a
peers()
{
	awk -v first="$1" -v last="$2" -v line="$3" -v measured="$SIZE" \
		-v client=$CLIENT1 'BEGIN {
		for (i = first; i <= last; i++) {
			address = "10." 100 + int(i / 65536) "." \
				int(i / 256) % 256 "." i % 256
			text = line
			gsub(/@n/, 1000 + i, text)
			gsub(/@a/, i == measured ? client : address, text)
			print text
		}
	}'
}

# ----------------------------------------------------------------------- sluice

policy_up()
{
	sluice_up
}

policy_write()
{
	{
		echo "identity add $BACKEND1 id 500"
		echo "policy set 500 isolate ingress"
		peers "$1" "$2" "identity add @a id @n"
		peers "$1" "$2" "policy add to 500 from @n allow"
	} > /tmp/table
}

policy_load()
{
	cost sluice restore -f /tmp/table
}

policy_add()
{
	peers "$1" "$1" "policy add to 500 from @n allow" > /tmp/table
	cost sluice restore --noflush -f /tmp/table
}

# The system calls alone
policy_add_in_kernel()
{
	node ./progs/change rule 500 $((1001 + SIZE))
}

# What a new flow costs that would be tracked without a policy, too: as its
# receiver is a service's backend
tracked_flow()
{
	node sluice flow flush &&
	settle &&
	in_ns client1 ./progs/cost udp_new $ROUND_MSEC $BACKEND1 $PORT
}

# The policy's part of a new flow: with the rules less without any, nor identities
policy_decision()
{
	local without with key=10.96.0.1:53/udp

	node sluice service add $key &&
	node sluice backend add $key $BACKEND1:$PORT &&
	with=$(tracked_flow) &&
	node sluice policy flush && node sluice identity flush &&
	without=$(tracked_flow) || return
	awk "BEGIN { print $with - $without }"
}

# --------------------------------------------------------------------- iptables

# isolation STATE MATCH...: rules around those that accept peers
isolation()
{
	echo '*filter'
	echo ':peers - [0:0]'
	if [[ $1 == state ]]; then
		echo '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
	else
		echo "-A FORWARD -s $BACKEND1 -j ACCEPT"
	fi
	echo "-A FORWARD -d $BACKEND1 -j peers"
	cat
	echo '-A peers -j DROP'
	echo COMMIT
}

rules_write()
{
	peers "$1" "$2" "-A peers -s @a -j ACCEPT" |
		isolation none > /tmp/table
}

rules_load()
{
	cost iptables-restore --noflush /tmp/table
}

# In front of the one that drops
rules_add()
{
	{
		echo '*filter'
		peers "$1" "$1" "-I peers -s @a -j ACCEPT"
		echo COMMIT
	} > /tmp/table
	cost iptables-restore --noflush /tmp/table
}

rules_state_write()
{
	peers "$1" "$2" "-A peers -s @a -j ACCEPT" |
		isolation state > /tmp/table
}

rules_state_load()
{
	rules_load
}

rules_state_add()
{
	rules_add "$1"
}

# --------------------------------------------------------------------- nftables

# nft_write FIRST LAST RULE: the first rule of the chain
nft_write()
{
	{
		echo "table ip isolation {"
		echo "set peers {"
		echo "type ipv4_addr"
		echo "elements = {"
		peers "$1" "$2" "@a,"
		echo "}"
		echo "}"
		echo "chain forward { type filter hook forward priority 0;"
		echo "$3"
		echo "ip daddr $BACKEND1 ip saddr @peers accept"
		echo "ip daddr $BACKEND1 drop"
		echo "}"
		echo "}"
	} > /tmp/table
}

sets_write()
{
	nft_write "$1" "$2" "ip saddr $BACKEND1 accept"
}

sets_load()
{
	cost nft -f /tmp/table
}

sets_add()
{
	peers "$1" "$1" "add element ip isolation peers { @a }" > /tmp/table
	cost nft -f /tmp/table
}

sets_state_write()
{
	nft_write "$1" "$2" "ct state established,related accept"
}

sets_state_load()
{
	sets_load
}

sets_state_add()
{
	sets_add "$1"
}

# ------------------------------------------------------------------------ ipset

ipset_write()
{
	{
		echo "create peers hash:ip maxelem 1048576"
		peers "$1" "$2" "add peers @a"
	} > /tmp/sets
	echo "-A peers -m set --match-set peers src -j ACCEPT" |
		isolation none > /tmp/table
}

ipset_load()
{
	cost ipset restore -file /tmp/sets &&
	cost iptables-restore --noflush /tmp/table
}

ipset_add()
{
	peers "$1" "$1" "add peers @a" > /tmp/sets
	cost ipset restore -file /tmp/sets
}

ipset_state_write()
{
	ipset_write "$1" "$2"
	echo "-A peers -m set --match-set peers src -j ACCEPT" |
		isolation state > /tmp/table
}

ipset_state_load()
{
	ipset_load
}

ipset_state_add()
{
	ipset_add "$1"
}
