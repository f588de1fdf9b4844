// SPDX-License-Identifier: GPL-2.0
/*
 * Identities, against a walk over a plain list of entries: what packets find
 * at each stage of a transaction, and what is left when it is given up.
 */
#include <kunit/test.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../identity_tx.h"
#include "prefixes.h"
#include "random.h"

#define PREFIXES	14
#define NUMBERS		4
#define ENTRIES		(PREFIXES * NUMBERS)
#define EXCEPTS		3
#define POOLS		40
#define TRANSACTIONS	40
#define OPS_MAX		10
#define PROBES		24

#define HOSTS		100000
#define HOSTS_BYTES_MAX	(24 << 20)
#define MANY		10000
#define MANY_BYTES_MAX	(4 << 20)

/**
 * struct model_entry - what an entry should be
 * @exists: whether there is one
 * @cfg: what it is; the list of excepts is @excepts
 * @excepts: where it does not hold
 */
struct model_entry {
	bool exists;
	struct sluice_identity_cfg cfg;
	struct sluice_prefix excepts[EXCEPTS];
};

/**
 * struct model - a plain list of entries
 * @entries: one for each prefix and number
 */
struct model {
	struct model_entry entries[ENTRIES];
};

/**
 * struct identity_test - what a case works on
 * @table: identities
 * @tx: transaction under way
 * @lock: of @table
 * @random: random numbers
 * @revision: that of packets
 * @pool: prefixes of entries
 * @before: what @table held before the transaction
 * @now: as far as the transaction has come
 */
struct identity_test {
	struct sluice_identity_table table;
	struct sluice_identity_tx tx;
	struct mutex lock;
	struct rnd_state random;
	unsigned long revision;
	struct sluice_prefix pool[PREFIXES];
	struct model before;
	struct model now;
};

/* ------------------------------------------------------------------ the oracle */

static bool is_host(const struct sluice_prefix *prefix)
{
	return prefix->len == bits_of(prefix->family);
}

static bool holds_at(const struct model_entry *entry, u8 family,
		     const union nf_inet_addr *addr)
{
	u32 i;

	if (!entry->exists || !prefix_holds(&entry->cfg.prefix, family, addr))
		return false;
	for (i = 0; i < entry->cfg.excepts.count; i++)
		if (prefix_holds(&entry->excepts[i], family, addr))
			return false;
	return true;
}

/* Shorter prefixes do not count. */
static int shortest(const struct model *model, u8 family,
		    const union nf_inet_addr *addr)
{
	const struct model_entry *entry;
	int len = 0;
	u32 i;

	for (i = 0; i < ENTRIES; i++) {
		entry = &model->entries[i];
		if (entry->cfg.exclusive && holds_at(entry, family, addr))
			len = max_t(int, len, entry->cfg.prefix.len);
	}
	return len;
}

/* A bit for each number; of hosts only, or of all. */
static u32 numbers_at(const struct model *model, u8 family,
		      const union nf_inet_addr *addr, bool hosts)
{
	int len = shortest(model, family, addr);
	const struct model_entry *entry;
	u32 numbers = 0, i;

	for (i = 0; i < ENTRIES; i++) {
		entry = &model->entries[i];
		if (entry->cfg.prefix.len >= len &&
		    (!hosts || is_host(&entry->cfg.prefix)) &&
		    holds_at(entry, family, addr))
			numbers |= BIT(entry->cfg.number);
	}
	return numbers;
}

/* ------------------------------------------------------------ what packets see */

static u32 numbers_in(struct kunit *test, const struct sluice_idset *set)
{
	u32 numbers = 0, i;

	if (!set)
		return 0;
	KUNIT_EXPECT_GT(test, set->count, 0U);
	for (i = 0; i < set->count; i++) {
		if (i)
			KUNIT_EXPECT_LT(test, set->ids[i - 1]->number,
					set->ids[i]->number);
		numbers |= BIT(set->ids[i]->number);
	}
	return numbers;
}

static void expect_at(struct kunit *test, const struct model *model,
		      unsigned long revision, u8 family,
		      const union nf_inet_addr *addr)
{
	struct identity_test *t = test->priv;
	struct sluice_identities found;
	u32 hosts, others;

	rcu_read_lock();
	sluice_identity_find(&t->table, family, addr, revision, &found);
	hosts = numbers_in(test, found.sets[0]);
	others = numbers_in(test, found.sets[1]);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, hosts, numbers_at(model, family, addr, true));
	KUNIT_EXPECT_EQ_MSG(test, hosts | others,
			    numbers_at(model, family, addr, false),
			    "%s %pI6", family == AF_INET ? "IPv4" : "IPv6",
			    addr);
}

static const struct sluice_prefix *random_named(struct identity_test *t)
{
	struct model *model = random_one_in(&t->random, 2) ? &t->now :
							     &t->before;
	struct model_entry *entry;

	entry = &model->entries[random_below(&t->random, ENTRIES)];
	if (entry->cfg.excepts.count && random_below(&t->random, 3))
		return &entry->excepts[random_below(&t->random,
						    entry->cfg.excepts.count)];
	return &t->pool[random_below(&t->random, PREFIXES)];
}

/* Who has loaded @revision finds what @model says. */
static void expect_view(struct kunit *test, const struct model *model,
			unsigned long revision)
{
	struct identity_test *t = test->priv;
	const struct sluice_prefix *prefix;
	union nf_inet_addr edges[4];
	u32 i, j;

	for (i = 0; i < PROBES; i++) {
		prefix = random_named(t);
		prefix_edges(prefix, edges);
		for (j = 0; j < ARRAY_SIZE(edges); j++)
			expect_at(test, model, revision, prefix->family,
				  &edges[j]);
	}
}

/* ------------------------------------------------- what the configuration is */

static struct model_entry *model_of(struct model *model,
				    const struct sluice_prefix *prefix,
				    u32 number)
{
	struct model_entry *entry;
	u32 i;

	for (i = 0; i < ENTRIES; i++) {
		entry = &model->entries[i];
		if (entry->cfg.number == number &&
		    entry->cfg.prefix.len == prefix->len &&
		    prefix_within(prefix, &entry->cfg.prefix))
			return entry;
	}
	return NULL;
}

static bool is_same(const struct sluice_identity_entry *entry,
		    const struct model_entry *model)
{
	const struct sluice_prefix *prefix;
	u32 i;

	if (entry->exclusive != model->cfg.exclusive ||
	    entry->except_count != model->cfg.excepts.count)
		return false;
	for (i = 0; i < entry->except_count; i++) {
		prefix = &entry->excepts[i].place->prefix;
		if (prefix->len != model->excepts[i].len ||
		    !prefix_within(prefix, &model->excepts[i]))
			return false;
	}
	return true;
}

/* The table lists @model's entries, each once, by rising id. */
static void expect_list(struct kunit *test, struct model *model)
{
	u32 exist = 0, listed = 0, prefixes = 0, last = 0, i;
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *entry;
	struct model_entry *wanted;

	while ((entry = sluice_identity_entry_next(&t->table, last + 1))) {
		KUNIT_ASSERT_GT(test, entry->id, last);
		last = entry->id;
		listed++;
		wanted = model_of(model, &entry->place->prefix,
				  entry->identity->number);
		KUNIT_ASSERT_NOT_NULL(test, wanted);
		KUNIT_EXPECT_TRUE(test, wanted->exists &&
				  is_same(entry, wanted));
		prefixes += entry->except_count +
			    !is_host(&entry->place->prefix);
	}
	for (i = 0; i < ENTRIES; i++)
		exist += model->entries[i].exists;
	KUNIT_EXPECT_EQ(test, listed, exist);
	KUNIT_EXPECT_EQ(test, t->table.entry_count, exist);
	KUNIT_EXPECT_EQ(test, t->table.prefix_count, prefixes);
}

struct place_check {
	struct kunit *test;
	u32 count;
	u32 users;
};

static void check_place(void *value, void *context)
{
	const struct sluice_identity_place *place = value;
	struct place_check *check = context;
	struct hlist_node *node;

	KUNIT_EXPECT_FALSE(check->test, place->host || place->changed ||
			   place->dirty);
	KUNIT_EXPECT_NULL(check->test, rcu_dereference_raw(place->change));
	hlist_for_each(node, &place->entries)
		check->users++;
	hlist_for_each(node, &place->excepts)
		check->users++;
	check->count++;
}

/* Nothing is left of the transaction, and no place that nothing names. */
static void expect_places(struct kunit *test)
{
	struct sluice_prefix all = { .family = AF_INET };
	struct place_check check = { .test = test };
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *entry;
	unsigned long id;

	sluice_lpm_walk(&t->table.prefixes[0], &all, check_place, &check);
	all.family = AF_INET6;
	sluice_lpm_walk(&t->table.prefixes[1], &all, check_place, &check);
	KUNIT_EXPECT_EQ(test, check.users, t->table.prefix_count);
	xa_for_each(&t->table.ids, id, entry) {
		KUNIT_EXPECT_FALSE(test, entry->touched || entry->named ||
				   entry->born || entry->gone);
		KUNIT_EXPECT_NULL(test,
				  rcu_dereference_raw(entry->place->change));
	}
	KUNIT_EXPECT_LE(test, atomic_read(&t->table.sets.nelems),
			(int)(check.count +
			      atomic_read(&t->table.hosts.nelems)));
}

static void expect_config(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 number, numbers = 0, i;
	struct model_entry *entry;

	expect_list(test, &t->before);
	expect_places(test);
	for (i = 0; i < ENTRIES; i++) {
		entry = &t->before.entries[i];
		numbers |= entry->exists ? BIT(entry->cfg.number) : 0;
	}
	for (number = 1; number <= NUMBERS; number++)
		KUNIT_EXPECT_EQ(test,
				!!sluice_identity_lookup(&t->table, number),
				!!(numbers & BIT(number)));
	expect_view(test, &t->before, t->revision);
}

static void expect_nothing(struct kunit *test)
{
	struct identity_test *t = test->priv;

	sluice_identity_delete_all(&t->table);
	KUNIT_EXPECT_TRUE(test, xa_empty(&t->table.ids));
	KUNIT_EXPECT_EQ(test, t->table.entry_count, 0U);
	KUNIT_EXPECT_EQ(test, t->table.prefix_count, 0U);
	KUNIT_EXPECT_EQ(test, t->table.prefixes[0].bytes, (size_t)0);
	KUNIT_EXPECT_EQ(test, t->table.prefixes[1].bytes, (size_t)0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->table.hosts.nelems), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->table.sets.nelems), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->table.identities.nelems), 0);
}

/* ------------------------------------------------------------------ operations */

/* Within @prefix, and at times a prefix of the pool. */
static void random_except(struct identity_test *t,
			  const struct sluice_prefix *prefix,
			  struct sluice_prefix *except)
{
	u32 bits = bits_of(prefix->family), i;

	*except = t->pool[random_below(&t->random, PREFIXES)];
	if (except->len > prefix->len && prefix_within(except, prefix))
		return;
	*except = *prefix;
	i = prefix->len + random_below(&t->random, bits - prefix->len);
	((u8 *)&except->addr)[i / 8] |= 0x80 >> i % 8;
	prefix_cut(except, prefix->len + 1 +
			   random_below(&t->random, bits - prefix->len));
}

static void random_cfg(struct identity_test *t, struct model_entry *entry)
{
	u32 i;

	entry->cfg.exclusive = random_one_in(&t->random, 4);
	entry->cfg.excepts.count = 0;
	entry->cfg.excepts.list = entry->excepts;
	if (is_host(&entry->cfg.prefix) || random_below(&t->random, 2))
		return;
	entry->cfg.excepts.count = random_below(&t->random, EXCEPTS + 1);
	for (i = 0; i < entry->cfg.excepts.count; i++)
		random_except(t, &entry->cfg.prefix, &entry->excepts[i]);
}

static struct sluice_identity_entry *find(struct kunit *test,
					  const struct model_entry *model)
{
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *entry;

	entry = sluice_identity_tx_find(&t->tx, &model->cfg.prefix,
					model->cfg.number);
	KUNIT_ASSERT_EQ(test, !!entry, model->exists);
	return entry;
}

static void op_new(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;

	find(test, entry);
	if (random_below(&t->random, 4))
		random_cfg(t, entry);
	KUNIT_ASSERT_EQ(test, sluice_identity_tx_new(&t->tx, &entry->cfg), 0);
	entry->exists = true;
}

static void op_del(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;
	struct sluice_identity_entry *real = find(test, entry);

	if (real)
		sluice_identity_tx_del(&t->tx, real);
	entry->exists = false;
}

static void none_exists(struct identity_test *t)
{
	u32 i;

	for (i = 0; i < ENTRIES; i++)
		t->now.entries[i].exists = false;
}

static void op_flush(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;

	sluice_identity_tx_flush(&t->tx);
	none_exists(t);
}

static void op_replace_all(struct kunit *test, struct model_entry *entry)
{
	struct identity_test *t = test->priv;

	sluice_identity_tx_replace_all(&t->tx);
	none_exists(t);
}

static void random_op(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 point = random_below(&t->random, 100);
	struct model_entry *entry;

	entry = &t->now.entries[random_below(&t->random, ENTRIES)];
	if (point < 70)
		op_new(test, entry);
	else if (point < 94)
		op_del(test, entry);
	else if (point < 98)
		op_replace_all(test, entry);
	else
		op_flush(test, entry);
}

/* ---------------------------------------------------------------- transactions */

/* The lists of excepts are in the model itself. */
static void copy_model(struct model *to, const struct model *from)
{
	u32 i;

	*to = *from;
	for (i = 0; i < ENTRIES; i++)
		to->entries[i].cfg.excepts.list = to->entries[i].excepts;
}

static void begin(struct identity_test *t)
{
	copy_model(&t->now, &t->before);
	sluice_identity_tx_begin(&t->tx, &t->table, t->revision + 1);
}

static void abort(struct kunit *test)
{
	struct identity_test *t = test->priv;

	sluice_identity_tx_abort(&t->tx);
	expect_config(test);
}

/* Both revisions can be asked about until the end, then there is one. */
static void commit(struct kunit *test)
{
	struct identity_test *t = test->priv;

	t->revision++;
	expect_list(test, &t->now);
	expect_view(test, &t->before, t->revision - 1);
	expect_view(test, &t->now, t->revision);
	sluice_identity_tx_end(&t->tx);
	expect_view(test, &t->now, t->revision - 1);
	copy_model(&t->before, &t->now);
	expect_config(test);
}

static void random_transaction(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 count = random_below(&t->random, OPS_MAX), i;

	begin(t);
	for (i = 0; i < count; i++) {
		random_op(test);
		expect_view(test, &t->before, t->revision);
	}
	if (random_one_in(&t->random, 6)) {
		abort(test);
		return;
	}
	KUNIT_ASSERT_EQ(test, sluice_identity_tx_prepare(&t->tx), 0);
	expect_view(test, &t->before, t->revision);
	if (random_one_in(&t->random, 4))
		abort(test);
	else
		commit(test);
}

/* Some are hosts, some a whole space, many have to do with each other. */
static void make_pool(struct identity_test *t)
{
	struct sluice_prefix *prefix;
	u32 i, near;

	for (i = 0; i < PREFIXES; i++) {
		prefix = &t->pool[i];
		do {
			near = random_below(&t->random, i + 2);
			if (near < i)
				random_prefix_near(&t->random, &t->pool[near],
						   prefix);
			else
				random_prefix(&t->random, near == i ?
					      AF_INET : AF_INET6, prefix);
			if (random_one_in(&t->random, 4))
				prefix->len = bits_of(prefix->family);
			else if (random_one_in(&t->random, 10))
				prefix_cut(prefix, 0);
		} while (model_of(&t->now, prefix, 1));
		t->now.entries[i].cfg.prefix = *prefix;
		t->now.entries[i].cfg.number = 1;
	}
}

static void make_model(struct identity_test *t)
{
	struct model_entry *entry;
	u32 i;

	memset(&t->now, 0, sizeof(t->now));
	make_pool(t);
	memset(&t->now, 0, sizeof(t->now));
	for (i = 0; i < ENTRIES; i++) {
		entry = &t->now.entries[i];
		entry->cfg.prefix = t->pool[i / NUMBERS];
		entry->cfg.number = 1 + i % NUMBERS;
		random_cfg(t, entry);
	}
	copy_model(&t->before, &t->now);
}

static void random_transactions(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 pool, i;

	for (pool = 0; pool < POOLS; pool++) {
		make_model(t);
		for (i = 0; i < TRANSACTIONS; i++)
			random_transaction(test);
		expect_nothing(test);
		rcu_barrier();
	}
}

/* ---------------------------------------------------------------- single cases */

static struct sluice_prefix prefix4(u32 addr, u8 len)
{
	return (struct sluice_prefix) {
		.addr.ip = htonl(addr), .family = AF_INET, .len = len,
	};
}

static int new(struct identity_test *t, u32 addr, u8 len, u32 number)
{
	struct sluice_identity_cfg cfg = {
		.prefix = prefix4(addr, len), .number = number,
	};

	return sluice_identity_tx_new(&t->tx, &cfg);
}

static void finish(struct kunit *test)
{
	struct identity_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, sluice_identity_tx_prepare(&t->tx), 0);
	t->revision += t->tx.changed;
	sluice_identity_tx_end(&t->tx);
}

/* A transaction looks at so many places if an entry is added. */
static u32 places_looked_at(struct kunit *test, u32 addr, u8 len)
{
	struct identity_test *t = test->priv;
	const struct list_head *place;
	u32 count = 0;

	begin(t);
	KUNIT_ASSERT_EQ(test, new(t, addr, len, 7), 0);
	KUNIT_ASSERT_EQ(test, sluice_identity_tx_prepare(&t->tx), 0);
	list_for_each(place, &t->tx.places)
		count++;
	sluice_identity_tx_abort(&t->tx);
	return count;
}

static void only_what_is_within_is_looked_at(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 i;

	begin(t);
	for (i = 0; i < 256; i++) {
		KUNIT_ASSERT_EQ(test, new(t, 0x0a000000 + i, 32, i), 0);
		KUNIT_ASSERT_EQ(test, new(t, 0x0b000000 + (i << 8), 24, 3), 0);
	}
	finish(test);

	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0a000000, 8), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0a000001, 32), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0b000001, 32), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0b000000, 17), 129U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0x0b000100, 24), 1U);
	KUNIT_EXPECT_EQ(test, places_looked_at(test, 0, 0), 257U);
	expect_nothing(test);
}

static void same_again_changes_nothing(struct kunit *test)
{
	struct sluice_prefix except = prefix4(0x0a010000, 16);
	struct sluice_identity_cfg cfg = {
		.prefix = prefix4(0x0a000000, 8), .number = 70,
		.exclusive = true, .excepts = { 1, &except },
	};
	struct identity_test *t = test->priv;
	u32 round, id = 0;

	for (round = 0; round < 3; round++) {
		begin(t);
		sluice_identity_tx_replace_all(&t->tx);
		KUNIT_ASSERT_EQ(test, sluice_identity_tx_new(&t->tx, &cfg), 0);
		finish(test);
		KUNIT_EXPECT_EQ(test, t->tx.changed, !round);
		id = id ?: sluice_identity_entry_next(&t->table, 0)->id;
		KUNIT_EXPECT_EQ(test, id,
				sluice_identity_entry_next(&t->table, 0)->id);
	}
	expect_nothing(test);
}

static void excepts_are_parts(struct kunit *test)
{
	static const struct {
		u32 addr;
		u8 len;
		int err;
	} excepts[] = {
		{ 0x0a000000, 8, -EINVAL }, { 0x0a000000, 7, -EINVAL },
		{ 0x0b000000, 9, -EINVAL }, { 0, 0, -EINVAL },
		{ 0x0a000000, 9, 0 }, { 0x0affffff, 32, 0 },
	};
	struct sluice_prefix except;
	struct sluice_identity_cfg cfg = {
		.prefix = prefix4(0x0a000000, 8), .number = 70,
		.excepts = { 1, &except },
	};
	struct identity_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(excepts); i++) {
		except = prefix4(excepts[i].addr, excepts[i].len);
		begin(t);
		KUNIT_EXPECT_EQ(test, sluice_identity_tx_new(&t->tx, &cfg),
				excepts[i].err);
		sluice_identity_tx_abort(&t->tx);
	}
	except.family = AF_INET6;
	begin(t);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_new(&t->tx, &cfg), -EINVAL);
	sluice_identity_tx_abort(&t->tx);
	expect_nothing(test);
}

/* Whose policy packets may look at lives on, be there entries or not. */
static void who_is_held_stays(struct kunit *test)
{
	struct identity_test *t = test->priv;
	struct sluice_identity *identity;

	identity = sluice_identity_get(&t->table, 5);
	KUNIT_ASSERT_FALSE(test, IS_ERR(identity));
	begin(t);
	KUNIT_ASSERT_EQ(test, new(t, 0x0a000001, 32, 5), 0);
	finish(test);
	KUNIT_EXPECT_EQ(test, refcount_read(&identity->refs), 3U);
	sluice_identity_delete_all(&t->table);
	KUNIT_EXPECT_EQ(test, refcount_read(&identity->refs), 1U);
	KUNIT_EXPECT_PTR_EQ(test, sluice_identity_lookup(&t->table, 5),
			    identity);
	sluice_identity_put(&t->table, identity);
	KUNIT_EXPECT_NULL(test, sluice_identity_lookup(&t->table, 5));
	expect_nothing(test);
}

/* The number of entries counts when all is done. */
static void full_only_for_a_while(struct kunit *test)
{
	struct identity_test *t = test->priv;

	begin(t);
	KUNIT_ASSERT_EQ(test, new(t, 0x0a000000, 8, 5), 0);
	finish(test);
	t->table.entry_count = SLUICE_IDENTITY_ENTRIES_MAX;
	t->table.prefix_count = SLUICE_IDENTITY_PREFIXES_MAX;

	begin(t);
	KUNIT_EXPECT_EQ(test, new(t, 0x0b000000, 8, 5), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);
	begin(t);
	sluice_identity_tx_replace_all(&t->tx);
	KUNIT_EXPECT_EQ(test, new(t, 0x0b000000, 8, 5), 0);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_prepare(&t->tx), 0);
	sluice_identity_tx_abort(&t->tx);
	begin(t);
	sluice_identity_tx_replace_all(&t->tx);
	KUNIT_EXPECT_EQ(test, new(t, 0x0b000000, 8, 5), 0);
	KUNIT_EXPECT_EQ(test, new(t, 0x0c000000, 8, 5), 0);
	KUNIT_EXPECT_EQ(test, sluice_identity_tx_prepare(&t->tx), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);

	t->table.prefix_count = 1;
	begin(t);
	KUNIT_EXPECT_EQ(test, new(t, 0x0b000001, 32, 5), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);
	KUNIT_EXPECT_EQ(test, t->table.entry_count,
			(u32)SLUICE_IDENTITY_ENTRIES_MAX);
	t->table.entry_count = 1;
	expect_nothing(test);
}

/* ---------------------------------------------------------------------- memory */

/* A hash as large as it has become, with its objects. */
static size_t hash_bytes(struct rhashtable *hash)
{
	struct rhashtable_iter iter;
	struct rhash_head *node;
	size_t bytes;

	flush_work(&hash->run_work);
	bytes = rcu_dereference_raw(hash->tbl)->size * sizeof(node);
	rhashtable_walk_enter(hash, &iter);
	rhashtable_walk_start(&iter);
	while ((node = rhashtable_walk_next(&iter)))
		bytes += ksize(node);
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return bytes;
}

static void add_place_bytes(void *value, void *context)
{
	size_t *bytes = context;

	*bytes += ksize(value);
}

static size_t table_bytes(struct identity_test *t)
{
	struct sluice_prefix all = { .family = AF_INET };
	struct sluice_identity_entry *entry;
	size_t bytes, last = 0;
	unsigned long id;

	bytes = hash_bytes(&t->table.identities) + hash_bytes(&t->table.hosts) +
		hash_bytes(&t->table.sets) + t->table.prefixes[0].bytes +
		t->table.prefixes[1].bytes;
	sluice_lpm_walk(&t->table.prefixes[0], &all, add_place_bytes, &bytes);
	all.family = AF_INET6;
	sluice_lpm_walk(&t->table.prefixes[1], &all, add_place_bytes, &bytes);
	xa_for_each(&t->table.ids, id, entry) {
		bytes += ksize(entry);
		last = id;
	}
	/* The nodes of ids, on all levels. */
	for (; last; last /= XA_CHUNK_SIZE)
		bytes += DIV_ROUND_UP(last, XA_CHUNK_SIZE) *
			 sizeof(struct xa_node);
	return bytes;
}

static void expect_memory(struct kunit *test, const char *what, size_t max)
{
	struct identity_test *t = test->priv;
	size_t bytes = table_bytes(t);

	kunit_info(test, "%u entries, %s: %zu bytes\n", t->table.entry_count,
		   what, bytes);
	KUNIT_EXPECT_LT(test, bytes, max);
	expect_nothing(test);
	rcu_barrier();
}

static void add_hosts(struct kunit *test, u32 numbers)
{
	struct identity_test *t = test->priv;
	u32 i;

	begin(t);
	for (i = 0; i < HOSTS; i++)
		KUNIT_ASSERT_EQ(test, new(t, 0x0a000000 + i, 32, i % numbers),
				0);
	finish(test);
}

static void memory_of_hosts(struct kunit *test)
{
	add_hosts(test, 1);
	expect_memory(test, "hosts of one identity", HOSTS_BYTES_MAX);
	add_hosts(test, 1000);
	expect_memory(test, "hosts of 1,000 identities", HOSTS_BYTES_MAX);
	add_hosts(test, HOSTS);
	expect_memory(test, "hosts of as many identities",
		      HOSTS_BYTES_MAX * 3 / 2);
}

static void add_prefixes(struct kunit *test, u8 family, u8 min)
{
	struct identity_test *t = test->priv;
	struct sluice_identity_cfg cfg = {};
	u32 i, len;

	begin(t);
	for (i = 0; i < MANY; i++) {
		cfg.prefix = (struct sluice_prefix) { .family = family };
		prandom_bytes_state(&t->random, &cfg.prefix.addr,
				    bits_of(family) / 8);
		len = min + random_below(&t->random, bits_of(family) - min);
		prefix_cut(&cfg.prefix, len);
		cfg.number = i;
		KUNIT_ASSERT_EQ(test, sluice_identity_tx_new(&t->tx, &cfg), 0);
	}
	finish(test);
}

static void memory_of_prefixes(struct kunit *test)
{
	add_prefixes(test, AF_INET, 8);
	expect_memory(test, "random prefixes of IPv4", MANY_BYTES_MAX);
	add_prefixes(test, AF_INET6, 16);
	expect_memory(test, "random prefixes of IPv6", MANY_BYTES_MAX);
}

/* A prefix around as many others as there may be, which all change with it. */
static void memory_of_as_many_as_there_may_be(struct kunit *test)
{
	struct identity_test *t = test->priv;
	u32 i;

	begin(t);
	for (i = 0; i < SLUICE_IDENTITY_PREFIXES_MAX - 1; i++)
		KUNIT_ASSERT_EQ(test, new(t, i << 8, 24, i % 100), 0);
	finish(test);
	begin(t);
	KUNIT_ASSERT_EQ(test, new(t, 0, 0, 3), 0);
	KUNIT_EXPECT_EQ(test, new(t, 0, 1, 3), -ENOSPC);
	sluice_identity_tx_abort(&t->tx);
	begin(t);
	KUNIT_ASSERT_EQ(test, new(t, 0, 0, 3), 0);
	finish(test);
	expect_memory(test, "prefixes, one around all others", 32 << 20);
}

/* ----------------------------------------------------------------------- cases */

static int init(struct kunit *test)
{
	struct identity_test *t = vzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->random, 1789);
	mutex_init(&t->lock);
	mutex_lock(&t->lock);
	t->revision = 1;
	test->priv = t;
	return sluice_identity_table_init(&t->table, &t->lock);
}

static void exit(struct kunit *test)
{
	struct identity_test *t = test->priv;

	sluice_identity_table_fini(&t->table);
	mutex_unlock(&t->lock);
	vfree(t);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(random_transactions),
	KUNIT_CASE(only_what_is_within_is_looked_at),
	KUNIT_CASE(same_again_changes_nothing),
	KUNIT_CASE(excepts_are_parts),
	KUNIT_CASE(who_is_held_stays),
	KUNIT_CASE(full_only_for_a_while),
	KUNIT_CASE(memory_of_hosts),
	KUNIT_CASE(memory_of_prefixes),
	KUNIT_CASE(memory_of_as_many_as_there_may_be),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_identity",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
