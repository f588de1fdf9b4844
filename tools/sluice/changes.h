/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes one configuration of another, as a list.
 */
#ifndef SLUICE_CHANGES_H
#define SLUICE_CHANGES_H

#include "config.h"

/* In the order in which they are applied. */
enum change_kind {
	CHANGE_SETTINGS,
	CHANGE_SERVICE,
	CHANGE_BACKEND,
	CHANGE_BACKEND_DEL,
	CHANGE_SERVICE_DEL,
};

/**
 * struct change - one request
 * @kind: what is asked
 * @flags: NLM_F_* of a new or changed object
 * @service: the object of CHANGE_SERVICE*, in its configuration
 * @backend: the object of CHANGE_BACKEND*, in its configuration
 * @settings: the object of CHANGE_SETTINGS, those that differ
 * @line: of the file that asks for it; 0 for what no line mentions
 */
struct change {
	enum change_kind kind;
	unsigned int flags;
	const struct config_service *service;
	const struct config_backend *backend;
	struct sluice_settings settings;
	unsigned int line;
};

struct changes {
	struct change *list;
	size_t count;
	size_t room;
};

void changes_build(const struct config *from, const struct config *to,
		   bool keep, struct changes *changes);
int changes_apply(struct sluice_sock *sock, const struct changes *changes,
		  const struct change **failed, struct sluice_error *err);
const char *change_text(const struct change *change, char *text, size_t size);
void changes_free(struct changes *changes);

#endif /* SLUICE_CHANGES_H */
