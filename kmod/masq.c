// SPDX-License-Identifier: GPL-2.0
/*
 * Masquerading: which address, which ports.
 */
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "masq.h"

/* Ports below need privileges. */
#define PORT_MIN	1024
#define PORTS		(65536 - PORT_MIN)

static bool source_ipv4(struct net *net, int vrf, __be32 to,
			union nf_inet_addr *source)
{
	struct flowi4 fl4 = { .daddr = to, .flowi4_oif = vrf };
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return false;

	ip_rt_put(rt);
	source->ip = fl4.saddr;
	return source->ip;
}

#if IS_ENABLED(CONFIG_IPV6)
static bool source_ipv6(struct net *net, int vrf, const struct in6_addr *to,
			union nf_inet_addr *source)
{
	struct flowi6 fl6 = { .daddr = *to, .flowi6_oif = vrf };
	struct dst_entry *dst;

	dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);
	if (IS_ERR(dst))
		return false;

	dst_release(dst);
	source->in6 = fl6.saddr;
	return !ipv6_addr_any(&source->in6);
}
#else
static bool source_ipv6(struct net *net, int vrf, const struct in6_addr *to,
			union nf_inet_addr *source)
{
	return false;
}
#endif

/**
 * sluice_masq_source() - the address by which the node reaches somebody
 * @net: namespace
 * @vrf: where, as in &struct sluice_pkt
 * @to: whom
 * @source: set to the address
 *
 * Softirq or process context; the caller holds rcu_read_lock().
 *
 * Return: false if there is no route or no address.
 */
bool sluice_masq_source(struct net *net, int vrf,
			const struct sluice_l4addr *to,
			union nf_inet_addr *source)
{
	memset(source, 0, sizeof(*source));
	return to->family == AF_INET ?
	       source_ipv4(net, vrf, to->addr.ip, source) :
	       source_ipv6(net, vrf, &to->addr.in6, source);
}

/**
 * sluice_masq_ports() - the ports that masqueraded flows may have
 * @net: namespace
 * @ports: set to all unprivileged ports but those that the node's own sockets
 *	are given, so that the two never meet. If few would be left: those of
 *	the parity that connect() takes only when it has run out of the other;
 *	it begins with that of the range's first port.
 */
void sluice_masq_ports(struct net *net, struct sluice_ports *ports)
{
	int first, low, high;

	inet_get_local_port_range(net, &first, &high);
	low = max(first, PORT_MIN);
	high = max(high, low - 1);
	ports->low = low;
	ports->high = high;
	ports->parity = SLUICE_PARITY_ANY;
	if (low - PORT_MIN + 65535 - high < PORTS / 8)
		ports->parity = first & 1 ? SLUICE_PARITY_EVEN :
					    SLUICE_PARITY_ODD;
}

/**
 * sluice_masq_port() - one of the ports to choose from
 * @ports: these
 * @number: any number; consecutive ones give different ports until all have
 *	been given
 */
__be16 sluice_masq_port(const struct sluice_ports *ports, u32 number)
{
	u32 skipped = ports->high - ports->low + 1;
	u32 port;

	if (ports->parity != SLUICE_PARITY_ANY)
		return htons(PORT_MIN + 2 * (number % (PORTS / 2)) +
			     (ports->parity == SLUICE_PARITY_ODD));

	port = PORT_MIN + number % (PORTS - skipped);
	return htons(port < ports->low ? port : port + skipped);
}
