#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is installed goes again; the manual page has no mistakes.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

files()
{
	find "$root" -type f -printf '%m /%P\n' | sort -k 2
}

make_tools()
{
	env -u MAKEFLAGS -u MAKELEVEL make -s -C .. "$@" DESTDIR="$root" \
		PREFIX=/usr HAVE_EVENT="$HAVE_EVENT" >/dev/null
}

# What is installed, the program that needs libevent if it was built
listed()
{
	[[ -z $HAVE_EVENT ]] || echo "644 /usr/lib/systemd/system/sluice-healthd.service"
	echo "755 /usr/sbin/sluice"
	[[ -z $HAVE_EVENT ]] || echo "755 /usr/sbin/sluice-healthd"
	echo "644 /usr/share/bash-completion/completions/sluice"
	echo "644 /usr/share/man/man8/sluice.8"
	echo "644 /usr/share/ynl/specs/sluice.yaml"
}

check_install()
{
	make_tools install
	tap_text "make install" "$(files)" "$(listed)"
	[[ -z $HAVE_EVENT ]] || tap "the unit names the program" \
		grep -qx 'ExecStart=/usr/sbin/sluice-healthd' \
		"$root/usr/lib/systemd/system/sluice-healthd.service"
	make_tools uninstall
	tap_text "make uninstall" "$(files)" ""
}

check_manual()
{
	if command -v man >/dev/null; then
		tap_text "the manual page gives man no warnings" \
			"$(man -l --warnings ../man/sluice.8 2>&1 >/dev/null)" ""
	else
		tap_skip "the manual page gives man no warnings" man
	fi
	if command -v mandoc >/dev/null; then
		tap_text "the manual page gives mandoc no warnings" \
			"$(mandoc -T lint ../man/sluice.8)" ""
	else
		tap_skip "the manual page gives mandoc no warnings" mandoc
	fi
}

# $1: a word of the command
is_in_manual()
{
	sed 's/\\-/-/g' ../man/sluice.8 | grep -qF -- "$1"
}

check_words_in_manual()
{
	local word

	for word in $("$SLUICE" help service;
		      "$SLUICE" help backend; "$SLUICE" help flow;
		      "$SLUICE" help node; "$SLUICE" help policy;
		      "$SLUICE" help xdp;
		      "$SLUICE" help monitor; "$SLUICE" help restore;
		      "$SLUICE" help healthd); do
		[[ $word =~ ^[a-z-]{3,}$ ]] || continue
		is_in_manual "$word" || echo "$word"
	done
}

tap_begin
check_install
check_manual
tap_text "the words of the help are in the manual page" \
	"$(check_words_in_manual)" ""
tap_end
