// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of attached devices. A device is made, and has its hook, when a change
 * names it; packets heed what is said of it from the commit on.
 */
#include "dev_port.h"
#include "dev_tx.h"
#include "local_sock.h"

void sluice_device_tx_begin(struct sluice_device_tx *tx,
			    struct sluice_device_table *table)
{
	tx->table = table;
	INIT_LIST_HEAD(&tx->devices);
	tx->holds_local = false;
}

static struct sluice_ranges *addresses_of(const struct sluice_device_tx *tx,
					  const struct sluice_device *device)
{
	return rcu_dereference_protected(device->addresses,
					 lockdep_is_held(tx->table->cfg_lock));
}

static void touch(struct sluice_device_tx *tx, struct sluice_device *device)
{
	if (device->touched)
		return;
	device->touched = true;
	device->next = sluice_ranges_get(addresses_of(tx, device));
	device->next_opts = device->opts;
	list_add_tail(&device->tx, &tx->devices);
}

struct sluice_device *sluice_device_tx_find(struct sluice_device_tx *tx,
					    const char *name)
{
	struct sluice_device *device = sluice_device_find(tx->table, name);

	return device && !device->gone ? device : NULL;
}

static const struct sluice_device_opts new_opts = { .fast_path = true };

static int create(struct sluice_device_tx *tx, const char *name,
		  struct sluice_device **created)
{
	struct sluice_device *device = sluice_device_alloc(name);
	int err;

	if (!device)
		return -ENOMEM;
	err = sluice_device_add(tx->table, device);
	if (err) {
		sluice_device_free(device);
		return err;
	}
	device->born = true;
	touch(tx, device);
	device->next_opts = new_opts;
	*created = device;
	return 0;
}

/* One that was to be deleted is as a new one, but for its counter. */
static void begin_anew(struct sluice_device *device)
{
	device->gone = false;
	sluice_ranges_put(device->next);
	device->next = NULL;
	device->next_opts = new_opts;
}

static int find_or_create(struct sluice_device_tx *tx, const char *name,
			  struct sluice_device **device)
{
	*device = sluice_device_find(tx->table, name);
	if (!*device)
		return create(tx, name, device);
	touch(tx, *device);
	if ((*device)->gone)
		begin_anew(*device);
	return 0;
}

/* @next: NULL if there are none */
static int build_addresses(const struct sluice_device_cfg *cfg,
			   struct sluice_ranges **next)
{
	static const struct sluice_prefixes none;

	*next = NULL;
	if (!cfg->addresses.count)
		return 0;
	*next = sluice_ranges_build(AF_UNSPEC, &cfg->addresses, &none);
	return *next ? 0 : -ENOMEM;
}

/* @next: a reference, if there are addresses in @cfg */
static void change(struct sluice_device *device,
		   const struct sluice_device_cfg *cfg,
		   struct sluice_ranges *next)
{
	if (cfg->given & SLUICE_DEVICE_HAS_ADDRESSES) {
		sluice_ranges_put(device->next);
		device->next = next;
	}
	if (cfg->given & SLUICE_DEVICE_HAS_FAST_PATH)
		device->next_opts.fast_path = cfg->opts.fast_path;
	if (cfg->given & SLUICE_DEVICE_HAS_NETFILTER)
		device->next_opts.netfilter = cfg->opts.netfilter;
	if (cfg->given & SLUICE_DEVICE_HAS_POD_SIDE)
		device->next_opts.pod_side = cfg->opts.pod_side;
	if (cfg->given & SLUICE_DEVICE_HAS_SHORT_CUT)
		device->next_opts.short_cut = cfg->opts.short_cut;
}

/* What cannot be had is to be known ahead of the commit. */
static int hold_local(struct sluice_device_tx *tx,
		      const struct sluice_device_cfg *cfg)
{
	int err;

	if (!cfg->opts.short_cut || tx->holds_local)
		return 0;
	err = sluice_local_hold();
	tx->holds_local = !err;
	return err;
}

/**
 * sluice_device_tx_new() - attach a device, or change how
 * @tx: transaction
 * @cfg: what is wanted; the rest stays, or is as by default
 *
 * The namespace is active if the device is to have the fast path. Process
 * context, may sleep.
 *
 * Return: 0, -ENOSPC if there are too many devices, or -errno.
 */
int sluice_device_tx_new(struct sluice_device_tx *tx,
			 const struct sluice_device_cfg *cfg)
{
	struct sluice_device *device;
	struct sluice_ranges *next;
	int err;

	err = hold_local(tx, cfg) ?: build_addresses(cfg, &next);
	if (err)
		return err;
	err = find_or_create(tx, cfg->name, &device);
	if (err)
		sluice_ranges_put(next);
	else
		change(device, cfg, next);
	return err;
}

void sluice_device_tx_del(struct sluice_device_tx *tx,
			  struct sluice_device *device)
{
	touch(tx, device);
	device->gone = true;
}

/* Delete all; those created again later in the transaction stay. */
void sluice_device_tx_flush(struct sluice_device_tx *tx)
{
	struct sluice_device *device;

	sluice_device_for_each(device, tx->table)
		sluice_device_tx_del(tx, device);
}

static bool has_same_addresses(const struct sluice_ranges *a,
			       const struct sluice_ranges *b)
{
	return a && b ? sluice_ranges_equal(a, b) : a == b;
}

/* Behind the commit */
bool sluice_device_tx_is_changed(const struct sluice_device *device)
{
	const struct sluice_device_opts *old = &device->next_opts;

	if (device->born || device->gone)
		return device->born != device->gone;
	return old->fast_path != device->opts.fast_path ||
	       old->netfilter != device->opts.netfilter ||
	       old->pod_side != device->opts.pod_side ||
	       old->short_cut != device->opts.short_cut ||
	       !has_same_addresses(device->next,
				   rcu_access_pointer(device->addresses));
}

static bool skips(struct sluice_device_opts opts)
{
	return opts.netfilter == SLUICE_DEVICE_NETFILTER_SKIP;
}

static void set_opts(struct sluice_device_table *table,
		     struct sluice_device *device,
		     struct sluice_device_opts opts)
{
	table->fast_count += opts.fast_path - device->opts.fast_path;
	WRITE_ONCE(table->skip_count, table->skip_count + skips(opts) -
				      skips(device->opts));
	WRITE_ONCE(table->pod_count, table->pod_count + opts.pod_side -
				     device->opts.pod_side);
	device->next_opts = device->opts;
	WRITE_ONCE(device->opts.short_cut, opts.short_cut);
	if (opts.short_cut != device->next_opts.short_cut)
		sluice_local_count(opts.short_cut ? 1 : -1);
	WRITE_ONCE(device->opts.netfilter, opts.netfilter);
	WRITE_ONCE(device->opts.pod_side, opts.pod_side);
	WRITE_ONCE(device->opts.fast_path, opts.fast_path);
}

static void publish(struct sluice_device_tx *tx, struct sluice_device *device)
{
	struct sluice_ranges *old = addresses_of(tx, device);

	rcu_assign_pointer(device->addresses, device->next);
	device->next = old;
	set_opts(tx->table, device, device->next_opts);
}

static bool comes(const struct sluice_device *device)
{
	return device->born && !device->gone;
}

/* Those that come are all there before any device gets one of them. */
static void commit_new(struct sluice_device_tx *tx)
{
	struct sluice_device *device;

	list_for_each_entry(device, &tx->devices, tx) {
		if (!comes(device))
			continue;
		publish(tx, device);
		device->in_force = true;
	}
	list_for_each_entry(device, &tx->devices, tx)
		if (comes(device))
			sluice_ports_settle(tx->table, device);
}

static void commit_changed(struct sluice_device_tx *tx)
{
	struct sluice_device *device;

	list_for_each_entry(device, &tx->devices, tx)
		if (!device->born && !device->gone)
			publish(tx, device);
}

static void commit_gone(struct sluice_device_tx *tx)
{
	static const struct sluice_device_opts off;
	struct sluice_device *device;

	list_for_each_entry(device, &tx->devices, tx)
		if (device->gone)
			device->in_force = false;
	list_for_each_entry(device, &tx->devices, tx) {
		if (!device->gone)
			continue;
		sluice_ports_settle(tx->table, device);
		set_opts(tx->table, device, off);
	}
}

/*
 * What held before is in device->next and device->next_opts from here on. A
 * device goes straight from what held for it to what holds for it: first to
 * what is new, then what it stays with changes, then it leaves what goes.
 */
void sluice_device_tx_commit(struct sluice_device_tx *tx)
{
	bool has_pods;

	mutex_lock(&tx->table->lock);
	has_pods = tx->table->pod_count;
	commit_new(tx);
	commit_changed(tx);
	commit_gone(tx);
	if (!list_empty(&tx->devices) && (has_pods || tx->table->pod_count))
		schedule_work(&tx->table->pods_work);
	mutex_unlock(&tx->table->lock);
}

static void forget(struct sluice_device *device)
{
	list_del(&device->tx);
	sluice_ranges_put(device->next);
	device->next = NULL;
	device->touched = false;
	device->born = false;
	device->gone = false;
}

static void release(struct sluice_device_tx *tx, struct sluice_device *device,
		    bool goes)
{
	forget(device);
	if (!goes)
		return;
	sluice_device_remove(tx->table, device);
	sluice_device_free(device);
}

static void release_local(struct sluice_device_tx *tx)
{
	if (tx->holds_local)
		sluice_local_count(-1);
	tx->holds_local = false;
}

void sluice_device_tx_end(struct sluice_device_tx *tx)
{
	struct sluice_device *device, *next;

	list_for_each_entry_safe(device, next, &tx->devices, tx)
		release(tx, device, device->gone);
	release_local(tx);
}

void sluice_device_tx_abort(struct sluice_device_tx *tx)
{
	struct sluice_device *device, *next;

	list_for_each_entry_safe(device, next, &tx->devices, tx)
		release(tx, device, device->born);
	release_local(tx);
}
