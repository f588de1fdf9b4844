// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device and, of a veth, its other end in whatever namespace; and what is
 * changed at both, so that frames arrive.
 *
 * A frame is less than a packet of the stack: it has no checksum that is still
 * to be computed, and no VLAN tag beside it. So what sends into a program must
 * do both by itself. And a veth's end receives frames only with GRO, or with a
 * program of its own; without, they vanish.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"
#include "netns.h"

/**
 * struct wish - what an end should have
 * @veth: of a veth, or else of any other device
 * @native: only for a native program: a generic one sees packets, which keep
 *	their checksum's state
 * @name: as of ethtool_get()
 * @value: what it should be
 *
 * Of a veth it is the other end's: what this one receives, that one has sent.
 */
static const struct wish {
	bool veth;
	bool native;
	const char *name;
	uint32_t value;
} wishes[] = {
	{ true, true, "rx-gro", 1 },
	{ true, true, "tx-checksum-ipv4", 0 },
	{ true, true, "tx-checksum-ip-generic", 0 },
	{ true, true, "tx-checksum-ipv6", 0 },
	{ true, true, "tx-checksum-sctp", 0 },
	{ true, false, "tx-vlan-hw-insert", 0 },
	{ true, false, "tx-vlan-stag-hw-insert", 0 },
	{ false, false, "rx-vlan-hw-parse", 0 },
	{ false, false, "rx-vlan-stag-hw-parse", 0 },
};

struct search {
	uint32_t ifindex;
	char *name;
};

static int find_name(void *arg, struct sluice_error *err)
{
	const struct search *search = arg;
	const struct link *link;
	struct links links;
	int ret;

	ret = links_read(&links, err);
	if (ret)
		return ret;
	link = links_at(&links, search->ifindex);
	if (link)
		snprintf(search->name, IF_NAMESIZE, "%s", link->name);
	links_free(&links);
	if (link)
		return 0;
	sluice_error_set(err, -ENODEV, "its other end is gone");
	return -ENODEV;
}

/**
 * ends_open - find the other end of a device
 * @ends: where to put it; ends_close() afterwards
 * @link: the device, which must stay
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int ends_open(struct ends *ends, const struct link *link,
	      struct sluice_error *err)
{
	struct search search = { .ifindex = link->lower, .name = ends->peer };
	int ret;

	*ends = (struct ends) {
		.own = link->name,
		.veth = link_is_veth(link),
		.netns = -1,
	};
	if (!ends->veth)
		return 0;
	ret = netns_of(link, err);
	if (ret < 0)
		return ret;
	ends->netns = ret;
	ret = netns_do(ends->netns, find_name, &search, err);
	if (ret)
		ends_close(ends);
	return ret;
}

/**
 * ends_close - forget the other end
 * @ends: the device and that
 */
void ends_close(struct ends *ends)
{
	if (ends->netns >= 0)
		close(ends->netns);
	ends->netns = -1;
}

/* What is got or set at one of the ends. */
struct step {
	const struct ends *ends;
	bool peer;
	const char *name;
	uint32_t value;
};

static const char *device_of(const struct step *step)
{
	return step->peer ? step->ends->peer : step->ends->own;
}

/* No error is kept: a device that does not have it does not need it. */
static int get(void *arg, struct sluice_error *err)
{
	struct step *step = arg;

	(void)err;
	return ethtool_get(device_of(step), step->name, &step->value);
}

static int set(void *arg, struct sluice_error *err)
{
	const struct step *step = arg;

	return ethtool_set(device_of(step), step->name, step->value, err);
}

static int take(struct step *step, netns_fn fn, struct sluice_error *err)
{
	if (step->peer)
		return netns_do(step->ends->netns, fn, step, err);
	return fn(step, err);
}

static void add(struct changes *changes, const struct step *step,
		uint32_t after)
{
	struct change *change;

	if (step->value == after || changes->count == CHANGES_MAX)
		return;
	change = &changes->change[changes->count++];
	change->peer = step->peer;
	snprintf(change->name, sizeof(change->name), "%s", step->name);
	change->before = step->value;
	change->after = after;
}

static void plan_feature(struct changes *changes, const struct ends *ends,
			 const struct wish *wish)
{
	struct step step = {
		.ends = ends,
		.peer = wish->veth,
		.name = wish->name,
	};
	struct sluice_error err;

	if (!take(&step, get, &err))
		add(changes, &step, wish->value);
}

/* A native program wants a queue here for each by which the other end sends. */
static int plan_queues(struct changes *changes, const struct ends *ends,
		       struct sluice_error *err)
{
	struct step rx = { .ends = ends, .name = RX_QUEUES };
	struct step tx = { .ends = ends, .name = TX_QUEUES, .peer = true };
	int ret;

	ret = take(&rx, get, err);
	if (!ret)
		ret = take(&tx, get, err);
	if (ret) {
		sluice_error_set(err, ret, "its queues cannot be counted: %s",
				 strerror(-ret));
		return ret;
	}
	if (rx.value < tx.value)
		add(changes, &rx, tx.value);
	return 0;
}

/**
 * changes_plan - what must be changed for a program
 * @changes: where to put it
 * @ends: where
 * @native: whether the program is native
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int changes_plan(struct changes *changes, const struct ends *ends, bool native,
		 struct sluice_error *err)
{
	size_t i;

	changes->count = 0;
	for (i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
		if (wishes[i].veth == ends->veth &&
		    (native || !wishes[i].native))
			plan_feature(changes, ends, &wishes[i]);
	if (native && ends->veth)
		return plan_queues(changes, ends, err);
	return 0;
}

static int make(const struct change *change, const struct ends *ends,
		uint32_t value, struct sluice_error *err)
{
	struct step step = {
		.ends = ends,
		.peer = change->peer,
		.name = change->name,
		.value = value,
	};

	return take(&step, set, err);
}

/**
 * changes_make - make changes, all or none
 * @changes: those
 * @ends: where
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int changes_make(const struct changes *changes, const struct ends *ends,
		 struct sluice_error *err)
{
	struct changes made = { 0 };
	struct sluice_error undo;
	int ret = 0;

	for (; !ret && made.count < changes->count; made.count++) {
		made.change[made.count] = changes->change[made.count];
		ret = make(&changes->change[made.count], ends,
			   changes->change[made.count].after, err);
	}
	if (ret)
		changes_undo(&made, ends, &undo);
	return ret;
}

/**
 * changes_undo - make changes undone, the last first
 * @changes: those
 * @ends: where
 * @err: says why one of them failed; the others are undone
 *
 * Return: 0 or -errno.
 */
int changes_undo(const struct changes *changes, const struct ends *ends,
		 struct sluice_error *err)
{
	struct sluice_error one;
	size_t i = changes->count;
	int ret = 0;

	while (i--) {
		if (!make(&changes->change[i], ends, changes->change[i].before,
			  &one))
			continue;
		*err = one;
		ret = one.code;
	}
	return ret;
}
