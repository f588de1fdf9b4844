#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Install the Debian packages that are missing.
#
# usage: scripts/deps.sh [SET...]
#   build   the module and its checks: compiler, sparse, BTF
#   tools   the command and the library
#   vm      virtual machines and what fills them
#   gen     the netlink code generator
#   kunit   KUnit on user-mode Linux
#   debug   the debug kernel
#   checks  the DKMS test, shellcheck
#   bench   the benchmark's plots
# Without a set: all of them. Nothing that is there already is touched, and no
# daemon is installed (the guest's are unpacked in the cache).

. "$(dirname "$0")/lib.sh"

packages_of()
{
	case $1 in
	build)	echo make gcc gcc-12 libc6-dev sparse dwarves kmod binutils \
			lz4 xz-utils zstd libelf-dev zlib1g-dev python3 ;;
	tools)	echo make gcc libc6-dev pkg-config libmnl-dev libjson-c-dev \
			libevent-dev bash-completion clang bpftool libbpf-dev \
			libxdp-dev xdp-tools \
			iproute2 ethtool iputils-ping python3 ;;
	vm)	echo qemu-system-x86 cpio kmod xz-utils zstd util-linux gcc \
			libc6-dev make ;;
	gen)	echo python3 python3-yaml python3-jsonschema xz-utils ;;
	kunit)	echo gcc make flex bison bc libelf-dev libssl-dev python3 xz-utils ;;
	debug)	echo gcc-12 make flex bison bc libelf-dev libssl-dev dwarves \
			cpio kmod rsync xz-utils ;;
	checks)	echo dkms git shellcheck mandoc patch ;;
	bench)	echo gnuplot-nox ;;
	*)	die "unknown set '$1': build tools vm gen kunit debug checks bench" ;;
	esac
}

is_installed()
{
	[[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# missing_packages SET...: one a line
missing_packages()
{
	local set package

	for set in "$@"; do
		packages_of "$set" | xargs -n1
	done | sort -u | while read -r package; do
		is_installed "$package" || echo "$package"
	done
}

# What apt does by itself takes a while on a machine that has just booted.
patience=300

update_lists()
{
	local deadline=$((SECONDS + patience))

	until apt-get -qq update >"$cache/deps.log" 2>&1; do
		grep -q 'Could not get lock' "$cache/deps.log" &&
		((SECONDS < deadline)) || return 1
		sleep 2
	done
}

install_packages()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
		-o Acquire::Retries=3 -o DPkg::Lock::Timeout=$patience \
		install -y --no-install-recommends "$@" \
		</dev/null >"$cache/deps.log" 2>&1
}

main()
{
	local sets=("$@") missing

	((${#sets[@]})) || sets=(build tools vm gen kunit debug checks bench)
	have apt-get || die "this is not Debian: see the list in ${0##*/}"
	missing=$(missing_packages "${sets[@]}")
	[[ -n $missing ]] || return 0
	mapfile -t missing <<< "$missing"
	[[ $(id -u) == 0 ]] || die "not root; please install: ${missing[*]}"
	say "installing ${missing[*]}"
	install_packages "${missing[@]}" && return
	# The package lists may be missing or old. A third-party source that is
	# broken makes update fail; what counts is whether install works then.
	update_lists || say "some package lists could not be fetched"
	install_packages "${missing[@]}" || {
		tail -n 20 "$cache/deps.log" >&2
		die "apt-get could not install: ${missing[*]}"
	}
}

main "$@"
