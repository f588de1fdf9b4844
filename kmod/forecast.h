/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fast path would do with a packet that has not come.
 */
#ifndef _SLUICE_FORECAST_H
#define _SLUICE_FORECAST_H

#include "ingress.h"

/**
 * struct sluice_forecast - what the fast path would do with a packet
 * @use: &enum sluice_fast_path
 * @why: of %SLUICE_FAST_PATH_LEFT
 * @path: of %SLUICE_FAST_PATH_TAKEN by which way it would leave; there until
 *	rcu_read_unlock()
 */
struct sluice_forecast {
	enum sluice_fast_path use;
	enum sluice_fallback why;
	const struct sluice_path *path;
};

struct sk_buff *sluice_forecast_packet(const struct sluice_tuple *tuple);
void sluice_forecast(struct sluice_net *sn, const char *name,
		     struct sk_buff *skb, const struct sluice_future *future,
		     struct sluice_forecast *forecast);

#endif
