// SPDX-License-Identifier: GPL-2.0
/*
 * Transactions.
 */
#include <linux/netlink.h>
#include <linux/sched.h>

#include "sched.h"
#include "tx.h"

/**
 * DOC: Transactions
 *
 * Every change of services and backends is a transaction, be it one netlink
 * request for one object or a list of a hundred thousand. While it is
 * prepared, everything is checked and allocated; packets go on as before.
 * From then on nothing can fail. One store raises the revision and with it
 * makes all of the changes visible at once. If it is given up before, nothing
 * has happened.
 *
 * What is prepared is in the tables already, where packets come across it, but
 * belongs to the next revision:
 *
 * - a new service has @since set to it;
 * - a deleted service has @until set to it;
 * - a changed service has a new picker with @since set to it, and behind it
 *   the present picker as @prev.
 *
 * A packet loads the revision first and looks at everything else as of that
 * revision, so it sees all of a transaction or nothing. An address can have an
 * old and a new service while a transaction replaces one by the other; a
 * look-up finds the one that is visible. Of backends, packets see those in the
 * picker they look at. Established flows see their backend only: its states
 * @dead and @opts are written just before the revision is raised, and looked
 * at by the next packet of a flow that was decided at an older one.
 *
 * Ordering: everything is written before the revision is raised with release
 * semantics, and read after it was loaded with acquire semantics. The former
 * things are removed after the store, so a packet with the old revision may
 * come too late to find them. Old pickers, services and backends are freed
 * after a grace period, and whoever does not find the old picker takes the new
 * one. Whoever does not find a service looks at the revision again, behind a
 * read barrier, and tries once more if it has risen: the removal is ordered
 * behind the rise. If a transaction is given up, what it has put in the tables
 * is removed before another one can use the same revision.
 */

/* The caller holds the configuration lock until the end. */
void sluice_tx_begin(struct sluice_tx *tx, struct sluice_service_table *table)
{
	sluice_service_table_assert_locked(table);
	*tx = (struct sluice_tx) {
		.table = table,
		.revision = table->revision + 1,
	};
	INIT_LIST_HEAD(&tx->services);
	INIT_LIST_HEAD(&tx->backends);
}

static struct sluice_picker *picker_of(const struct sluice_tx *tx,
				       const struct sluice_service *service)
{
	return rcu_dereference_protected(service->picker,
					 lockdep_is_held(tx->table->lock));
}

static struct sluice_picker *prev_of(const struct sluice_tx *tx,
				     const struct sluice_picker *picker)
{
	return rcu_dereference_protected(picker->prev,
					 lockdep_is_held(tx->table->lock));
}

static void touch_service(struct sluice_tx *tx, struct sluice_service *service)
{
	if (service->touched)
		return;
	service->touched = true;
	list_add_tail(&service->tx, &tx->services);
}

static void touch_backend(struct sluice_tx *tx, struct sluice_backend *backend)
{
	touch_service(tx, backend->service);
	if (backend->touched)
		return;
	backend->touched = true;
	list_add_tail(&backend->tx, &tx->backends);
}

static void service_changed(struct sluice_tx *tx,
			    struct sluice_service *service)
{
	service->changed = true;
	service->dirty = true;
	tx->changed = true;
}

static void backend_changed(struct sluice_tx *tx,
			    struct sluice_backend *backend)
{
	touch_backend(tx, backend);
	backend->changed = true;
	backend->service->dirty = true;
	tx->changed = true;
}

/* ------------------------------------------------------------------ services */

static struct sluice_service *lookup(struct sluice_tx *tx,
				     const struct sluice_l4addr *addr)
{
	return sluice_service_lookup(tx->table, addr, tx->revision);
}

struct sluice_service *sluice_tx_find_service(struct sluice_tx *tx,
					      const struct sluice_l4addr *addr)
{
	struct sluice_service *service = lookup(tx, addr);

	return service && tx->only_named && !service->named ? NULL : service;
}

static struct sluice_service *service_add(struct sluice_tx *tx,
					  const struct sluice_service_cfg *cfg)
{
	struct sluice_service *service;
	int err;

	service = sluice_service_alloc(cfg);
	if (!service)
		return ERR_PTR(-ENOMEM);

	service->since = tx->revision;
	err = sluice_service_link(tx->table, service);
	if (err) {
		sluice_service_put(service);
		return ERR_PTR(err);
	}
	touch_service(tx, service);
	service_changed(tx, service);
	return service;
}

static int service_change(struct sluice_tx *tx, struct sluice_service *service,
			  const struct sluice_service_opts *from,
			  const struct sluice_service_cfg *cfg)
{
	struct sluice_service_opts opts = {};
	int err;

	touch_service(tx, service);
	sluice_service_opts_replace(&opts, from);
	err = sluice_service_opts_merge(&opts, cfg);
	if (!err && !sluice_service_opts_equal(&opts, &service->opts)) {
		sluice_service_opts_replace(&service->opts, &opts);
		service_changed(tx, service);
	}
	sluice_ranges_put(opts.ranges);
	return err;
}

/**
 * sluice_tx_service_new() - create a service, or change it if it exists
 * @tx: transaction
 * @cfg: what it is to be; what is not given stays, or is as for a new one
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_tx_service_new(struct sluice_tx *tx,
			  const struct sluice_service_cfg *cfg)
{
	struct sluice_service *service = lookup(tx, &cfg->addr);
	const struct sluice_service_opts *from;
	int err = 0;

	if (!service) {
		service = service_add(tx, cfg);
		if (IS_ERR(service))
			return PTR_ERR(service);
	} else {
		/* One that was not named yet begins anew. */
		from = sluice_tx_find_service(tx, &cfg->addr) ?
		       &service->opts : &sluice_service_default_opts;
		err = service_change(tx, service, from, cfg);
	}
	service->named = true;
	return err;
}

/* Delete a service with its backends. */
void sluice_tx_service_del(struct sluice_tx *tx, struct sluice_service *service)
{
	touch_service(tx, service);
	WRITE_ONCE(service->until, tx->revision);
	tx->changed = true;
}

static void delete_services(struct sluice_tx *tx, bool named)
{
	struct sluice_service *service;
	unsigned long id;

	xa_for_each(&tx->table->ids, id, service) {
		if (!sluice_tx_is_gone(service) && (named || !service->named))
			sluice_tx_service_del(tx, service);
		cond_resched();
	}
}

/* Delete all services. */
void sluice_tx_service_flush(struct sluice_tx *tx)
{
	delete_services(tx, true);
}

/**
 * sluice_tx_replace_all() - have nothing but what is created from now on
 * @tx: transaction
 *
 * To the rest of the transaction nothing exists any more. Services and
 * backends that are created again are those there were: they keep their flows
 * and counters. The others are deleted at the end.
 */
void sluice_tx_replace_all(struct sluice_tx *tx)
{
	struct sluice_service *service;
	struct sluice_backend *backend;

	tx->only_named = true;
	list_for_each_entry(service, &tx->services, tx)
		service->named = false;
	list_for_each_entry(backend, &tx->backends, tx)
		backend->named = false;
}

/* ------------------------------------------------------------------ backends */

static bool only_named_backends(const struct sluice_tx *tx,
				const struct sluice_service *service)
{
	return tx->only_named || service->only_named;
}

struct sluice_backend *sluice_tx_find_backend(struct sluice_tx *tx,
					      struct sluice_service *service,
					      const struct sluice_l4addr *addr)
{
	struct sluice_backend *backend;

	backend = sluice_backend_find(tx->table, service, addr);
	if (backend && only_named_backends(tx, service) && !backend->named)
		return NULL;
	return backend;
}

static struct sluice_backend *backend_add(struct sluice_tx *tx,
					  struct sluice_service *service,
					  const struct sluice_l4addr *addr)
{
	struct sluice_backend *backend;

	backend = sluice_backend_link(tx->table, service, addr);
	if (IS_ERR(backend))
		return backend;

	service->backend_count++;
	backend->born = true;
	backend_changed(tx, backend);
	return backend;
}

static void backend_change(struct sluice_tx *tx, struct sluice_backend *backend,
			   const struct sluice_backend_opts *from,
			   const struct sluice_backend_cfg *cfg)
{
	struct sluice_backend_opts opts = *from;

	touch_backend(tx, backend);
	sluice_backend_opts_merge(&opts, cfg);
	if (!memcmp(&opts, &backend->next, sizeof(opts)))
		return;

	backend->next = opts;
	backend_changed(tx, backend);
}

/* A service that gets other backends may have too many only for a while. */
static bool is_full(const struct sluice_tx *tx,
		    const struct sluice_service *service)
{
	return !only_named_backends(tx, service) &&
	       service->backend_count >= SLUICE_SERVICE_BACKENDS_MAX;
}

static int refuse_full(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "the service has as many backends as a service may have");
	return -ENOSPC;
}

/**
 * sluice_tx_backend_new() - create a backend, or change it if it exists
 * @tx: transaction
 * @service: its service
 * @cfg: what it is to be; what is not given stays, or is as for a new one
 * @extack: for the reason of a refusal
 *
 * Return: 0, -ENOSPC or -ENOMEM.
 */
int sluice_tx_backend_new(struct sluice_tx *tx, struct sluice_service *service,
			  const struct sluice_backend_cfg *cfg,
			  struct netlink_ext_ack *extack)
{
	const struct sluice_backend_opts *from = &sluice_backend_default_opts;
	struct sluice_backend *backend;

	backend = sluice_backend_find(tx->table, service, &cfg->addr);
	if (!backend) {
		if (is_full(tx, service))
			return refuse_full(extack);
		backend = backend_add(tx, service, &cfg->addr);
		if (IS_ERR(backend))
			return PTR_ERR(backend);
	} else if (backend->named || !only_named_backends(tx, service)) {
		from = &backend->next;
	}
	backend_change(tx, backend, from, cfg);
	backend->named = true;
	return 0;
}

void sluice_tx_backend_del(struct sluice_tx *tx, struct sluice_backend *backend)
{
	backend->service->backend_count--;
	backend->gone = true;
	backend_changed(tx, backend);
}

static void delete_backends(struct sluice_tx *tx,
			    struct sluice_service *service, bool named)
{
	struct sluice_backend *backend;

	list_for_each_entry(backend, &service->backends, list)
		if (!backend->gone && (named || !backend->named))
			sluice_tx_backend_del(tx, backend);
}

/* Delete all backends of a service. */
void sluice_tx_backend_flush(struct sluice_tx *tx,
			     struct sluice_service *service)
{
	delete_backends(tx, service, true);
}

/* As sluice_tx_replace_all(), of the backends of one service. */
void sluice_tx_backend_replace_all(struct sluice_tx *tx,
				   struct sluice_service *service)
{
	struct sluice_backend *backend;

	touch_service(tx, service);
	service->only_named = true;
	list_for_each_entry(backend, &service->backends, list)
		backend->named = false;
}

/* ---------------------------------------------------------------- the commit */

static int rebuild(struct sluice_tx *tx, struct sluice_service *service)
{
	struct sluice_picker *picker;

	picker = sluice_picker_build(service, tx->revision);
	if (!picker)
		return -ENOMEM;

	RCU_INIT_POINTER(picker->prev, picker_of(tx, service));
	rcu_assign_pointer(service->picker, picker);
	return 0;
}

static int prepare_echo(struct sluice_tx *tx, struct sluice_service *service)
{
	int err;

	if (!service->opts.echo || service->echo)
		return 0;
	err = sluice_service_echo_on(tx->table, service);
	service->echo = service->echo_new = !err;
	return err;
}

static void end_echo(struct sluice_tx *tx, struct sluice_service *service,
		     bool wanted)
{
	if (service->echo && !wanted) {
		sluice_service_echo_off(tx->table, service);
		service->echo = false;
	}
	service->echo_new = false;
}

static bool is_relayed(const struct sluice_service *service)
{
	return service->opts.forward == SLUICE_FORWARD_RELAY;
}

static int refuse_other_port(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "with forward l2 or tunnel all backends must have the service's port");
	return -EINVAL;
}

static int prepare_forward(struct sluice_tx *tx, struct sluice_service *service,
			   struct netlink_ext_ack *extack)
{
	struct sluice_backend *backend;
	int err;

	if (service->opts.forward == SLUICE_FORWARD_NAT)
		return 0;
	/* Ahead of the first packet that another node may send. */
	if (is_relayed(service))
		sluice_service_count_relayed(tx->table, service, true);
	list_for_each_entry(backend, &service->backends, list) {
		if (backend->gone)
			continue;
		if (!sluice_service_takes_port(service, backend->addr.port))
			return refuse_other_port(extack);
		err = sluice_backend_prepare_way_out(backend);
		if (err) {
			NL_SET_ERR_MSG(extack, "no memory for a backend's route");
			return err;
		}
	}
	return 0;
}

static int prepare_dirty(struct sluice_tx *tx, struct sluice_service *service,
			 struct netlink_ext_ack *extack)
{
	int err;

	err = prepare_forward(tx, service, extack);
	if (err)
		return err;
	err = rebuild(tx, service) ?: prepare_echo(tx, service);
	if (err)
		NL_SET_ERR_MSG(extack, "no memory for the candidates of a service");
	return err;
}

static int prepare_service(struct sluice_tx *tx, struct sluice_service *service,
			   struct netlink_ext_ack *extack)
{
	if (only_named_backends(tx, service))
		delete_backends(tx, service, false);
	if (service->backend_count > SLUICE_SERVICE_BACKENDS_MAX)
		return refuse_full(extack);
	return service->dirty ? prepare_dirty(tx, service, extack) : 0;
}

/**
 * sluice_tx_prepare() - do all that can fail
 * @tx: transaction; there are no more operations
 * @extack: for the reason of a refusal
 *
 * Return: 0, -EINVAL, -ENOSPC or -ENOMEM.
 */
int sluice_tx_prepare(struct sluice_tx *tx, struct netlink_ext_ack *extack)
{
	struct sluice_service *service;
	int err;

	if (tx->only_named)
		delete_services(tx, false);
	list_for_each_entry(service, &tx->services, tx) {
		err = sluice_tx_is_gone(service) ? 0 :
		      prepare_service(tx, service, extack);
		if (err) {
			tx->refused = service;
			return err;
		}
		cond_resched();
	}
	return 0;
}

static void commit_backend(struct sluice_backend *backend)
{
	WRITE_ONCE(backend->opts.weight, backend->next.weight);
	WRITE_ONCE(backend->opts.state, backend->next.state);
	WRITE_ONCE(backend->opts.local, backend->next.local);
	WRITE_ONCE(backend->dead, backend->gone);
}

static void kill_backends(struct sluice_service *service)
{
	struct sluice_backend *backend;

	list_for_each_entry(backend, &service->backends, list)
		WRITE_ONCE(backend->dead, true);
}

static void commit_service(struct sluice_service *service)
{
	WRITE_ONCE(service->removal, service->opts.removal);
	if (sluice_tx_is_gone(service))
		kill_backends(service);
}

static bool loses_flows(const struct sluice_backend *backend)
{
	return backend->changed && !sluice_backend_keeps_flows(backend) &&
	       atomic_read(&backend->flow_count);
}

/*
 * Whether something that goes or is down has flows. A packet that has loaded the
 * revision before may still begin one that is not counted yet: it is of that
 * revision, so its next packet looks at it again, or the collector when it comes
 * by on its round. Whatever has no backend is left to these two, too, when a new
 * service or a setting makes it wrong.
 */
static bool ends_flows(const struct sluice_tx *tx)
{
	const struct sluice_service *service;
	const struct sluice_backend *backend;

	list_for_each_entry(service, &tx->services, tx)
		if (sluice_tx_is_gone(service) &&
		    atomic_read(&service->flow_count))
			return true;
	list_for_each_entry(backend, &tx->backends, tx)
		if (loses_flows(backend))
			return true;
	return false;
}

/**
 * sluice_tx_commit() - make the changes visible
 * @tx: transaction, prepared
 *
 * What has gone is still there until sluice_tx_end(), to be told of. The
 * release pairs with sluice_service_table_revision().
 */
void sluice_tx_commit(struct sluice_tx *tx)
{
	struct sluice_service *service;
	struct sluice_backend *backend;

	list_for_each_entry(backend, &tx->backends, tx)
		commit_backend(backend);
	list_for_each_entry(service, &tx->services, tx)
		commit_service(service);
	if (tx->changed)
		smp_store_release(&tx->table->revision, tx->revision);
	tx->ends_flows = ends_flows(tx);
}

static void forget_backend(struct sluice_backend *backend)
{
	list_del(&backend->tx);
	backend->touched = false;
	backend->named = false;
	backend->changed = false;
	backend->born = false;
}

static void forget_service(struct sluice_service *service)
{
	list_del(&service->tx);
	service->touched = false;
	service->named = false;
	service->changed = false;
	service->dirty = false;
	service->only_named = false;
}

static void drop_old_picker(struct sluice_tx *tx,
			    struct sluice_service *service)
{
	struct sluice_picker *picker = picker_of(tx, service);

	if (!picker)
		return;
	sluice_picker_free_later(prev_of(tx, picker));
	RCU_INIT_POINTER(picker->prev, NULL);
}

/* The service keeps its picker for the readers that still have it. */
static void release_service(struct sluice_tx *tx,
			    struct sluice_service *service)
{
	struct sluice_backend *backend, *next;

	list_for_each_entry_safe(backend, next, &service->backends, list)
		sluice_backend_unlink(tx->table, backend);
	sluice_service_unlink(tx->table, service);
	sluice_picker_free_later(picker_of(tx, service));
	sluice_service_put(service);
}

/* Let go of what is over; @tx is committed. */
void sluice_tx_end(struct sluice_tx *tx)
{
	struct sluice_service *service, *next_service;
	struct sluice_backend *backend, *next_backend;

	list_for_each_entry_safe(backend, next_backend, &tx->backends, tx) {
		forget_backend(backend);
		if (backend->gone)
			sluice_backend_unlink(tx->table, backend);
	}
	list_for_each_entry_safe(service, next_service, &tx->services, tx) {
		forget_service(service);
		drop_old_picker(tx, service);
		end_echo(tx, service, service->opts.echo &&
				      !sluice_tx_is_gone(service));
		sluice_service_count_relayed(tx->table, service,
					     is_relayed(service));
		if (sluice_tx_is_gone(service))
			release_service(tx, service);
		cond_resched();
	}
}

static void undo_backend(struct sluice_tx *tx, struct sluice_backend *backend)
{
	bool born = backend->born;

	forget_backend(backend);
	if (born != backend->gone)
		backend->service->backend_count += born ? -1 : 1;
	if (born) {
		sluice_backend_unlink(tx->table, backend);
		return;
	}
	backend->gone = false;
	backend->next = backend->opts;
}

static void undo_picker(struct sluice_tx *tx, struct sluice_service *service)
{
	struct sluice_picker *picker = picker_of(tx, service);

	if (!picker || picker->since != tx->revision)
		return;
	rcu_assign_pointer(service->picker, prev_of(tx, picker));
	sluice_picker_free_later(picker);
}

static void undo_service(struct sluice_tx *tx, struct sluice_service *service)
{
	forget_service(service);
	undo_picker(tx, service);
	end_echo(tx, service, !service->echo_new);
	if (sluice_tx_is_born(tx, service)) {
		sluice_service_unlink(tx->table, service);
		sluice_service_put(service);
		return;
	}
	WRITE_ONCE(service->until, SLUICE_REVISION_NEVER);
	sluice_service_opts_replace(&service->opts,
				    &picker_of(tx, service)->opts);
	sluice_service_count_relayed(tx->table, service, is_relayed(service));
}

/* Give up: everything is as it was before; @tx is not committed. */
void sluice_tx_abort(struct sluice_tx *tx)
{
	struct sluice_service *service, *next_service;
	struct sluice_backend *backend, *next_backend;

	list_for_each_entry_safe(backend, next_backend, &tx->backends, tx)
		undo_backend(tx, backend);
	list_for_each_entry_safe(service, next_service, &tx->services, tx) {
		undo_service(tx, service);
		cond_resched();
	}
}

/* Leave nothing; cannot fail. */
void sluice_tx_delete_all(struct sluice_service_table *table)
{
	struct sluice_tx tx;

	sluice_tx_begin(&tx, table);
	sluice_tx_service_flush(&tx);
	sluice_tx_commit(&tx);
	sluice_tx_end(&tx);
}
