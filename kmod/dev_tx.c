// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of bound devices. A device is made, and has its hook, when a change
 * names it; packets heed its addresses from the commit on.
 */
#include "alloc.h"
#include "dev_tx.h"

void sluice_device_tx_begin(struct sluice_device_tx *tx,
			    struct sluice_device_table *table)
{
	tx->table = table;
	INIT_LIST_HEAD(&tx->devices);
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
	list_add_tail(&device->tx, &tx->devices);
}

struct sluice_device *sluice_device_tx_find(struct sluice_device_tx *tx,
					    const char *name)
{
	struct sluice_device *device = sluice_device_find(tx->table, name);

	return device && !device->gone ? device : NULL;
}

static int create(struct sluice_device_tx *tx, const char *name,
		  struct sluice_device **created)
{
	struct sluice_device *device = sluice_alloc(sizeof(*device));
	int err;

	if (!device)
		return -ENOMEM;
	strscpy(device->name, name, sizeof(device->name));
	err = sluice_device_add(tx->table, device);
	if (err) {
		sluice_free(device);
		return err;
	}
	device->born = true;
	touch(tx, device);
	*created = device;
	return 0;
}

/* One that is to be deleted stays after all, with its counter. */
static int find_or_create(struct sluice_device_tx *tx, const char *name,
			  struct sluice_device **device)
{
	*device = sluice_device_find(tx->table, name);
	if (!*device)
		return create(tx, name, device);
	touch(tx, *device);
	(*device)->gone = false;
	return 0;
}

/**
 * sluice_device_tx_new() - bind a device to addresses, or to others
 * @tx: transaction
 * @name: valid name of a device, which need not be there
 * @addresses: at least one
 *
 * Process context, may sleep.
 *
 * Return: 0, -ENOSPC if there are too many devices, or -errno.
 */
int sluice_device_tx_new(struct sluice_device_tx *tx, const char *name,
			 const struct sluice_prefixes *addresses)
{
	static const struct sluice_prefixes none;
	struct sluice_device *device;
	struct sluice_ranges *next;
	int err;

	next = sluice_ranges_build(AF_UNSPEC, addresses, &none);
	if (!next)
		return -ENOMEM;
	err = find_or_create(tx, name, &device);
	if (err) {
		sluice_ranges_put(next);
		return err;
	}
	sluice_ranges_put(device->next);
	device->next = next;
	return 0;
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

bool sluice_device_tx_is_changed(const struct sluice_device *device)
{
	const struct sluice_ranges *old = device->next;

	if (device->born || device->gone)
		return device->born != device->gone;
	return !sluice_ranges_equal(old, rcu_access_pointer(device->addresses));
}

/* What held before is in device->next from here on. */
void sluice_device_tx_commit(struct sluice_device_tx *tx)
{
	struct sluice_device *device;
	struct sluice_ranges *old;

	list_for_each_entry(device, &tx->devices, tx) {
		if (device->gone)
			continue;
		old = addresses_of(tx, device);
		rcu_assign_pointer(device->addresses, device->next);
		device->next = old;
	}
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

void sluice_device_tx_end(struct sluice_device_tx *tx)
{
	struct sluice_device *device, *next;

	list_for_each_entry_safe(device, next, &tx->devices, tx)
		release(tx, device, device->gone);
}

void sluice_device_tx_abort(struct sluice_device_tx *tx)
{
	struct sluice_device *device, *next;

	list_for_each_entry_safe(device, next, &tx->devices, tx)
		release(tx, device, device->born);
}
