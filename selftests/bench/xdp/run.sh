#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make bench-xdp: what a frame costs on its way through the node, by XDP and by
# the kernel's own router and bridge, on this machine. See
# Documentation/bench.rst.
#
# usage: selftests/bench/xdp/run.sh [NAME=VALUE...]
#   WORK       frames_xdp frames_socket socket_xdp socket_socket
#              tcp_stream_kib: who sends, and who receives
#   CONTENDER  direct bare routed xdp_router bridge bridge_nf xdp_bridge
#   SIZE       of frames but those of streams: 64 1500 (64), or all
#   FAMILY     4 6 (4), or all
#   REPEATS    1 3 5 7 9 (5), of which the median is taken
#   FRAMES     that are sent each time, in thousands: 100 1000 4000 (1000); by
#              sockets a quarter of it; of streams it is the KiB
#   OUT        where to write (build/bench)
# Several values are separated by spaces or commas.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../scripts/lib.sh"
. "$here/../arguments.sh"
. "$here/topology.sh"

out=$top/build/bench
cost=$top/build/bench/xdp/cost
sluice=$top/tools/sluice/sluice
kernel=$(uname -r)
kernel=${kernel%%-*}
works="frames_xdp frames_socket socket_xdp socket_socket tcp_stream_kib"
contenders="direct bare routed xdp_router bridge bridge_nf xdp_bridge"
declare -A known=([WORK]=$works [CONTENDER]=$contenders [SIZE]="64 1500"
	[FAMILY]="4 6" [REPEATS]="1 3 5 7 9" [FRAMES]="100 1000 4000")
declare -A usual=([WORK]=$works [CONTENDER]=$contenders [SIZE]=64
	[FAMILY]=4 [REPEATS]=5 [FRAMES]=1000)

check_machine()
{
	local btf=/sys/kernel/btf/vmlinux

	[[ $EUID == 0 ]] || die "this needs root, for network namespaces and BPF"
	need "${CLANG:-clang}" clang
	need bpftool bpftool
	need ip iproute2
	need ethtool ethtool
	need ping iputils-ping
	need gnuplot gnuplot-nox
	[[ -e $btf ]] || die "the kernel has no BTF ($btf): CONFIG_DEBUG_INFO_BTF"
}

# Percent of what all processors could do in a second
busy()
{
	{ head -n 1 /proc/stat; sleep 1; head -n 1 /proc/stat; } | awk '
		{ idle = $5 + $6 - idle; all = -all
		  for (i = 2; i <= 9; i++) all += $i }
		END { printf "%.0f\n", 100 - 100 * idle / all }'
}

check_idle()
{
	local share

	share=$(busy)
	((share < 10)) || say "the machine is busy ($share %): what it measures" \
		"now is worth little"
}

is_xdp()
{
	[[ $1 == xdp_* ]]
}

# obstacle CONTENDER: what it lacks
obstacle()
{
	if is_xdp "$1" && [[ ! -e $top/bpf/build/$1.skel.h ]]; then
		echo "the program is not built"
	elif [[ $1 == bridge_nf && ! -e /proc/sys/net/bridge ]]; then
		echo "br_netfilter is not loaded"
	fi
}

# Those that are chosen, with what they are compared with, in their order
choose_contenders()
{
	local name missing list=' direct '

	for name in ${chosen[CONTENDER]}; do
		missing=$(obstacle "$name")
		if [[ -n $missing ]]; then
			say "$name is left out: $missing"
		else
			list+="$name ${layout_of[$name]} "
		fi
	done
	for name in $contenders; do
		[[ $list != *" $name "* ]] || echo "$name"
	done
}

# node_of CONTENDER
node_of()
{
	netns "${layout_of[$1]}" node
}

# attach CONTENDER: the program at both devices, until detach
attach()
{
	local device

	for device in vclient vserver; do
		"$sluice" -n "$(node_of "$1")" xdp attach $device "${1#xdp_}" \
			--no-policy 2> "$scratch/err" || die "$(<"$scratch/err")"
	done
}

# detach CONTENDER
detach()
{
	local device

	for device in vclient vserver; do
		"$sluice" -n "$(node_of "$1")" xdp detach $device
	done
}

# forwarded CONTENDER: how many frames from the client its program has sent on. All
# that it has counted goes into a file.
forwarded()
{
	is_xdp "$1" || { echo -; return; }
	"$sluice" -n "$(node_of "$1")" -s xdp show vclient |
		tee -a "$out/xdp.counters" |
		awk '/redirect forwarded/ { count = $3 } END { print count + 0 }'
}

# count_of WORK: how many frames, or KiB, are sent
count_of()
{
	case $1 in
	socket_*)	echo $((chosen[FRAMES] * 250)) ;;
	*)		echo $((chosen[FRAMES] * 1000)) ;;
	esac
}

# sizes_of WORK: streams are worth it with the longest frames only
sizes_of()
{
	case $1 in
	tcp_*)	echo 9014 ;;
	*)	echo "${chosen[SIZE]}" ;;
	esac
}

# prepare CONTENDER SIZE: the MTU as devices have it that do nothing else
prepare()
{
	local mtu=$(($2 - 14))

	set_mtu "${layout_of[$1]}" $((mtu < 1500 ? 1500 : mtu))
	case $1 in
	bridge_nf)	set_bridge_netfilter 1 ;;
	bare)		set_server_gro on ;;
	xdp_*)		attach "$1" ;;
	esac
}

# conclude CONTENDER: as it was before
conclude()
{
	case $1 in
	bridge_nf)	set_bridge_netfilter 0 ;;
	bare)		set_server_gro off ;;
	xdp_*)		detach "$1" ;;
	esac
}

# send WORK CONTENDER FAMILY SIZE: see cost.c for what it says
send()
{
	local layout=${layout_of[$2]} node=()

	[[ $2 != bare ]] || node=("$(node_of "$2")")
	"$cost" "$1" "$(count_of "$1")" "$4" \
		"$(netns "$layout" client)" "$(netns "$layout" server)" \
		"${source[$3]}" "${target[$3]}" "$(next_hop "$layout")" \
		"${node[@]}"
}

# sample WORK CONTENDER FAMILY SIZE: a line of it. The last word is how many the
# program has forwarded.
sample()
{
	local result

	prepare "$2" "$4"
	is_reached "${layout_of[$2]}" "$3" || die "$2: the server does not answer"
	result=$(send "$@")
	echo "$kernel $3 $1 $2 $4 $result $(forwarded "$2")"
	conclude "$2"
}

# sample_whole ...: the same. If the other processor polls a device meanwhile, for
# what else was sent there, that one may not keep up: another sample may be whole.
# Who loses frames each time does so.
sample_whole()
{
	local line attempt sent arrived

	for attempt in 1 2 3; do
		line=$(sample "$@")
		read -r _ _ _ _ _ _ sent arrived _ <<< "$line"
		((arrived < sent && attempt < 3)) || break
		say "$2, $1, IPv$3, $4 bytes: $((sent - arrived)) of $sent" \
			"are lost, once more"
	done
	echo "$line"
}

# takes_part CONTENDER WORK: what is bare hands frames on in one direction, with
# nothing done for what sends packets
takes_part()
{
	[[ $1 != bare || $2 == frames_* ]]
}

# take_turns WORK FAMILY SIZE: so that what changes meanwhile changes for all
take_turns()
{
	local contender

	for contender in "${runners[@]}"; do
		! takes_part "$contender" "$1" ||
			sample_whole "$1" "$contender" "$2" "$3"
	done
}

# Each time with new devices: where their memory is makes some percent.
take_round()
{
	local layout family work size

	for layout in direct routed bridge; do
		[[ " ${runners[*]} " != *" $layout "* ]] || build $layout
	done
	for family in ${chosen[FAMILY]}; do
		for work in ${chosen[WORK]}; do
			for size in $(sizes_of "$work"); do
				take_turns "$work" "$family" "$size"
			done
		done
	done
	remove_all
}

build_programs()
{
	make -s -C "$top/tools" && make -s -C "$here"
}

# What timers send is sent by the processor that has set them.
stay_on_last_processor()
{
	taskset -cp "$(($(getconf _NPROCESSORS_ONLN) - 1))" $$ > /dev/null
}

clean_up()
{
	local name

	for name in xdp_router xdp_bridge; do
		detach $name 2>/dev/null || true
	done
	remove_all
	rm -rf "$scratch"
}

main()
{
	local round

	parse_arguments "$@"
	be_single REPEATS FRAMES
	check_machine
	build_programs
	scratch=$(mktemp -d)
	trap clean_up EXIT
	trap 'exit 1' INT TERM HUP
	mapfile -t runners < <(choose_contenders)
	check_idle
	mkdir -p "$out"
	rm -f "$out/xdp.counters"
	stay_on_last_processor
	for ((round = 0; round < chosen[REPEATS]; round++)); do
		take_round
	done > "$out/xdp.samples"
	"$here/report.sh" "$out/xdp.samples" "$out"
}

main "$@"
