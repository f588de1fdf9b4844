# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# The contenders, for measure.sh: NAME_up prepares the node; NAME_write FIRST
# LAST writes the files with these services; NAME_load loads them and NAME_add
# NUMBER adds one more, both by cost(). Who has no such functions has no
# services. NAME_pods makes other pods than the usual ones, client1 and backend1.

# cost COMMAND...: run it in the node's namespace and add to $spent what it
# costs
cost()
{
	local busy

	busy=$(node ./progs/cost run "$@") || return
	spent=$((spent + busy))
}

# of_family IPV4 IPV6: the one that is measured
of_family()
{
	case $FAMILY in
	4)	echo "$1" ;;
	6)	echo "$2" ;;
	esac
}

in_family()
{
	case $FAMILY in
	4)	cat ;;
	6)	sed -f bench/ipv6.sed ;;
	esac
}

# table FIRST LAST [LAYOUT]: see tables.awk; the layout may be standard input
table()
{
	awk -v first="$1" -v last="$2" -v measured="$SIZE" -v family="$FAMILY" \
		-v backends="${SLUICE_TEST_BACKENDS:-2}" -f bench/tables.awk \
		"${3:--}" | in_family
}

# restore_rules FILE: by iptables or ip6tables
restore_rules()
{
	cost "$(of_family iptables ip6tables)-restore" --noflush --counters "$1"
}

# --------------------------------------------------------- without any services

# on_one_link FUNCTION: client1 and backend1, whose eth0 it makes
on_one_link()
{
	local pod

	_topo_pods=(client1 backend1)
	for pod in client1 backend1; do
		ns_add "$pod" || return
	done
	"$1" || return
	for pod in client1 backend1; do
		ip -n "$pod" -batch - <<-END || return
			addr add $(pod4 "$pod")/32 dev eth0
			addr add $(pod6 "$pod")/128 dev eth0 nodad
			route add default dev eth0
			route add ::/0 dev eth0
		END
	done
}

join_by_cable()
{
	veth_pair client1 eth0 backend1 eth0
}

direct_pods()
{
	on_one_link join_by_cable
}

# The client asks itself.
loopback_pods()
{
	direct_pods && start_servers client1
}

loopback_target()
{
	echo "$(of_family 127.0.0.1 ::1) $PORT"
}

# Past TCP, as far as sockets can give each other anything
by_sockmap()
{
	sluice local show 2>/dev/null | grep -q '^mode sockmap enabled' ||
		sluice local enable mode sockmap node 2>/dev/null
}

sockmap_pods()
{
	loopback_pods && by_sockmap
}

sockmap_target()
{
	loopback_target
}

sockmap_down()
{
	sluice local disable mode sockmap
}

join_by_bridge()
{
	local pod

	ns_add node && ip -n node link add br0 type bridge &&
	ip -n node link set br0 up || return
	for pod in client1 backend1; do
		veth_pair node "v$pod" "$pod" eth0 &&
		ip -n node link set "v$pod" master br0 || return
	done
}

bridge_pods()
{
	on_one_link join_by_bridge
}

# The first packets of a connection go through the FORWARD hook, with conntrack,
# and the later ones of it from device to device.
flowtable_up()
{
	node nft -f - <<-'END'
		table inet short_cut {
			flowtable pods {
				hook ingress priority filter
				devices = { vclient1, vbackend1, vbackend2 }
			}
			chain forward {
				type filter hook forward priority filter
				ct state established flow add @pods
			}
		}
	END
}

# --------------------------------------------------------------------- iptables

iptables_write()
{
	table "$1" "$2" bench/layout/iptables > /tmp/table
}

iptables_load()
{
	restore_rules /tmp/table
}

iptables_add()
{
	printf '%s\n' '*nat' @iptables-chains @iptables-rules COMMIT |
		table "$1" "$1" > /tmp/table
	restore_rules /tmp/table
}

# --------------------------------------------------------------------- nftables

nftables_write()
{
	table "$1" "$2" bench/layout/nftables > /tmp/table
}

nftables_load()
{
	cost nft -f /tmp/table
}

nftables_add()
{
	echo @nftables | table "$1" "$1" > /tmp/table
	cost nft -f /tmp/table
}

# ------------------------------------------------------------------------- ipvs

ipvs_up()
{
	modprobe ip_vs || return
	node ip link add kube-ipvs0 type dummy
	node sysctl -qw net.ipv4.vs.conntrack=1 net.ipv4.vs.conn_reuse_mode=0 \
		net.ipv4.vs.expire_nodest_conn=1 \
		net.ipv4.vs.expire_quiescent_template=1
}

# ipvs_write_services FIRST LAST SETS
ipvs_write_services()
{
	table "$1" "$2" "$3" > /tmp/sets
	echo @ipvs-addresses | table "$1" "$2" > /tmp/addresses
	echo @ipvs | table "$1" "$2" > /tmp/services
}

ipvs_write()
{
	ipvs_write_services "$1" "$2" bench/layout/ipvs-sets &&
	in_family < bench/layout/ipvs-rules > /tmp/table
}

ipvs_load_services()
{
	cost ip -batch /tmp/addresses &&
	cost ipset restore -file /tmp/sets &&
	cost ipvsadm -R < /tmp/services
}

ipvs_load()
{
	ipvs_load_services &&
	restore_rules /tmp/table
}

ipvs_add()
{
	echo @ipvs-sets > /tmp/layout
	ipvs_write_services "$1" "$1" /tmp/layout
	ipvs_load_services
}

# ----------------------------------------------------------------------- sluice

sluice_up()
{
	is_loaded || load_module
}

sluice_write()
{
	echo @sluice | table "$1" "$2" > /tmp/table
}

sluice_load()
{
	cost sluice restore -f /tmp/table
}

# One command a line, as an administrator types them
sluice_add()
{
	local line

	sluice_write "$1" "$1"
	while read -ra line; do
		cost sluice "${line[@]}" || return
	done < /tmp/table
}

# The system calls alone
sluice_add_in_kernel()
{
	local numbers

	read -ra numbers <<< "$(of_family \
		"10.96.255.1 10.247.255.1 10.248.255.1" \
		"fd00:10:96::ff01 fd00:10:247::1 fd00:10:248::1")"
	node ./progs/change service "${numbers[@]}"
}

idle_up()
{
	sluice_up
}

# attach_all [OPTION...]: the same at the devices
attach_all()
{
	local device

	for device in vclient1 vbackend1 vbackend2; do
		node sluice device add "$device" "$@" || return
	done
}

fast_up()
{
	sluice_up && attach_all
}

fast_write()
{
	sluice_write "$@"
}

fast_load()
{
	cost sluice restore --noflush -f /tmp/table
}

fast_add()
{
	sluice_add "$@"
}

# A hook at the pods' ends is put there a little later.
fast_pod_up()
{
	sluice_up && attach_all pod-side on && sleep 1
}

fast_pod_write()
{
	sluice_write "$@"
}

fast_pod_load()
{
	fast_load
}

fast_pod_add()
{
	sluice_add "$@"
}

fast_cut_up()
{
	sluice_up && attach_all short-cut on
}

fast_cut_write()
{
	sluice_write "$@"
}

fast_cut_load()
{
	fast_load
}

fast_cut_add()
{
	sluice_add "$@"
}

fast_sockmap_up()
{
	fast_up && by_sockmap
}

fast_sockmap_write()
{
	sluice_write "$@"
}

fast_sockmap_load()
{
	fast_load
}

fast_sockmap_add()
{
	sluice_add "$@"
}

fast_sockmap_down()
{
	sockmap_down
}

fast_plain_up()
{
	fast_up
}
