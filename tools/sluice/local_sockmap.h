/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of sluice local that are about mode sockmap.
 */
#ifndef SLUICE_LOCAL_SOCKMAP_H
#define SLUICE_LOCAL_SOCKMAP_H

#include "cli.h"

#define LOCAL_SOCKMAP	"sockmap"

enum exit_code local_sockmap_enable(struct cli *cli, struct words *words);
enum exit_code local_sockmap_disable(struct cli *cli, struct words *words);
int local_sockmap_show(struct cli *cli, bool *any);

#endif /* SLUICE_LOCAL_SOCKMAP_H */
