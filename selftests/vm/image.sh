# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# The guest's initramfs, in parts that are simply written one after the other:
#
#	base.cpio	user space: Debian packages of the machine's own suite,
#			unpacked (nothing is installed on the host)
#	modules.cpio	the kernel's network modules
#	python.cpio	python3 with yaml and jsonschema; only for tests with
#			"# needs: python"
#	programs.cpio	haproxy, redis and wrk; likewise, "# needs: programs"
#	run.cpio	what changes: init, the module, the tool, the tests
#
# Uncompressed: under emulation the guest unpacks far slower than it reads.

base_packages=(bash coreutils diffutils grep sed mawk findutils util-linux mount procps kmod
	base-files base-passwd netbase iproute2 iptables nftables conntrack
	ipset ipvsadm ethtool tcpdump curl nginx-light iputils-ping iperf3 strace jq
	bpftool libbpf1 libmnl0 libelf1)
# extra_image has these by their names.
# shellcheck disable=SC2034
python_packages=(python3 python3-yaml python3-jsonschema)
# shellcheck disable=SC2034
programs_packages=(haproxy redis-server redis-tools wrk)

# Devices and protocols tests may want: whole directories of modules, so that a
# new test needs no new line here. Dependencies are added.
module_dirs=(net lib crypto drivers/net/vxlan drivers/net/bonding drivers/net/ipvlan
	drivers/net/macvlan.ko drivers/net/dummy.ko drivers/net/veth.ko
	drivers/net/tun.ko drivers/net/ifb.ko drivers/net/vrf.ko
	drivers/net/tap.ko drivers/net/geneve.ko drivers/net/nlmon.ko
	drivers/net/wireguard drivers/net/virtio_net.ko drivers/net/netkit.ko
	drivers/net/netdevsim)
module_skip='/net/(9p|ceph|sunrpc|rxrpc|wireless|mac80211|bluetooth|nfc|dccp|rds|smc|tipc|vmw_vsock|can|appletalk|atm|ax25|batman-adv)/'

prune()
{
	(cd "$1" && rm -rf etc/init.d etc/systemd usr/include usr/games \
		usr/share/{doc,man,info,locale,lintian,bug,zoneinfo} \
		usr/share/{bash-completion,pixmaps,icons,menu,terminfo,tabset} \
		usr/share/{common-licenses,gcc,gdb,perl5} \
		usr/lib/{systemd,x86_64-linux-gnu/gconv})
}

# What packages' maintainer scripts would have done
finish_base()
{
	local dir=$1

	mkdir -p "$dir"/{proc,sys,dev,run,tmp,root,mnt,etc,var/log/nginx} \
		"$dir"/{var/lib/nginx,usr/local/sbin}
	cp "$dir/usr/share/base-passwd/passwd.master" "$dir/etc/passwd"
	cp "$dir/usr/share/base-passwd/group.master" "$dir/etc/group"
	ln -sf mawk "$dir/usr/bin/awk"
	ln -sf bash "$dir/usr/bin/sh"
	rm -rf "$dir/var/run"
	ln -s /run "$dir/var/run"
	ln -sf /proc/self/mounts "$dir/etc/mtab"
	legacy_iptables "$dir/usr/sbin"
	echo sluice > "$dir/etc/hostname"
	echo 127.0.0.1 localhost > "$dir/etc/hosts"
	echo "::1 localhost" >> "$dir/etc/hosts"
}

legacy_iptables()
{
	local family suffix

	for family in ip ip6; do
		for suffix in '' -save -restore; do
			ln -sf xtables-legacy-multi "$1/${family}tables$suffix"
		done
	done
}

# make_cpio FILE DIRECTORY [NAMES]: of all of the directory, or of a list
make_cpio()
{
	local file=$1 dir=$2 names=${3:-}

	need cpio cpio
	if [[ -z $names ]]; then
		(cd "$dir" && find . -mindepth 1 | LC_ALL=C sort)
	else
		cat "$names"
	fi | (cd "$dir" && cpio -o -H newc -R 0:0 --quiet) > "$file"
}

build_base()
{
	say "fetching the guest's user space"
	apt_use own
	apt_unpack_closure "$1/root" "${base_packages[@]}"
	prune "$1/root"
	finish_base "$1/root"
	make_cpio "$1/base.cpio" "$1/root"
}

# build_extra DIRECTORY BASE NAME PACKAGE...: what the base has not
build_extra()
{
	local dir=$1 base=$2 name=$3

	say "fetching the guest's $name"
	apt_use own
	apt_unpack_closure "$dir/root" "${@:4}"
	prune "$dir/root"
	rm -rf "$dir"/root/usr/lib/python3*/{test,idlelib,tkinter,lib2to3,ensurepip,pydoc_data,distutils,unittest,turtle*}
	(cd "$dir/root" && find . -mindepth 1 | LC_ALL=C sort) > "$dir/all"
	(cd "$base/root" && find . -mindepth 1 ! -type d | LC_ALL=C sort) |
		LC_ALL=C comm -13 - "$dir/all" > "$dir/names"
	make_cpio "$dir/$name.cpio" "$dir/root" "$dir/names"
}

list_modules()
{
	local dir=$1 name

	for name in "${module_dirs[@]}"; do
		[[ ! -e $dir/kernel/$name ]] || find "$dir/kernel/$name" -name '*.ko'
	done | grep -vE "$module_skip" | sed "s,^$dir/,,"
}

# The modules and all they depend on; modules.dep has complete lists
with_dependencies()
{
	awk 'NR == FNR { want[$1 ":"]; next }
	     $1 in want { sub(":", ""); for (i = 1; i <= NF; i++) print $i }' \
		- "$1/modules.dep" | sort -u
}

build_modules()
{
	local dir=$1 source=$2 release=${2##*/} to

	to=$dir/root/usr/lib/modules/$release
	mkdir -p "$to"
	list_modules "$source" | with_dependencies "$source" > "$dir/list"
	(cd "$source" && xargs -a "$dir/list" cp --parents -t "$to")
	cp "$source"/modules.{builtin,builtin.modinfo,order} "$to"
	make_cpio "$dir/modules.cpio" "$dir/root"
}

list_hash()
{
	printf '%s\n' "$@" | sha256sum | cut -c1-12
}

# Print the path of a part, making it first if it is not there
base_image()
{
	local name

	name=guest/base-$(list_hash "${base_packages[@]}" \
		"$(declare -f prune finish_base legacy_iptables)")
	cache_entry "$name" build_base
	echo "$cache/$name/base.cpio"
}

# extra_image NAME: python or programs
extra_image()
{
	local -n packages=$1_packages
	local name base

	base=$(base_image)
	name=guest/$1-$(list_hash "$base" "${packages[@]}" \
		"$(declare -f prune build_extra)")
	cache_entry "$name" build_extra "${base%/*}" "$1" "${packages[@]}"
	echo "$cache/$name/$1.cpio"
}

# modules_image MODULES-DIRECTORY
modules_image()
{
	local name

	name=guest/modules-$(list_hash "$1" "$(stat -c %Y "$1/modules.dep")" \
		"${module_dirs[@]}" "$module_skip")
	cache_entry "$name" build_modules "$1"
	echo "$cache/$name/modules.cpio"
}
