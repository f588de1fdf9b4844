// SPDX-License-Identifier: GPL-2.0
/*
 * Pickers: immutable views of a service, built at each change of its options
 * or backends and swapped in whole.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "alloc.h"
#include "backend.h"
#include "sched.h"

static const struct sluice_sched *const scheds[] = {
	[SLUICE_SCHEDULER_RANDOM] = &sluice_sched_random,
	[SLUICE_SCHEDULER_RR] = &sluice_sched_rr,
	[SLUICE_SCHEDULER_WRR] = &sluice_sched_wrr,
	[SLUICE_SCHEDULER_MAGLEV] = &sluice_sched_maglev,
	[SLUICE_SCHEDULER_LC] = &sluice_sched_lc,
	[SLUICE_SCHEDULER_WLC] = &sluice_sched_wlc,
	[SLUICE_SCHEDULER_SH] = &sluice_sched_sh,
};

static_assert(ARRAY_SIZE(scheds) == SLUICE_SCHEDULER_MAX + 1);

/**
 * struct choice - who is a candidate
 * @state: backends in this state
 * @local: on this node only
 * @relayed: whoever may have been chosen elsewhere, where the tables of a moment
 *	ago may hold; @state is without effect
 * @count: how many there are
 */
struct choice {
	u8 state;
	bool local;
	bool relayed;
	u32 count;
};

static bool is_candidate(const struct sluice_backend *backend,
			 const struct choice *choice)
{
	if (backend->gone || (choice->local && !backend->next.local))
		return false;
	if (choice->relayed)
		return backend->next.state != SLUICE_BACKEND_STATE_DOWN;
	return backend->next.weight && backend->next.state == choice->state;
}

static u32 count_candidates(const struct sluice_service *service,
			    const struct choice *choice)
{
	const struct sluice_backend *backend;
	u32 count = 0;

	list_for_each_entry(backend, &service->backends, list)
		count += is_candidate(backend, choice);
	return count;
}

/* Draining backends still serve: better they than nobody. */
static void find_choice(const struct sluice_service *service, bool local,
			struct choice *choice)
{
	choice->local = local;
	choice->relayed = false;
	choice->state = SLUICE_BACKEND_STATE_ACTIVE;
	choice->count = count_candidates(service, choice);
	if (choice->count)
		return;
	choice->state = SLUICE_BACKEND_STATE_DRAINING;
	choice->count = count_candidates(service, choice);
}

static int fill_candidates(struct sluice_candidates *candidates,
			   const struct sluice_service *service,
			   const struct choice *choice,
			   const struct sluice_sched *sched)
{
	struct sluice_backend *backend;
	u32 i = 0;

	candidates->count = choice->count;
	list_for_each_entry(backend, &service->backends, list)
		if (is_candidate(backend, choice))
			candidates->backends[i++] = backend;
	return i && sched && sched->prepare ? sched->prepare(candidates) : 0;
}

/* @sched: by which one of them is chosen, or NULL */
static int build_candidates(struct sluice_candidates **candidates,
			    const struct sluice_service *service,
			    const struct choice *choice,
			    const struct sluice_sched *sched)
{
	*candidates = sluice_alloc(struct_size(*candidates, backends,
					       choice->count));
	if (!*candidates)
		return -ENOMEM;
	return fill_candidates(*candidates, service, choice, sched);
}

static int build_local(struct sluice_picker *picker,
		       const struct sluice_service *service)
{
	struct choice choice;

	if (picker->opts.traffic_policy != SLUICE_TRAFFIC_POLICY_LOCAL)
		return 0;

	find_choice(service, true, &choice);
	return build_candidates(&picker->local, service, &choice,
				picker->sched);
}

static int build_relayed(struct sluice_picker *picker,
			 const struct sluice_service *service)
{
	struct choice choice = { .local = true, .relayed = true };

	if (picker->opts.forward != SLUICE_FORWARD_RELAY)
		return 0;

	choice.count = count_candidates(service, &choice);
	return build_candidates(&picker->unchanged->relayed, service, &choice,
				NULL);
}

static int build_unchanged(struct sluice_picker *picker,
			   const struct sluice_service *service)
{
	if (picker->opts.forward == SLUICE_FORWARD_NAT)
		return 0;

	picker->unchanged = sluice_alloc(sizeof(*picker->unchanged));
	if (!picker->unchanged)
		return -ENOMEM;
	return build_relayed(picker, service);
}

static void candidates_fini(struct sluice_candidates *candidates)
{
	sluice_free(candidates->weight_sums);
	sluice_free(candidates->slots);
}

/* @candidates: made by build_candidates(), or NULL */
static void candidates_free(struct sluice_candidates *candidates)
{
	if (candidates)
		candidates_fini(candidates);
	sluice_free(candidates);
}

static void unchanged_free(struct sluice_unchanged *unchanged)
{
	if (unchanged)
		candidates_free(unchanged->relayed);
	sluice_free(unchanged);
}

static void picker_free(struct sluice_picker *picker)
{
	sluice_ranges_put(picker->opts.ranges);
	candidates_free(picker->local);
	unchanged_free(picker->unchanged);
	candidates_fini(&picker->all);
	sluice_free(picker);
}

/**
 * sluice_picker_build() - collect a service's options and candidates
 * @service: service; the caller holds the configuration lock
 * @since: revision from which they hold
 *
 * Process context, may sleep.
 *
 * Return: the picker, or NULL if there is no memory.
 */
struct sluice_picker *sluice_picker_build(const struct sluice_service *service,
					  unsigned long since)
{
	struct sluice_picker *picker;
	struct choice choice;

	find_choice(service, false, &choice);
	picker = sluice_alloc(struct_size(picker, all.backends, choice.count));
	if (!picker)
		return NULL;

	picker->since = since;
	sluice_service_opts_replace(&picker->opts, &service->opts);
	picker->sched = scheds[picker->opts.scheduler];
	if (fill_candidates(&picker->all, service, &choice, picker->sched) ||
	    build_local(picker, service) || build_unchanged(picker, service)) {
		picker_free(picker);
		return NULL;
	}
	return picker;
}

static void free_rcu(struct rcu_head *rcu)
{
	picker_free(container_of(rcu, struct sluice_picker, rcu));
}

/* Free @picker, which may be NULL, once no reader can see it any more. */
void sluice_picker_free_later(struct sluice_picker *picker)
{
	if (picker)
		call_rcu(&picker->rcu, free_rcu);
}

/* Who may be chosen; @local: the client is one whom a traffic policy is about. */
const struct sluice_candidates *
sluice_picker_candidates(const struct sluice_picker *picker, bool local)
{
	return local && picker->local ? picker->local : &picker->all;
}

/**
 * sluice_picker_choose() - the backend for a new flow
 * @picker: from sluice_service_picker()
 * @tuple: the client's
 * @local: the client is one whom a traffic policy is about
 * @turn: from sluice_service_take_turn()
 *
 * The caller holds rcu_read_lock().
 *
 * Return: a backend with a reference taken, or NULL if there is no candidate.
 */
struct sluice_backend *
sluice_picker_choose(const struct sluice_picker *picker,
		     const struct sluice_tuple *tuple, bool local, u32 turn)
{
	const struct sluice_candidates *candidates;
	struct sluice_backend *backend;

	candidates = sluice_picker_candidates(picker, local);
	if (!candidates->count)
		return NULL;

	backend = candidates->backends[picker->sched->pick(candidates, tuple,
							   turn)];
	sluice_backend_get(backend);
	return backend;
}

/* The first with the address, and the port unless that is 0; with a reference */
static struct sluice_backend *find(const struct sluice_candidates *candidates,
				   const union nf_inet_addr *addr, __be16 port)
{
	struct sluice_backend *backend;
	u32 i;

	for (i = 0; i < candidates->count; i++) {
		backend = candidates->backends[i];
		if (!nf_inet_addr_cmp(&backend->addr.addr, addr) ||
		    (port && backend->addr.port != port))
			continue;
		sluice_backend_get(backend);
		return backend;
	}
	return NULL;
}

/**
 * sluice_picker_find() - a candidate by its address
 * @picker: from sluice_service_picker()
 * @addr: address and port
 * @any_port: the address alone counts
 * @local: as for sluice_picker_choose()
 *
 * The caller holds rcu_read_lock().
 *
 * Return: a backend with a reference taken, or NULL if none is a candidate.
 */
struct sluice_backend *
sluice_picker_find(const struct sluice_picker *picker,
		   const struct sluice_l4addr *addr, bool any_port, bool local)
{
	return find(sluice_picker_candidates(picker, local), &addr->addr,
		    any_port ? 0 : addr->port);
}

/**
 * sluice_picker_find_relayed() - a backend of this node by its address
 * @picker: from sluice_service_picker()
 * @addr: address; of several ports that it may have one is taken
 *
 * The caller holds rcu_read_lock().
 *
 * Return: a backend with a reference taken, or NULL if there is none that other
 * nodes may send to.
 */
struct sluice_backend *
sluice_picker_find_relayed(const struct sluice_picker *picker,
			   const union nf_inet_addr *addr)
{
	const struct sluice_unchanged *unchanged = picker->unchanged;

	return unchanged && unchanged->relayed ?
	       find(unchanged->relayed, addr, 0) : NULL;
}

static bool all_weigh_the_same(const struct sluice_candidates *candidates)
{
	u32 i;

	for (i = 1; i < candidates->count; i++)
		if (candidates->backends[i]->next.weight !=
		    candidates->backends[0]->next.weight)
			return false;
	return true;
}

/* Fill in weight_sums if weights differ; 0 or -ENOMEM. */
int sluice_candidates_sum_weights(struct sluice_candidates *candidates)
{
	u32 sum = 0, i;

	if (all_weigh_the_same(candidates))
		return 0;

	candidates->weight_sums = sluice_alloc_array(candidates->count, sizeof(u32));
	if (!candidates->weight_sums)
		return -ENOMEM;

	for (i = 0; i < candidates->count; i++) {
		sum += candidates->backends[i]->next.weight;
		candidates->weight_sums[i] = sum;
	}
	return 0;
}

/* The first candidate whose weight sum exceeds @point: a binary search. */
u32 sluice_candidates_at_weight(const struct sluice_candidates *candidates,
				u32 point)
{
	u32 low = 0, high = candidates->count - 1;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (candidates->weight_sums[middle] > point)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
