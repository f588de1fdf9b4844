# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the scripts share: messages, the cache, a private apt state.
#
# The cache ($SLUICE_CACHE, ~/.cache/sluice) holds only what can be made again.
# An entry is made in a directory beside it and renamed when complete, under a
# lock of its own: it is either whole or absent, and two runs wait for each
# other.

set -euo pipefail
shopt -s inherit_errexit

# make check is one make, what the scripts call are others
unset MAKEFLAGS MFLAGS MAKELEVEL

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}
mkdir -p "$cache"/{lock,tmp,apt}

say()
{
	echo "${0##*/}: $*" >&2
}

die()
{
	say "$@"
	exit 1
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# need COMMAND PACKAGE: stop with the name of what is missing
need()
{
	have "$1" || die "$1 is missing: install the package $2 (scripts/deps.sh)"
}

# cache_entry NAME BUILDER [ARG...]: make $cache/NAME by calling
# BUILDER DIRECTORY [ARG...], unless it is there already.
cache_entry()
{
	local name=$1 builder=$2 partial

	shift 2
	[[ -e $cache/$name ]] && return
	partial=$cache/tmp/${name//\//_}
	(
		flock 9
		[[ -e $cache/$name ]] && exit
		trap 'rm -rf --one-file-system "$partial"' EXIT
		rm -rf --one-file-system "$partial"
		mkdir -p "$partial" "$(dirname "$cache/$name")"
		"$builder" "$partial" "$@" 9>&-
		mv -T "$partial" "$cache/$name"
	) 9>"$cache/lock/${name//\//_}"
}

mirror_of()
{
	local uri

	# shellcheck disable=SC2016 # apt expands it
	uri=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null |
	      grep -m1 -E "/$1/?\$") || uri=http://deb.debian.org/$1
	echo "${uri%/}"
}

write_sources()
{
	local suite main security

	main=${SLUICE_MIRROR:-$(mirror_of debian)}
	security=${SLUICE_SECURITY_MIRROR:-$(mirror_of debian-security)}
	for suite in "$@"; do
		case $suite in
		*-security) echo "$suite $security" ;;
		*) echo "$suite $main" ;;
		esac
	done | while read -r suite main; do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
		     "$main $suite main"
	done
}

# replace_file FILE: by what is read, at once, as others may be reading it; not if
# it is the same
replace_file()
{
	local new

	new=$(mktemp "$1.XXXXXX")
	cat > "$new"
	if cmp -s "$new" "$1"; then
		rm "$new"
	else
		mv "$new" "$1"
	fi
}

# apt_use NAME SUITE...: let apt() speak of these suites; without a suite, of
# the machine's own. All state is in the cache: root is not needed and the
# machine's apt is not touched.
apt_use()
{
	local name=$1 state=$cache/apt/$1

	apt_state=$state
	shift
	mkdir -p "$state"/{lists,archives}/partial
	apt_options=(-qq -o "Dir::State::Lists=$state/lists"
		     -o "Dir::Cache::archives=$state/archives"
		     -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache="
		     -o "APT::Sandbox::User=" -o "Debug::NoLocking=1"
		     -o "Acquire::Retries=3" -o "Dpkg::Use-Pty=0"
		     -o "APT::Get::List-Cleanup=0")
	if (($#)); then
		write_sources "$@" | replace_file "$state/sources.list"
		apt_options+=(-o "Dir::Etc::SourceList=$state/sources.list"
			      -o "Dir::Etc::SourceParts=-")
	fi
	apt_refresh "$state"
}

# The lists are fetched once a day, and again when that failed. A third-party
# source that is broken makes apt-get update fail: what matters is whether the
# packages wanted are found.
apt_refresh()
{
	local state=$1

	(
		flock 9
		[[ -n $(find "$state/updated" -mmin -1440 2>/dev/null) ]] && exit
		say "fetching package lists (${state##*/})"
		if apt update --error-on=any 9>&-; then
			touch "$state/updated"
		else
			say "some package lists could not be fetched"
		fi
	) 9>"$cache/lock/apt-${state##*/}"
}


# apt COMMAND...: apt-get in the chosen state
apt()
{
	LC_ALL=C apt-get "${apt_options[@]}" "$@"
}

# apt_fetch ARGUMENT...: a download, with newer lists if it fails: the mirror may
# have moved on
apt_fetch()
{
	apt "$@" >/dev/null 2>&1 && return
	rm -f "$apt_state/updated"
	apt_refresh "$apt_state"
	apt "$@" >/dev/null || die "this could not be downloaded: $*"
}

# apt_newest REGEX: the newest available package whose whole name matches;
# nothing if there is none
apt_newest()
{
	LC_ALL=C apt-cache "${apt_options[@]}" pkgnames "${1%%[^a-z0-9.-]*}" |
		{ grep -xE "$1" || true; } | sort -rV | while read -r name; do
			[[ -n $(apt-cache "${apt_options[@]}" show "$name" \
				2>/dev/null) ]] || continue
			echo "$name"
			break
		done
}

# Unlike dpkg-deb -x, this follows links such as lib -> usr/lib.
unpack_deb()
{
	dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"
}

# apt_unpack DIRECTORY PACKAGE...: download and unpack, install nothing
apt_unpack()
{
	local dir=$1 deb

	shift
	mkdir -p "$dir" "$dir.debs"
	(cd "$dir.debs" && apt_fetch download "$@")
	for deb in "$dir.debs"/*.deb; do
		unpack_deb "$deb" "$dir"
	done
	rm -rf "$dir.debs"
}

# Packages which only maintainer scripts want
unneeded='^(perl|libperl|debconf|dpkg|tar|adduser|passwd|usrmerge'
unneeded+='|init-system-helpers|libfile-find|libtext-glob|libnumber-compare'
unneeded+='|media-types|python3-lib2to3|python3-distutils|libdb5|libicu)'

# apt_unpack_closure DIRECTORY PACKAGE...: the packages and all they depend on,
# as if nothing were installed: something to chroot to or to boot
apt_unpack_closure()
{
	local dir=$1 deb name

	shift
	mkdir -p "$dir"/usr/{bin,sbin,lib,lib64} "$dir.debs/partial"
	ln -s usr/bin usr/sbin usr/lib usr/lib64 "$dir"
	: > "$dir.status"
	apt_fetch -o "Dir::State::status=$dir.status" \
		-o "Dir::Cache::archives=$dir.debs" \
		--no-install-recommends -y --download-only install "$@"
	for deb in "$dir.debs"/*.deb; do
		name=${deb##*/}
		[[ ${name%%_*} =~ $unneeded ]] || unpack_deb "$deb" "$dir"
	done
	rm -rf "$dir.debs" "$dir.status"
}

# copy_tree DIRECTORY: the sources as they are now, without what was built
copy_tree()
{
	rm -rf "$1"
	mkdir -p "$1"
	tar -C "$top" -c --exclude=./build --exclude=./.git --exclude='*.o' \
		--exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
		--exclude='.*.cmd' --exclude='*.d' --exclude='*.a' \
		--exclude=./tools/sluice/sluice --exclude=./tools/tests/build \
		--exclude=./tools/sluice/sluice-healthd \
		--exclude=./bpf/build --exclude=./bpf/tests/build \
		--exclude=Module.symvers --exclude=modules.order . |
		tar -C "$1" -x
}
