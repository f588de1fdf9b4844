#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's kernels, unpacked in the cache to build against and to boot.
#
# usage: scripts/kernel.sh VERSION [WHAT]
#   VERSION  6.1, 6.12 or 7.3
#   WHAT     fetch     make it ready (what happens without WHAT)
#            release   print the kernel's release name
#            kdir      print the directory to build modules against
#            image     print the bootable image
#            modules   print the directory lib/modules/RELEASE
#            root      print the root the compiler must run in, or / (7.3's
#                      tools need a newer C library than Debian 12's)
#            source    unpack the kernel's source, print its directory
#            tarball   print the kernel's source, packed
#            remove    forget this kernel: the next run fetches the newest
#
# Nothing is installed: the newest packages are downloaded through a private
# apt state and unpacked.

. "$(dirname "$0")/lib.sh"

usage()
{
	sed -n '5,/^$/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

pattern_of()
{
	case $1 in
	6.1)	echo 'linux-image-6\.1\.0-[0-9]+-cloud-amd64' ;;
	6.12)	echo 'linux-image-6\.12\.[0-9]+\+deb1[23]-cloud-amd64' ;;
	7.3)	echo 'linux-image-7\.3\.[0-9]+\+deb13-cloud-amd64' ;;
	*)	die "unknown kernel version '$1': 6.1, 6.12 and 7.3 are known" ;;
	esac
}

# The suites to look in when the machine's own do not have the kernel
suites_of()
{
	case $1 in
	6.1)	echo bookworm bookworm bookworm-security ;;
	6.12)	echo bookworm bookworm bookworm-security bookworm-backports ;;
	7.3)	echo trixie trixie trixie-security trixie-backports ;;
	esac
}

# find_image VERSION: choose the suites, print the newest image package
find_image()
{
	local pattern

	pattern=$(pattern_of "$1")
	image=
	if [[ $1 != 7.3 ]]; then
		apt_use own
		image=$(apt_newest "$pattern")
	fi
	if [[ -z $image ]]; then
		# shellcheck disable=SC2046 # one word a suite
		apt_use $(suites_of "$1")
		image=$(apt_newest "$pattern")
	fi
	[[ -n $image ]] || die "no package matches $pattern: is the mirror reachable?"
}

# The header packages name each other by absolute paths; here they are elsewhere.
relocate_headers()
{
	local headers=$1 final=$2

	sed -i "s,/usr/src/,$final/root/usr/src/," "$headers/Makefile"
}

# 6.1's headers lack what module BTF is made with
add_btf_tools()
{
	local dir=$1 headers=$2 src=$1/source-tools out

	need pahole dwarves
	mkdir -p "$src"
	tar -C "$src" --strip-components=1 --wildcards -xf "$(source_tarball 6.1)" \
		'*/tools' '*/scripts' '*/include' '*/arch/x86'
	bash "$src/scripts/extract-vmlinux" "$dir"/root/boot/vmlinuz-* \
		> "$headers/vmlinux" ||
		die "cannot unpack the kernel image: are lz4, xz-utils, zstd there?"
	out=$dir/root/usr/lib/linux-kbuild-6.1/tools/bpf/resolve_btfids
	mkdir -p "$out"
	make -s -C "$src/tools/bpf/resolve_btfids" > "$dir/resolve_btfids.log" 2>&1 || {
		tail -n 20 "$dir/resolve_btfids.log" >&2
		die "resolve_btfids does not build (libelf-dev, zlib1g-dev?)"
	}
	cp "$src/tools/bpf/resolve_btfids/resolve_btfids" "$out/"
	rm -rf "$src"
}

# unpack_headers DIRECTORY VERSION RELEASE: 6.1 and 6.12
unpack_headers()
{
	local dir=$1 version=$2 release=$3 headers

	apt_unpack "$dir/root" "$image" "linux-headers-$release" \
		"linux-headers-${release%-cloud-amd64}-common" \
		"$(kbuild_package "$version" "$release")"
	headers=$dir/root/usr/src/linux-headers-$release
	[[ $version != 6.1 ]] || add_btf_tools "$dir" "$headers"
	relocate_headers "$headers" "$cache/kernels/$version"
}

# 7.3 asks a script which Debian's headers lack whether sparse is new enough.
allow_sparse()
{
	printf '#!/bin/sh\necho 1\n' > "$1/scripts/checker-valid.sh"
	chmod +x "$1/scripts/checker-valid.sh"
}

# unpack_toolchain DIRECTORY RELEASE: 7.3; a whole root, with the headers at
# the place they expect
unpack_toolchain()
{
	local dir=$1 release=$2

	apt_unpack_closure "$dir/root" bash coreutils grep sed mawk findutils \
		make gcc-14 binutils libc6-dev pahole kmod xz-utils sparse \
		libelf1t64 libssl3t64 zlib1g
	apt_unpack "$dir/root" "linux-"{base,binary,modules,headers}"-$release" \
		"linux-headers-${release%-cloud-amd64}-common" \
		"linux-kbuild-${release%-cloud-amd64}"
	allow_sparse "$dir/root/usr/src/linux-headers-${release%-cloud-amd64}-common"
	ln -sf bash "$dir/root/usr/bin/sh"
	ln -sf mawk "$dir/root/usr/bin/awk"
	rm -rf "$dir"/root/usr/share/{doc,man,info,locale}
	mkdir -p "$dir"/root/{build,proc,dev,tmp}
	touch "$dir/chroot"
}

# first_of FILE...: the first that exists, relative to the kernel's directory
first_of()
{
	local dir=$1 name

	shift
	for name in "$@"; do
		[[ -e $dir/$name ]] || continue
		echo "$name"
		return
	done
	die "none of these is in the packages: $*"
}

unpack_kernel()
{
	local dir=$1 version=$2 release

	find_image "$version"
	release=${image#linux-image-}
	say "fetching $image and its headers"
	case $version in
	7.3)	unpack_toolchain "$dir" "$release" ;;
	*)	unpack_headers "$dir" "$version" "$release" ;;
	esac
	ln -sT "root/usr/src/linux-headers-$release" "$dir/kdir"
	ln -sT "$(first_of "$dir" "root/boot/vmlinuz-$release" \
		"root/usr/lib/modules/$release/vmlinuz")" "$dir/image"
	ln -sT "root/lib/modules/$release" "$dir/modules"
	rm -f "$dir/modules/build" "$dir/modules/source"
	echo "$release" > "$dir/release"
	unpack_modules "$dir" "$release"
}

kbuild_package()
{
	case $1 in
	6.1)	echo linux-kbuild-6.1 ;;
	*)	echo "linux-kbuild-${2%-cloud-amd64}" ;;
	esac
}

# Compressed modules would be unpacked again at each boot, slowly
unpack_modules()
{
	local dir=$1 release=$2

	need depmod kmod
	find "$dir/modules/" -name '*.ko.xz' -exec xz -dT2 {} +
	find "$dir/modules/" -name '*.ko.zst' -exec zstd -q -d --rm {} +
	depmod -b "$dir/root" "$release"
}

fetch_source()
{
	local dir=$1 version=$2

	find_image "$version"
	say "fetching linux-source-$version"
	apt_unpack "$dir/root" "linux-source-$version"
	mv "$dir"/root/usr/src/linux-source-"$version".tar.xz "$dir/source.tar.xz"
	rm -rf "$dir/root"
}

source_tarball()
{
	cache_entry "sources/$1" fetch_source "$1"
	echo "$cache/sources/$1/source.tar.xz"
}

unpack_source()
{
	tar -C "$1" --strip-components=1 -xf "$(source_tarball "$2")"
}

main()
{
	local version=${1:-} what=${2:-fetch} dir

	[[ -n $version && $version != -* ]] || usage
	pattern_of "$version" >/dev/null
	dir=$cache/kernels/$version
	case $what in
	source)
		cache_entry "trees/$version" unpack_source "$version"
		echo "$cache/trees/$version"
		return ;;
	tarball)
		source_tarball "$version"
		return ;;
	remove)
		rm -rf --one-file-system "$dir"
		return ;;
	esac
	cache_entry "kernels/$version" unpack_kernel "$version"
	case $what in
	fetch)		;;
	release)	cat "$dir/release" ;;
	kdir)		readlink -f "$dir/kdir" ;;
	image)		readlink -f "$dir/image" ;;
	modules)	readlink -f "$dir/modules" ;;
	root)		if [[ -e $dir/chroot ]]; then echo "$dir/root"; else echo /; fi ;;
	*)		usage ;;
	esac
}

main "$@"
