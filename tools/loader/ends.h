/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device and, of a veth, its other end in whatever namespace; and what is
 * changed at both, so that frames arrive.
 */
#ifndef SLUICE_LOADER_ENDS_H
#define SLUICE_LOADER_ENDS_H

#include "ethtool.h"
#include "link.h"

/**
 * struct ends - a device and its other end
 * @own: the device's name
 * @veth: whether it has another end
 * @netns: that one's namespace
 * @peer: that one's name there
 */
struct ends {
	const char *own;
	bool veth;
	int netns;
	char peer[IF_NAMESIZE];
};

/**
 * struct change - of one feature or number of queues
 * @peer: of the other end
 * @name: as of ethtool_get()
 * @before: what it was
 * @after: what it is to be
 */
struct change {
	bool peer;
	char name[FEATURE_SIZE];
	uint32_t before;
	uint32_t after;
};

#define CHANGES_MAX	16

struct changes {
	size_t count;
	struct change change[CHANGES_MAX];
};

int ends_open(struct ends *ends, const struct link *link,
	      struct sluice_error *err);
void ends_close(struct ends *ends);

int changes_plan(struct changes *changes, const struct ends *ends, bool native,
		 struct sluice_error *err);
int changes_make(const struct changes *changes, const struct ends *ends,
		 struct sluice_error *err);
int changes_undo(const struct changes *changes, const struct ends *ends,
		 struct sluice_error *err);

#endif /* SLUICE_LOADER_ENDS_H */
