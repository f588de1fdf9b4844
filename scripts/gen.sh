#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The netlink code, generated from Documentation/netlink/specs/sluice.yaml by
# the kernel's own generator (ynl-gen of Debian's linux-source-7.3).
#
# usage: scripts/gen.sh [--check|--tree]
#   --check   write nothing: compare with what is there, show the difference
#   --tree    print the directory with the kernel's tools/net/ynl

. "$(dirname "$0")/lib.sh"

spec=$top/Documentation/netlink/specs/sluice.yaml
outputs=(uapi/linux/sluice.h nl_gen.h nl_gen.c)

# The generator looks for a MAINTAINERS file above the specification, and for
# the schemas beside its directory.
unpack_generator()
{
	local dir=$1 tarball

	tarball=$("$top/scripts/kernel.sh" 7.3 tarball)
	tar -C "$dir" --strip-components=1 -xf "$tarball" --wildcards \
		'*/tools/net/ynl' '*/Documentation/netlink'
	: > "$dir/MAINTAINERS"
}

# generate TREE OUTPUT OPTION...: the name of the output matters, the source
# includes the header called like itself
generate()
{
	local tree=$1 output=$2

	shift 2
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
		"$cache/generator/tools/net/ynl/pyynl/ynl_gen_c.py" \
		--spec "$tree/Documentation/netlink/specs/sluice.yaml" \
		"$@" -o "$tree/out/$output"
}

generate_all()
{
	local tree=$1

	mkdir -p "$tree"/{out/uapi/linux,Documentation/netlink/specs}
	: > "$tree/MAINTAINERS"
	cp "$cache"/generator/Documentation/netlink/genetlink*.yaml \
		"$tree/Documentation/netlink/"
	cp "$spec" "$tree/Documentation/netlink/specs/"
	generate "$tree" "${outputs[0]}" --mode uapi --header
	generate "$tree" "${outputs[1]}" --mode kernel --header
	generate "$tree" "${outputs[2]}" --mode kernel --source
}

compare()
{
	local name status=0

	for name in "${outputs[@]}"; do
		diff -u --label "kmod/$name" --label "generated" \
			"$top/kmod/$name" "$work/out/$name" || status=1
	done
	((status == 0)) || say "run make gen"
	return $status
}

main()
{
	local name

	if [[ ${1:-} == --tree ]]; then
		cache_entry generator unpack_generator
		echo "$cache/generator"
		return
	fi
	/usr/bin/python3 -c 'import yaml, jsonschema' 2>/dev/null ||
		die "python3-yaml or python3-jsonschema is missing (scripts/deps.sh gen)"
	cache_entry generator unpack_generator
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	generate_all "$work"
	case ${1:-} in
	--check)
		compare ;;
	'')	for name in "${outputs[@]}"; do
			cmp -s "$work/out/$name" "$top/kmod/$name" ||
				cp "$work/out/$name" "$top/kmod/$name"
		done ;;
	*)	die "usage: scripts/gen.sh [--check|--tree]" ;;
	esac
}

main "$@"
