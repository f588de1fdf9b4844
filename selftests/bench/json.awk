# SPDX-License-Identifier: GPL-2.0
#
# From figures, lines "KERNEL FAMILY WORK CONTENDER SIZE VALUE [LOWEST HIGHEST]", to
# an array of objects. unit is that of values but memory's.

BEGIN {
	printf "["
}

{
	printf "%s\n{\"kernel\":\"%s\",\"family\":%d,", (NR > 1 ? "," : ""), $1, $2
	printf "\"work\":\"%s\",\"contender\":\"%s\",", $3, $4
	printf "\"size\":%d,\"policy\":%s,\"value\":%s,", $5,
		($4 ~ /^(policy|rules|sets|ipset)|_policy$/ ? "true" : "false"), $6
	if (NF > 7)
		printf "\"lowest\":%s,\"highest\":%s,", $7, $8
	printf "\"unit\":\"%s\"}", ($3 == "memory" ? "bytes" : unit)
}

END {
	print "\n]"
}
