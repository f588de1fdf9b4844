/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/sluice.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _LINUX_SLUICE_GEN_H
#define _LINUX_SLUICE_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/sluice.h>

/* Common nested types */
extern const struct nla_policy sluice_backend_nl_policy[SLUICE_A_BACKEND_LOCAL + 1];
extern const struct nla_policy sluice_change_nl_policy[SLUICE_A_CHANGE_DEVICE + 1];
extern const struct nla_policy sluice_counters_nl_policy[SLUICE_A_COUNTERS_PAD + 1];
extern const struct nla_policy sluice_device_nl_policy[SLUICE_A_DEVICE_LEFT + 1];
extern const struct nla_policy sluice_explain_nl_policy[SLUICE_A_EXPLAIN_PATH + 1];
extern const struct nla_policy sluice_fallback_nl_policy[SLUICE_A_FALLBACK_PAD + 1];
extern const struct nla_policy sluice_flow_nl_policy[SLUICE_A_FLOW_JUDGEMENT + 1];
extern const struct nla_policy sluice_identity_nl_policy[SLUICE_A_IDENTITY_EXCLUSIVE + 1];
extern const struct nla_policy sluice_judgement_nl_policy[SLUICE_A_JUDGEMENT_PEERS + 1];
extern const struct nla_policy sluice_left_nl_policy[SLUICE_A_LEFT_PAD + 1];
extern const struct nla_policy sluice_path_nl_policy[SLUICE_A_PATH_MTU + 1];
extern const struct nla_policy sluice_prefix_nl_policy[SLUICE_A_PREFIX_LEN + 1];
extern const struct nla_policy sluice_prefixes_nl_policy[SLUICE_A_PREFIXES_PREFIX + 1];
extern const struct nla_policy sluice_rule_nl_policy[SLUICE_A_RULE_PAD + 1];
extern const struct nla_policy sluice_service_nl_policy[SLUICE_A_SERVICE_AFFINITY_GROUP + 1];
extern const struct nla_policy sluice_settings_nl_policy[SLUICE_A_SETTINGS_POLICY_AUDIT + 1];
extern const struct nla_policy sluice_subject_nl_policy[SLUICE_A_SUBJECT_ESTABLISHED + 1];
extern const struct nla_policy sluice_tuple_nl_policy[SLUICE_A_TUPLE_DPORT + 1];

/* Global operation policy for sluice */
extern const struct nla_policy sluice_main_nl_policy[SLUICE_A_DEVICE + 1];

/* Ops table for sluice */
extern const struct genl_small_ops sluice_nl_ops[30];

int sluice_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_service_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int sluice_nl_service_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_backend_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_backend_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_backend_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_backend_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int sluice_nl_backend_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_flow_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int sluice_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_flow_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_transaction_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_explain_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_identity_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_identity_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_identity_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);
int sluice_nl_identity_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_rule_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_rule_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_rule_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int sluice_nl_subject_set_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_subject_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int sluice_nl_policy_flush_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_device_new_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_device_del_doit(struct sk_buff *skb, struct genl_info *info);
int sluice_nl_device_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int sluice_nl_device_flush_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	SLUICE_NLGRP_CONFIG,
	SLUICE_NLGRP_EVENTS,
	SLUICE_NLGRP_FLOWS,
};

#endif /* _LINUX_SLUICE_GEN_H */
