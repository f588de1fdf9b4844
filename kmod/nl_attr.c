// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: from attributes to structures and back.
 */
#include <net/addrconf.h>

#include "nl.h"

static bool is_unicast(u8 family, const union nf_inet_addr *addr)
{
	int type;

	if (family == AF_INET)
		return !ipv4_is_zeronet(addr->ip) &&
		       !ipv4_is_loopback(addr->ip) &&
		       !ipv4_is_multicast(addr->ip) &&
		       !ipv4_is_lbcast(addr->ip);

	type = ipv6_addr_type(&addr->in6);
	return type & IPV6_ADDR_UNICAST &&
	       !(type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
			 IPV6_ADDR_MAPPED | IPV6_ADDR_COMPATv4));
}

/* Any address of either family, told apart by its length. */
int sluice_nl_parse_addr(union nf_inet_addr *addr, u8 *family,
			 const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	memset(addr, 0, sizeof(*addr));
	switch (nla_len(attr)) {
	case sizeof(addr->in):
		*family = AF_INET;
		break;
	case sizeof(addr->in6):
		*family = AF_INET6;
		break;
	default:
		return sluice_nl_invalid(extack, attr,
					 "an address has 4 or 16 bytes");
	}
	memcpy(addr, nla_data(attr), nla_len(attr));
	return 0;
}

static int parse_service_key(struct sluice_l4addr *key,
			     const struct nlattr *nest, struct nlattr **tb,
			     struct netlink_ext_ack *extack)
{
	int err;

	if (!tb[SLUICE_A_SERVICE_ADDR])
		return sluice_nl_missing(extack, nest, SLUICE_A_SERVICE_ADDR,
					 "the service's address is missing");
	if (!tb[SLUICE_A_SERVICE_PORT])
		return sluice_nl_missing(extack, nest, SLUICE_A_SERVICE_PORT,
					 "the service's port is missing");
	if (!tb[SLUICE_A_SERVICE_PROTO])
		return sluice_nl_missing(extack, nest, SLUICE_A_SERVICE_PROTO,
					 "the service's protocol is missing");

	err = sluice_nl_parse_addr(&key->addr, &key->family,
				   tb[SLUICE_A_SERVICE_ADDR], extack);
	if (err)
		return err;
	key->port = nla_get_be16(tb[SLUICE_A_SERVICE_PORT]);
	key->proto = nla_get_u8(tb[SLUICE_A_SERVICE_PROTO]);

	if (!sluice_l4addr_is_node_port(key) &&
	    !is_unicast(key->family, &key->addr))
		return sluice_nl_invalid(extack, tb[SLUICE_A_SERVICE_ADDR],
					 "the service's address is neither a global unicast address nor the unspecified one");
	if (!key->port)
		return sluice_nl_invalid(extack, tb[SLUICE_A_SERVICE_PORT],
					 "the service's port must not be 0");
	if (!sluice_proto_has_flows(key->proto))
		return sluice_nl_invalid(extack, tb[SLUICE_A_SERVICE_PROTO],
					 "the service's protocol must be TCP, UDP or SCTP");
	return 0;
}

/* Refuse attributes @from to @to, which only answers have. */
int sluice_nl_refuse_read_only(struct nlattr **tb, int from, int to,
			       struct netlink_ext_ack *extack)
{
	int type;

	for (type = from; type <= to; type++)
		if (tb[type])
			return sluice_nl_invalid(extack, tb[type],
						 "the attribute is read-only");
	return 0;
}

/* The policy has checked the values. */
static void parse_service_opts(struct sluice_service_cfg *cfg,
			       struct nlattr **tb)
{
	struct sluice_service_opts *opts = &cfg->opts;
	int type;

	for (type = SLUICE_A_SERVICE_SCHEDULER; type <= SLUICE_A_SERVICE_MAX;
	     type++)
		if (tb[type])
			cfg->given |= BIT(type);

#define PARSE(_bits, _type, _member)					\
	do {								\
		if (tb[SLUICE_A_SERVICE_##_type])			\
			opts->_member = nla_get_u##_bits(		\
					tb[SLUICE_A_SERVICE_##_type]);	\
	} while (0)
	PARSE(32, SCHEDULER, scheduler);
	PARSE(32, AFFINITY, affinity);
	PARSE(8, AFFINITY_SHARED, affinity_shared);
	PARSE(32, AFFINITY_GROUP, affinity_group);
	PARSE(32, MASQUERADE, masquerade);
	PARSE(32, NO_BACKEND, no_backend);
	PARSE(32, REMOVAL, removal);
	PARSE(32, SCOPE, scope);
	PARSE(32, TRAFFIC_POLICY, traffic_policy);
	PARSE(32, FORWARD, forward);
	PARSE(8, ECHO, echo);
#undef PARSE
	if (tb[SLUICE_A_SERVICE_HEALTH_PORT])
		opts->health_port =
			nla_get_be16(tb[SLUICE_A_SERVICE_HEALTH_PORT]);
}

static int parse_sources(struct sluice_service_cfg *cfg, struct nlattr **tb,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *allow = tb[SLUICE_A_SERVICE_ALLOW];
	const struct nlattr *deny = tb[SLUICE_A_SERVICE_DENY];
	u8 family = cfg->addr.family;
	int err = 0;

	if (allow)
		err = sluice_nl_parse_prefixes(&cfg->allow, family, allow,
					       extack);
	if (!err && deny)
		err = sluice_nl_parse_prefixes(&cfg->deny, family, deny,
					       extack);
	if (err)
		sluice_nl_free_service(cfg);
	return err;
}

void sluice_nl_free_service(struct sluice_service_cfg *cfg)
{
	sluice_nl_free_prefixes(&cfg->allow);
	sluice_nl_free_prefixes(&cfg->deny);
}

/**
 * sluice_nl_parse_service() - read what a request says of a service
 * @cfg: gets it; without an error, sluice_nl_free_service() afterwards
 * @attrs: of the request or of one of its changes
 * @outer: that change, or NULL
 * @extack: for the reason of a refusal
 *
 * Return: 0 or -errno.
 */
int sluice_nl_parse_service(struct sluice_service_cfg *cfg,
			    struct nlattr **attrs, const struct nlattr *outer,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[SLUICE_A_SERVICE];
	struct nlattr *tb[SLUICE_A_SERVICE_MAX + 1];
	int err;

	memset(cfg, 0, sizeof(*cfg));
	if (!nest)
		return sluice_nl_missing(extack, outer, SLUICE_A_SERVICE,
					 "the service is missing");
	err = nla_parse_nested(tb, SLUICE_A_SERVICE_MAX, nest,
			       sluice_service_nl_policy, extack);
	if (err)
		return err;
	err = sluice_nl_refuse_read_only(tb, SLUICE_A_SERVICE_BACKEND_COUNT,
					 SLUICE_A_SERVICE_COUNTERS, extack);
	if (err)
		return err;

	err = parse_service_key(&cfg->addr, nest, tb, extack);
	if (err)
		return err;
	parse_service_opts(cfg, tb);
	if (cfg->opts.affinity > SLUICE_AFFINITY_MAX)
		return sluice_nl_invalid(extack, tb[SLUICE_A_SERVICE_AFFINITY],
					 "affinity lasts at most 86400 seconds");
	return parse_sources(cfg, tb, extack);
}

/* Find the service that the attributes of a request name. */
int sluice_nl_find_service(struct sluice_net *sn,
			   struct sluice_service **service,
			   struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	struct sluice_service_cfg cfg;
	int err;

	err = sluice_nl_parse_service(&cfg, attrs, NULL, extack);
	if (err)
		return err;

	*service = NULL;
	if (sn->active)
		*service = sluice_service_lookup(&sn->services, &cfg.addr,
						 sn->services.revision);
	sluice_nl_free_service(&cfg);
	if (*service)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attrs[SLUICE_A_SERVICE],
			    "no such service");
	return -ENOENT;
}

static int parse_backend_key(struct sluice_l4addr *key,
			     const struct sluice_service *service,
			     const struct nlattr *nest, struct nlattr **tb,
			     struct netlink_ext_ack *extack)
{
	int err;

	if (!tb[SLUICE_A_BACKEND_ADDR])
		return sluice_nl_missing(extack, nest, SLUICE_A_BACKEND_ADDR,
					 "the backend's address is missing");
	if (!tb[SLUICE_A_BACKEND_PORT])
		return sluice_nl_missing(extack, nest, SLUICE_A_BACKEND_PORT,
					 "the backend's port is missing");

	err = sluice_nl_parse_addr(&key->addr, &key->family,
				   tb[SLUICE_A_BACKEND_ADDR], extack);
	if (err)
		return err;
	key->port = nla_get_be16(tb[SLUICE_A_BACKEND_PORT]);
	key->proto = service->addr.proto;

	if (key->family != service->addr.family)
		return sluice_nl_invalid(extack, tb[SLUICE_A_BACKEND_ADDR],
					 "the backend's address is not of the service's family");
	if (!is_unicast(key->family, &key->addr))
		return sluice_nl_invalid(extack, tb[SLUICE_A_BACKEND_ADDR],
					 "the backend's address is not a global unicast address");
	if (!key->port)
		return sluice_nl_invalid(extack, tb[SLUICE_A_BACKEND_PORT],
					 "the backend's port must not be 0");
	if (!memcmp(key, &service->addr, sizeof(*key)))
		return sluice_nl_invalid(extack, tb[SLUICE_A_BACKEND_ADDR],
					 "the backend is the service itself");
	return 0;
}

static int parse_weight(struct sluice_backend_cfg *cfg,
			const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;

	cfg->has_weight = true;
	cfg->weight = nla_get_u32(attr);
	if (nla_get_u32(attr) > SLUICE_WEIGHT_MAX)
		return sluice_nl_invalid(extack, attr,
					 "the backend's weight must be 0 to 65535");
	return 0;
}

/* As sluice_nl_parse_service(), of a backend of @service. */
int sluice_nl_parse_backend(struct sluice_backend_cfg *cfg,
			    const struct sluice_service *service,
			    struct nlattr **attrs, const struct nlattr *outer,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *nest = attrs[SLUICE_A_BACKEND];
	struct nlattr *tb[SLUICE_A_BACKEND_MAX + 1];
	int err;

	memset(cfg, 0, sizeof(*cfg));
	if (!nest)
		return sluice_nl_missing(extack, outer, SLUICE_A_BACKEND,
					 "the backend is missing");
	err = nla_parse_nested(tb, SLUICE_A_BACKEND_MAX, nest,
			       sluice_backend_nl_policy, extack);
	if (err)
		return err;
	err = sluice_nl_refuse_read_only(tb, SLUICE_A_BACKEND_FLOW_COUNT,
					 SLUICE_A_BACKEND_COUNTERS, extack);
	if (err)
		return err;
	err = parse_weight(cfg, tb[SLUICE_A_BACKEND_WEIGHT], extack);
	if (err)
		return err;

	if (tb[SLUICE_A_BACKEND_LOCAL]) {
		cfg->local = nla_get_u8(tb[SLUICE_A_BACKEND_LOCAL]);
		cfg->has_local = true;
	}
	if (tb[SLUICE_A_BACKEND_STATE]) {
		cfg->state = nla_get_u32(tb[SLUICE_A_BACKEND_STATE]);
		cfg->has_state = true;
	}
	return parse_backend_key(&cfg->addr, service, nest, tb, extack);
}

int sluice_nl_put_addr(struct sk_buff *skb, int type, u8 family,
		       const union nf_inet_addr *addr)
{
	int len = family == AF_INET ? sizeof(addr->in) : sizeof(addr->in6);

	return nla_put(skb, type, len, addr);
}

static int parse_tuple_addrs(struct sluice_tuple *tuple, struct nlattr **tb,
			     struct netlink_ext_ack *extack)
{
	u8 src_family;
	int err;

	err = sluice_nl_parse_addr(&tuple->src, &src_family,
				   tb[SLUICE_A_TUPLE_SRC], extack);
	if (err)
		return err;
	err = sluice_nl_parse_addr(&tuple->dst, &tuple->family,
				   tb[SLUICE_A_TUPLE_DST], extack);
	if (err)
		return err;
	if (src_family != tuple->family)
		return sluice_nl_invalid(extack, tb[SLUICE_A_TUPLE_SRC],
					 "the tuple's addresses are not of one family");
	return 0;
}

/**
 * sluice_nl_parse_tuple() - read a tuple, but for its protocol
 * @tuple: filled in
 * @nest: of the tuple
 * @extack: for the reason of a refusal
 *
 * Return: 0 or -EINVAL.
 */
int sluice_nl_parse_tuple(struct sluice_tuple *tuple, const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	static const char *const missing[] = {
		[SLUICE_A_TUPLE_SRC] = "the tuple's source address is missing",
		[SLUICE_A_TUPLE_DST] = "the tuple's destination address is missing",
		[SLUICE_A_TUPLE_SPORT] = "the tuple's source port is missing",
		[SLUICE_A_TUPLE_DPORT] = "the tuple's destination port is missing",
	};
	struct nlattr *tb[SLUICE_A_TUPLE_MAX + 1];
	int err, type;

	err = nla_parse_nested(tb, SLUICE_A_TUPLE_MAX, nest,
			       sluice_tuple_nl_policy, extack);
	if (err)
		return err;
	for (type = SLUICE_A_TUPLE_SRC; type <= SLUICE_A_TUPLE_DPORT; type++) {
		if (tb[type])
			continue;
		NL_SET_ERR_ATTR_MISS(extack, nest, type);
		if (extack)
			extack->_msg = missing[type];
		return -EINVAL;
	}

	tuple->sport = nla_get_be16(tb[SLUICE_A_TUPLE_SPORT]);
	tuple->dport = nla_get_be16(tb[SLUICE_A_TUPLE_DPORT]);
	return parse_tuple_addrs(tuple, tb, extack);
}

int sluice_nl_put_tuple(struct sk_buff *skb, int type,
			const struct sluice_tuple *tuple)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest ||
	    sluice_nl_put_addr(skb, SLUICE_A_TUPLE_SRC, tuple->family,
			       &tuple->src) ||
	    sluice_nl_put_addr(skb, SLUICE_A_TUPLE_DST, tuple->family,
			       &tuple->dst) ||
	    nla_put_be16(skb, SLUICE_A_TUPLE_SPORT, tuple->sport) ||
	    nla_put_be16(skb, SLUICE_A_TUPLE_DPORT, tuple->dport))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_counter(struct sk_buff *skb, int type, const atomic64_t *value)
{
	return nla_put_u64_64bit(skb, type, atomic64_read(value),
				 SLUICE_A_COUNTERS_PAD);
}

/* Connections, packets and bytes, inside a nest begun by the caller */
int sluice_nl_put_traffic(struct sk_buff *skb, const struct sluice_counters *c)
{
	if (put_counter(skb, SLUICE_A_COUNTERS_CONNECTIONS, &c->connections) ||
	    put_counter(skb, SLUICE_A_COUNTERS_IN_PACKETS,
			&c->packets[SLUICE_DIR_ORIG]) ||
	    put_counter(skb, SLUICE_A_COUNTERS_IN_BYTES,
			&c->bytes[SLUICE_DIR_ORIG]) ||
	    put_counter(skb, SLUICE_A_COUNTERS_OUT_PACKETS,
			&c->packets[SLUICE_DIR_REPLY]) ||
	    put_counter(skb, SLUICE_A_COUNTERS_OUT_BYTES,
			&c->bytes[SLUICE_DIR_REPLY]))
		return -EMSGSIZE;
	return 0;
}

int sluice_nl_put_counters(struct sk_buff *skb, int type,
			   const struct sluice_counters *c)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest || sluice_nl_put_traffic(skb, c) ||
	    put_counter(skb, SLUICE_A_COUNTERS_DROPS, &c->drops))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What names a backend of its service, inside a nest begun by the caller. */
int sluice_nl_put_backend_key(struct sk_buff *skb,
			      const struct sluice_backend *backend)
{
	const struct sluice_l4addr *addr = &backend->addr;

	if (sluice_nl_put_addr(skb, SLUICE_A_BACKEND_ADDR, addr->family,
			       &addr->addr) ||
	    nla_put_be16(skb, SLUICE_A_BACKEND_PORT, addr->port))
		return -EMSGSIZE;
	return 0;
}

/* A nest of what names a backend */
int sluice_nl_put_backend(struct sk_buff *skb, int type,
			  const struct sluice_backend *backend)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest || sluice_nl_put_backend_key(skb, backend))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What names a service, inside a nest that the caller has begun. */
int sluice_nl_put_service_key(struct sk_buff *skb,
			      const struct sluice_service *service)
{
	const struct sluice_l4addr *addr = &service->addr;

	if (sluice_nl_put_addr(skb, SLUICE_A_SERVICE_ADDR, addr->family,
			       &addr->addr) ||
	    nla_put_be16(skb, SLUICE_A_SERVICE_PORT, addr->port) ||
	    nla_put_u8(skb, SLUICE_A_SERVICE_PROTO, addr->proto))
		return -EMSGSIZE;
	return 0;
}

/* A nest with the key alone. */
int sluice_nl_put_service(struct sk_buff *skb,
			  const struct sluice_service *service)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SLUICE_A_SERVICE);
	if (!nest || sluice_nl_put_service_key(skb, service))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
