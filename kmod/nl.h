/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink: what the handlers share.
 */
#ifndef _SLUICE_NL_H
#define _SLUICE_NL_H

#include <linux/workqueue.h>
#include <net/genetlink.h>

#include "backend.h"
#include "config.h"
#include "nl_gen.h"

extern struct genl_family sluice_nl_family;

int sluice_nl_init(void);
void sluice_nl_fini(void);
void sluice_nl_event_send(struct work_struct *work);
void sluice_nl_flow_tell(struct sluice_flow_table *table,
			 const struct sluice_flow *flow, enum sluice_stat what);

/* The namespace of a request; its configuration lock is held by pre_doit. */
static inline struct sluice_net *sluice_nl_net(const struct genl_info *info)
{
	return info->user_ptr[0];
}

/* Refuse a request for want of attribute @type in @nest. */
#define sluice_nl_missing(extack, nest, type, msg) ({		\
	NL_SET_ERR_ATTR_MISS(extack, nest, type);		\
	NL_SET_ERR_MSG(extack, msg);				\
	-EINVAL;						\
})

/* Refuse a request because of @attr. */
#define sluice_nl_invalid(extack, attr, msg) ({			\
	NL_SET_ERR_MSG_ATTR(extack, attr, msg);			\
	-EINVAL;						\
})

/**
 * struct sluice_nl_settings - settings on their way
 * @flows: of the flow table
 * @port_addresses: as in &struct sluice_node_settings, referenced
 * @pods: likewise
 * @port_loopback: as there
 * @egress_masquerade: as there
 * @policy_tcp: as there
 * @policy_node_traffic: as there
 * @policy_audit: as there
 */
struct sluice_nl_settings {
	struct sluice_flow_settings flows;
	struct sluice_ranges *port_addresses;
	struct sluice_ranges *pods;
	bool port_loopback;
	bool egress_masquerade;
	u8 policy_tcp;
	u8 policy_node_traffic;
	bool policy_audit;
};

/**
 * struct sluice_nl_tx - a transaction asked for by netlink
 * @skb: the request
 * @info: likewise
 * @sn: its namespace
 * @config: changes of objects
 * @settings: what they are to be, if @has_settings
 * @has_settings: they have been asked for
 * @settings_changed: some are others than they were
 * @has_changed: something is not as it was, once it is committed
 * @is_heard: somebody wants to be told of changes
 */
struct sluice_nl_tx {
	struct sk_buff *skb;
	struct genl_info *info;
	struct sluice_net *sn;
	struct sluice_config_tx config;
	struct sluice_nl_settings settings;
	bool has_settings;
	bool settings_changed;
	bool has_changed;
	bool is_heard;
};

/**
 * struct sluice_nl_change - one change of a transaction
 * @attrs: by &enum sluice_a
 * @nest: that they are in, NULL if it is the request
 * @flags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE
 */
struct sluice_nl_change {
	struct nlattr **attrs;
	const struct nlattr *nest;
	u16 flags;
};

typedef int sluice_nl_change_t(struct sluice_nl_tx *ntx,
			       const struct sluice_nl_change *change);

sluice_nl_change_t sluice_nl_service_new;
sluice_nl_change_t sluice_nl_service_del;
sluice_nl_change_t sluice_nl_service_flush;
sluice_nl_change_t sluice_nl_replace_all;
sluice_nl_change_t sluice_nl_backend_new;
sluice_nl_change_t sluice_nl_backend_del;
sluice_nl_change_t sluice_nl_backend_flush;
sluice_nl_change_t sluice_nl_backend_replace_all;
sluice_nl_change_t sluice_nl_settings_set;
sluice_nl_change_t sluice_nl_identity_new;
sluice_nl_change_t sluice_nl_identity_del;
sluice_nl_change_t sluice_nl_identity_flush;
sluice_nl_change_t sluice_nl_rule_new;
sluice_nl_change_t sluice_nl_rule_del;
sluice_nl_change_t sluice_nl_subject_set;
sluice_nl_change_t sluice_nl_policy_flush;
sluice_nl_change_t sluice_nl_policy_replace_all;
sluice_nl_change_t sluice_nl_device_new;
sluice_nl_change_t sluice_nl_device_del;
sluice_nl_change_t sluice_nl_device_flush;

int sluice_nl_do(struct sk_buff *skb, struct genl_info *info,
		 sluice_nl_change_t *change);
int sluice_nl_check_new(const struct sluice_nl_change *change, bool exists,
			const struct nlattr *attr,
			struct netlink_ext_ack *extack);
int sluice_nl_no_memory(struct netlink_ext_ack *extack,
			const struct nlattr *attr);
int sluice_nl_changed_service(struct sluice_nl_tx *ntx,
			      const struct sluice_nl_change *change,
			      struct sluice_service **service);
int sluice_nl_activate(struct sluice_nl_tx *ntx, const struct nlattr *attr);
int sluice_nl_prepare_identities(struct sluice_nl_tx *ntx);
int sluice_nl_prepare_policies(struct sluice_nl_tx *ntx);
void sluice_nl_notify_identities(struct sluice_nl_tx *ntx);
void sluice_nl_notify_policies(struct sluice_nl_tx *ntx);
void sluice_nl_notify_rules(struct sluice_nl_tx *ntx);
void sluice_nl_notify_devices(struct sluice_nl_tx *ntx);
int sluice_nl_parse_subject_filter(u32 *number, struct nlattr **attrs,
				   struct netlink_ext_ack *extack);
void sluice_nl_settings_apply(struct sluice_nl_tx *ntx);
void sluice_nl_settings_put(struct sluice_nl_tx *ntx);

/* Parsing: 0, or -errno with the reason in @extack. */
int sluice_nl_parse_addr(union nf_inet_addr *addr, u8 *family,
			 const struct nlattr *attr,
			 struct netlink_ext_ack *extack);
int sluice_nl_parse_tuple(struct sluice_tuple *tuple, const struct nlattr *nest,
			  struct netlink_ext_ack *extack);
int sluice_nl_parse_service(struct sluice_service_cfg *cfg,
			    struct nlattr **attrs, const struct nlattr *outer,
			    struct netlink_ext_ack *extack);
void sluice_nl_free_service(struct sluice_service_cfg *cfg);
int sluice_nl_parse_backend(struct sluice_backend_cfg *cfg,
			    const struct sluice_service *service,
			    struct nlattr **attrs, const struct nlattr *outer,
			    struct netlink_ext_ack *extack);
int sluice_nl_find_service(struct sluice_net *sn,
			   struct sluice_service **service,
			   struct nlattr **attrs,
			   struct netlink_ext_ack *extack);
int sluice_nl_check_attrs(struct nlattr **attrs, int max, unsigned long allowed,
			  struct netlink_ext_ack *extack);
int sluice_nl_check_request(struct nlattr **attrs, unsigned long allowed,
			    struct netlink_ext_ack *extack);
int sluice_nl_refuse_read_only(struct nlattr **tb, int from, int to,
			       struct netlink_ext_ack *extack);

int sluice_nl_parse_prefix(struct sluice_prefix *prefix, u8 family,
			   const struct nlattr *nest,
			   struct netlink_ext_ack *extack);
int sluice_nl_parse_prefixes(struct sluice_prefixes *prefixes, u8 family,
			     const struct nlattr *nest,
			     struct netlink_ext_ack *extack);
void sluice_nl_free_prefixes(struct sluice_prefixes *prefixes);

/* Writing: 0 or -EMSGSIZE. */
typedef int sluice_nl_fill_t(struct sk_buff *skb, const void *object);

sluice_nl_fill_t sluice_nl_fill_service;
sluice_nl_fill_t sluice_nl_fill_backend;
sluice_nl_fill_t sluice_nl_fill_settings;
sluice_nl_fill_t sluice_nl_fill_flow;

int sluice_nl_put_addr(struct sk_buff *skb, int type, u8 family,
		       const union nf_inet_addr *addr);
int sluice_nl_put_tuple(struct sk_buff *skb, int type,
			const struct sluice_tuple *tuple);
int sluice_nl_put_path(struct sk_buff *skb, int type,
		       const struct sluice_path *path);
int sluice_nl_put_prefix(struct sk_buff *skb, int type,
			 const struct sluice_prefix *prefix);
int sluice_nl_put_prefixes(struct sk_buff *skb, int type,
			   const struct sluice_prefixes *prefixes);
int sluice_nl_put_traffic(struct sk_buff *skb,
			  const struct sluice_counters *counters);
int sluice_nl_put_blame(struct sk_buff *skb, const struct sluice_blame *blame);
int sluice_nl_put_flow_rule(struct sk_buff *skb,
			   const struct sluice_policy_rule *rule);
int sluice_nl_put_counters(struct sk_buff *skb, int type,
			   const struct sluice_counters *counters);
int sluice_nl_put_backend_key(struct sk_buff *skb,
			      const struct sluice_backend *backend);
int sluice_nl_put_backend(struct sk_buff *skb, int type,
			  const struct sluice_backend *backend);
int sluice_nl_put_service_key(struct sk_buff *skb,
			      const struct sluice_service *service);
int sluice_nl_put_service(struct sk_buff *skb,
			  const struct sluice_service *service);

void sluice_nl_fold(struct sluice_net *sn, struct sk_buff *request);
int sluice_nl_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 cmd,
		  sluice_nl_fill_t *fill, const void *object);
int sluice_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		       u8 cmd, sluice_nl_fill_t *fill, const void *object);
typedef int sluice_nl_dump_t(struct sluice_net *sn, struct sk_buff *skb,
			     struct netlink_callback *cb);
int sluice_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		   unsigned long allowed, sluice_nl_dump_t *dump);
int sluice_nl_reply(struct genl_info *info, u8 cmd, sluice_nl_fill_t *fill,
		    const void *object);
bool sluice_nl_has_listeners(struct sluice_net *sn, unsigned int group);
void sluice_nl_tell(struct sluice_net *sn, unsigned int group, u8 cmd,
		    sluice_nl_fill_t *fill, const void *object);
void sluice_nl_notify(struct sluice_nl_tx *ntx, u8 cmd, int flags,
		      sluice_nl_fill_t *fill, const void *object);

#endif
