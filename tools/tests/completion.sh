#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The bash completion, with a stand-in for the command.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

helpers=/usr/share/bash-completion/bash_completion

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_stand_in()
{
	cat >"$work/sluice" <<-'END'
	#!/bin/bash
	[[ $1 == -n ]] && { [[ $2 == red ]] || exit 1; shift 2; }
	case "$*" in
	"-j service show")
		echo '[{"service":"10.96.0.1:53/udp","backends":[]},' \
			'{"service":"[fd00::a]:80/tcp","backends":[]}]' ;;
	"-j backend show 10.96.0.1:53/udp")
		echo '[{"service":"10.96.0.1:53/udp",' \
			'"backend":"10.0.0.1:53"}]' ;;
	"-j identity show")
		echo '[{"prefix":"10.0.0.0/8","id":300},' \
			'{"prefix":"fd00::/8","id":70}]' ;;
	"-j identity show fd00::/8")
		echo '[{"prefix":"fd00::/8","id":70}]' ;;
	"-j policy show")
		echo '[{"subject":1001,"rules":[{"subject":1001}]},' \
			'{"subject":70,"rules":[]}]' ;;
	"-j xdp show")
		echo '[{"device":"veth-x","program":"router","id":1}]' ;;
	"-j device show")
		echo '[{"device":"veth-a","addresses":["10.0.0.1/32"]},' \
			'{"device":"gone","addresses":["::1/128"]}]' ;;
	*)
		exit 2 ;;
	esac
	END
	cat >"$work/ip" <<-'END'
	#!/bin/bash
	case "$*" in
	"-o link show")
		echo '1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue'
		echo '7: veth-a@if6: <BROADCAST,UP> mtu 1500 qdisc noqueue' ;;
	"-n red -o link show")
		echo '2: eth0: <BROADCAST,UP> mtu 1500 qdisc noqueue' ;;
	*)
		exit 2 ;;
	esac
	END
	chmod +x "$work/sluice" "$work/ip"
	mkdir "$work/netns"
	touch "$work/netns/red" "$work/netns/blue" "$work/pods.json"
}

# Break a line into words as readline does, "|" being the cursor's place.
complete_line()
{
	local line=$1 word

	COMP_LINE=$line
	COMP_POINT=${#line}
	COMP_WORDS=()
	while [[ -n $line ]]; do
		line=${line#"${line%%[! ]*}"}
		word=${line%%[ :]*}
		[[ -z $word ]] && word=${line%%[!:]*}
		[[ -n $word ]] && COMP_WORDS+=("$word")
		line=${line#"$word"}
		[[ $line == ' ' ]] && COMP_WORDS+=('')
		line=${line# }
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_sluice
	echo "${COMPREPLY[*]}"
}

check()
{
	tap_text "\"$1\"" "$(complete_line "$1")" "$2"
}

run_tests()
{
	local services='10.96.0.1:53/udp [fd00::a]:80/tcp'

	check 'sluice s' 'service stats save'
	check 'sluice -' '-j -p -s -n -V -h --json --pretty --stats --netns --version --help'
	check 'sluice -j -s ba' 'backend'
	check 'sluice -n ' 'blue red'
	check 'sluice -n r' 'red'
	check 'sluice service s' 'set show'
	check 'sluice flow ' 'set del show flush help'
	check 'sluice help res' 'restore'
	check "sluice policy compile $work/po" "$work/pods.json"
	check "sluice policy compile $work/pods.json " 'node'
	check "sluice policy compile $work/pods.json node " ''
	check 'sluice e' 'explain'
	check 'sluice p' 'policy'
	check 'sluice policy ' 'add replace del set show flush compile help'
	check 'sluice policy add ' 'to from'
	check 'sluice policy add to ' 'host remote-node world 1001 70'
	check 'sluice policy add to 1' '1001'
	check 'sluice policy add to 1001 ' 'from'
	check 'sluice policy replace from 1001 ' 'to'
	check 'sluice policy add to 1001 from ' \
		'any unknown host remote-node world'
	check 'sluice policy add to 1001 from any ' \
		'tcp udp sctp icmp icmpv6 proto allow deny pass'
	check 'sluice policy add to 1001 from any tcp ' 'allow deny pass'
	check 'sluice policy add to 1001 from any tcp 80 a' 'allow'
	check 'sluice policy add to 1001 from any proto ' ''
	check 'sluice policy add to 1001 from any tcp 80 allow ' \
		'tier priority cookie name'
	check 'sluice policy add to 1001 from any allow tier ' \
		'admin normal baseline'
	check 'sluice policy add to 1001 from any deny tier admin ' \
		'priority cookie name'
	check 'sluice policy add to 1001 from any deny name ' ''
	check 'sluice policy del to 1001 from any ' \
		'tcp udp sctp icmp icmpv6 proto tier priority'
	check 'sluice policy del to 1001 from any tcp 80 ' 'tier priority'
	check 'sluice policy del to 1001 from any tcp 80 tier b' 'baseline'
	check 'sluice policy set ' 'host remote-node world 1001 70'
	check 'sluice policy set 1001 ' 'isolate audit on-deny established'
	check 'sluice policy set 1001 isolate ' 'none ingress egress both'
	check 'sluice policy set 1001 isolate both audit o' 'on off'
	check 'sluice policy set 1001 on-deny ' 'drop reject'
	check 'sluice policy set 1001 audit on established ' 'cut reset keep'
	check 'sluice policy set 1001 audit on i' 'isolate'
	check 'sluice policy show ' '1001 70'
	check 'sluice policy show 1001 ' ''
	check 'sluice policy flush ' ''
	check 'sluice i' 'identity'
	check 'sluice identity ' 'add replace del show flush help'
	check 'sluice identity add ' ''
	check 'sluice identity show ' '10.0.0.0/8 fd00::/8'
	check 'sluice identity show 10.0.0.0/8 ' ''
	check 'sluice identity flush ' ''
	check 'sluice identity replace 10' '10.0.0.0/8'
	check 'sluice identity add 10.0.0.0/8 ' 'id'
	check 'sluice identity add 10.0.0.0/8 id ' 'host remote-node world'
	check 'sluice identity del fd00::/8 id ' 'host remote-node world 70'
	check 'sluice identity del fd00::/8 id 70 ' ''
	check 'sluice identity add 10.0.0.0/8 id 5 ' 'except exclusive'
	check 'sluice identity add 10.0.0.0/8 id 5 except n' 'none'
	check 'sluice identity add 10.0.0.0/8 id 5 exclusive on ' 'except'
	check 'sluice identity replace 10.0.0.0/8 id 5 exclusive ' 'on off'
	check 'sluice d' 'device'
	check 'sluice device ' 'add replace del show flush help'
	check 'sluice help dev' 'device'
	check 'sluice x' 'xdp'
	check 'sluice local ' 'enable disable show help'
	check 'sluice local enable ' 'mode device'
	check 'sluice local enable mode ' 'short-cut sockmap'
	check 'sluice local enable mode sockmap ' \
		'cgroup node size memory unwatched unbounded only except'
	check 'sluice local enable mode sockmap size 5 except ' \
		'prefix port netns uid gid'
	check 'sluice local enable mode sockmap size 5 only port 80 ' \
		'cgroup node memory unwatched unbounded only except'
	check 'sluice local disable mode sockmap ' ''
	check 'sluice local enable mode short-cut ' 'device'
	check 'sluice local enable device ' 'lo veth-a'
	check 'sluice xdp ' 'attach detach show help'
	check 'sluice xdp attach ' 'lo veth-a'
	check 'sluice -n red xdp attach ' 'eth0'
	check 'sluice xdp attach veth-a ' 'router bridge mode --no-policy'
	check 'sluice xdp attach veth-a b' 'bridge'
	check 'sluice xdp attach veth-a router ' 'mode --no-policy'
	check 'sluice xdp attach veth-a mode ' 'native generic'
	check 'sluice xdp attach veth-a mode generic ' '--no-policy'
	check 'sluice xdp detach ' 'veth-x'
	check 'sluice xdp show ' 'veth-x'
	check 'sluice xdp show veth-x ' ''
	check 'sluice device add ' 'lo veth-a'
	check 'sluice device add v' 'veth-a'
	check 'sluice -n red device add ' 'eth0'
	check 'sluice device add veth-a ' 'address fast-path netfilter pod-side short-cut'
	check 'sluice device add veth-a address ' 'any'
	check 'sluice device add veth-a address any ' 'fast-path netfilter pod-side short-cut'
	check 'sluice device add veth-a fast-path ' 'on off'
	check 'sluice device replace gone netfilter s' 'skip'
	check 'sluice device replace gone pod-side ' 'on off'
	check 'sluice device replace gone short-cut ' 'on off'
	check 'sluice device replace ' 'gone veth-a'
	check 'sluice device replace gone a' 'address'
	check 'sluice device del ' 'gone veth-a'
	check 'sluice device del gone ' ''
	check 'sluice device show v' 'veth-a'
	check 'sluice device show gone ' ''
	check 'sluice device flush ' ''
	check 'sluice explain ' 'help'
	check 'sluice explain 1.2.3.4 ' ''
	check 'sluice explain 1.2.3.4 10.96.0.1:53/udp ' 'device'
	check 'sluice explain 1.2.3.4 10.96.0.1:53/udp device ' 'gone veth-a'
	check 'sluice explain 1.2.3.4 10.96.0.1:53/udp device veth-a ' ''
	check 'sluice explain 1.2.3.4 10.96.0.1/icmp 3/1 ' 'device'
	check 'sluice explain 1.2.3.4 10.96.0.1/icmp 3/1 device ' 'gone veth-a'
	check 'sluice monitor ' 'config events flows help'
	check 'sluice monitor config ' 'events flows'
	check 'sluice service del ' "$services"
	check 'sluice -n red service show ' "$services rates"
	check 'sluice -n blue service show ' 'rates'
	check 'sluice service show 10.96.0.1:53/udp ' 'rates'
	check 'sluice service show rates ' ''
	check 'sluice backend show 10.96.0.1:53/udp ' '10.0.0.1:53 rates'
	check 'sluice backend show 10.96.0.1:53/udp 10.0.0.1:53 r' 'rates'
	check 'sluice backend show 10.96.0.1:53/udp rates ' ''
	check 'sluice backend show rates 5 ' ''
	check 'sluice service add ' ''
	check 'sluice service del 10.96.0.1' '10.96.0.1:53/udp'
	check 'sluice service del 10.96.0.1:5' '53/udp'
	check 'sluice service add 1.2.3.4:80/tcp s' 'scheduler scope'
	check 'sluice service set 10.96.0.1:53/udp affinity client-ip e' 'echo'
	check 'sluice service set 10.96.0.1:53/udp echo ' 'on off'
	check 'sluice node set ' 'node-port-addresses node-port-loopback pod-prefixes egress-masquerade policy-tcp policy-node-traffic policy-audit'
	check 'sluice node set pod-prefixes none egress-masquerade o' 'on off'
	check 'sluice node set policy-tcp ' 'loose strict'
	check 'sluice node set policy-node-traffic ' 'allow judge'
	check 'sluice node set policy-audit ' 'on off'
	check 'sluice node set policy-tcp strict policy-' \
		'policy-node-traffic policy-audit'
	check 'sluice service add 1.2.3.4:80/tcp scheduler ' \
		'random rr wrr maglev lc wlc sh'
	check 'sluice service add 1.2.3.4:80/tcp scheduler r' 'random rr'
	check 'sluice backend add ' "$services"
	check 'sluice backend del 10.96.0.1:53/udp ' '10.0.0.1:53'
	check 'sluice backend set 10.96.0.1:53/udp 10.0.0.1:53 ' \
		'weight state local'
	check 'sluice backend set 10.96.0.1:53/udp 10.0.0.1:53 weight 1 ' \
		'state local'
	check 'sluice backend set 10.96.0.1:53/udp 10.0.0.1:53 state d' \
		'draining down'
	check 'sluice backend replace-all 10.96.0.1:53/udp ' \
		'weight state local 10.0.0.1:53'
	check 'sluice backend replace-all 10.96.0.1:53/udp 10.0.0.1:53 state a' \
		'active'
	check 'sluice flow show ' 'settings service proto reply'
	check 'sluice flow flush service ' "$services"
	check 'sluice flow del proto tcp ' 'src dst'
	check 'sluice flow set timeout-udp 5 timeout-udp' \
		'timeout-udp-unreplied'
	check 'sluice healthd ' 'address help'
	check 'sluice healthd address ' ''
	check 'sluice healthd address ::1 a' 'address'
	check 'sluice restore ' '-f --policy --noflush help'
}

tap_begin
if [[ -f $helpers ]]; then
	make_stand_in
	PATH=$work:$PATH
	SLUICE_NETNS_DIR=$work/netns
	COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
	. "$helpers"
	. ../completion/sluice
	run_tests
else
	tap_skip "completion" bash-completion
fi
tap_end
