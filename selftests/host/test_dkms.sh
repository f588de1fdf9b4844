#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dkms add, build, install and remove, in directories of their own.

. "$(dirname "$0")/lib.sh"

have dkms || skip_all "dkms is missing"
[[ $(id -u) == 0 ]] || skip_all "dkms wants root"

kdir=$(headers)
release=$("$top/scripts/kernel.sh" 6.1 release)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")

run_dkms()
{
	dkms "$1" "${@:2}" --dkmstree "$scratch/dkms" --sourcetree "$scratch/src" \
		--installtree "$scratch/modules" -k "$release" \
		--kernelsourcedir "$kdir" --no-depmod || {
		cat "$scratch/dkms/sluice/$version/build/make.log" 2>/dev/null
		return 1
	}
}

same_version()
{
	expect_line "MODULE_VERSION\\(\"$version\"\\)" "$top/kmod/main.c" &&
	expect_line "dkms install sluice/$version\$" "$top/dkms.conf" &&
	expect_line "^VERSION := $version\$" "$top/tools/flags.mk" &&
	expect_line "\"sluice $version\"" "$top/tools/man/sluice.8" &&
	expect_line "^## $version( |\$)" "$top/CHANGELOG.md"
}

is_installed()
{
	run_dkms install -m "sluice/$version" &&
	find "$scratch/modules" -name 'sluice.ko*' | grep .
}

is_gone()
{
	run_dkms remove -m "sluice/$version" &&
	! find "$scratch/modules" -name 'sluice.ko*' | grep .
}

mkdir -p "$scratch"/{dkms,src,modules/"$release"}
copy_tree "$scratch/tree"
check "one version everywhere" same_version
check "dkms add" run_dkms add "$scratch/tree"
check "dkms build" run_dkms build -m "sluice/$version"
check "dkms install" is_installed
check "dkms remove" is_gone
finish
