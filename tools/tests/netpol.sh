#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "sluice policy compile": what it makes of each case lets through what the
# case's NetworkPolicies let through. netpol/cluster.json has nine pods, a, b
# and c in the namespaces x, y and z; netpol/cases/ has policies and whatever of
# the cluster is different.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

# Random clusters: about 15 s.
RANDOM_CLUSTERS=${RANDOM_CLUSTERS:-300}
# No pods' addresses, some of them beside those of pods
outside=(203.0.113.7 10.244.2.16 10.244.3.99 2001:db8::7)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# $1: name of the case; its objects go to $1.json, its rules to $1.rules
compile()
{
	netpol/objects.py netpol/cluster.json "netpol/cases/$1.json" \
		>"$work/$1.json" &&
		"$SLUICE" policy compile "$work/$1.json" >"$work/$1.rules"
}

# $1: name of the case; who reaches whom by its policies goes to $1.reach
compare()
{
	local more=("${outside[@]/#/--outside=}")

	netpol/reach.py "${more[@]}" "$work/$1.json" >"$work/$1.reach" &&
		netpol/decide.py "${more[@]}" --rules "$work/$1.rules" \
			"$work/$1.json" >"$work/$1.decide" &&
		diff "$work/$1.reach" "$work/$1.decide" >"$work/diff" &&
		return
	sed -n '1,10s/^/# /p' "$work/diff"
	return 1
}

check_case()
{
	tap "$1: compiles" compile "$1"
	tap "$1: rules let through what policies do" compare "$1"
}

check_known()
{
	local name from to proto port families verdict probe

	while read -r name from to proto port families verdict; do
		[[ $name == \#* ]] && continue
		probe="$from $to $proto $port"
		tap_text "$name: $probe: $verdict by ${families/46/4 and 6}" \
			"$(grep -oP "^$probe [$families] \K.*" \
				"$work/$name.decide" | paste -sd ' ')" \
			"$(sed "s/./ $verdict/g;s/ //" <<<"$families")"
	done <netpol/known.txt
}

rules_of()
{
	grep '^policy' "$work/$1.rules"
}

# The numbers of pods, told by the comments
identities_of()
{
	sed -n 's/^identity add [^ ]* id \([0-9]*\).* # \(.*\)/\2 \1/p' \
		"$work/$1.rules" | sort -u
}

check_text()
{
	tap_text "pods keep their numbers when policies change" \
		"$(identities_of deny-all)" "$(identities_of stacked)"
	tap_text "pods keep their numbers when a pod gets another one" \
		"$(identities_of update-pod-labels.after | grep -v ^x/b)" \
		"$(identities_of update-pod-labels.before | grep -v ^x/b)"
	tap_text "pods keep their numbers when a namespace's labels change" \
		"$(identities_of update-namespace-labels.before)" \
		"$(identities_of update-namespace-labels.after)"
	tap_text "a policy that goes leaves no rule" \
		"$(rules_of deleted-policy.after)" ""
	tap_text "isolation needs no rule" \
		"$(rules_of deny-all | cut -d ' ' -f 4- | sort | uniq -c)" \
		"      3 isolate both"
	tap_text "of the same rule twice there is one, of the first policy" \
		"$(rules_of same-rule-twice | grep -o 'name .*' | sort | uniq -c)" \
		"      3 name x/first"
	tap_text "a rule in full" \
		"$(rules_of port-range | sed -E 's/[0-9]{10,}/N/g' | tail -n 1)" \
		"policy add to N from N udp 81-65535 allow cookie N name x/range"
}

# One namespace, its pods and a policy. $1: name of the policy
one_pod()
{
	cat <<-END
	[{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x"}},
	{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"x"},
	"spec":{"nodeName":"n1"},"status":{"podIP":"10.0.0.1"}},
	{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b","namespace":"x"},
	"spec":{"nodeName":"n2"},"status":{"podIPs":[{"ip":"10.0.0.2"},
	{"ip":"fd00::2"}]}}]
	{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",
	"metadata":{"name":"$1","namespace":"x"},
	"spec":{"egress":[{"to":[{"ipBlock":{"cidr":"10.1.2.3/8",
	"except":["10.0.0.9/32","10.0.0.8/30","10.0.0.9/32"]}}]}]}}
	END
}

# The numbers are part of what others rely on: they must not change.
check_whole()
{
	local header='# sluice policy compile: read by "sluice restore"'
	local long

	long=$(printf '%070d' 0)
	tap_text "all of a file, objects one after another" \
		"$(one_pod p | "$SLUICE" policy compile -)" \
		"$header
identity add 10.0.0.0/8 id 3212020052 except 10.0.0.8/30
identity add 10.0.0.1 id 1966071764 # x/a
identity add 10.0.0.2 id 1966071764 # x/b
identity add fd00::2 id 1966071764 # x/b
policy set 1966071764 isolate both
policy add from 1966071764 to 3212020052 allow cookie 13749401810939768600 name x/p"
	tap_text "a long name is cut" \
		"$(one_pod "$long" | "$SLUICE" policy compile - |
			sed -n 's/.* name //p')" "x/${long:9}"
	tap_text "a node without pods has no subjects" \
		"$(one_pod p | "$SLUICE" policy compile - node n3 |
			grep -c ^policy)" 0
	tap_text "pods of other nodes are peers" \
		"$(one_pod p | "$SLUICE" policy compile - node n1 |
			grep -c '^identity.* # ')" 3
	tap_text "lists of one kind need not name it" \
		"$(echo '{"kind":"NamespaceList","items":[{"metadata":{"name":"x"}}]}
			{"kind":"PodList","items":[{"metadata":{"name":"a",
			"namespace":"x"},"status":{"podIP":"10.0.0.1"}}]}' |
			"$SLUICE" policy compile -)" \
		"$header
identity add 10.0.0.1 id 1966071764 # x/a"
	tap_text "no objects at all" "$(echo '[]' | "$SLUICE" policy compile -)" \
		"$header"
	one_pod p | "$SLUICE" policy compile - >/dev/full 2>&1
	tap_text "a full disk is an error" "$?" 1
}

tap_begin
if command -v python3 >/dev/null; then
	for file in netpol/cases/*.json; do
		file=${file##*/}
		check_case "${file%.json}"
	done
	check_known
	check_text
	tap "$RANDOM_CLUSTERS random clusters" \
		netpol/random_clusters.py "$RANDOM_CLUSTERS"
else
	tap_skip "cases of policies" python3
fi
check_whole
tap_end
