// SPDX-License-Identifier: GPL-2.0
/*
 * Frontends: which service a packet is for, and what the answer depends on
 * besides its address: which addresses are the node's, which clients are pods.
 */
#include <net/addrconf.h>
#include <net/route.h>

#include "frontend.h"
#include "idset.h"

static bool is_loopback(u8 family, const union nf_inet_addr *addr)
{
	return family == AF_INET ? ipv4_is_loopback(addr->ip) :
				   ipv6_addr_loopback(&addr->in6);
}

static struct net_device *device_of(struct net *net, int vrf)
{
	return vrf ? dev_get_by_index_rcu(net, vrf) : NULL;
}

static unsigned int type_of_ipv4(struct net *net, int vrf,
				 const union nf_inet_addr *addr)
{
	return inet_addr_type_dev_table(net, device_of(net, vrf), addr->ip);
}

/**
 * sluice_frontend_is_local() - whether an address is the node's
 * @net: namespace
 * @vrf: where, as in &struct sluice_pkt
 * @family: of the address
 * @addr: the address
 *
 * The caller of this and the following functions holds rcu_read_lock().
 */
bool sluice_frontend_is_local(struct net *net, int vrf, u8 family,
			      const union nf_inet_addr *addr)
{
	if (family == AF_INET)
		return type_of_ipv4(net, vrf, addr) == RTN_LOCAL;
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_chk_addr(net, &addr->in6, device_of(net, vrf), 0);
#else
	return false;
#endif
}

/* Whether an address stands for one host; @vrf: where. */
bool sluice_frontend_is_unicast(struct net *net, int vrf, u8 family,
				const union nf_inet_addr *addr)
{
	unsigned int type;

	if (family != AF_INET)
		return ipv6_addr_type(&addr->in6) & IPV6_ADDR_UNICAST;
	type = type_of_ipv4(net, vrf, addr);
	return type == RTN_UNICAST || type == RTN_LOCAL;
}

/* Whether an IPv6 packet's destination is on the link or the node itself. */
bool sluice_frontend_is_on_link(struct net *net, const struct sluice_pkt *pkt)
{
	const union nf_inet_addr *dst = &pkt->tuple.dst;

	return ipv6_addr_type(&dst->in6) & (IPV6_ADDR_MULTICAST |
					    IPV6_ADDR_LINKLOCAL) ||
	       sluice_frontend_is_local(net, pkt->vrf, AF_INET6, dst);
}

/* As sluice_frontend_is_local(), in some VRF or in none; looks for VRFs among all devices. */
bool sluice_frontend_is_local_anywhere(struct net *net, u8 family,
				       const union nf_inet_addr *addr)
{
	const struct net_device *dev;

	if (sluice_frontend_is_local(net, 0, family, addr))
		return true;
	for_each_netdev_rcu(net, dev)
		if (netif_is_l3_master(dev) &&
		    sluice_frontend_is_local(net, dev->ifindex, family, addr))
			return true;
	return false;
}

/**
 * sluice_frontend_allows() - do a service's source ranges allow a client?
 * @sn: namespace
 * @pkt: client's packet to the service
 * @ranges: source ranges; NULL if all are allowed
 *
 * A node that has the service's address itself sends to it from that very
 * address, which says nothing about who it is: it is asked for by the others.
 * Softirq or process context; the caller holds rcu_read_lock().
 */
bool sluice_frontend_allows(struct sluice_net *sn, const struct sluice_pkt *pkt,
			    const struct sluice_ranges *ranges)
{
	const struct sluice_tuple *tuple = &pkt->tuple;

	return sluice_ranges_allow(ranges, &tuple->src) ||
	       (pkt->from_node && nf_inet_addr_cmp(&tuple->src, &tuple->dst) &&
		sluice_addr_any_allowed(sn->net, tuple->family, ranges));
}

static bool is_global_unicast(struct net *net, int vrf, u8 family,
			      const union nf_inet_addr *addr)
{
	if (family == AF_INET)
		return type_of_ipv4(net, vrf, addr) == RTN_UNICAST;
	return ipv6_addr_type(&addr->in6) & IPV6_ADDR_UNICAST &&
	       !(ipv6_addr_type(&addr->in6) & IPV6_ADDR_LINKLOCAL) &&
	       !sluice_frontend_is_local(net, vrf, family, addr);
}

static bool in_ranges(struct sluice_ranges __rcu *const *ranges, u8 family,
		      const union nf_inet_addr *addr)
{
	const struct sluice_ranges *list = rcu_dereference(*ranges);

	return list && sluice_ranges_match(list, family, addr);
}

/* Whether node ports listen on an address. */
static bool has_node_ports(struct sluice_net *sn, int vrf,
			   const struct sluice_l4addr *to)
{
	const struct sluice_node_settings *node = &sn->node;

	if (is_loopback(to->family, &to->addr))
		return READ_ONCE(node->port_loopback);
	if (rcu_access_pointer(node->port_addresses) &&
	    !in_ranges(&node->port_addresses, to->family, &to->addr))
		return false;
	return sluice_frontend_is_local(sn->net, vrf, to->family, &to->addr);
}

/* That of node ports behind an address, which may be another node's, or NULL */
static struct sluice_service *find_node_port(struct sluice_net *sn,
					     const struct sluice_l4addr *to,
					     unsigned long revision)
{
	struct sluice_l4addr any = {
		.port = to->port, .family = to->family, .proto = to->proto,
	};

	if (!sluice_service_has_node_ports(&sn->services))
		return NULL;
	return sluice_service_lookup(&sn->services, &any, revision);
}

/**
 * sluice_frontend_find_node_port() - the service that has a port of the node
 * @sn: namespace
 * @vrf: where it is asked for
 * @to: address, port and protocol
 * @revision: as for sluice_service_lookup()
 *
 * The caller holds rcu_read_lock().
 *
 * Return: the service, or NULL, also if the address is not the node's.
 */
struct sluice_service *
sluice_frontend_find_node_port(struct sluice_net *sn, int vrf,
			       const struct sluice_l4addr *to,
			       unsigned long revision)
{
	struct sluice_service *service = find_node_port(sn, to, revision);

	return service && has_node_ports(sn, vrf, to) ? service : NULL;
}

/**
 * sluice_frontend_find() - the service behind an address
 * @sn: namespace
 * @vrf: where it is asked for; services are the same in all of them
 * @to: address, port and protocol
 * @revision: as for sluice_service_lookup()
 *
 * A service with the address itself comes before a node port. The caller holds
 * rcu_read_lock().
 *
 * Return: the service, or NULL.
 */
struct sluice_service *sluice_frontend_find(struct sluice_net *sn, int vrf,
					    const struct sluice_l4addr *to,
					    unsigned long revision)
{
	struct sluice_service *service;

	/* Nobody has the address that stands for node ports. */
	if (sluice_l4addr_is_node_port(to))
		return NULL;
	service = sluice_service_lookup(&sn->services, to, revision);
	return service ?:
	       sluice_frontend_find_node_port(sn, vrf, to, revision);
}

/*
 * As sluice_frontend_find(), where another node has been asked for the address:
 * it may be that one's, but no pod's, which nodes also put into tunnels.
 */
struct sluice_service *
sluice_frontend_find_relayed(struct sluice_net *sn,
			     const struct sluice_l4addr *to,
			     unsigned long revision)
{
	struct sluice_service *service;

	service = sluice_service_lookup(&sn->services, to, revision);
	if (service || in_ranges(&sn->node.pods, to->family, &to->addr))
		return service;
	return find_node_port(sn, to, revision);
}

/**
 * sluice_frontend_is_other_node() - whether an address is another node's
 * @sn: namespace
 * @family: of the address
 * @addr: the address; the caller holds rcu_read_lock()
 *
 * Return: true if it has the identity that stands for them.
 */
bool sluice_frontend_is_other_node(struct sluice_net *sn, u8 family,
				   const union nf_inet_addr *addr)
{
	struct sluice_identities who;
	unsigned long revision;

	do {
		revision = sluice_service_table_revision(&sn->services);
		sluice_identity_find(&sn->identities, family, addr, revision,
				     &who);
	} while (sluice_service_table_moved(&sn->services, revision));
	return sluice_idset_has(who.sets[0], SLUICE_IDENTITY_REMOTE_NODE) ||
	       sluice_idset_has(who.sets[1], SLUICE_IDENTITY_REMOTE_NODE);
}

/**
 * sluice_frontend_is_internal() - whether a client is in the cluster
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 *
 * Return: true if it is a pod or on the node itself.
 */
bool sluice_frontend_is_internal(struct sluice_net *sn,
				 const struct sluice_pkt *pkt)
{
	return pkt->from_node ||
	       in_ranges(&sn->node.pods, pkt->tuple.family, &pkt->tuple.src);
}

/**
 * sluice_frontend_wants_local() - whether only backends of this node will do
 * @sn: namespace
 * @pkt: packet; the caller holds rcu_read_lock()
 * @opts: of its service
 *
 * To the cluster's own clients an external address is a short way to the
 * service, whose policy is not meant for them; as in Kubernetes.
 */
bool sluice_frontend_wants_local(struct sluice_net *sn,
				 const struct sluice_pkt *pkt,
				 const struct sluice_service_opts *opts)
{
	if (opts->traffic_policy != SLUICE_TRAFFIC_POLICY_LOCAL)
		return false;
	return opts->scope == SLUICE_SCOPE_INTERNAL ||
	       !sluice_frontend_is_internal(sn, pkt);
}

/*
 * Whoever uses an external address may be near to a backend of another node,
 * which then would not answer by this one; a pod may be, too. With the local
 * policy clients keep their addresses, and so do pods, to whom it does not
 * apply; as in Kubernetes.
 */
static bool is_off_cluster(struct sluice_net *sn, const struct sluice_pkt *pkt,
			   const struct sluice_service_opts *opts)
{
	if (opts->scope == SLUICE_SCOPE_EXTERNAL)
		return opts->traffic_policy != SLUICE_TRAFFIC_POLICY_LOCAL;
	return !sluice_frontend_is_internal(sn, pkt);
}

/* The backend is no pod, and pods leave the cluster as the node. */
static bool leaves_cluster(struct sluice_net *sn, const struct sluice_pkt *pkt,
			   const struct sluice_l4addr *backend)
{
	struct sluice_tuple out = pkt->tuple;

	out.dst = backend->addr;
	return sluice_frontend_egress(sn, pkt->vrf, &out);
}

/* A source of the node's own that no other host could answer straight to */
static bool is_only_here(const struct sluice_tuple *tuple)
{
	return is_loopback(tuple->family, &tuple->src) ||
	       nf_inet_addr_cmp(&tuple->src, &tuple->dst);
}

/*
 * Who would not take this node's address from another one, or may be there: the
 * nodes, their pods, and whoever comes by a tunnel
 */
static bool is_near(struct sluice_net *sn, const struct sluice_pkt *pkt)
{
	return pkt->from_tunnel || sluice_frontend_is_internal(sn, pkt) ||
	       sluice_frontend_is_other_node(sn, pkt->tuple.family,
					     &pkt->tuple.src);
}

/**
 * sluice_frontend_forward() - how the packets of a flow get to a backend
 * @sn: namespace
 * @pkt: first packet; the caller holds rcu_read_lock()
 * @opts: of its service
 *
 * Backends that get packets unchanged have the service's address themselves:
 * what the node sends from there they would not answer. An address among the
 * pods' is none that a backend's node would take for this one's.
 *
 * Return: &enum sluice_forward; of a service that is relayed it depends on the
 * backend, unless it is NAT.
 */
u8 sluice_frontend_forward(struct sluice_net *sn, const struct sluice_pkt *pkt,
			   const struct sluice_service_opts *opts)
{
	if (pkt->from_node && is_only_here(&pkt->tuple))
		return SLUICE_FORWARD_NAT;
	if (opts->forward == SLUICE_FORWARD_RELAY &&
	    (is_near(sn, pkt) ||
	     in_ranges(&sn->node.pods, pkt->tuple.family, &pkt->tuple.dst)))
		return SLUICE_FORWARD_NAT;
	return opts->forward;
}

/**
 * sluice_frontend_masquerades() - whether a flow gets the node's address
 * @sn: namespace
 * @pkt: first packet of what sluice_frontend_forward() has rewritten; the
 *	caller holds rcu_read_lock()
 * @opts: of its service
 * @backend: who receives
 *
 * The node's own packets have its address, but for those of the loopback
 * device, which no backend could answer, and those from the service's address
 * itself, where the node has that: another host may have it, too.
 */
bool sluice_frontend_masquerades(struct sluice_net *sn,
				 const struct sluice_pkt *pkt,
				 const struct sluice_service_opts *opts,
				 const struct sluice_l4addr *backend)
{
	const struct sluice_tuple *tuple = &pkt->tuple;
	bool hairpin = nf_inet_addr_cmp(&tuple->src, &backend->addr);

	if (pkt->from_node)
		return is_only_here(tuple) &&
		       !is_loopback(tuple->family, &backend->addr);

	switch (opts->masquerade) {
	case SLUICE_MASQUERADE_NEVER:
		return false;
	case SLUICE_MASQUERADE_HAIRPIN:
		return hairpin || leaves_cluster(sn, pkt, backend);
	case SLUICE_MASQUERADE_OFF_CLUSTER:
		return hairpin || leaves_cluster(sn, pkt, backend) ||
		       is_off_cluster(sn, pkt, opts);
	default:
		return true;
	}
}

/**
 * sluice_frontend_egress() - whether a pod's packet leaves as the node's
 * @sn: namespace
 * @vrf: where
 * @tuple: of the packet, which is for no service; the caller holds
 *	rcu_read_lock()
 *
 * Return: true for what pods send to others than pods and this node.
 */
bool sluice_frontend_egress(struct sluice_net *sn, int vrf,
			    const struct sluice_tuple *tuple)
{
	const struct sluice_node_settings *node = &sn->node;

	return READ_ONCE(node->egress_masquerade) &&
	       in_ranges(&node->pods, tuple->family, &tuple->src) &&
	       !in_ranges(&node->pods, tuple->family, &tuple->dst) &&
	       is_global_unicast(sn->net, vrf, tuple->family, &tuple->dst);
}

/**
 * sluice_frontend_ingress() - whether a packet from elsewhere is for a pod
 * @sn: namespace
 * @tuple: of the packet, which is for no service; the caller holds
 *	rcu_read_lock()
 *
 * Return: true if the pod's answers could be taken for what it begins itself
 * and masqueraded.
 */
bool sluice_frontend_ingress(struct sluice_net *sn,
			     const struct sluice_tuple *tuple)
{
	const struct sluice_node_settings *node = &sn->node;

	return READ_ONCE(node->egress_masquerade) &&
	       in_ranges(&node->pods, tuple->family, &tuple->dst) &&
	       !in_ranges(&node->pods, tuple->family, &tuple->src);
}
