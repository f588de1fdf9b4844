// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A namespace in memory behind the library's interface. It keeps the rules
 * that matter to transactions: all or nothing, flags mean what they mean, a
 * backend needs its service, and after replace-all there is nothing, after
 * policy-replace-all no policy.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "cli.h"
#include "fake_kernel.h"
#include "key.h"
#include "load.h"
#include "name.h"
#include "rule.h"
#include "tx.h"

struct fake_kernel fake_kernel;

void fake_kernel_reset(void)
{
	config_free(&fake_kernel.state);
	memset(&fake_kernel, 0, sizeof(fake_kernel));
}

/* Begin with the configuration of a saved file, which has no mistake. */
void fake_kernel_load(const char *text)
{
	FILE *file = fmemopen((char *)text, strlen(text), "r");
	struct words complaint = { NULL };
	struct load load = { .keep = false };
	struct sluice_error err;

	fake_kernel_reset();
	if (load_file(file, &load, &complaint) ||
	    sluice_tx_commit(NULL, load.tx, &err)) {
		fprintf(stderr, "the fake's file: %s%s\n", complaint.error,
			*complaint.error ? "" : err.text);
		abort();
	}
	fclose(file);
	load_free(&load);
	fake_kernel.writes = 0;
}

static struct sluice_rule *add_rule(struct config *config)
{
	return list_add(&config->rules, sizeof(struct sluice_rule));
}

static struct sluice_subject *add_subject(struct config *config)
{
	return list_add(&config->subjects, sizeof(struct sluice_subject));
}

static void copy_config(struct config *to, const struct config *from)
{
	size_t i;

	memset(to, 0, sizeof(*to));
	for (i = 0; i < from->services.count; i++)
		config_copy_service(to, list_at(&from->services, i));
	for (i = 0; i < from->backends.count; i++)
		*config_add_backend(to) = *(struct config_backend *)
					  list_at(&from->backends, i);
	for (i = 0; i < from->identities.count; i++)
		config_copy_identity(to, list_at(&from->identities, i));
	for (i = 0; i < from->rules.count; i++)
		*add_rule(to) = *(struct sluice_rule *)
				list_at(&from->rules, i);
	for (i = 0; i < from->subjects.count; i++)
		*add_subject(to) = *(struct sluice_subject *)
				   list_at(&from->subjects, i);
	for (i = 0; i < from->devices.count; i++)
		config_copy_device(to, list_at(&from->devices, i));
	config_copy_settings(to, &from->settings);
}

static int refuse(struct sluice_error *err, int code, const char *text)
{
	sluice_error_set(err, code, "%s", text);
	return code;
}

static int check_flags(bool exists, unsigned int flags,
		       struct sluice_error *err)
{
	if (exists && !(flags & SLUICE_CHANGE_FLAG_REPLACE))
		return refuse(err, -EEXIST, "exists already");
	if (!exists && !(flags & SLUICE_CHANGE_FLAG_CREATE))
		return refuse(err, -ENOENT, "does not exist");
	return 0;
}

static struct sluice_service *find_service(const struct sluice_service *key)
{
	return config_find_service(&fake_kernel.state, key);
}

static struct config_backend *find_backend(const struct sluice_service *of,
					   const struct sluice_backend *key)
{
	const struct config_backend wanted = { *of, *key };

	return config_find_backend(&fake_kernel.state, &wanted);
}

/* What a new object has of what was not said. */
static void set_presets(const struct sluice_attr_set *set, void *obj,
			uint32_t mask)
{
	uint32_t *has = obj;
	unsigned int type;

	for (type = 1; type <= set->max; type++)
		if (mask & ~*has & SLUICE_HAS(type))
			sluice_attr_set_number(&set->attr[type], obj,
					       set->attr[type].preset);
	*has |= mask;
}

/* What was not said stays. */
static void set_numbers(const struct sluice_attr_set *set, void *obj,
			const void *from)
{
	uint32_t has = *(const uint32_t *)from;
	unsigned int type;

	for (type = 1; type <= set->max; type++) {
		const struct sluice_attr *attr = &set->attr[type];

		if (has & SLUICE_HAS(type))
			sluice_attr_set_number(attr, obj,
					       sluice_attr_number(attr, from));
	}
}

static int new_service(struct sluice_service *service, unsigned int flags,
		       struct sluice_error *err)
{
	struct sluice_service *there = find_service(service);
	int ret = check_flags(there, flags, err);

	if (ret)
		return ret;
	set_presets(&sluice_service_attrs, service, SLUICE_SERVICE_CONFIG);
	if (there)
		service_free(there);
	else
		there = config_add_service(&fake_kernel.state);
	*there = *service;
	sluice_prefixes_copy(&there->allow, &service->allow);
	sluice_prefixes_copy(&there->deny, &service->deny);
	config_sort(&fake_kernel.state);
	return 0;
}

static int new_backend(const struct sluice_service *service,
		       struct sluice_backend *backend, unsigned int flags,
		       struct sluice_error *err)
{
	struct config_backend *entry = find_backend(service, backend);
	int ret = 0;

	if (!find_service(service))
		ret = refuse(err, -ENOENT, "no such service");
	if (!ret && backend->weight > 65535)
		ret = refuse(err, -ERANGE, "weight is too great");
	if (!ret)
		ret = check_flags(entry, flags, err);
	if (ret)
		return ret;
	set_presets(&sluice_backend_attrs, backend, SLUICE_BACKEND_CONFIG);
	if (!entry)
		entry = config_add_backend(&fake_kernel.state);
	entry->of = *service;
	entry->backend = *backend;
	config_sort(&fake_kernel.state);
	return 0;
}

static int identity_order(const void *a, const void *b)
{
	return identity_compare(a, b);
}

/* Unlike a service it is replaced as a whole. */
static int new_identity(const struct sluice_identity *identity,
			unsigned int flags, struct sluice_error *err)
{
	struct sluice_identity *there;
	int ret;

	there = list_find(&fake_kernel.state.identities, identity,
			  identity_order);
	ret = check_flags(there, flags, err);
	if (ret)
		return ret;
	if (!there)
		there = list_add(&fake_kernel.state.identities,
				 sizeof(*there));
	identity_free(there);
	*there = *identity;
	there->has |= SLUICE_IDENTITY_CONFIG;
	sluice_prefixes_copy(&there->except, &identity->except);
	config_sort(&fake_kernel.state);
	return 0;
}

static int rule_order(const void *a, const void *b)
{
	return rule_compare(a, b);
}

/* Replaced as a whole, too, and with counters that can be told apart. */
static int new_rule(struct sluice_rule *rule, unsigned int flags,
		    struct sluice_error *err)
{
	struct config *state = &fake_kernel.state;
	struct sluice_rule *there;
	int ret;

	if ((rule->has & SLUICE_HAS(SLUICE_A_RULE_PORT_FIRST)) &&
	    !(rule->has & SLUICE_HAS(SLUICE_A_RULE_PORT_LAST)))
		rule->port_last = rule->port_first;
	if (rule->has & SLUICE_HAS(SLUICE_A_RULE_PORT_FIRST))
		rule->has |= SLUICE_HAS(SLUICE_A_RULE_PORT_LAST);
	set_presets(&sluice_rule_attrs, rule,
		    SLUICE_RULE_CONFIG | SLUICE_RULE_COUNTERS |
		    SLUICE_HAS(SLUICE_A_RULE_TIER) |
		    SLUICE_HAS(SLUICE_A_RULE_PRIORITY));
	there = list_find(&state->rules, rule, rule_order);
	ret = check_flags(there, flags, err);
	if (!ret && rule->priority > 65535)
		ret = refuse(err, -ERANGE, "priority is too great");
	if (ret)
		return ret;
	rule->flows = 1000 + state->rules.count;
	rule->packets = 2000 + state->rules.count;
	rule->bytes = 3000 + state->rules.count;
	*(there ? there : add_rule(state)) = *rule;
	config_sort(state);
	return 0;
}

static int subject_order(const void *a, const void *b)
{
	return subject_compare(a, b);
}

static void set_subject(const struct sluice_subject *subject)
{
	struct config *state = &fake_kernel.state;
	struct sluice_subject *there;

	there = list_find(&state->subjects, subject, subject_order);
	if (!there)
		there = add_subject(state);
	set_numbers(&sluice_subject_attrs, there, subject);
	there->has = SLUICE_SUBJECT_KEY | SLUICE_SUBJECT_CONFIG;
	config_sort(state);
}

static int device_order(const void *a, const void *b)
{
	return device_compare(a, b);
}

static struct sluice_device *find_device(const struct sluice_device *key)
{
	return list_find(&fake_kernel.state.devices, key, device_order);
}

/* As a new one has it, where nothing is said of it */
static void set_device_presets(struct sluice_device *device)
{
	if (!(device->has & SLUICE_HAS(SLUICE_A_DEVICE_FAST_PATH)))
		device->fast_path = 1;
	device->has |= SLUICE_DEVICE_CONFIG;
}

/* Two of the reasons */
static void set_device_stats(struct sluice_device *device, uint32_t number)
{
	struct sluice_device_fallbacks *list = &device->fallbacks;

	device->has |= SLUICE_HAS(SLUICE_A_DEVICE_DROPS) |
		       SLUICE_HAS(SLUICE_A_DEVICE_SENT) |
		       SLUICE_HAS(SLUICE_A_DEVICE_PODS) |
		       SLUICE_HAS(SLUICE_A_DEVICE_HANDED_OVER) |
		       SLUICE_HAS(SLUICE_A_DEVICE_REDIRECTED) |
		       SLUICE_HAS(SLUICE_A_DEVICE_SEGMENTS) |
		       SLUICE_HAS(SLUICE_A_DEVICE_SOCKETS);
	device->drops = 4000 + number;
	device->sent = 5000 + number;
	device->pods = number == 2;
	device->handed_over = device->pods ? 7000 + number : 0;
	device->redirected = device->pods ? 8000 + number : 0;
	device->segments = device->pods ? 9000 + number : 0;
	device->sockets = device->pods ? 100 + number : 0;
	device->lefts.count = 2;
	device->lefts.left[0].reason = SLUICE_SHORT_CUT_REASON_FLOW;
	device->lefts.left[1].reason = SLUICE_SHORT_CUT_REASON_SEEN;
	device->lefts.left[1].segments = device->pods ? 50 + number : 0;
	list->count = 2;
	list->fallback[0].reason = SLUICE_FALLBACK_HEADER;
	list->fallback[0].packets = 0;
	list->fallback[1].reason = SLUICE_FALLBACK_TTL;
	list->fallback[1].packets = 6000 + number;
}

/* What was not said stays. */
static void update_device(struct sluice_device *there,
			  const struct sluice_device *device)
{
	set_numbers(&sluice_device_attrs, there, device);
	if (!(device->has & SLUICE_HAS(SLUICE_A_DEVICE_ADDRESSES)))
		return;
	sluice_prefixes_free(&there->addresses);
	sluice_prefixes_copy(&there->addresses, &device->addresses);
}

/* There are those that are named after it, with counters to tell apart. */
static int new_device(struct sluice_device *device, unsigned int flags,
		      struct sluice_error *err)
{
	struct config *state = &fake_kernel.state;
	struct sluice_device *there = find_device(device);
	int ret = check_flags(there, flags, err);

	if (ret)
		return ret;
	if (there) {
		update_device(there, device);
		return 0;
	}
	set_device_presets(device);
	set_device_stats(device, state->devices.count);
	device->has |= SLUICE_HAS(SLUICE_A_DEVICE_IFINDEX) |
		       SLUICE_HAS(SLUICE_A_DEVICE_ATTACHED);
	device->attached = strncmp(device->name, "veth", 4) ? 0 : 1;
	device->ifindex = strchr(device->name, '*') ? 0 : device->attached * 7;
	config_copy_device(state, device);
	config_sort(state);
	return 0;
}

static int del_device(const struct sluice_device *key,
		      struct sluice_error *err)
{
	struct list *devices = &fake_kernel.state.devices;
	struct sluice_device *there = find_device(key);

	if (!there)
		return refuse(err, -ENOENT, "no such device");
	device_free(there);
	*there = *(struct sluice_device *)list_at(devices, --devices->count);
	config_sort(&fake_kernel.state);
	return 0;
}

static void flush_devices(void)
{
	struct list *devices = &fake_kernel.state.devices;

	while (devices->count)
		device_free(list_at(devices, --devices->count));
}

static void set_settings(const struct sluice_settings *settings)
{
	struct sluice_settings *now = &fake_kernel.state.settings;

	set_numbers(&sluice_settings_attrs, now, settings);
	if (settings->has & SLUICE_HAS(SLUICE_A_SETTINGS_POD_PREFIXES)) {
		sluice_prefixes_free(&now->pod_prefixes);
		sluice_prefixes_copy(&now->pod_prefixes,
				     &settings->pod_prefixes);
	}
	now->has |= settings->has;
}

/* So that they are not the message's any more. */
static void copy_lists(struct sluice_msg *msg)
{
	struct sluice_settings *settings = &msg->settings;
	struct sluice_service *service = &msg->service;

	sluice_prefixes_copy(&service->allow, &service->allow);
	sluice_prefixes_copy(&service->deny, &service->deny);
	sluice_prefixes_copy(&settings->node_port_addresses,
			     &settings->node_port_addresses);
	sluice_prefixes_copy(&settings->pod_prefixes, &settings->pod_prefixes);
	sluice_prefixes_copy(&msg->identity.except, &msg->identity.except);
	sluice_prefixes_copy(&msg->device.addresses, &msg->device.addresses);
}

/* The objects of a change have the numbers of those of a message. */
static void decode_change(const struct nlattr *nest, struct sluice_msg *msg,
			  uint32_t *op, uint32_t *flags)
{
	struct nlmsghdr *nlh = calloc(1, mnl_attr_get_len(nest) + 64);
	const struct nlattr *attr;

	mnl_nlmsg_put_header(nlh);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	*flags = 0;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == SLUICE_A_CHANGE_OP)
			*op = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == SLUICE_A_CHANGE_FLAGS)
			*flags = mnl_attr_get_u32(attr);
		else
			mnl_attr_put(nlh, attr->nla_type,
				     mnl_attr_get_payload_len(attr),
				     mnl_attr_get_payload(attr));
	}
	memset(msg, 0, sizeof(*msg));
	sluice_decode(nlh, msg);
	copy_lists(msg);
	free(nlh);
}

static void config_clear_policy(struct config *config)
{
	size_t i;

	for (i = 0; i < config->identities.count; i++)
		identity_free(list_at(&config->identities, i));
	list_free(&config->identities);
	list_free(&config->rules);
	list_free(&config->subjects);
}

static int do_change(struct sluice_msg *msg, uint32_t op, uint32_t flags,
		     struct sluice_error *err)
{
	switch (op) {
	case SLUICE_CHANGE_OP_REPLACE_ALL:
		config_clear(&fake_kernel.state);
		return 0;
	case SLUICE_CHANGE_OP_POLICY_REPLACE_ALL:
		config_clear_policy(&fake_kernel.state);
		return 0;
	case SLUICE_CHANGE_OP_SETTINGS_SET:
		set_settings(&msg->settings);
		return 0;
	case SLUICE_CHANGE_OP_SERVICE_NEW:
		return new_service(&msg->service, flags, err);
	case SLUICE_CHANGE_OP_BACKEND_NEW:
		return new_backend(&msg->service, &msg->backend, flags, err);
	case SLUICE_CHANGE_OP_IDENTITY_NEW:
		return new_identity(&msg->identity, flags, err);
	case SLUICE_CHANGE_OP_RULE_NEW:
		return new_rule(&msg->rule, flags, err);
	case SLUICE_CHANGE_OP_SUBJECT_SET:
		set_subject(&msg->subject);
		return 0;
	case SLUICE_CHANGE_OP_DEVICE_NEW:
		return new_device(&msg->device, flags, err);
	case SLUICE_CHANGE_OP_DEVICE_DEL:
		return del_device(&msg->device, err);
	case SLUICE_CHANGE_OP_DEVICE_FLUSH:
		flush_devices();
		return 0;
	default:
		return refuse(err, -EOPNOTSUPP, "not in the fake");
	}
}

int sluice_tx_commit(struct sluice_sock *sock, struct sluice_tx *tx,
		     struct sluice_error *err)
{
	const struct nlattr *nest;
	unsigned int change = 0;
	struct sluice_msg msg;
	struct config before;
	uint32_t op, flags;
	int ret = 0;

	(void)sock;
	copy_config(&before, &fake_kernel.state);
	mnl_attr_for_each(nest, tx->nlh, sizeof(struct genlmsghdr)) {
		change++;
		decode_change(nest, &msg, &op, &flags);
		ret = change == fake_kernel.fail_at ?
		      refuse(err, -ENOMEM, "the fake is told to refuse this") :
		      do_change(&msg, op, flags, err);
		service_free(&msg.service);
		settings_free(&msg.settings);
		identity_free(&msg.identity);
		device_free(&msg.device);
		if (ret)
			break;
	}
	fake_kernel.writes++;
	if (!ret) {
		config_free(&before);
		return 0;
	}
	err->change = change;
	config_free(&fake_kernel.state);
	fake_kernel.state = before;
	return ret;
}

int sluice_open(struct sluice_sock **sock, struct sluice_error *err)
{
	(void)err;
	*sock = NULL;
	return 0;
}

void sluice_close(struct sluice_sock *sock)
{
	(void)sock;
}

int sluice_service_dump(struct sluice_sock *sock, sluice_msg_fn fn, void *arg,
			struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)err;
	for (i = 0; i < fake_kernel.state.services.count; i++) {
		msg.service = *(struct sluice_service *)
			      list_at(&fake_kernel.state.services, i);
		fn(&msg, arg);
	}
	return 0;
}

int sluice_backend_dump(struct sluice_sock *sock,
			const struct sluice_service *service,
			sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)err;
	for (i = 0; i < fake_kernel.state.backends.count; i++) {
		const struct config_backend *entry;

		entry = list_at(&fake_kernel.state.backends, i);
		msg.service = entry->of;
		if (service && service_compare(service, &msg.service))
			continue;
		msg.backend = entry->backend;
		fn(&msg, arg);
	}
	return 0;
}

int sluice_identity_dump(struct sluice_sock *sock,
			 const struct sluice_prefix *prefix,
			 sluice_msg_fn fn, void *arg,
			 struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)err;
	for (i = 0; i < fake_kernel.state.identities.count; i++) {
		msg.identity = *(struct sluice_identity *)
			       list_at(&fake_kernel.state.identities, i);
		if (!prefix ||
		    (prefix->len == msg.identity.prefix.len &&
		     !addr_compare(&prefix->addr, &msg.identity.prefix.addr)))
			fn(&msg, arg);
	}
	return 0;
}

int sluice_rule_dump(struct sluice_sock *sock, const uint32_t *subject,
		     sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)err;
	for (i = 0; i < fake_kernel.state.rules.count; i++) {
		msg.rule = *(struct sluice_rule *)
			   list_at(&fake_kernel.state.rules, i);
		if (!subject || *subject == msg.rule.subject)
			fn(&msg, arg);
	}
	return 0;
}

/* As the kernel, it has forgotten those that are treated as by default. */
int sluice_subject_dump(struct sluice_sock *sock, const uint32_t *subject,
			sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)err;
	for (i = 0; i < fake_kernel.state.subjects.count; i++) {
		msg.subject = *(struct sluice_subject *)
			      list_at(&fake_kernel.state.subjects, i);
		if (!subject_is_preset(&msg.subject) &&
		    (!subject || *subject == msg.subject.id))
			fn(&msg, arg);
	}
	return 0;
}

/* As a transaction of one change. */
static int change_device(uint32_t op, const struct sluice_device *device,
			 unsigned int flags, struct sluice_error *err)
{
	struct sluice_change change = { .op = op };
	struct sluice_tx *tx;
	int ret;

	if (device) {
		change.has = SLUICE_HAS(SLUICE_A_CHANGE_DEVICE);
		change.device = *device;
	}
	sluice_tx_begin(&tx);
	sluice_tx_add(tx, &change, flags);
	ret = sluice_tx_commit(NULL, tx, err);
	sluice_tx_free(tx);
	return ret;
}

int sluice_device_new(struct sluice_sock *sock,
		      const struct sluice_device *device, unsigned int flags,
		      struct sluice_error *err)
{
	(void)sock;
	return change_device(SLUICE_CHANGE_OP_DEVICE_NEW, device, flags, err);
}

int sluice_device_del(struct sluice_sock *sock,
		      const struct sluice_device *key,
		      struct sluice_error *err)
{
	(void)sock;
	return change_device(SLUICE_CHANGE_OP_DEVICE_DEL, key, 0, err);
}

int sluice_device_flush(struct sluice_sock *sock, struct sluice_error *err)
{
	(void)sock;
	return change_device(SLUICE_CHANGE_OP_DEVICE_FLUSH, NULL, 0, err);
}

int sluice_device_dump(struct sluice_sock *sock,
		       const struct sluice_device *key,
		       sluice_msg_fn fn, void *arg, struct sluice_error *err)
{
	struct sluice_msg msg = { 0 };
	size_t i;

	(void)sock;
	(void)err;
	for (i = 0; i < fake_kernel.state.devices.count; i++) {
		msg.device = *(struct sluice_device *)
			     list_at(&fake_kernel.state.devices, i);
		if (!key || !device_compare(key, &msg.device))
			fn(&msg, arg);
	}
	return 0;
}

int sluice_service_get(struct sluice_sock *sock,
		       const struct sluice_service *key,
		       struct sluice_service *service,
		       struct sluice_error *err)
{
	const struct sluice_service *there = find_service(key);

	(void)sock;
	if (!there)
		return refuse(err, -ENOENT, "no such service");
	*service = *there;
	return 0;
}

int sluice_backend_get(struct sluice_sock *sock,
		       const struct sluice_service *service,
		       const struct sluice_backend *key,
		       struct sluice_backend *backend,
		       struct sluice_error *err)
{
	const struct config_backend *entry = find_backend(service, key);

	(void)sock;
	if (!entry)
		return refuse(err, -ENOENT, "no such backend");
	*backend = entry->backend;
	return 0;
}

int sluice_explain(struct sluice_sock *sock,
		   const struct sluice_explain *question,
		   struct sluice_msg *answer, struct sluice_error *err)
{
	(void)sock;
	(void)err;
	fake_kernel.question = *question;
	*answer = *fake_kernel.answer;
	return 0;
}

int sluice_settings_get(struct sluice_sock *sock,
			struct sluice_settings *settings,
			struct sluice_error *err)
{
	(void)sock;
	(void)err;
	*settings = fake_kernel.state.settings;
	return 0;
}

int sluice_stats_get(struct sluice_sock *sock, struct sluice_stats *stats,
		     struct sluice_error *err)
{
	(void)sock;
	(void)err;
	memset(stats, 0, sizeof(*stats));
	stats->has = SLUICE_HAS(SLUICE_A_STATS_IDENTITIES) |
		     SLUICE_HAS(SLUICE_A_STATS_RULES) |
		     SLUICE_HAS(SLUICE_A_STATS_AUDITED) |
		     SLUICE_HAS(SLUICE_A_STATS_DEVICES) |
		     SLUICE_HAS(SLUICE_A_STATS_DROP);
	stats->identities = fake_kernel.state.identities.count;
	stats->rules = fake_kernel.state.rules.count;
	stats->audited = UINT64_MAX;
	stats->devices = fake_kernel.state.devices.count;
	stats->drops = fake_kernel.drops;
	stats->revision = fake_kernel.writes;
	if (!fake_kernel.reads_changed)
		return 0;
	fake_kernel.reads_changed--;
	stats->revision = UINT64_MAX - fake_kernel.reads_changed;
	fake_kernel.state.settings.flow_limit =
		FAKE_LIMIT + fake_kernel.reads_changed;
	return 0;
}
