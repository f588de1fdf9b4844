#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Put the module into a kernel tree, as net/sluice.
#
# usage: scripts/intree.sh [--patch] TREE
#   TREE     unpacked kernel source; changed files are replaced, not written to,
#            so that it may share files with another tree by hard links
#   --patch  leave TREE as it is and print what would be changed, for patch -p1
#
# Called again it copies only what has changed since. The Makefile is made from
# Kbuild, where the list of objects is.

. "$(dirname "$0")/lib.sh"

# value_of EXPRESSION: as make sees it behind Kbuild
value_of()
{
	# shellcheck disable=SC2016 # make expands it
	printf 'include %s/Kbuild\n$(info %s)\nall: ;\n' "$top" "$1" |
		make -s --no-print-directory -f -
}

# list_objects VARIABLE OBJECT...: without the directory, one a line
list_objects()
{
	local variable=$1 object

	shift
	for object in "$@"; do
		echo "$variable += ${object#kmod/}"
	done
}

list_tests()
{
	local file

	for file in "$top"/kmod/tests/*.c; do
		file=${file##*/}
		[[ $file != *_bench.c ]] || continue
		echo "tests/${file%.c}.o"
	done
}

# Flags that Kbuild gives to one object
list_flags()
{
	local name

	# shellcheck disable=SC2016 # make expands them
	for name in $(value_of '$(filter CFLAGS_kmod/%,$(.VARIABLES))'); do
		echo "CFLAGS_${name#CFLAGS_kmod/} := $(value_of "\$($name)")"
	done
}

# shellcheck disable=SC2016 # make expands it
print_counting()
{
	cat <<-'END'
		# For tests/steps.c
		ifndef CONFIG_KCOV
		ccflags-$(CONFIG_SLUICE_KUNIT_TEST) += -fsanitize-coverage=trace-pc
		CFLAGS_REMOVE_tests/steps.o := -fsanitize-coverage=trace-pc
		endif
	END
}

# shellcheck disable=SC2016,SC2046,SC2086 # make expands; a word an object
print_makefile()
{
	local objects

	objects=$(value_of '$(sluice-y)')
	echo '# SPDX-License-Identifier: GPL-2.0'
	echo '#'
	echo '# Made by scripts/intree.sh from the Kbuild file of sluice.'
	echo
	echo 'obj-$(CONFIG_SLUICE) += sluice.o'
	echo
	list_objects sluice-y $objects
	# The configuration is not known to make here, so that it is empty.
	list_objects 'sluice-$(CONFIG_DEBUG_INFO_BTF_MODULES)' \
		$(value_of '$(sluice-)')
	echo
	list_objects 'sluice-$(CONFIG_SLUICE_KUNIT_TEST)' $(list_tests)
	list_objects 'sluice-$(CONFIG_SLUICE_BENCH)' \
		tests/{flow_bench,tables,packet}.o
	echo
	echo '# Ahead of the other headers, which compat/ shadows and includes.'
	echo 'LINUXINCLUDE := -I$(srctree)/net/sluice/compat $(LINUXINCLUDE)'
	echo 'ccflags-y := -I$(srctree)/net/sluice'
	list_flags
	echo
	print_counting
}

# replace FILE: by the standard input, unless it is the same
replace()
{
	local new

	new=$(mktemp "$1.XXXXXX")
	cat > "$new"
	chmod 644 "$new"
	if cmp -s "$new" "$1"; then rm "$new"; else mv "$new" "$1"; fi
}

# add_line FILE AFTER LINE: once
add_line()
{
	local file=$1 after=$2 line=$3

	grep -qxF "$line" "$file" && return
	grep -qF "$after" "$file" || die "no line $after in $file"
	awk -v after="$after" -v line="$line" \
		'{ print } index($0, after) { print line }' "$file" |
		replace "$file"
}

sources()
{
	(cd "$top/kmod" && find . -type f -name '*.[ch]' ! -name '*.mod.c' \
		! -path './uapi/*' -printf '%P\n')
}

# Only what differs is replaced, so that make compiles no more than that. Times
# would not do: several working trees may share the kernel tree.
sync_sources()
{
	local tree=$1 dir=$1/net/sluice file

	while read -r file; do
		mkdir -p "$(dirname "$dir/$file")"
		replace "$dir/$file" < "$top/kmod/$file"
	done < <(sources)
	for file in sluice.h sluice_bpf.h; do
		replace "$tree/include/uapi/linux/$file" \
			< "$top/kmod/uapi/linux/$file"
	done
	find "$dir" -type f -name '*.[ch]' -printf '%P\n' |
		while read -r file; do
			[[ -e $top/kmod/$file ]] || rm "$dir/$file"
		done
}

put_into()
{
	local tree=$1

	sync_sources "$tree"
	replace "$tree/net/sluice/Kconfig" < "$top/kmod/Kconfig"
	print_makefile | replace "$tree/net/sluice/Makefile"
	add_line "$tree/net/Kconfig" 'source "net/openvswitch/Kconfig"' \
		'source "net/sluice/Kconfig"'
	# shellcheck disable=SC2016 # make expands it
	add_line "$tree/net/Makefile" 'obj-$(CONFIG_OPENVSWITCH)' \
		'obj-$(CONFIG_SLUICE)		+= sluice/'
}

# What is changed, of the tree as it is and as it would be
print_patch()
{
	local tree=$1 status=0

	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	mkdir -p "$scratch"/{a,b}/{net,include/uapi/linux}
	cp "$tree"/net/{Kconfig,Makefile} "$scratch/a/net/"
	cp "$tree"/net/{Kconfig,Makefile} "$scratch/b/net/"
	put_into "$scratch/b"
	(cd "$scratch" && LC_ALL=C diff -urN a b) > "$scratch/patch" || status=$?
	((status == 1)) || die "there is nothing to change in $tree"
	# Without the times
	sed 's/^\(---\|+++\) \([ab]\/[^\t]*\)\t.*/\1 \2/' "$scratch/patch"
}

main()
{
	local command=put_into

	[[ ${1:-} != --patch ]] || { command=print_patch; shift; }
	[[ $# == 1 && $1 != -* ]] || die "usage: scripts/intree.sh [--patch] TREE"
	[[ -f $1/net/Kconfig ]] || die "$1 is no kernel tree"
	need make make
	$command "$1"
}

main "$@"
