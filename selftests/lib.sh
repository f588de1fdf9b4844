# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests in the guest share. The usual topology, after topo_up 2 2:
#
#	  client1       client2                   backend1      backend2
#	10.244.1.1    10.244.1.2                 10.244.2.1    10.244.2.2
#	   eth0          eth0                       eth0          eth0
#	    |             |                          |             |
#	 vclient1      vclient2                   vbackend1     vbackend2
#	  ------------------------- node ---------------------------
#	        10.244.0.1 and, on the dummy device node0 with the
#	        default route, 192.0.2.1 (the node's own address)
#
# IPv6 is alike: fd00:10:244::1:N, fd00:10:244::2:N, fd00:10:244::1 and
# fd00:192:0:2::1. Each pod is a namespace with one veth pair and a default
# route through the node, which routes and has one host route a pod. Service
# addresses come from 10.96.0.0/16 and fd00:10:96::/112; the default route
# covers them, so that a client on the node itself gets as far as the hooks.
#
# The node is the guest's initial namespace, or the namespace $NODE.

set -u

NODE=${NODE:-}

# How much slower than others this kernel is: what the tests wait for takes
# longer, and traffic in the background leaves time for other things.
SLOW=1
[[ $(uname -r) != *-debug ]] || SLOW=8

_topo_pods=() _topo_pids=()

if [[ ! -d /selftests/.run ]]; then
	echo "Bail out! tests run in the guest only: selftests/run.sh"
	exit 1
fi

# shellcheck source=/dev/null
. /selftests/.run/variables

# --------------------------------------------------------------------- results

_count=0 _failures=0 _case_failed=0 _case_skip='' _ended=

ktap_begin()
{
	echo "KTAP version 1"
	trap _ktap_exit EXIT
}

# A test that stops early has failed.
_ktap_exit()
{
	local status=$?

	trap - EXIT
	if [[ -z $_ended ]]; then
		t_fail "ran to its end" "stopped early, status $status"
		echo "1..$_count"
	fi
	topo_down
	if is_loaded; then
		unload_module || status=1
	fi
	# The next test's bridges would have its hooks.
	rmmod br_netfilter 2>/dev/null
	exit $((status || _failures > 0))
}

ktap_end()
{
	echo "1..$_count"
	_ended=yes
	exit $((_failures > 0))
}

t_diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

t_ok()
{
	_count=$((_count + 1))
	echo "ok $_count - $1"
}

# t_fail NAME [WHY]
t_fail()
{
	[[ -z ${2:-} ]] || t_diag "$2"
	_count=$((_count + 1))
	_failures=$((_failures + 1))
	echo "not ok $_count - $1"
}

# t_skip NAME REASON: name the tool or kernel feature that is missing
t_skip()
{
	_count=$((_count + 1))
	echo "ok $_count - $1 # SKIP ${2:-}"
}

# skip_all REASON: before the first result
skip_all()
{
	echo "1..0 # SKIP $*"
	_ended=yes
	exit 0
}

# need_commands NAME...: or the whole test is skipped
need_commands()
{
	local name

	for name in "$@"; do
		command -v "$name" >/dev/null || skip_all "$name is missing"
	done
}

# run_case FUNCTION DESCRIPTION: one result. It fails if an assertion failed
# or if the function's status says so.
run_case()
{
	_case_failed=0 _case_skip=''
	"$1" || _case_failed=1
	if [[ -n $_case_skip ]]; then
		t_skip "$2" "$_case_skip"
	elif ((_case_failed)); then
		t_fail "$2"
	else
		t_ok "$2"
	fi
}

# run_setup FUNCTION DESCRIPTION: as run_case; the test ends if it fails
run_setup()
{
	run_case "$1" "$2"
	((_failures == 0)) || ktap_end
}

# In a case: case_skip REASON; return
case_skip()
{
	_case_skip=$1
}

# ------------------------------------------------------------------ assertions
# Each prints what was expected and what came, marks the case as failed and
# returns 1; the case goes on unless it says "|| return".

_assert_failed()
{
	_case_failed=1
	t_diag "$1"
	t_diag "  expected: $2"
	t_diag "  got:      $3"
	return 1
}

# assert_eq EXPECTED GOT [WHAT]
assert_eq()
{
	[[ $1 == "$2" ]] || _assert_failed "${3:-values differ}" "$1" "$2"
}

# assert_ne UNWANTED GOT [WHAT]
assert_ne()
{
	[[ $1 != "$2" ]] || _assert_failed "${3:-value unwanted}" "not $1" "$2"
}

# assert_match REGEX GOT [WHAT]
assert_match()
{
	[[ $2 =~ $1 ]] || _assert_failed "${3:-no match}" "/$1/" "$2"
}

# assert_no_match REGEX GOT [WHAT]
assert_no_match()
{
	[[ ! $2 =~ $1 ]] || _assert_failed "${3:-unwanted match}" "not /$1/" "$2"
}

# assert_between LOW HIGH GOT [WHAT]
assert_between()
{
	(($1 <= $3 && $3 <= $2)) ||
		_assert_failed "${4:-out of range}" "$1..$2" "$3"
}

# assert_status STATUS COMMAND...
assert_status()
{
	local expected=$1 output status=0

	shift
	output=$("$@" 2>&1) || status=$?
	[[ $status == "$expected" ]] ||
		_assert_failed "$*" "exit status $expected" "$status: $output"
}

# assert_ok COMMAND...
assert_ok()
{
	assert_status 0 "$@"
}

# assert_fails COMMAND...: any status but 0
assert_fails()
{
	local output

	! output=$("$@" 2>&1) || _assert_failed "$*" "failure" "success: $output"
}

# wait_for SECONDS COMMAND...: until it succeeds; polls, never just sleeps
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS <= end)) || return 1
		sleep 0.1
	done
}

# ------------------------------------------------------------------ the module

is_loaded()
{
	[[ -d /sys/module/sluice ]]
}

# load_module [PARAMETER=VALUE...]
load_module()
{
	: > /run/sluice-loaded
	modprobe sluice "$@" || {
		t_diag "modprobe sluice: failed"
		return 1
	}
}

_module_traces()
{
	ls -d /sys/module/sluice /sys/kernel/slab/sluice* 2>/dev/null
}

_no_module_traces()
{
	[[ -z $(_module_traces) ]]
}

_try_rmmod()
{
	! is_loaded || rmmod sluice
}

# A program using a kfunc keeps the module for a moment after its end, hence
# the patience. Caches go after a grace period.
unload_module()
{
	wait_for 10 _try_rmmod || {
		t_diag "rmmod sluice: $(rmmod sluice 2>&1)"
		_case_failed=1
		return 1
	}
	wait_for 10 _no_module_traces ||
		_assert_failed "unloaded" "no traces" "$(_module_traces | xargs)"
}

# ------------------------------------------------------------------ namespaces

# in_ns NAMESPACE COMMAND...: an empty name is the initial namespace
in_ns()
{
	local ns=$1

	shift
	if [[ -z $ns ]]; then
		"$@"
	else
		ip netns exec "$ns" "$@"
	fi
}

# spawn NAMESPACE COMMAND...: in the background, its own pid in $!; the command
# ends with the topology
spawn()
{
	local ns=$1

	shift
	if [[ -z $ns ]]; then
		"$@" &
	else
		ip netns exec "$ns" "$@" &
	fi
	on_exit_kill $!
}

node()
{
	in_ns "$NODE" "$@"
}

# ns_add NAME: with loopback up and addresses that are usable at once
ns_add()
{
	ip netns add "$1" &&
	ip -n "$1" link set lo up &&
	in_ns "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0
}

_ip_in()
{
	local ns=$1

	shift
	if [[ -n $ns ]]; then
		ip -n "$ns" "$@"
	else
		ip "$@"
	fi
}

# veth_pair NS1 NAME1 NS2 NAME2: both ends up
veth_pair()
{
	local ns1=${1:-} ns2=${3:-}

	ip link add "$2" ${ns1:+netns "$ns1"} type veth \
		peer name "$4" ${ns2:+netns "$ns2"} &&
	_ip_in "$ns1" link set "$2" up &&
	_ip_in "$ns2" link set "$4" up
}

# -------------------------------------------------------------------- topology

# pod4 NAME, pod6 NAME: the address of client3, backend1, ...
pod4()
{
	case $1 in
	client*)	echo "10.244.1.${1#client}" ;;
	backend*)	echo "10.244.2.${1#backend}" ;;
	esac
}

pod6()
{
	case $1 in
	client*)	echo "fd00:10:244::1:${1#client}" ;;
	backend*)	echo "fd00:10:244::2:${1#backend}" ;;
	esac
}

# What 7.3 lets a socket receive ahead of its reader is as much as a whole file
# of the tests.
TCP_RMEM="4096 131072 6291456"

# pod_add NAME [IPV4 IPV6]: a pod of the standard topology, or with other
# addresses; with ATTACH its packets may take the fast path
pod_add()
{
	local pod=$1 v4=${2:-} v6=${3:-}

	[[ -n $v4 ]] || v4=$(pod4 "$pod")
	[[ -n $v6 ]] || v6=$(pod6 "$pod")
	_topo_pods+=("$pod")
	ns_add "$pod" && veth_pair "$NODE" "v$pod" "$pod" eth0 || return
	in_ns "$pod" sysctl -qw net.ipv4.tcp_rmem="$TCP_RMEM"
	ip -n "$pod" -batch - <<-END || return
		addr add $v4/32 dev eth0
		addr add $v6/128 dev eth0 nodad
		route add 10.244.0.1 dev eth0 scope link
		route add default via 10.244.0.1
		route add ::/0 via fe80::1 dev eth0
	END
	_ip_in "$NODE" -batch - <<-END || return
		addr add fe80::1/64 dev v$pod nodad
		route add $v4 dev v$pod
		route add $v6 dev v$pod
	END
	[[ -z ${ATTACH:-} ]] ||
		node sluice device replace "v$pod" netfilter skip
}

_node_up()
{
	[[ -z $NODE ]] || ns_add "$NODE" || return
	node sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	_ip_in "$NODE" -batch - <<-END
		link add node0 type dummy
		link set node0 up
		addr add 10.244.0.1/32 dev node0
		addr add 192.0.2.1/24 dev node0
		addr add fd00:10:244::1/128 dev node0 nodad
		addr add fd00:192:0:2::1/64 dev node0 nodad
		route add default dev node0
		route add ::/0 dev node0
	END
}

# topo_up CLIENTS BACKENDS
topo_up()
{
	local i

	_node_up || return
	for ((i = 1; i <= $1; i++)); do
		pod_add "client$i" || return
	done
	for ((i = 1; i <= $2; i++)); do
		pod_add "backend$i" || return
	done
}

# outside_up NAME: a host that is no pod, on a network of its own with the node
outside_up()
{
	ns_add "$1" && veth_pair "$NODE" "v$1" "$1" eth0 || return
	ip -n "$1" -batch - <<-END || return
		addr add $(outside 4)/24 dev eth0
		addr add $(outside 6)/64 dev eth0 nodad
		route add default via 198.51.100.1
		route add ::/0 via fd00:198:51:100::1
	END
	_ip_in "$NODE" -batch - <<-END
		addr add 198.51.100.1/24 dev v$1
		addr add fd00:198:51:100::1/64 dev v$1 nodad
	END
}

# outside FAMILY: its address
outside()
{
	case $1 in
	4)	echo 198.51.100.2 ;;
	6)	echo fd00:198:51:100::2 ;;
	esac
}

# gateway FAMILY: the node's address there
gateway()
{
	case $1 in
	4)	echo 198.51.100.1 ;;
	6)	echo fd00:198:51:100::1 ;;
	esac
}

# masquerade FAMILY: the address that the node gives to masqueraded clients
masquerade()
{
	case $1 in
	4)	echo 10.244.0.1 ;;
	6)	echo fd00:10:244::1 ;;
	esac
}

# Ends what was started here, by pid, and takes the topology away.
topo_down()
{
	local pid pod

	for pid in "${_topo_pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pod in "${_topo_pods[@]}"; do
		_ip_in "$NODE" link del "v$pod" 2>/dev/null
		ip netns del "$pod"
	done
	if [[ -n $NODE ]]; then
		ip netns del "$NODE" 2>/dev/null
	else
		ip link del node0 2>/dev/null
	fi
	_topo_pods=() _topo_pids=()
	return 0
}

# on_exit_kill PID: topo_down ends it
on_exit_kill()
{
	_topo_pids+=("$1")
}

# -------------------------------------------------------------------- services
# Families are 4 and 6. Service N has the address 10.96.0.N or fd00:10:96::N.

# at FAMILY ADDRESS PORT: as the command and URLs write it
at()
{
	case $1 in
	4)	echo "$2:$3" ;;
	6)	echo "[$2]:$3" ;;
	esac
}

# vip FAMILY [N]
vip()
{
	case $1 in
	4)	echo "10.96.0.${2:-1}" ;;
	6)	echo "fd00:10:96::${2:-1}" ;;
	esac
}

# unspecified FAMILY: the address that stands for node ports
unspecified()
{
	case $1 in
	4)	echo 0.0.0.0 ;;
	6)	echo :: ;;
	esac
}

# pod FAMILY NAME: its address
pod()
{
	"pod$1" "$2"
}

# service FAMILY PORT/PROTO [N]: its key
service()
{
	at "$1" "$(vip "$1" "${3:-1}")" "$2"
}

# backend FAMILY N PORT: address and port of pod backendN
backend()
{
	at "$1" "$(pod "$1" "backend$2")" "$3"
}

# service_up FAMILY PORT/PROTO BACKENDS [SCHEDULER]: service 1 with the pods
# backend1 to backendBACKENDS, same port
service_up()
{
	local key i

	key=$(service "$1" "$2")
	node sluice service add "$key" scheduler "${4:-rr}" || return
	for ((i = 1; i <= $3; i++)); do
		node sluice backend add "$key" \
			"$(backend "$1" $i "${2%/*}")" || return
	done
}

# services_up PORT/PROTO BACKENDS [SCHEDULER]: in both families
services_up()
{
	service_up 4 "$@" && service_up 6 "$@"
}

# ------------------------------------------------------------------- real ends

is_listening()
{
	[[ -n $(in_ns "$1" ss -Hltn "sport = :$2") ]]
}

# is_free POD PORT: its server has no connection
is_free()
{
	[[ -z $(in_ns "$1" ss -Htn state established "sport = :$2") ]]
}

# start_nginx POD NAME [PORT]: a web server that answers its name and a newline
start_nginx()
{
	local pod=$1 name=$2 port=${3:-80} dir=/tmp/nginx-$2-${3:-80}

	mkdir -p "$dir"
	cat > "$dir/nginx.conf" <<-END
		pid $dir/pid;
		error_log $dir/error.log;
		worker_processes 1;
		events { worker_connections 512; }
		http {
			access_log off;
			client_body_temp_path $dir; proxy_temp_path $dir;
			fastcgi_temp_path $dir; uwsgi_temp_path $dir;
			scgi_temp_path $dir;
			server {
				listen $port; listen [::]:$port;
				location / { return 200 "$name\n"; }
				location /from { return 200 "\$remote_addr \$remote_port\n"; }
				location /files { alias $dir/files; }
			}
		}
	END
	in_ns "$pod" nginx -c "$dir/nginx.conf" || return
	wait_for 10 is_listening "$pod" "$port" || return
	on_exit_kill "$(cat "$dir/pid")"
}

# http_get NAMESPACE URL [CURL OPTION...]: the answer's body
http_get()
{
	local ns=$1 url=$2

	shift 2
	in_ns "$ns" curl -gsS --connect-timeout $((5 * SLOW)) \
		--max-time $((20 * SLOW)) "$@" "$url"
}

# start_udp POD NAME PORT: a UDP server that answers its name and the request
start_udp()
{
	spawn "$1" ./progs/udp serve "$3" "$2"
	wait_for 10 _is_bound "$1" "$3"
}

_is_bound()
{
	[[ $(in_ns "$1" ss -Hlun "sport = :$2" | wc -l) == 2 ]]
}

# udp_ask NAMESPACE FAMILY PORT [OPTION...]: ask service 1; see progs/udp.c
udp_ask()
{
	local ns=$1 family=$2 port=$3

	shift 3
	in_ns "$ns" ./progs/udp ask "$@" "$(vip "$family")" "$port"
}

# sent DEVICE: of an attached device, packets that have taken the fast path
sent()
{
	json '.[0].sent' device show "$1"
}

# fallbacks DEVICE REASON: those left to the slow path
fallbacks()
{
	json ".[0].fallbacks[] | select(.reason == \"$2\") | .packets" \
		device show "$1"
}

# open_socket COMMAND [ARGUMENT...]: one socket for ever, as "udp ask -i" has it:
# "next" asks and prints the answer
open_socket()
{
	coproc SOCKET { "$@" -i -c 100 -t $((2000 * SLOW)); }
	on_exit_kill "$SOCKET_PID"
}

next()
{
	local answer

	echo >&"${SOCKET[1]}"
	# Longer than the socket waits, or what it says is read the next time.
	read -r -t $((10 + 2 * SLOW)) answer <&"${SOCKET[0]}"
	echo "$answer"
}

close_socket()
{
	local pid=$SOCKET_PID

	kill "$pid"
	wait "$pid" 2>/dev/null
	return 0
}

# tally: lines of standard input counted, as "name=2 other=1"
tally()
{
	sort | uniq -c | awk '{ n = $1; $1 = ""; sub(/^ /, ""); print $0 "=" n }' |
		xargs
}

# json FILTER SLUICE-ARGUMENT...: jq over what the command shows
json()
{
	local filter=$1

	shift
	node sluice -j -s "$@" | jq -r "$filter"
}

# has_joined PID [NAMESPACE]: a netlink group, as the kernel knows a listener by
# its number
has_joined()
{
	in_ns "${2:-}" grep -qE "^[^ ]+ 16 +$1 +0*[1-9a-f]" /proc/net/netlink
}

# netlink_has_lost: messages, for want of room in a socket of generic netlink
netlink_has_lost()
{
	node awk '$2 == 16 && $9 > 0 { lost = 1 } END { exit !lost }' \
		/proc/net/netlink
}

# monitor OUTPUT ARGUMENT...: in the background, once it has joined its groups;
# its pid in $!
monitor()
{
	local output=$1

	shift
	sluice "$@" > "$output" &
	on_exit_kill $!
	wait_for 10 has_joined $!
}

# ynl_cli ARGUMENT...: the kernel's client with the shipped specification
ynl_cli()
{
	ynl --family sluice --output-json "$@"
}

# totals: "SERVICES BACKENDS", how many there are
totals()
{
	json '"\(.services) \(.backends)"' stats show
}

# dropped REASON: packets of the node
dropped()
{
	json ".drops[] | select(.reason == \"$1\") | .packets" stats show
}

# udp_received NAMESPACE: datagrams that sockets have had
udp_received()
{
	in_ns "$1" cat /proc/net/snmp /proc/net/snmp6 | awk '
		/^Udp:/ && $2 ~ /^[0-9]/ { n += $2 }
		/^Udp6InDatagrams/ { n += $2 }
		END { print n }'
}

# snmp NAMESPACE COUNTER: of nstat, since boot
snmp()
{
	in_ns "$1" nstat -asz "$2" | awk -v name="$2" '$1 == name { print $2 }'
}
