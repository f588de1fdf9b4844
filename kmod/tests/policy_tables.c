// SPDX-License-Identifier: GPL-2.0
/*
 * Rules and identities for tests.
 */
#include "policy_tables.h"

static const u32 numbers[POLICY_IDENTITIES] = {
	0, 2, 257, 1, 256, 4000000000,
};

static void put_identities(struct policy_tables *t)
{
	u32 i;

	mutex_lock(&t->lock);
	for (i = 0; i < POLICY_IDENTITIES && t->ids[i]; i++)
		sluice_identity_put(&t->identities, t->ids[i]);
	mutex_unlock(&t->lock);
}

static bool get_identities(struct policy_tables *t)
{
	bool all = true;
	u32 i;

	mutex_lock(&t->lock);
	for (i = 0; i < POLICY_IDENTITIES && all; i++) {
		struct sluice_identity *identity;

		identity = sluice_identity_get(&t->identities, numbers[i]);
		all = !IS_ERR(identity);
		t->ids[i] = all ? identity : NULL;
	}
	mutex_unlock(&t->lock);
	return all;
}

int policy_tables_init(struct policy_tables *t)
{
	int err;

	sluice_alloc_fail_at = 0;
	mutex_init(&t->lock);
	t->revision = 1;
	err = sluice_identity_table_init(&t->identities, &t->lock);
	if (err)
		return err;
	err = sluice_policy_table_init(&t->table, &t->identities, &t->lock);
	if (err)
		goto fini_identities;
	if (get_identities(t))
		return 0;

	put_identities(t);
	sluice_policy_table_fini(&t->table);
	err = -ENOMEM;
fini_identities:
	sluice_identity_table_fini(&t->identities);
	return err;
}

/* Nothing of it is left when this returns, not even on its way through RCU. */
void policy_tables_fini(struct policy_tables *t)
{
	sluice_alloc_fail_at = 0;
	policy_flush(t);
	put_identities(t);
	rcu_barrier();
	sluice_policy_table_fini(&t->table);
	sluice_identity_table_fini(&t->identities);
}

int policy_address_init(struct kunit *test, struct policy_address *address)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(address->sets); i++) {
		address->sets[i] = kunit_kzalloc(test,
				struct_size(address->sets[i], ids,
					    POLICY_SET_MAX), GFP_KERNEL);
		if (!address->sets[i])
			return -ENOMEM;
	}
	return 0;
}

/* By number, each once; those there are already can be added again. */
void policy_address_add(struct policy_address *address, u32 set,
			struct sluice_identity *identity)
{
	struct sluice_idset *ids = address->sets[set];
	u32 i;

	address->identities.sets[set] = ids;
	for (i = 0; i < ids->count; i++)
		if (ids->ids[i] == identity)
			return;
	for (i = ids->count++; i; i--) {
		if (ids->ids[i - 1]->number < identity->number)
			break;
		ids->ids[i] = ids->ids[i - 1];
	}
	ids->ids[i] = identity;
	address->numbers.list[address->numbers.count++] = identity->number;
}

void policy_address_clear(struct policy_address *address)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(address->sets); i++) {
		address->sets[i]->count = 0;
		address->identities.sets[i] = NULL;
	}
	address->numbers.count = 0;
}

void policy_begin(struct policy_tables *t)
{
	mutex_lock(&t->lock);
	sluice_policy_tx_begin(&t->tx, &t->table, t->revision + 1);
}

void policy_abort(struct policy_tables *t)
{
	sluice_policy_tx_abort(&t->tx);
	mutex_unlock(&t->lock);
}

/* Commit unless there was an error before; returns it, or one of now. */
int policy_finish(struct policy_tables *t, int err)
{
	err = err ?: sluice_policy_tx_prepare(&t->tx);
	if (err) {
		policy_abort(t);
		return err;
	}
	t->revision += t->tx.changed;
	sluice_policy_tx_end(&t->tx);
	mutex_unlock(&t->lock);
	return 0;
}

int policy_rule_new(struct policy_tables *t,
		    const struct sluice_policy_rule_cfg *cfg)
{
	policy_begin(t);
	return policy_finish(t, sluice_policy_tx_rule_new(&t->tx, cfg));
}

int policy_set_opts(struct policy_tables *t, u32 subject,
		    const struct sluice_policy_opts *opts)
{
	policy_begin(t);
	return policy_finish(t, sluice_policy_tx_set_opts(&t->tx, subject,
							  opts));
}

void policy_flush(struct policy_tables *t)
{
	policy_begin(t);
	sluice_policy_tx_flush(&t->tx);
	policy_finish(t, 0);
}

void policy_ask(const struct policy_address *subject,
		const struct policy_address *peer,
		const struct sluice_policy_question *question,
		unsigned long revision, struct sluice_policy_verdict *verdict)
{
	rcu_read_lock();
	sluice_policy_decide(&subject->identities, &peer->identities, question,
			     revision, verdict);
	rcu_read_unlock();
}
