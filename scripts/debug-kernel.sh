#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The debug kernel: Debian's 6.1 source with KASAN, lockdep and kmemleak.
#
# usage: scripts/debug-kernel.sh [WHAT]
#   WHAT  build (default), or as for scripts/kernel.sh:
#         release, kdir, image, modules: print it
#
# The configuration is tinyconfig, kvm_guest.config and
# selftests/vm/debug.config. About 12 minutes on 2 CPUs, once for each change
# of the fragment or of Debian's source.

. "$(dirname "$0")/lib.sh"

fragment=$top/selftests/vm/debug.config

# make_kernel SOURCE DIRECTORY ARGUMENT...
make_kernel()
{
	local source=$1 dir=$2

	shift 2
	make -s -C "$source" O="$dir" CC=gcc-12 HOSTCC=gcc-12 "$@"
}

configure()
{
	local source=$1 dir=$2

	make_kernel "$source" "$dir" tinyconfig &&
	make_kernel "$source" "$dir" kvm_guest.config &&
	(cd "$dir" && "$source/scripts/kconfig/merge_config.sh" -m -O "$dir" \
		"$dir/.config" "$fragment") &&
	make_kernel "$source" "$dir" olddefconfig
}

# Kconfig drops what it cannot have without a word.
check_config()
{
	local lost

	lost=$(grep '^CONFIG_' "$fragment" | grep -vxFf "$1/.config" || true)
	[[ -z $lost ]] || die "the configuration lost: ${lost//$'\n'/ }"
}

# Objects are not needed to build modules against it
drop_objects()
{
	(cd "$1" && find . \( -path ./scripts -o -path ./tools \) -prune -o \
		\( -name '*.o' -o -name '*.a' -o -name '.tmp_vmlinux*' \
		   -o -name '*.cmd' \) -type f -exec rm -f {} +)
}

build_kernel()
{
	local dir=$1 source=$2 build=$1/build

	need gcc-12 gcc-12
	need pahole dwarves
	need flex flex
	need bison bison
	mkdir -p "$build"
	configure "$source" "$build" > "$dir/config.log" 2>&1 || {
		tail -n 20 "$dir/config.log" >&2
		die "the debug kernel cannot be configured"
	}
	check_config "$build"
	say "building the debug kernel: about 12 minutes"
	make_kernel "$source" "$build" -j"$(nproc)" bzImage modules \
		> "$dir/build.log" 2>&1 || {
		tail -n 30 "$dir/build.log" >&2
		die "the debug kernel does not build"
	}
	install_kernel "$source" "$dir"
}

install_kernel()
{
	local source=$1 dir=$2 release

	release=$(make_kernel "$source" "$dir/build" kernelrelease)
	make_kernel "$source" "$dir/build" INSTALL_MOD_PATH="$dir/root" \
		INSTALL_MOD_STRIP=1 modules_install > "$dir/install.log" 2>&1
	rm -f "$dir/root/lib/modules/$release"/{build,source}
	cp "$dir/build/arch/x86/boot/bzImage" "$dir/image"
	ln -s "root/lib/modules/$release" "$dir/modules"
	ln -s build "$dir/kdir"
	echo "$release" > "$dir/release"
	drop_objects "$dir/build"
}

main()
{
	local what=${1:-build} source hash dir

	source=$("$top/scripts/kernel.sh" 6.1 source)
	hash=$(cat "$fragment" "$source/Makefile" | sha256sum | cut -c1-12)
	dir=debug/$hash
	cache_entry "$dir" build_kernel "$source"
	case $what in
	build)		;;
	release)	cat "$cache/$dir/release" ;;
	kdir|image|modules)
			readlink -f "$cache/$dir/$what" ;;
	*)		die "usage: ${0##*/} [build|release|kdir|image|modules]" ;;
	esac
}

main "$@"
