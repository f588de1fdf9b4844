#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the module for one of Debian's kernels, in build/VERSION, or for the
# debug kernel (VERSION is debug).
#
# usage: [SPARSE=1] scripts/build-module.sh VERSION [make argument...]
#
# The sources are copied there, so that builds for several kernels do not mix
# and the source tree stays clean. Any warning fails the build.

. "$(dirname "$0")/lib.sh"

# Copy what changed, remove what is gone; objects stay for the next build.
sync_sources()
{
	local out=$1 file

	mkdir -p "$out/kmod/compat"
	(cd "$top" && find Kbuild kmod -type f \( -name Kbuild -o -name '*.[chS]' \) \
		! -name '*.mod.c') | sort > "$out/.sources"
	(cd "$top" && xargs -a "$out/.sources" cp -pu --parents -t "$out")
	(cd "$out" && find kmod -type f -name '*.[chS]' ! -name '*.mod.c') | sort |
		comm -13 "$out/.sources" - | while read -r file; do
			rm -f "$out/$file" "$out/${file%.*}.o"
		done
}

# Sparse on newer kernels' headers says things which are not about this module.
own_warnings()
{
	grep -E 'warning:|WARNING:|error:|Skipping BTF' "$1" |
		grep -vE "^[^ ]*/(include|arch/x86/include)/[^ ]*: (warning|error):" |
		grep -v 'the compiler differs from the one used to build the kernel' |
		without_modinfo_errors "$2"
}

# 7.3's MODULE_INFO() asserts something with __builtin_strlen(), which sparse
# 0.6.4 does not take for a constant.
without_modinfo_errors()
{
	local line file number status=1

	while IFS= read -r line; do
		if [[ $line == *"error: bad constant expression"* ]]; then
			IFS=: read -r file number _ <<< "$line"
			! sed -n "${number}p" "$1/${file#"$1/"}" |
				grep -qE '^(MODULE_|module_param)' || continue
		fi
		printf '%s\n' "$line"
		status=0
	done
	return $status
}

# run_make KDIR DIRECTORY ARGUMENT...
run_make()
{
	local kdir=$1 out=$2

	shift 2
	make -j"$(nproc)" -C "$kdir" M="$out" W=1 "$@" modules
}

# The same in a root of its own, seen through private mounts
run_make_in()
{
	local root=$1 kdir=$2 out=$3 user=()

	shift 3
	need unshare util-linux
	[[ $(id -u) == 0 ]] || user=(--map-root-user)
	# shellcheck disable=SC2016 # expanded inside
	unshare "${user[@]}" --mount --pid --kill-child bash -euc '
		root=$1 out=$2
		shift 2
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount --bind "$out" "$root/build"
		exec env -i PATH=/usr/bin:/usr/sbin LC_ALL=C chroot "$root" "$@"
	' bash "$root" "$out" make -j"$(nproc)" -C "${kdir#"$root"}" M=/build W=1 \
		"$@" modules | sed -u "s,/build/,$out/,g"
}

build()
{
	local version=$1 out=$2 kdir root

	shift 2
	if [[ $version == debug ]]; then
		run_make "$("$top/scripts/debug-kernel.sh" kdir)" "$out" CC=gcc-12 "$@"
		return
	fi
	kdir=$("$top/scripts/kernel.sh" "$version" kdir) || return
	root=$("$top/scripts/kernel.sh" "$version" root) || return
	if [[ $root == / ]]; then
		need gcc-12 gcc-12
		run_make "$kdir" "$out" "$@"
	else
		run_make_in "$root" "$kdir" "$out" "$@"
	fi
}

check_btf()
{
	local sections

	# Not through a pipe: grep -q would leave early and readelf die of that
	sections=$(readelf -S --wide "$1")
	[[ $sections == *' .BTF '* ]] ||
		die "${1#"$top"/} has no BTF: are pahole and the kernel's vmlinux there?"
}

# What is built says nothing the next time.
forget_objects()
{
	find "$1" \( -name '*.o' -o -name '*.ko' \) -delete
}

main()
{
	local version=${1:?"usage: scripts/build-module.sh VERSION [make argument...]"}
	local out=$top/build/$version log sparse=()

	shift
	mkdir -p "$out"
	exec 8> "$out/.lock"
	flock 8
	sync_sources "$out"
	log=$out/build.log
	if [[ ${SPARSE:-0} != 0 ]]; then
		need sparse sparse
		# 7.3's headers use what sparse 0.6.4 does not know
		sparse=(C=2 CF="-D__CHECK_ENDIAN__ -D__typeof_unqual__=__typeof__")
	fi
	(build "$version" "$out" "${sparse[@]}" "$@") > "$log" 2>&1 || {
		grep -vE '^(make|  [A-Z]+ )' "$log" >&2 || cat "$log" >&2
		forget_objects "$out"
		die "the module does not build for $version"
	}
	if own_warnings "$log" "$out" >&2; then
		forget_objects "$out"
		die "the module builds for $version, but not without a warning"
	fi
	check_btf "$out/sluice.ko"
	say "build/$version/sluice.ko"
}

main "$@"
