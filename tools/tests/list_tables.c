// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints the library's tables, to be compared with the specification.
 */
#include <stdio.h>

#include "libsluice.h"

static void list_attrs(const char *name, const struct sluice_attr_set *set)
{
	unsigned int type;

	for (type = 1; type <= set->max; type++)
		if (set->attr[type].name)
			printf("%s %u %s\n", name, type,
			       set->attr[type].name);
}

static void list_names(const char *name, const struct sluice_name *names)
{
	for (; names->name; names++)
		printf("%s %u %s\n", name, names->value, names->name);
}

int main(void)
{
	list_attrs("main", &sluice_main_attrs);
	list_attrs("prefix", &sluice_prefix_attrs);
	list_attrs("prefixes", &sluice_prefixes_attrs);
	list_attrs("service", &sluice_service_attrs);
	list_attrs("backend", &sluice_backend_attrs);
	list_attrs("counters", &sluice_counters_attrs);
	list_attrs("tuple", &sluice_tuple_attrs);
	list_attrs("flow", &sluice_flow_attrs);
	list_attrs("path", &sluice_path_attrs);
	list_attrs("drop", &sluice_drop_attrs);
	list_attrs("stats", &sluice_stats_attrs);
	list_attrs("settings", &sluice_settings_attrs);
	list_attrs("event", &sluice_event_attrs);
	list_attrs("change", &sluice_change_attrs);
	list_attrs("explain", &sluice_explain_attrs);
	list_attrs("identity", &sluice_identity_attrs);
	list_attrs("rule", &sluice_rule_attrs);
	list_attrs("subject", &sluice_subject_attrs);
	list_attrs("judgement", &sluice_judgement_attrs);
	list_attrs("device", &sluice_device_attrs);
	list_attrs("fallback", &sluice_fallback_attrs);
	list_attrs("left", &sluice_left_attrs);
	list_names("scheduler", sluice_schedulers);
	list_names("masquerade", sluice_masquerades);
	list_names("no-backend", sluice_no_backends);
	list_names("removal", sluice_removals);
	list_names("scope", sluice_scopes);
	list_names("traffic-policy", sluice_traffic_policies);
	list_names("forward", sluice_forwards);
	list_names("backend-state", sluice_backend_states);
	list_names("flow-state", sluice_flow_states);
	list_names("drop-reason", sluice_drop_reasons);
	list_names("event-type", sluice_event_types);
	list_names("flow-end", sluice_flow_ends);
	list_names("flow-door", sluice_flow_doors);
	list_names("fallback", sluice_fallback_reasons);
	list_names("short-cut-reason", sluice_short_cut_reasons);
	list_names("fast-path", sluice_fast_paths);
	list_names("path-kind", sluice_path_kinds);
	list_names("device-netfilter", sluice_device_netfilters);
	list_names("change-op", sluice_change_ops);
	list_names("outcome", sluice_outcomes);
	list_names("decided-by", sluice_decided_bys);
	list_names("policy-direction", sluice_policy_directions);
	list_names("policy-tier", sluice_policy_tiers);
	list_names("policy-action", sluice_policy_actions);
	list_names("policy-why", sluice_policy_whys);
	list_names("on-deny", sluice_on_denys);
	list_names("established", sluice_establisheds);
	list_names("policy-tcp", sluice_policy_tcps);
	list_names("policy-node-traffic", sluice_policy_node_traffics);
	return 0;
}
