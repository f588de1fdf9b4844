# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# NAME=VALUE on the command line of a benchmark, which says in $known what there
# is of each NAME, in $usual what is taken unless something is asked for, and in
# $out where it writes. What is taken is in $chosen, what was asked for in $asked.
#
# It may redefine is_known() and meant() behind this.

declare -A asked chosen

usage()
{
	sed -n '3,/^$/s/^# \{0,1\}//p' "$0"
}

# refuse MESSAGE
refuse()
{
	say "$1"
	exit 2
}

# is_known NAME WORD
is_known()
{
	[[ " ${known[$1]} " == *" $2 "* ]]
}

# meant NAME VALUE: what a value stands for
meant()
{
	echo "$2"
}

# choose NAME: check what was asked for, expand what was not
choose()
{
	local name=$1 value=${asked[$1]//,/ } word

	[[ $value != all ]] || value=${known[$name]}
	value=$(meant "$name" "$value")
	for word in $value; do
		is_known "$name" "$word" ||
			refuse "unknown $name '$word': ${known[$name]}"
	done
	chosen[$name]=${value:-${usual[$name]}}
}

# be_single NAME...: of these one value is chosen
be_single()
{
	local name

	for name in "$@"; do
		[[ ${chosen[$name]} != *' '* ]] ||
			refuse "$name '${chosen[$name]}': one number"
	done
}

parse_arguments()
{
	local argument name default=$out

	for name in "${!known[@]}"; do
		asked[$name]=
	done
	for argument in "$@"; do
		name=${argument%%=*}
		case $argument in
		-h|--help)
			usage
			exit ;;
		OUT=*)
			out=${argument#*=}
			out=${out:-$default} ;;
		*)
			[[ $argument == [A-Z]*=* && " ${!known[*]} " == *" $name "* ]] ||
				refuse "what is '$argument'? (see --help)"
			asked[$name]=${argument#*=} ;;
		esac
	done
	for name in "${!known[@]}"; do
		choose "$name"
	done
}
