// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of bound devices. That devices come and go is tested with real ones.
 */
#include <linux/slab.h>

#include "../alloc.h"
#include "../dev_tx.h"
#include "random.h"
#include "tables.h"

#define HERE	"lo"
#define ABSENT	"sluice-absent"

/**
 * struct dev_test - what a case works on
 * @sn: namespace with a device HERE
 * @tx: the transaction under way
 */
struct dev_test {
	struct sluice_net sn;
	struct sluice_device_tx tx;
};

static struct sluice_device_tx *begin(struct dev_test *t)
{
	mutex_lock(&t->sn.cfg_lock);
	sluice_device_tx_begin(&t->tx, &t->sn.devices);
	return &t->tx;
}

static void commit(struct dev_test *t)
{
	sluice_device_tx_commit(&t->tx);
	sluice_device_tx_end(&t->tx);
	mutex_unlock(&t->sn.cfg_lock);
}

static void abort_tx(struct dev_test *t)
{
	sluice_device_tx_abort(&t->tx);
	mutex_unlock(&t->sn.cfg_lock);
}

/* To one address, IPv4 */
static int bind(struct dev_test *t, const char *name, u32 addr)
{
	struct sluice_prefix prefix = {
		.addr.ip = htonl(addr), .family = AF_INET, .len = 32,
	};
	struct sluice_device_cfg cfg = {
		.given = SLUICE_DEVICE_HAS_ADDRESSES |
			 SLUICE_DEVICE_HAS_FAST_PATH,
		.addresses = { .count = 1, .list = &prefix },
	};

	strscpy(cfg.name, name, sizeof(cfg.name));
	return sluice_device_tx_new(&t->tx, &cfg);
}

static struct sluice_device *find(struct dev_test *t, const char *name)
{
	return sluice_device_find(&t->sn.devices, name);
}

/* What holds for a device, one address and no other */
static bool lets_only(struct dev_test *t, const char *name, u32 addr)
{
	const union nf_inet_addr good = { .ip = htonl(addr) };
	const union nf_inet_addr bad = { .ip = htonl(addr + 1) };
	struct sluice_device_table *table = &t->sn.devices;
	bool lets;

	mutex_lock(&t->sn.cfg_lock);
	lets = sluice_device_lets(table, name, AF_INET, &good) &&
	       !sluice_device_lets(table, name, AF_INET, &bad);
	mutex_unlock(&t->sn.cfg_lock);
	return lets;
}

/* Whether packets see that a name is bound to an address, and no other */
static bool is_bound_to(struct dev_test *t, const char *name, u32 addr)
{
	return find(t, name) && lets_only(t, name, addr);
}

static void bind_one(struct kunit *test, const char *name, u32 addr)
{
	struct dev_test *t = test->priv;

	begin(t);
	KUNIT_EXPECT_EQ(test, bind(t, name, addr), 0);
	commit(t);
	KUNIT_ASSERT_TRUE(test, is_bound_to(t, name, addr));
}

static void there_or_not(struct kunit *test)
{
	struct dev_test *t = test->priv;

	bind_one(test, HERE, 5);
	bind_one(test, ABSENT, 5);
	KUNIT_EXPECT_GT(test, find(t, HERE)->ifindex, 0);
	KUNIT_EXPECT_EQ(test, find(t, ABSENT)->ifindex, 0);
	KUNIT_EXPECT_EQ(test, t->sn.devices.count, 2U);
}

static void others_take_the_place(struct kunit *test)
{
	struct dev_test *t = test->priv;

	bind_one(test, HERE, 5);
	atomic64_set(&find(t, HERE)->drops, 3);
	begin(t);
	KUNIT_EXPECT_EQ(test, bind(t, HERE, 5), 0);
	sluice_device_tx_commit(&t->tx);
	KUNIT_EXPECT_FALSE(test, sluice_device_tx_is_changed(find(t, HERE)));
	sluice_device_tx_end(&t->tx);
	sluice_device_tx_begin(&t->tx, &t->sn.devices);
	KUNIT_EXPECT_EQ(test, bind(t, HERE, 9), 0);
	sluice_device_tx_commit(&t->tx);
	KUNIT_EXPECT_TRUE(test, sluice_device_tx_is_changed(find(t, HERE)));
	sluice_device_tx_end(&t->tx);
	mutex_unlock(&t->sn.cfg_lock);
	KUNIT_EXPECT_TRUE(test, is_bound_to(t, HERE, 9));
	KUNIT_EXPECT_EQ(test, atomic64_read(&find(t, HERE)->drops), 3LL);
}

static void flushed_but_for_one(struct kunit *test)
{
	struct dev_test *t = test->priv;
	struct sluice_device *kept;

	bind_one(test, HERE, 5);
	bind_one(test, ABSENT, 6);
	kept = find(t, HERE);
	begin(t);
	sluice_device_tx_flush(&t->tx);
	KUNIT_EXPECT_NULL(test, sluice_device_tx_find(&t->tx, HERE));
	KUNIT_EXPECT_EQ(test, bind(t, HERE, 7), 0);
	KUNIT_EXPECT_NOT_NULL(test, sluice_device_tx_find(&t->tx, HERE));
	commit(t);
	KUNIT_EXPECT_TRUE(test, is_bound_to(t, HERE, 7));
	KUNIT_EXPECT_PTR_EQ(test, find(t, HERE), kept);
	KUNIT_EXPECT_NULL(test, find(t, ABSENT));
	KUNIT_EXPECT_EQ(test, t->sn.devices.count, 1U);
}

/* One is created, one changed, one deleted, one deleted and created again. */
static int change_all(struct dev_test *t)
{
	int err = bind(t, "created", 1) ?: bind(t, HERE, 2);

	if (err)
		return err;
	sluice_device_tx_del(&t->tx, sluice_device_tx_find(&t->tx, "deleted"));
	sluice_device_tx_del(&t->tx, sluice_device_tx_find(&t->tx, ABSENT));
	return bind(t, ABSENT, 3);
}

static void expect_unchanged(struct kunit *test)
{
	struct dev_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, is_bound_to(t, HERE, 5));
	KUNIT_EXPECT_TRUE(test, is_bound_to(t, ABSENT, 6));
	KUNIT_EXPECT_TRUE(test, is_bound_to(t, "deleted", 7));
	KUNIT_EXPECT_NULL(test, find(t, "created"));
	KUNIT_EXPECT_EQ(test, t->sn.devices.count, 3U);
}

static void nothing_half_applied(struct kunit *test)
{
	struct dev_test *t = test->priv;
	int err;
	u32 at;

	bind_one(test, HERE, 5);
	bind_one(test, ABSENT, 6);
	bind_one(test, "deleted", 7);
	begin(t);
	KUNIT_EXPECT_EQ(test, change_all(t), 0);
	abort_tx(t);
	expect_unchanged(test);

	for (at = 1, err = -ENOMEM; err && at < 100; at++) {
		begin(t);
		sluice_alloc_fail_at = at;
		err = change_all(t);
		sluice_alloc_fail_at = 0;
		abort_tx(t);
		expect_unchanged(test);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_GT(test, at, 7U);
}

static void as_many_as_there_may_be(struct kunit *test)
{
	struct dev_test *t = test->priv;

	bind_one(test, HERE, 5);
	t->sn.devices.count = SLUICE_DEVICES_MAX;
	begin(t);
	KUNIT_EXPECT_EQ(test, bind(t, "one-more", 6), -ENOSPC);
	KUNIT_EXPECT_EQ(test, bind(t, HERE, 8), 0);
	commit(t);
	t->sn.devices.count = 1;
	KUNIT_EXPECT_TRUE(test, is_bound_to(t, HERE, 8));
	KUNIT_EXPECT_NULL(test, find(t, "one-more"));
}

/* A dump goes on behind a name, even if that has gone. */
static void in_the_order_of_names(struct kunit *test)
{
	static const char *const names[] = { "b", "d", "a", "c" };
	struct dev_test *t = test->priv;
	struct sluice_device *device;
	char name[IFNAMSIZ] = "";
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		bind_one(test, names[i], i);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		device = sluice_device_next(&t->sn.devices, name);
		KUNIT_ASSERT_NOT_NULL(test, device);
		KUNIT_EXPECT_EQ(test, device->name[0], 'a' + i);
		strscpy(name, device->name, sizeof(name));
	}
	KUNIT_EXPECT_NULL(test, sluice_device_next(&t->sn.devices, name));
	KUNIT_EXPECT_STREQ(test,
			   sluice_device_next(&t->sn.devices, "bb")->name, "c");
}

static void delete_one(struct dev_test *t, const char *name)
{
	begin(t);
	sluice_device_tx_del(&t->tx, sluice_device_tx_find(&t->tx, name));
	commit(t);
}

static void longest_pattern_holds(struct kunit *test)
{
	struct dev_test *t = test->priv;

	bind_one(test, "*", 10);
	KUNIT_EXPECT_GT(test, find(t, "*")->attached, 0U);
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 10));
	bind_one(test, "lo*", 30);
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 30));
	bind_one(test, "l*", 20);
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 30));
	KUNIT_EXPECT_EQ(test, find(t, "lo*")->attached, 1U);
	KUNIT_EXPECT_EQ(test, find(t, "l*")->attached, 0U);
	KUNIT_EXPECT_EQ(test, find(t, "lo*")->ifindex, 0);
	delete_one(t, "lo*");
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 20));
	KUNIT_EXPECT_EQ(test, find(t, "l*")->attached, 1U);
	delete_one(t, "l*");
	delete_one(t, "*");
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&t->sn.devices.ports));
}

/* A name of its own holds from the commit on, and what was before until then. */
static void own_name_before_patterns(struct kunit *test)
{
	struct dev_test *t = test->priv;

	bind_one(test, "l*", 20);
	begin(t);
	KUNIT_EXPECT_EQ(test, bind(t, HERE, 40), 0);
	KUNIT_EXPECT_EQ(test, find(t, "l*")->attached, 1U);
	abort_tx(t);
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 20));
	KUNIT_EXPECT_EQ(test, find(t, "l*")->attached, 1U);

	bind_one(test, HERE, 40);
	KUNIT_EXPECT_EQ(test, find(t, "l*")->attached, 0U);
	KUNIT_EXPECT_EQ(test, find(t, HERE)->attached, 1U);
	KUNIT_EXPECT_GT(test, find(t, HERE)->ifindex, 0);
	begin(t);
	sluice_device_tx_del(&t->tx, sluice_device_tx_find(&t->tx, HERE));
	KUNIT_EXPECT_EQ(test, find(t, HERE)->attached, 1U);
	commit(t);
	KUNIT_EXPECT_EQ(test, find(t, "l*")->attached, 1U);
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 20));
}

/* Several that fit come, change and go in one transaction. */
static void nested_in_one_transaction(struct kunit *test)
{
	struct dev_test *t = test->priv;

	bind_one(test, "l*", 10);
	begin(t);
	KUNIT_EXPECT_EQ(test, bind(t, "lo*", 20), 0);
	KUNIT_EXPECT_EQ(test, bind(t, HERE, 30), 0);
	sluice_device_tx_del(&t->tx, sluice_device_tx_find(&t->tx, "l*"));
	KUNIT_EXPECT_EQ(test, find(t, "l*")->attached, 1U);
	commit(t);
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 30));
	KUNIT_EXPECT_TRUE(test, lets_only(t, "lol", 20));
	KUNIT_EXPECT_NULL(test, find(t, "l*"));

	begin(t);
	sluice_device_tx_del(&t->tx, sluice_device_tx_find(&t->tx, HERE));
	KUNIT_EXPECT_EQ(test, bind(t, "lo*", 40), 0);
	commit(t);
	KUNIT_EXPECT_TRUE(test, lets_only(t, HERE, 40));
	KUNIT_EXPECT_EQ(test, find(t, "lo*")->attached, 1U);
}

/* Of two letters, so that many patterns fit */
static void random_name(struct rnd_state *random, char *name, bool pattern)
{
	u32 len = random_below(random, IFNAMSIZ - pattern), i;

	memset(name, 0, IFNAMSIZ);
	for (i = 0; i < len; i++)
		name[i] = 'x' + random_below(random, 2);
	if (pattern)
		name[len] = '*';
	else if (!len)
		name[0] = 'x';
}

static bool oracle_fits(const char *said, const char *name)
{
	size_t len = strlen(said);

	return said[len - 1] == '*' ? !strncmp(said, name, len - 1) :
				      !strcmp(said, name);
}

/* Its own name, or the longest of all that fit */
static struct sluice_device *oracle_best(struct dev_test *t, const char *name)
{
	struct sluice_device *device, *best = NULL;

	sluice_device_for_each(device, &t->sn.devices) {
		if (!oracle_fits(device->name, name))
			continue;
		if (!sluice_device_is_pattern(device))
			return device;
		if (!best || strlen(device->name) > strlen(best->name))
			best = device;
	}
	return best;
}

static void random_patterns(struct kunit *test)
{
	struct dev_test *t = test->priv;
	struct rnd_state random;
	char name[IFNAMSIZ];
	u32 i, found = 0;

	prandom_seed_state(&random, 2812);
	for (i = 0; i < 300; i++) {
		random_name(&random, name, i % 3);
		begin(t);
		KUNIT_EXPECT_EQ(test, bind(t, name, i), 0);
		commit(t);
	}
	for (i = 0; i < 20000; i++) {
		random_name(&random, name, false);
		KUNIT_ASSERT_PTR_EQ_MSG(test, oracle_best(t, name),
					sluice_device_best(&t->sn.devices,
							   name, true),
					"%s", name);
		found += !!oracle_best(t, name);
	}
	KUNIT_EXPECT_GT(test, found, 5000U);
}

static int init(struct kunit *test)
{
	struct dev_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	err = test_tables_init(&t->sn);
	if (!err)
		test->priv = t;
	return err;
}

static void fini(struct kunit *test)
{
	struct dev_test *t = test->priv;

	if (!t)
		return;
	sluice_device_delete_all(&t->sn.devices);
	test_tables_fini(&t->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(there_or_not),
	KUNIT_CASE(others_take_the_place),
	KUNIT_CASE(flushed_but_for_one),
	KUNIT_CASE(nothing_half_applied),
	KUNIT_CASE(as_many_as_there_may_be),
	KUNIT_CASE(in_the_order_of_names),
	KUNIT_CASE(longest_pattern_holds),
	KUNIT_CASE(own_name_before_patterns),
	KUNIT_CASE(nested_in_one_transaction),
	KUNIT_CASE(random_patterns),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_dev",
	.init = init,
	.exit = fini,
	.test_cases = cases,
};

kunit_test_suite(suite);
