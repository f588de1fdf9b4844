/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What names an object: addresses, ports and protocols as text and back.
 */
#ifndef SLUICE_KEY_H
#define SLUICE_KEY_H

#include <netinet/in.h>

#include "libsluice.h"
#include "words.h"

/* "[address]:port/protocol" and its end. */
#define KEY_TEXT_SIZE	(INET6_ADDRSTRLEN + 2 + 6 + 9)
/* "prefix id number" and its end. */
#define IDENTITY_TEXT_SIZE	(KEY_TEXT_SIZE + 4 + 11)

bool addr_parse(const char *text, struct sluice_addr *addr);
const char *addr_text(const struct sluice_addr *addr, char *text);
const char *endpoint_text(const struct sluice_addr *addr, uint16_t port,
			  char *text);
const char *service_text(const struct sluice_service *service, char *text);
const char *backend_text(const struct sluice_backend *backend, char *text);
const char *prefix_text(const struct sluice_prefix *prefix, char *text);
const char *identity_text(const struct sluice_identity *identity, char *text);

int words_proto(struct words *words, uint8_t *proto);
int words_addr(struct words *words, struct sluice_addr *addr);
int words_endpoint(struct words *words, const char *what,
		   struct sluice_addr *addr, uint16_t *port);
int words_source(struct words *words, struct sluice_addr *addr, uint16_t *port);
int words_service_key(struct words *words, struct sluice_service *service);
int words_destination(struct words *words, struct sluice_addr *addr,
		      uint16_t *port, uint8_t *proto);
int words_backend_key(struct words *words, struct sluice_backend *backend);

int words_prefix(struct words *words, struct sluice_prefix *prefix);
int words_prefixes(struct words *words, const char *what, const char *text,
		   struct sluice_prefixes *prefixes);

int addr_compare(const struct sluice_addr *a, const struct sluice_addr *b);
int service_compare(const struct sluice_service *a,
		    const struct sluice_service *b);
int backend_compare(const struct sluice_backend *a,
		    const struct sluice_backend *b);
int prefix_compare(const struct sluice_prefix *a,
		   const struct sluice_prefix *b);
int identity_compare(const struct sluice_identity *a,
		     const struct sluice_identity *b);

#endif /* SLUICE_KEY_H */
