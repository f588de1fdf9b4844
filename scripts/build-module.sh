#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the module for one of Debian's kernels, in build/VERSION.
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
		grep -v 'the compiler differs from the one used to build the kernel'
}

run_make()
{
	local kdir=$1 out=$2

	shift 2
	make -j"$(nproc)" -C "$kdir" M="$out" W=1 "${sparse[@]}" "$@" modules
}

check_btf()
{
	readelf -S --wide "$1" | grep -q ' \.BTF ' ||
		die "${1#"$top"/} has no BTF: are pahole and the kernel's vmlinux there?"
}

main()
{
	local version=${1:?"usage: scripts/build-module.sh VERSION [make argument...]"}
	local out=$top/build/$version kdir log

	shift
	need "${CC_NAME:-gcc-12}" gcc-12
	kdir=$("$top/scripts/kernel.sh" "$version" kdir)
	sync_sources "$out"
	log=$out/build.log
	sparse=()
	if [[ ${SPARSE:-0} != 0 ]]; then
		need sparse sparse
		sparse=(C=2 CF=-D__CHECK_ENDIAN__)
	fi
	if ! run_make "$kdir" "$out" "$@" > "$log" 2>&1; then
		grep -vE '^(make|  [A-Z]+ )' "$log" >&2 || cat "$log" >&2
		die "the module does not build for $version"
	fi
	if own_warnings "$log" >&2; then
		die "the module builds for $version, but not without a warning"
	fi
	check_btf "$out/sluice.ko"
	say "build/$version/sluice.ko"
}

main "$@"
