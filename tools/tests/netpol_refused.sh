#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# "sluice policy compile": what is wrong with a file is told, with the place.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# $1: the message; $2: the file
refused()
{
	local output status

	output=$(printf '%s' "$2" | "$SLUICE" policy compile - 2>"$errors")
	status=$?
	tap_text "$1" "$status:$output:$(<"$errors")" \
		"2:error: nothing was compiled:sluice: policy compile: $1"
}

# $1: the message behind the object's name; $2: an object's other members
pod()
{
	refused "Pod x/a: $1" \
		'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a",
		"namespace":"x"},'"$2"'}'
}

# $1: the message behind the policy's name; $2: its spec
spec()
{
	refused "NetworkPolicy x/p: spec$1" \
		'{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1",
		"metadata":{"name":"p","namespace":"x"},"spec":'"$2"'}'
}

# $1: the message behind the port; $2: the port
port()
{
	spec ".ingress[0].ports[1]$1" '{"ingress":[{"ports":[{},'"$2"']}]}'
}

# $1: the message behind the peer; $2: the peer
peer()
{
	spec ".egress[1].to[0]$1" '{"egress":[{},{"to":['"$2"']}]}'
}

block()
{
	peer ".ipBlock$1" '{"ipBlock":'"$2"'}'
}

# $1: the message behind the requirement; $2: the requirement
requirement()
{
	spec ".podSelector.matchExpressions[0]$1" \
		'{"podSelector":{"matchExpressions":['"$2"']}}'
}

check_json()
{
	refused 'line 1, column 1: the JSON ends too early' ''
	refused 'line 3, column 1: the JSON ends too early' $' \n[\n'
	refused 'line 1, column 12: this is not JSON' '{"kind": 1,}'
	refused 'line 2, column 5: this is not JSON' $'[]\n   nothing'
	refused 'line 1, column 1: this is not JSON' 'apiVersion: v1'
	refused 'line 1, column 9: this is not JSON' '{"kind":}'
	refused 'object 1: is not an object' '"Pod"'
	refused 'object 2: is missing' '[{"kind":"List","items":[]},null]'
	printf '[]\0[]' | "$SLUICE" policy compile - 2>"$errors" >/dev/null
	tap_text "a zero in the file" "$(<"$errors")" \
		"sluice: policy compile: line 1, column 3: this is not JSON"
	refused 'line 1, column 129: too many things inside each other' \
		"$(printf '%0200d' 0 | tr 0 '[')"
}

check_objects()
{
	local x='{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"x"}}'
	local pod='{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"'
	local known='is none of Namespace, Pod, NetworkPolicy'

	refused "Service y/web: kind: \"Service\" $known" \
		'[{"kind":"Service","metadata":{"name":"web","namespace":"y"}}]'
	refused "Node n1: kind: \"Node\" $known" \
		'{"kind":"Node","metadata":{"name":"n1"}}'
	refused "object 2: kind: \"Status\" $known" "$x{\"kind\":\"Status\"}"
	refused "object 1: kind: \"a?[31m?\" $known" '{"kind":"a\u001b[31m\n"}'
	refused 'object 1: kind: is missing' '{}'
	refused 'object 1: kind: is not a string' '{"kind":1}'
	refused 'object 1: items: is missing' '{"kind":"List"}'
	refused 'object 1: items: is not an array' '{"kind":"PodList","items":{}}'
	refused 'object 1: apiVersion: is missing' '{"kind":"Pod"}'
	refused 'object 1: apiVersion: "extensions/v1beta1" is not networking.k8s.io/v1' \
		'{"kind":"NetworkPolicy","apiVersion":"extensions/v1beta1"}'
	refused 'object 1: metadata: is missing' \
		'{"kind":"Pod","apiVersion":"v1"}'
	refused 'object 1: metadata.name: is missing' \
		'{"kind":"Pod","apiVersion":"v1","metadata":{}}'
	refused 'object 1: metadata.name: "a b" is not a name' \
		'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a b"}}'
	refused 'object 1: metadata.name: "" is not a name' \
		'{"kind":"Pod","apiVersion":"v1","metadata":{"name":""}}'
	refused 'object 1: metadata.name: has a zero character' \
		'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a\u0000b"}}'
	refused 'object 1: metadata.namespace: "x#" is not a name' \
		"$pod,\"namespace\":\"x#\"}}"
	refused 'Pod default/a: metadata.namespace: there is no Namespace default' \
		"$x$pod}}"
	refused 'NetworkPolicy z/p: metadata.namespace: there is no Namespace z' \
		"[$x,{\"kind\":\"NetworkPolicy\",\"apiVersion\":
		\"networking.k8s.io/v1\",\"metadata\":{\"name\":\"p\",
		\"namespace\":\"z\"}}]"
	refused 'Namespace x: is there twice' "[$x,$x]"
	refused 'Pod x/a: is there twice' \
		"[$pod,\"namespace\":\"x\"}},$x,$pod,\"namespace\":\"x\"}}]"
}

check_pods()
{
	local name='"name":"a","namespace":"x"'

	refused 'Pod x/a: metadata.labels: is not an object' \
		"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{$name,
		\"labels\":[]}}"
	refused 'Pod x/a: metadata.labels.app: is not a string' \
		"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{$name,
		\"labels\":{\"app\":1}}}"
	refused 'Pod x/a: metadata.labels: "a b" is not a label'"'s key" \
		"{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{$name,
		\"labels\":{\"a b\":\"1\"}}}"
	pod 'spec: is not an object' '"spec":7'
	pod 'spec.nodeName: is not a string' '"spec":{"nodeName":1}'
	pod 'spec.hostNetwork: is not true or false' '"spec":{"hostNetwork":1}'
	pod 'spec.containers: is not an array' '"spec":{"containers":{}}'
	pod 'spec.containers[1]: is not an object' '"spec":{"containers":[{},1]}'
	pod 'spec.containers[0].ports[0].containerPort: is missing' \
		'"spec":{"containers":[{"ports":[{"name":"web"}]}]}'
	pod 'spec.containers[0].ports[0].containerPort: 65536 is not a port of 1 to 65535' \
		'"spec":{"containers":[{"ports":[{"containerPort":65536}]}]}'
	pod 'spec.initContainers[0].ports[0].name: "WEB" is not a port'"'s name" \
		'"spec":{"initContainers":[{"ports":[{"containerPort":1,
		"name":"WEB"}]}]}'
	pod 'spec.containers[0].ports[0].protocol: "tcp" is none of TCP, UDP, SCTP' \
		'"spec":{"containers":[{"ports":[{"protocol":"tcp"}]}]}'
	pod 'status.phase: is not a string' '"status":{"phase":1}'
	pod 'status.podIPs[1].ip: "10.0.0" is not an address' \
		'"status":{"podIPs":[{"ip":"fd00::1"},{"ip":"10.0.0"}]}'
	pod 'status.podIP: "10.0.0.1/24" is not an address' \
		'"status":{"podIP":"10.0.0.1/24"}'
}

check_rules()
{
	spec ': is not an object' '[]'
	spec '.ingres: is not a known field' '{"ingres":[]}'
	spec '.a?b: is not a known field' '{"a\nb":[]}'
	spec '.ingress: is not an array' '{"ingress":{}}'
	spec '.ingress[0]: is missing' '{"ingress":[null]}'
	spec '.ingress[0].to: is not a known field' '{"ingress":[{"to":[]}]}'
	spec '.egress[0].from: is not a known field' '{"egress":[{"from":[]}]}'
	spec '.policyTypes[1]: "egress" is none of Ingress, Egress' \
		'{"policyTypes":["Ingress","egress"]}'
	spec '.policyTypes[0]: is missing' '{"policyTypes":[null]}'
	spec '.policyTypes: is not an array' '{"policyTypes":"Ingress"}'
	peer ': has neither ipBlock nor a selector' '{}'
	peer ': has ipBlock and a selector' \
		'{"ipBlock":{"cidr":"10.0.0.0/8"},"podSelector":{}}'
	peer '.podSelecter: is not a known field' '{"podSelecter":{}}'
	peer '.namespaceSelector: is not an object' '{"namespaceSelector":"x"}'
}

check_ports()
{
	port '.port: 0 is not a port of 1 to 65535' '{"port":0}'
	port '.port: -1 is not a port of 1 to 65535' '{"port":-1}'
	port '.port: 65536 is not a port of 1 to 65535' '{"port":65536}'
	port '.port: 9223372036854775807 is not a port of 1 to 65535' \
		'{"port":99999999999999999999}'
	port '.port: is not a whole number' '{"port":80.5}'
	port '.port: "80" is not a port'"'s name" '{"port":"80"}'
	port '.port: "" is not a port'"'s name" '{"port":""}'
	port '.port: "longer-than-15-x" is not a port'"'s name" \
		'{"port":"longer-than-15-x"}'
	port '.endPort: needs a port that is a number' '{"endPort":80}'
	port '.endPort: needs a port that is a number' \
		'{"port":"web","endPort":80}'
	port '.endPort: 79 is less than the port, 80' '{"port":80,"endPort":79}'
	port '.endPort: 65536 is not a port of 1 to 65535' \
		'{"port":80,"endPort":65536}'
	port '.endPort: is not a whole number' '{"port":80,"endPort":"81"}'
	port '.protocol: "ICMP" is none of TCP, UDP, SCTP' '{"protocol":"ICMP"}'
	port '.protocol: is not a string' '{"protocol":6}'
	port '.ports: is not a known field' '{"ports":[]}'
}

check_blocks()
{
	local example=', as in 10.0.0.0/8'

	block ': is not an object' '"10.0.0.0/8"'
	block '.cidr: is missing' '{}'
	block '.cidr: is not a string' '{"cidr":10}'
	block ".cidr: \"10.0.0.1\" is not a prefix$example" '{"cidr":"10.0.0.1"}'
	block ".cidr: \"10.0.0/8\" is not a prefix$example" '{"cidr":"10.0.0/8"}'
	block ".cidr: \"10.0.0.0/33\" is not a prefix$example" \
		'{"cidr":"10.0.0.0/33"}'
	block ".cidr: \"10.0.0.0/\" is not a prefix$example" \
		'{"cidr":"10.0.0.0/"}'
	block ".cidr: \"fd00::/129\" is not a prefix$example" \
		'{"cidr":"fd00::/129"}'
	block ".cidr: \"/8\" is not a prefix$example" '{"cidr":"/8"}'
	block '.except[1]: 11.0.0.0/16 is not a part of 10.0.0.0/8' \
		'{"cidr":"10.0.0.0/8","except":["10.1.0.0/16","11.0.0.0/16"]}'
	block '.except[0]: 10.0.0.0/8 is not a part of 10.0.0.0/8' \
		'{"cidr":"10.0.0.0/8","except":["10.0.0.0/8"]}'
	block '.except[0]: 0.0.0.0/0 is not a part of 10.0.0.0/8' \
		'{"cidr":"10.0.0.0/8","except":["10.0.0.0/0"]}'
	block '.except[0]: fd00::/16 is not a part of 10.0.0.0/8' \
		'{"cidr":"10.0.0.0/8","except":["fd00::/16"]}'
	block ".except[0]: \"x\" is not a prefix$example" \
		'{"cidr":"10.0.0.0/8","except":["x"]}'
	block '.except: has more than 500 prefixes' \
		"{\"cidr\":\"10.0.0.0/8\",\"except\":[$(
			printf '"10.%d.0.0/24",' {0..125})$(
			printf '"10.%d.2.0/24",' {0..125})$(
			printf '"10.%d.4.0/24",' {0..125})$(
			printf '"10.%d.6.0/24",' {0..125})\"10.255.0.0/16\"]}"
	block '.exept: is not a known field' \
		'{"cidr":"10.0.0.0/8","exept":["10.0.0.0/16"]}'
}

check_selectors()
{
	local four='In, NotIn, Exists, DoesNotExist'

	spec '.podSelector: is not an object' '{"podSelector":[]}'
	spec '.podSelector.app: is not a known field' '{"podSelector":{"app":"x"}}'
	spec '.podSelector.matchLabels: is not an object' \
		'{"podSelector":{"matchLabels":["app"]}}'
	spec '.podSelector.matchLabels.app: is not a string' \
		'{"podSelector":{"matchLabels":{"app":true}}}'
	spec '.podSelector.matchLabels.app: "a b" is not a label'"'s value" \
		'{"podSelector":{"matchLabels":{"app":"a b"}}}'
	requirement '.key: is missing' '{"operator":"Exists"}'
	requirement '.key: is not a string' '{"key":1,"operator":"Exists"}'
	requirement '.key: "" is not a label'"'s key" '{"key":""}'
	requirement '.operator: is missing' '{"key":"a"}'
	requirement ".operator: \"Equals\" is none of $four" \
		'{"key":"a","operator":"Equals"}'
	requirement '.values: is empty, which In cannot be' \
		'{"key":"a","operator":"In"}'
	requirement '.values: is empty, which NotIn cannot be' \
		'{"key":"a","operator":"NotIn","values":[]}'
	requirement '.values: is of no use with Exists' \
		'{"key":"a","operator":"Exists","values":["b"]}'
	requirement '.values: is not an array' \
		'{"key":"a","operator":"In","values":"b"}'
	requirement '.values[1]: is not a string' \
		'{"key":"a","operator":"In","values":["b",2]}'
	requirement '.value: is not a known field' \
		'{"key":"a","operator":"In","value":["b"]}'
}

# piped STATUS WHAT [ARGUMENT...]: compile fails with this, and restore at the other
# end of the pipe refuses what comes
piped()
{
	local said='line 1: "error: nothing was compiled": is not "service add"'

	"$SLUICE" policy compile "${@:3}" </dev/null 2>/dev/null |
		"$SLUICE" restore --policy >"$errors" 2>&1
	tap_text "$2" "${PIPESTATUS[*]}:$(cut -d, -f1 "$errors")" \
		"$1 2:sluice: restore: $said"
}

# No line at all would be no policy at all.
check_pipe()
{
	piped 2 "restore refuses what is left of it" -
	piped 1 "of no file, too" "$errors.not-there"
	piped 2 "and where none is named"
}

tap_begin
check_json
check_objects
check_pods
check_rules
check_ports
check_blocks
check_selectors
check_pipe
tap_end
