# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of the policy share, after lib.sh. The pods of the usual
# topology have identities: client1 is 1001, client2 1002, backend1 2001,
# backend2 2002; each in both families.

WEB=80 DNS=5353

# number POD: its identity
number()
{
	case $1 in
	client*)	echo "100${1#client}" ;;
	backend*)	echo "200${1#backend}" ;;
	esac
}

# identities_up POD...
identities_up()
{
	local name

	for name; do
		node sluice identity add "$(pod4 "$name")" id "$(number "$name")" &&
		node sluice identity add "$(pod6 "$name")" id "$(number "$name")" ||
			return
	done
}

# servers_up POD...: each answers its name by HTTP and UDP
servers_up()
{
	local name

	for name; do
		start_nginx "$name" "$name" $WEB &&
		start_udp "$name" "$name" $DNS || return
	done
}

# policy WORD...: sluice policy
policy()
{
	node sluice policy "$@"
}

# web NAMESPACE ADDRESS [PORT]: what answers, or nothing; the address as in URLs
web()
{
	http_get "$1" "http://$2:${3:-$WEB}/" --connect-timeout $((2 * SLOW)) \
		2>/dev/null
}

# dns NAMESPACE ADDRESS [OPTION...]: what answers, or "lost"
dns()
{
	local ns=$1 address=$2

	shift 2
	in_ns "$ns" ./progs/udp ask -t $((700 * SLOW)) "$@" "$address" $DNS
}

# url FAMILY ADDRESS
url()
{
	case $1 in
	4)	echo "$2" ;;
	6)	echo "[$2]" ;;
	esac
}

# reaches FROM TO: by which protocols, as "tcp4 tcp6 udp4 udp6"; all are tried at
# once, as it takes long to find out that nothing comes
reaches()
{
	local from=$1 to=$2 family proto tried=() reached=()

	for family in 4 6; do
		web "$from" "$(url $family "$(pod $family "$to")")" \
			> /tmp/reaches.tcp$family &
		tried+=($!)
		dns "$from" "$(pod $family "$to")" > /tmp/reaches.udp$family &
		tried+=($!)
	done
	wait "${tried[@]}"
	for proto in tcp4 tcp6 udp4 udp6; do
		[[ $(< /tmp/reaches.$proto) != "$to" ]] || reached+=("$proto")
	done
	echo "${reached[*]}"
}

# shellcheck disable=SC2034 # for those that source this
ALL="tcp4 tcp6 udp4 udp6"

# assert_reaches FROM TO PROTOCOLS
assert_reaches()
{
	assert_eq "$3" "$(reaches "$1" "$2")" "${1:-node} reaches $2 by"
}
