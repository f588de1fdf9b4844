#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Kernels that cannot be fetched: the reason is said, and the next run tries
# again.

. "$(dirname "$0")/lib.sh"

# A machine whose own suites have no kernel, and a mirror at which nobody listens
cat > "$scratch/apt.conf" <<'END'
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "-";
END

# fetch VERSION: what it says is in $scratch/out
fetch()
{
	env XDG_CACHE_HOME="$scratch/cache" APT_CONFIG="$scratch/apt.conf" \
		SLUICE_MIRROR=http://127.0.0.1:1/debian \
		SLUICE_SECURITY_MIRROR=http://127.0.0.1:1/debian-security \
		"$top/scripts/kernel.sh" "$1" > "$scratch/out" 2>&1
}

# fails_well VERSION SUITE
fails_well()
{
	! fetch "$1" &&
	expect_line "fetching package lists \($2\)" "$scratch/out" &&
	expect_line 'some package lists could not be fetched' "$scratch/out" &&
	expect_line 'no package matches linux-image-.*is the mirror reachable' \
		"$scratch/out"
}

for version in 6.1 6.12; do
	check "$version is looked for in Debian's suites, too" \
		fails_well $version bookworm
done
check "7.3 is not found" fails_well 7.3 trixie
check "and looked for again" fails_well 7.3 trixie
finish
