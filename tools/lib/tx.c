// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transactions: a message that grows by one nest a change. ops.c sends it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "tx.h"

/* The longest change: its objects with full lists of prefixes. */
#define CHANGE_SIZE_MAX	(64 * 1024)

/**
 * sluice_tx_begin - begin a transaction
 * @tx: where to put it; sluice_tx_free() afterwards
 *
 * Return: 0 or -ENOMEM.
 */
int sluice_tx_begin(struct sluice_tx **tx)
{
	struct sluice_tx *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->room = 2 * CHANGE_SIZE_MAX;
	new->nlh = malloc(new->room);
	if (!new->nlh) {
		free(new);
		return -ENOMEM;
	}
	mnl_nlmsg_put_header(new->nlh);
	mnl_nlmsg_put_extra_header(new->nlh, sizeof(struct genlmsghdr));
	*tx = new;
	return 0;
}

/**
 * sluice_tx_free - forget a transaction
 * @tx: the transaction; may be NULL
 */
void sluice_tx_free(struct sluice_tx *tx)
{
	if (!tx)
		return;
	free(tx->nlh);
	free(tx);
}

static int make_room(struct sluice_tx *tx)
{
	struct nlmsghdr *nlh;

	if (tx->room - tx->nlh->nlmsg_len >= CHANGE_SIZE_MAX)
		return 0;
	if (tx->room > UINT32_MAX / 2)
		return -EMSGSIZE;
	nlh = realloc(tx->nlh, 2 * tx->room);
	if (!nlh)
		return -ENOMEM;
	tx->nlh = nlh;
	tx->room *= 2;
	return 0;
}

/* The family has bits of its own for the flags. */
static uint32_t change_flags(unsigned int flags)
{
	return (flags & NLM_F_CREATE ? SLUICE_CHANGE_FLAG_CREATE : 0) |
	       (flags & NLM_F_EXCL ? SLUICE_CHANGE_FLAG_EXCL : 0) |
	       (flags & NLM_F_REPLACE ? SLUICE_CHANGE_FLAG_REPLACE : 0);
}

/* Of each object what is not only in answers. */
static void put_objects(struct nlmsghdr *nlh,
			const struct sluice_change *change)
{
	static const uint32_t masks[] = {
		[SLUICE_A_CHANGE_SERVICE] = SLUICE_SERVICE_KEY |
					    SLUICE_SERVICE_CONFIG,
		[SLUICE_A_CHANGE_BACKEND] = SLUICE_BACKEND_KEY |
					    SLUICE_BACKEND_CONFIG,
		[SLUICE_A_CHANGE_SETTINGS] = SLUICE_SETTINGS_ALL,
		[SLUICE_A_CHANGE_IDENTITY] = SLUICE_IDENTITY_KEY |
					     SLUICE_IDENTITY_CONFIG,
		[SLUICE_A_CHANGE_RULE] = SLUICE_RULE_KEY | SLUICE_RULE_CONFIG,
		[SLUICE_A_CHANGE_SUBJECT] = SLUICE_SUBJECT_KEY |
					    SLUICE_SUBJECT_CONFIG,
		[SLUICE_A_CHANGE_DEVICE] = SLUICE_DEVICE_KEY |
					   SLUICE_DEVICE_CONFIG,
	};
	const struct sluice_attr *attr = sluice_change_attrs.attr;
	unsigned int type;

	for (type = 1; type < sizeof(masks) / sizeof(*masks); type++)
		if (masks[type] && (change->has & SLUICE_HAS(type)))
			sluice_put(nlh, type, attr[type].nested,
				   (const char *)change + attr[type].offset,
				   masks[type]);
}

/**
 * sluice_tx_add - add a change
 * @tx: the transaction
 * @change: what to do, and its objects: those its @has names; its flags are
 *	not looked at
 * @flags: NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE
 *
 * What only answers have is left out of the objects.
 *
 * Return: 0, -ENOMEM, or -EMSGSIZE if no message can have that many.
 */
int sluice_tx_add(struct sluice_tx *tx, const struct sluice_change *change,
		  unsigned int flags)
{
	struct nlattr *nest;
	int ret = make_room(tx);

	if (ret)
		return ret;
	nest = mnl_attr_nest_start(tx->nlh, SLUICE_A_CHANGE);
	mnl_attr_put_u32(tx->nlh, SLUICE_A_CHANGE_OP, change->op);
	if (change_flags(flags))
		mnl_attr_put_u32(tx->nlh, SLUICE_A_CHANGE_FLAGS,
				 change_flags(flags));
	put_objects(tx->nlh, change);
	mnl_attr_nest_end(tx->nlh, nest);
	return 0;
}
