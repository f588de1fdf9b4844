// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In the place of all that loads programs, where they could not be built.
 */
#include <errno.h>

#include "absent.h"
#include "xdp.h"

/**
 * absent - say why nothing can be loaded
 * @err: says it
 *
 * Return: -EOPNOTSUPP.
 */
int absent(struct sluice_error *err)
{
	sluice_error_set(err, -EOPNOTSUPP,
			 "this command was built without clang, bpftool or libbpf, and so without BPF programs");
	return -EOPNOTSUPP;
}

int xdp_attach(const struct xdp_request *request, xdp_note_fn note,
	       struct sluice_error *err)
{
	(void)request;
	(void)note;
	return absent(err);
}

int xdp_detach(const char *device, struct sluice_error *err)
{
	(void)device;
	return absent(err);
}

int xdp_show(const char *device, xdp_fn fn, void *arg, struct sluice_error *err)
{
	(void)device;
	(void)fn;
	(void)arg;
	return absent(err);
}
