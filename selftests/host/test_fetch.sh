#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Kernels and packages that cannot be fetched: the reason is said, and the next
# run tries again.

. "$(dirname "$0")/lib.sh"

# A machine whose own suites have no kernel, and a mirror at which nobody listens
cat > "$scratch/apt.conf" <<'END'
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "-";
END

# fetch VERSION: what it says is in $scratch/out
fetch()
{
	env SLUICE_CACHE="$scratch/cache" APT_CONFIG="$scratch/apt.conf" \
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

# Who reads it meanwhile finds what was there.
replaced_at_once()
{
	local file=$scratch/sources

	echo old > "$file"
	{ sleep 1; echo new; } | replace_file "$file" &
	sleep 0.3
	[[ $(< "$file") == old ]] && wait $! && [[ $(< "$file") == new ]] &&
	[[ $(ls "$file"*) == "$file" ]]
}

# A machine on which all packages are missing, and apt is busy at first
mkdir "$scratch/bin"
echo '#!/bin/sh' > "$scratch/bin/dpkg-query"
cat > "$scratch/bin/apt-get" <<'END'
#!/bin/sh
calls=$(dirname "$0")/calls
case "$*" in
*install*)	echo install >> "$calls"
		grep -q updated "$calls" ;;
*update*)	echo update >> "$calls"
		if [ "$(grep -c update "$calls")" = 1 ]; then
			echo "E: Could not get lock /var/lib/apt/lists/lock" >&2
			exit 100
		fi
		echo updated >> "$calls" ;;
esac
END
chmod +x "$scratch"/bin/*

waits_for_apt()
{
	env PATH="$scratch/bin:$PATH" SLUICE_CACHE="$scratch/cache" \
		"$top/scripts/deps.sh" build || return
	[[ $(xargs < "$scratch/bin/calls") == \
		"install update update updated install" ]]
}

for version in 6.1 6.12; do
	check "$version is looked for in Debian's suites, too" \
		fails_well $version bookworm
done
check "7.3 is not found" fails_well 7.3 trixie
check "and looked for again" fails_well 7.3 trixie
check "a list of sources is replaced at once" replaced_at_once
check "apt that is busy is waited for" waits_for_apt
finish
