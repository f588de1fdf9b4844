// SPDX-License-Identifier: GPL-2.0
/*
 * Services whose address answers echo requests.
 */
#include <linux/rhashtable.h>

#include "alloc.h"
#include "sched.h"
#include "service.h"

/**
 * struct sluice_echo - a service that wants echo requests answered
 * @node: in &struct sluice_service_table.echoes
 * @addr: key: that of @service, without port and protocol
 * @service: who; its end comes with this one's, a grace period later
 * @rcu: for the deferred freeing
 */
struct sluice_echo {
	struct rhlist_head node;
	struct sluice_l4addr addr;
	struct sluice_service *service;
	struct rcu_head rcu;
};

static const struct rhashtable_params echo_params = {
	.head_offset = offsetof(struct sluice_echo, node),
	.key_offset = offsetof(struct sluice_echo, addr),
	.key_len = sizeof(struct sluice_l4addr),
	.automatic_shrinking = true,
};

int sluice_service_echo_init(struct sluice_service_table *table)
{
	return rhltable_init(&table->echoes, &echo_params);
}

void sluice_service_echo_fini(struct sluice_service_table *table)
{
	rhltable_destroy(&table->echoes);
}

static struct sluice_l4addr address_of(const struct sluice_l4addr *addr)
{
	return (struct sluice_l4addr) {
		.addr = addr->addr, .family = addr->family,
	};
}

/**
 * sluice_service_echo_on() - echo requests to a service's address are ours
 * @table: table; the caller holds the configuration lock
 * @service: service that has not asked for it before
 *
 * Services of one address may ask together. Process context, may sleep.
 *
 * Return: 0 or -errno.
 */
int sluice_service_echo_on(struct sluice_service_table *table,
			   struct sluice_service *service)
{
	struct sluice_echo *echo;
	int err;

	echo = sluice_alloc(sizeof(*echo));
	if (!echo)
		return -ENOMEM;

	echo->addr = address_of(&service->addr);
	echo->service = service;
	err = rhltable_insert(&table->echoes, &echo->node, echo_params);
	if (err)
		sluice_free(echo);
	return err;
}

static struct sluice_echo *find_echo(struct sluice_service_table *table,
				     const struct sluice_service *service)
{
	struct sluice_l4addr addr = address_of(&service->addr);
	struct rhlist_head *list, *pos;
	struct sluice_echo *echo;

	list = rhltable_lookup(&table->echoes, &addr, echo_params);
	rhl_for_each_entry_rcu(echo, pos, list, node)
		if (echo->service == service)
			return echo;
	return NULL;
}

/* Take back sluice_service_echo_on(). */
void sluice_service_echo_off(struct sluice_service_table *table,
			     struct sluice_service *service)
{
	struct sluice_echo *echo;

	rcu_read_lock();
	echo = find_echo(table, service);
	rcu_read_unlock();
	if (WARN_ON_ONCE(!echo))
		return;
	rhltable_remove(&table->echoes, &echo->node, echo_params);
	sluice_free_rcu(echo, rcu);
}

static const struct sluice_picker *
echoing_picker(const struct sluice_service *service, unsigned long revision)
{
	const struct sluice_picker *picker;

	if (!sluice_service_visible(service, revision))
		return NULL;
	picker = sluice_service_picker(service, revision);
	return picker->opts.echo ? picker : NULL;
}

/**
 * sluice_service_echo_find() - whether services answer echo requests
 * @table: table
 * @to: an address; its port and protocol do not matter
 * @revision: from sluice_service_table_revision()
 * @allows: whether a service with these options lets the client use it
 * @arg: for @allows
 *
 * One that lets it is enough. The caller holds rcu_read_lock().
 */
enum sluice_echo_answer
sluice_service_echo_find(struct sluice_service_table *table,
			 const struct sluice_l4addr *to, unsigned long revision,
			 bool (*allows)(const struct sluice_service_opts *opts,
					const void *arg),
			 const void *arg)
{
	enum sluice_echo_answer answer = SLUICE_ECHO_UNASKED;
	struct sluice_l4addr addr = address_of(to);
	const struct sluice_picker *picker;
	struct rhlist_head *list, *pos;
	struct sluice_echo *echo;

	list = rhltable_lookup(&table->echoes, &addr, echo_params);
	rhl_for_each_entry_rcu(echo, pos, list, node) {
		picker = echoing_picker(echo->service, revision);
		if (!picker)
			continue;
		if (allows(&picker->opts, arg))
			return SLUICE_ECHO_ANSWERED;
		answer = SLUICE_ECHO_REFUSED;
	}
	return answer;
}
