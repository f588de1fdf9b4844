// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In the place of mode sockmap, where programs could not be built.
 */
#include "absent.h"
#include "sockmap.h"

int sockmap_enable(const struct sockmap_request *request, sockmap_note_fn note,
		   struct sluice_error *err)
{
	(void)request;
	(void)note;
	return absent(err);
}

int sockmap_disable(struct sluice_error *err)
{
	return absent(err);
}

/* None can have been enabled, as far as this command knows. */
int sockmap_show(sockmap_fn fn, void *arg, struct sluice_error *err)
{
	(void)fn;
	(void)arg;
	(void)err;
	return 0;
}
