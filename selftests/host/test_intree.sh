#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The patch that puts the module into a kernel tree does what putting it there
# does, which KUnit builds and runs.

. "$(dirname "$0")/lib.sh"

# tree NAME: what is changed of a kernel's source
tree()
{
	local source

	source=$("$top/scripts/kernel.sh" 6.1 source) &&
	mkdir -p "$scratch/$1"/{net,include/uapi/linux} &&
	cp "$source"/net/{Kconfig,Makefile} "$scratch/$1/net/"
}

same()
{
	(cd "$scratch/patched" && patch -s -p1 < "$scratch/patch") &&
	"$top/scripts/intree.sh" "$scratch/put" &&
	diff -r "$scratch/patched" "$scratch/put" &&
	grep -qx 'source "net/sluice/Kconfig"' "$scratch/put/net/Kconfig" &&
	[[ -f $scratch/put/net/sluice/main.c ]]
}

refuses()
{
	! "$top/scripts/intree.sh" "$@" > "$scratch/out" 2>&1
}

for name in left patched put; do
	tree $name
done
check "a patch for a kernel" \
	bash -c "'$top/scripts/intree.sh' --patch '$scratch/left' > '$scratch/patch'"
check "the tree is left as it was" test ! -e "$scratch/left/net/sluice"
check "it applies, and is what KUnit builds" same
check "not a tree is refused" refuses --patch "$scratch"
check "by name" expect_line "$scratch is no kernel tree" "$scratch/out"
finish
