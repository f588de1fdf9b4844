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

# Without a make before it
installs_module()
{
	make_tree modules_install KDIR="$kdir" DESTDIR="$dest" \
		> "$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }
	installed "/lib/modules/$release/updates/sluice.ko" || return
	! grep -n 'No such file\|depmod' "$scratch/out"
}

# Here it would be done to the machine.
depmod_runs()
{
	make_tree -n modules_install KDIR="$kdir" > "$scratch/out" &&
	expect_line "^depmod -a $release\$" "$scratch/out"
}

installs()
{
	make_tree install KDIR="$kdir" DESTDIR="$dest" PREFIX=/usr &&
	installed "/lib/modules/$release/updates/sluice.ko" /usr/sbin/sluice \
		/usr/sbin/sluice-healthd \
		/usr/lib/systemd/system/sluice-healthd.service \
		/usr/share/man/man8/sluice.8 \
		/usr/share/ynl/specs/sluice.yaml \
		/usr/share/bash-completion/completions/sluice
}

modprobe_works()
{
	"$top/selftests/run.sh" --module \
		"$dest/lib/modules/$release/updates/sluice.ko" \
		vm/selftest/modprobe.sh
}

# A warning is no less one if the objects are there already.
warnings_stay()
{
	echo 'static void nobody_calls(void) { }' >> "$tree/kmod/stats.c"
	for _ in 1 2; do
		! "$tree/scripts/build-module.sh" 6.1 > "$scratch/out" 2>&1 ||
			return
		expect_line 'nobody_calls.*defined but not used' "$scratch/out" &&
		expect_line 'not without a warning' "$scratch/out" || return
	done
	cp "$scratch/clean/kmod/stats.c" "$tree/kmod/"
}

# A path is of where make was called.
uninstalls()
{
	(cd "$tree" && make -s uninstall KDIR="$kdir" DESTDIR=../dest PREFIX=/usr) &&
	installed
}

# With those of a kernel that is there no more, and into a relative path
installs_again()
{
	(cd "$tree" && make -s install KDIR="$kdir" DESTDIR=../dest PREFIX=/usr) &&
	[[ $(cd "$dest" && find . -type f | wc -l) == 7 ]] &&
	make_tree uninstall KDIR="/lib/modules/$release/build" DESTDIR="$dest" \
		PREFIX=/usr &&
	installed
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
check "make modules_install builds the module first" installs_module
check "make modules_install runs depmod, but not for a package" depmod_runs
check "make KDIR=... builds module and command" make_tree KDIR="$kdir"
check "make install puts each file where it belongs" installs
check "that module loads by modprobe, unloads by modprobe -r" modprobe_works
check "a warning is a failure, each time" warnings_stay
check "make uninstall removes what was installed" uninstalls
check "make install and uninstall, without headers by then" installs_again
check "make clean leaves the tree as it came" cleans
finish
