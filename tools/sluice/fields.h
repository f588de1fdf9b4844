/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing structs by the library's attribute tables.
 */
#ifndef SLUICE_FIELDS_H
#define SLUICE_FIELDS_H

#include "libsluice.h"
#include "print.h"

void print_enum(struct printer *out, const char *key, const char *before,
		const struct sluice_name *names, unsigned int value);
void print_identity_number(struct printer *out, const char *key,
			   const char *before, uint32_t number);
void print_fields(struct printer *out, const struct sluice_attr_set *set,
		  const void *obj, uint32_t mask);
void print_prefixes(struct printer *out, const char *word,
		    const char *before, const char *empty,
		    const struct sluice_prefixes *prefixes);
uint32_t fields_not_preset(const struct sluice_attr_set *set, const void *obj);
void print_counters(struct printer *out,
		    const struct sluice_counters *counters, const char *before);

#endif /* SLUICE_FIELDS_H */
