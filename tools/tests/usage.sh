#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Usage errors, help and exit codes, without a module.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

# $1: exit code; $2: part of what is printed to standard error, or empty for
# nothing at all; the rest: arguments
check()
{
	local code=$1 part=$2 errors status
	shift 2

	errors=$("$SLUICE" "$@" 2>&1 >/dev/null </dev/null)
	status=$?
	if ((status != code)); then
		tap_fail "sluice $*: exit code $status instead of $code"
	elif [[ -z $part && -n $errors || $errors != *"$part"* ]]; then
		tap_fail "sluice $*"
		echo "# got      \"$errors\""
		echo "# expected \"$part\""
	else
		tap_ok "sluice $*: exit code $code"
	fi
}

usage()
{
	check 2 "$@"
}

check_help()
{
	local object

	check 0 "" help
	check 0 "" -h
	check 0 "" --help
	check 0 "" -V
	check 0 "" version
	for object in service backend flow identity policy device xdp local node stats \
			monitor explain save restore healthd; do
		check 0 "" help "$object"
		check 0 "" "$object" help
		tap_text "help of $object is the same both ways" \
			"$("$SLUICE" help "$object")" \
			"$("$SLUICE" "$object" help)"
	done
	tap_text "version" "$("$SLUICE" -V)" "sluice $VERSION"
	usage 'sluice: "servcie" is no object; did you mean "service"?' \
		help servcie
}

check_words()
{
	usage 'Usage: sluice'
	usage 'sluice: "servcie" is no object; did you mean "service"?' servcie
	usage 'sluice: "serv" is no object' serv show
	usage 'sluice: "frobnicate" is no object' frobnicate
	usage 'sluice: service: a verb is missing, one of: add' service
	usage 'sluice: service: "shwo" is no verb of this object; did you' \
		service shwo
	usage 'is no verb' stats add
	usage 'sluice: service add: a service is missing' service add
	usage '"extra": nothing is expected here' service show 1.2.3.4:1/tcp extra
	usage '"extra": nothing is expected here' service flush extra
	usage '"extra": nothing is expected here' service show rates 9 extra
	usage 'rates "soon" is not a time' service show rates soon
	usage 'rates "5sec" is not a time' service show rates 5sec
	usage 'rates of 1 to 3600 seconds, not 3601' service show rates 3601
	usage 'not 7200' service show 1.2.3.4:1/tcp rates 2h
	usage 'not 0' backend show rates 0
	usage 'has no protocol' backend show rtaes
	usage '"extra": nothing is expected here' stats show extra
	usage '"extra": nothing is expected here' identity show ::/0 extra
	usage '"extra": nothing is expected here' identity flush extra
	usage '"exclusive" is no keyword' \
		identity del 10.0.0.0/8 id 5 exclusive on
	usage 'sluice: identity: "set" is no verb' identity set ::/0 id 5
	usage '"extra": nothing is expected here' device show veth-a extra
	usage '"extra": nothing is expected here' device flush extra
	usage '"address": nothing is expected here' \
		device del veth-a address ::1
	usage 'sluice: xdp: a verb is missing, one of: attach detach show' xdp
	usage 'sluice: xdp attach: a device is missing' xdp attach
	usage 'sluice: xdp attach: device: "veth012345678901" is longer than 15' \
		xdp attach veth012345678901
	usage '"ruoter" is no keyword of this command; did you mean "router"?' \
		xdp attach veth-a ruoter
	usage 'xdp attach: "mode" needs a value' xdp attach veth-a router mode
	usage '"natvie" is no mode: native or generic; did you mean "native"?' \
		xdp attach veth-a mode natvie
	usage '"--nopolicy" is no keyword of this command; did you mean "--no-policy"?' \
		xdp attach veth-a --nopolicy
	usage 'sluice: xdp detach: a device is missing' xdp detach
	usage '"extra": nothing is expected here' xdp detach veth-a extra
	usage '"extra": nothing is expected here' xdp show veth-a extra
	usage 'sluice: xdp: "atach" is no verb of this object; did you mean' \
		xdp atach veth-a
	usage 'sluice: device: "set" is no verb' device set veth-a address ::1
	usage 'sluice: "devcie" is no object; did you mean "device"?' devcie
	usage 'sluice: policy compile: a file is missing' policy compile
	usage 'policy compile: "nod": nothing is expected here' \
		policy compile - nod n1
	usage 'sluice: policy compile: node needs a name' policy compile - node
	usage '"extra": nothing is expected here' \
		policy compile - node n1 extra
	usage '"extra": nothing is expected here' save extra
	usage '"extra": nothing is expected here' restore extra
	usage '-f needs a file' restore -f
	usage 'sluice: healthd: "1.2.3.4": expected "address" here' \
		healthd 1.2.3.4
	usage 'sluice: healthd: an address is missing' healthd address
	usage '"1.2.3" is not an address' healthd address ::1 address 1.2.3
	usage '"1.2.3.4:80" is not an address' healthd address 1.2.3.4:80
	usage '"evnets" is no group; did you mean "events"?' monitor evnets
	usage 'unrecognized option' --jsno service show
	usage 'requires an argument' -n
	usage 'requires an argument' service show -n
	usage '"extra": nothing is expected here' service show -s 1.2.3.4:1/tcp -jp extra
	usage '"-x" has no protocol' service show -x
}

check_keys()
{
	usage 'service add: "1.2.3.4:99999/tcp": port 99999 is greater' \
		service add 1.2.3.4:99999/tcp
	usage '"[::1:80/tcp" is not ADDRESS:PORT' service add '[::1:80/tcp'
	usage 'has no protocol' service del 1.2.3.4:80
	usage 'has no protocol' service add ''
	usage 'is too long' service add "$(printf '%05000d' 0)"
	usage 'scheduler "magelv" is none of: random rr wrr maglev lc wlc sh; did' \
		service add 1.2.3.4:80/tcp scheduler magelv
	usage 'weight 99999999999 is greater than 4294967295' \
		backend add 1.2.3.4:80/tcp 1.1.1.1:1 weight 99999999999
	usage 'policy add: a rule is missing' policy add
	usage 'policy replace: peer "hots" is no number and none of: unknown' \
		policy replace to 1001 from hots allow
	usage '"tpc" is no protocol or action; did you mean "tcp"?' \
		policy add to 1001 from any tpc 80 allow
	usage 'name "my rule" is not one printable word without a #' \
		policy add to 1001 from any allow name 'my rule'
	usage 'name "" is not one printable word' \
		policy add to 1001 from any allow name ''
	usage 'policy del: "from" is missing' policy del to 1001
	usage 'policy set: a subject is missing' policy set
	usage 'isolate "all" is none of: none ingress egress both' \
		policy set 1001 isolate all
	usage 'policy show: subject "web" is no number' policy show web
	usage '"extra": nothing is expected here' policy show 1001 extra
	usage '"extra": nothing is expected here' policy flush extra
	usage '"adn" is no verb of this object; did you mean "add"?' \
		policy adn to 1 from 2 allow
	usage 'identity add: a prefix is missing' identity add
	usage 'identity show: prefix: "wrold" is not an address' \
		identity show wrold
	usage 'identity del: "id" is missing' identity del 10.0.0.0/8
	usage 'identity replace: id "wrold" is no number and none of: unknown' \
		identity replace 10.0.0.0/8 id wrold
	usage 'except: "10.1" is not an address' \
		identity add 10.0.0.0/8 id 5 except 10.1/16
	usage 'device add: a device is missing' device add
	usage 'device add: device: the name is empty' device add '' address ::1
	usage 'device replace: device: "veth012345678901" is longer than 15' \
		device replace veth012345678901 address ::1
	usage 'device del: a device is missing' device del
	usage 'device del: device: "veth012345678901" is longer than 15' \
		device del veth012345678901
	usage 'device show: device: the name is empty' device show ''
	usage '"fast-paht" is no keyword of this command; did you mean "fast-path"?' \
		device add veth-a fast-paht on
	usage '"address" needs a value' device add veth-a address
	usage 'address: "veth-b" is not an address' \
		device add veth-a address ::1,veth-b
	usage 'a backend is missing' backend add 1.2.3.4:80/tcp
	usage '"src" is missing' flow del proto tcp
	usage '"dts": expected "dst" here' \
		flow del proto tcp src 1.1.1.1:1 dts 2.2.2.2:2
	usage '"serivce": expected "service" here' flow flush serivce
	usage 'a setting is missing' flow set
	usage 'policy-tcp "strickt" is none of: loose strict; did you mean' \
		node set policy-tcp strickt
	usage 'policy-node-traffic "deny" is none of: allow judge' \
		node set policy-node-traffic deny
	usage 'policy-audit "1" is none of: on off' node set policy-audit 1
	usage 'did you mean "policy-audit"?' node set policy-adit on
	usage 'explain: a source is missing' explain
	usage '"me" is not an address' explain me 10.96.0.1:53/udp
	usage '"1.1.1.1:99999": port 99999 is greater' \
		explain 1.1.1.1:99999 10.96.0.1:53/udp
	usage 'a destination is missing' explain '[fd00::1]:5'
	usage 'has no protocol' explain fd00::1 '[fd00::2]:53'
	usage '"now": nothing is expected here' explain 1.1.1.1 2.2.2.2:5/udp now
	usage 'explain: a device is missing' \
		explain 1.1.1.1 2.2.2.2:5/udp device
	usage 'explain: device: "veth012345678901" is longer than 15' \
		explain 1.1.1.1 2.2.2.2:5/udp device veth012345678901
	usage '"now": nothing is expected here' \
		explain 1.1.1.1 2.2.2.2:5/udp device veth-a now
	usage 'is not an address' explain 1.1.1.1 2.2.2.2:5/icmp
	usage '"echo": nothing is expected here' \
		explain 1.1.1.1 2.2.2.2/icmp echo
	usage 'ICMP type or code 256 is greater than 255' \
		explain 1.1.1.1 2.2.2.2/icmp 3/256
	usage '"8": nothing is expected here' explain 1.1.1.1 2.2.2.2:5/tcp 8
}

# Commands that are fine, but nobody is there to do them.
check_not_loaded()
{
	local words='module sluice is not loaded'

	if [[ -d /sys/module/sluice ]]; then
		tap_skip "without the module" "a kernel without the module"
		return
	fi
	check 1 "sluice: service show: $words" service show
	check 1 "sluice: service add: $words" service add 1.2.3.4:0/tcp
	check 1 "$words" service add 1.2.3.4:80/tcp scheduler 99
	check 1 "$words" backend add 1.2.3.4:80/6 '[::1]:0' weight 99999 state 9
	check 1 "$words" backend show 1.2.3.4:80/tcp
	check 1 "$words" backend show 1.2.3.4:80/tcp 1.1.1.1:1 rates 3600
	check 1 "$words" service show rates
	check 1 "$words" flow show reply proto udp src 1.1.1.1:1 dst '[::]:0'
	check 1 "$words" flow show settings
	check 1 "sluice: identity add: $words" \
		identity add 10.0.0.0/8 id 5 except 10.1.0.1 exclusive on
	check 1 "$words" identity add ::1 id unknown
	check 1 "sluice: policy add: $words" policy add to 1001 from any \
		tcp 80-90 allow tier admin priority 99999 cookie 1 name x
	check 1 "$words" policy replace from host to unknown icmp 8/0 pass
	check 1 "$words" policy del from 1001 to any proto 47 priority 7
	check 1 "$words" policy set 1001
	check 1 "$words" policy set 0 isolate both audit on on-deny reject \
		established keep
	check 1 "$words" policy show
	check 1 "$words" -s policy show world
	check 1 "$words" policy flush
	check 1 "$words" identity show
	check 1 "$words" identity show 10.0.0.0/8
	check 1 "$words" identity flush
	check 1 "sluice: device add: $words" \
		device add 'any name' address 10.0.0.1,10.1.0.0/16,fd00::/8
	check 1 "$words" device replace veth01234567890 address ::
	check 1 "sluice: device del: $words" device del veth-a
	check 1 "$words" device show
	check 1 "$words" -s device show veth-a
	check 1 "$words" device flush
	check 1 "$words" -s -j -p stats show
	check 1 "sluice: service show: $words" service show -s
	check 1 "sluice: service show: $words" service -j show --stats -p
	check 1 'network namespace "none-1": No such file' service show -n none-1
	check 1 'network namespace "none-2": No such file' \
		service show 1.2.3.4:1/tcp --netns=none-2 -js
	check 1 "sluice: monitor: $words" monitor config events
	check 1 "sluice: explain: $words" explain fd00::1 '[fd00::2]:53/udp'
	check 1 "$words" explain fd00::1 '[fd00::2]:53/udp' device veth-a
	check 1 "$words" explain fd00::1 fd00::2/icmpv6 128/0 device veth-a
	check 1 "sluice: save: $words" save
	check 1 "sluice: restore: $words" restore
}

check_files()
{
	check 1 'network namespace "sluice-none": No such file' \
		-n sluice-none service show
	check 1 'network namespace "/nowhere/at/all": No such file' \
		--netns=/nowhere/at/all service show
	check 1 'sluice: healthd: network namespace "/nowhere": No such file' \
		-n /nowhere healthd address ::1
	check 1 'sluice: restore: "/nowhere/at/all": No such file' \
		restore -f /nowhere/at/all
	check 1 'sluice: policy compile: "/nowhere/at/all": No such file' \
		policy compile /nowhere/at/all
	check 1 'sluice: policy compile: "/": Is a directory' policy compile /
	tap_text "a mistake in a file names its line" \
		"$(echo 'service ad x' | "$SLUICE" restore 2>&1)" \
		'sluice: restore: line 1: "service ad x": is not "service add", "backend add", "identity add", "policy add", "policy set", "device add", "flow set" or "node set"'
	"$SLUICE" help >/dev/full 2>&1
	tap_text "a full disk is an error" "$?" 1
}

tap_begin
check_help
check_words
check_keys
check_not_loaded
check_files
tap_end
