#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What users and packagers do: make, make install, make uninstall, make clean
# in a clean copy of the tree; the module that comes of it loads by modprobe.

. "$(dirname "$0")/lib.sh"

tree=$scratch/tree
dest=$scratch/dest
kdir=$(headers)
release=$("$top/scripts/kernel.sh" 6.1 release)

make_tree()
{
	make -s -C "$tree" "$@"
}

names_what_is_missing()
{
	local status=0

	make_tree modules KDIR=/nonexistent > "$scratch/out" 2>&1 || status=$?
	[[ $status != 0 ]] || { echo "make succeeded"; return 1; }
	expect_line '^sluice: no kernel headers in /nonexistent: install linux-headers-.* KDIR=' \
		"$scratch/out"
}

tools_without_headers()
{
	make_tree tools KDIR=/nonexistent && [[ -x $tree/tools/sluice/sluice ]]
}

help_needs_nothing()
{
	make_tree help KDIR=/nonexistent > "$scratch/out" &&
		expect_line 'make check' "$scratch/out"
}

# installed PATH...: exactly these files are in $dest
installed()
{
	diff <((($# == 0)) || printf '%s\n' "$@" | sort) \
		<(cd "$dest" && find . -type f | sed 's/^\.//' | sort)
}

installs()
{
	make_tree install KDIR="$kdir" DESTDIR="$dest" PREFIX=/usr &&
	installed "/lib/modules/$release/updates/sluice.ko" /usr/sbin/sluice \
		/usr/sbin/sluice-healthd \
		/usr/lib/systemd/system/sluice-healthd.service \
		/usr/share/man/man8/sluice.8 \
		/usr/share/bash-completion/completions/sluice
}

modprobe_works()
{
	"$top/selftests/run.sh" --module \
		"$dest/lib/modules/$release/updates/sluice.ko" \
		vm/selftest/modprobe.sh
}

uninstalls()
{
	make_tree uninstall KDIR="$kdir" DESTDIR="$dest" PREFIX=/usr && installed
}

cleans()
{
	make_tree clean && diff -r "$scratch/clean" "$tree"
}

copy_tree "$tree"
cp -a "$tree" "$scratch/clean"
check "make without headers says in one line what to do" names_what_is_missing
check "make tools needs no headers" tools_without_headers
check "make help needs none either" help_needs_nothing
check "make KDIR=... builds module and command" make_tree KDIR="$kdir"
check "make install puts each file where it belongs" installs
check "that module loads by modprobe, unloads by modprobe -r" modprobe_works
check "make uninstall removes what was installed" uninstalls
check "make clean leaves the tree as it came" cleans
finish
