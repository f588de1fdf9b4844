// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In the place of chain.c where libxdp was missing: programs are alone.
 */
#include <errno.h>

#include "chain.h"

bool chain_is_there(const struct link *link)
{
	(void)link;
	return false;
}

int chain_attach(const struct program *program, const struct link *link,
		 bool generic, struct sluice_error *err)
{
	(void)program;
	(void)link;
	(void)generic;
	sluice_error_set(err, -EOPNOTSUPP, NULL);
	return -EOPNOTSUPP;
}

int chain_detach(uint32_t id, const struct link *link, struct sluice_error *err)
{
	(void)id;
	(void)link;
	sluice_error_set(err, -EOPNOTSUPP,
			 "its program is called by libxdp's dispatcher, and this command was built without libxdp");
	return -EOPNOTSUPP;
}
