/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kubernetes' labels, and the selectors that pick objects by them.
 */
#ifndef SLUICE_LABELS_H
#define SLUICE_LABELS_H

#include "place.h"

struct label {
	const char *key;
	const char *value;
};

/**
 * struct labels - the labels of an object
 * @label: sorted by key
 * @count: how many
 */
struct labels {
	struct label *label;
	size_t count;
};

/**
 * struct selector - requirements that must all be met
 * @requirements: of struct requirement; none: everything is picked
 */
struct selector {
	struct netpol_list requirements;
};

int labels_read(const struct place *up, struct arena *arena,
		struct labels *labels);
void labels_set(struct arena *arena, struct labels *labels, const char *key,
		const char *value);
int selector_read(const struct place *place, struct arena *arena,
		  struct selector *selector);
bool selector_picks(const struct selector *selector,
		    const struct labels *labels);

#endif /* SLUICE_LABELS_H */
