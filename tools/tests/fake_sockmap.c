// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In the place of what loads the programs of mode sockmap: what is asked for is
 * shown, as if it were enabled.
 */
#include <errno.h>

#include "sockmap.h"

static struct sockmap_status status;

int sockmap_enable(const struct sockmap_request *request, sockmap_note_fn note,
		   struct sluice_error *err)
{
	uint32_t i;

	(void)note;
	if (status.enabled) {
		sluice_error_set(err, -EEXIST, "mode sockmap is enabled already: disable it first");
		return -EEXIST;
	}
	status = (struct sockmap_status) {
		.enabled = true,
		.settings = request->settings,
		.sockets = 3,
	};
	for (i = 0; i < request->settings.filters; i++)
		status.filters[i] = request->filters[i];
	for (i = 0; i < SLUICE_SOCKMAP_COUNTER_COUNT; i++)
		status.counters[i] = 10 + i;
	status.counters[SLUICE_SOCKMAP_COUNTER_COUNT + SLUICE_SOCKMAP_MEMORY] = 5;
	return 0;
}

int sockmap_disable(struct sluice_error *err)
{
	if (!status.enabled) {
		sluice_error_set(err, -ENOENT, "mode sockmap is not enabled");
		return -ENOENT;
	}
	status = (struct sockmap_status) { .enabled = false };
	return 0;
}

int sockmap_show(sockmap_fn fn, void *arg, struct sluice_error *err)
{
	(void)err;
	if (status.enabled)
		fn(&status, arg);
	return 0;
}
