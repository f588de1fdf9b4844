/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of the command: its options, its socket, its complaints; and the
 * objects it knows.
 */
#ifndef SLUICE_CLI_H
#define SLUICE_CLI_H

#include "libsluice.h"
#include "print.h"
#include "words.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,	/* by the kernel */
	EXIT_USAGE = 2,
};

/**
 * struct cli - one run of the command
 * @out: standard output
 * @stats: counters are wanted, too
 * @netns: name or path of a network namespace; NULL for the own
 * @sock: opened by cli_open()
 * @interval: seconds over which rates are wanted; 0 for no rates
 * @elapsed: how long it took; read_shown() sets it
 * @where: object and verb, for complaints
 */
struct cli {
	struct printer out;
	bool stats;
	const char *netns;
	struct sluice_sock *sock;
	unsigned int interval;
	double elapsed;
	char where[64];
};

/**
 * struct verb - what can be done to an object
 * @name: the word
 * @run: does it
 * @flags: NLM_F_* that tell this verb from others with the same @run
 */
struct verb {
	const char *name;
	enum exit_code (*run)(struct cli *cli, struct words *words,
			      unsigned int flags);
	unsigned int flags;
};

/**
 * struct object - first word of a command
 * @name: the word
 * @verbs: up to one without a name; NULL if the object is a verb itself
 * @run: does it if there are no @verbs
 * @help: usage, for "sluice help" and "sluice OBJECT help"
 */
struct object {
	const char *name;
	const struct verb *verbs;
	enum exit_code (*run)(struct cli *cli, struct words *words,
			      unsigned int flags);
	const char *help;
};

extern const struct object service_object;
extern const struct object backend_object;
extern const struct object flow_object;
extern const struct object identity_object;
extern const struct object policy_object;
extern const struct object device_object;
extern const struct object node_object;
extern const struct object xdp_object;
extern const struct object local_object;
extern const struct object stats_object;
extern const struct object monitor_object;
extern const struct object save_object;
extern const struct object explain_object;
extern const struct object restore_object;
extern const struct object healthd_object;

int cli_open(struct cli *cli);
enum exit_code cli_usage(const struct cli *cli, const struct words *words);
enum exit_code cli_refused(const struct cli *cli, const char *subject,
			   const struct sluice_error *err);
enum exit_code cli_flush(struct cli *cli, struct words *words,
			 int (*flush)(struct sluice_sock *sock,
				      struct sluice_error *err));
const char *error_text(const struct sluice_error *err, char *text,
		       size_t size);
int netns_enter(const char *name, struct sluice_error *err);

/* Shared between objects. */

int words_service(struct words *words, struct sluice_service *service);
int words_backend(struct words *words, struct sluice_service *service,
		  struct sluice_backend *backend);
int words_identity(struct words *words, struct sluice_identity *identity);
int words_device(struct words *words, struct sluice_device *device);
int words_settings(struct words *words, struct sluice_settings *settings,
		   uint32_t mask);
enum exit_code run_policy_compile(struct cli *cli, struct words *words,
				  unsigned int flags);
enum exit_code run_set_settings(struct cli *cli, struct words *words,
				unsigned int mask);
enum exit_code run_show_settings(struct cli *cli, struct words *words,
				 const char *command, uint32_t mask);

void service_free(struct sluice_service *service);
void identity_free(struct sluice_identity *identity);
void device_free(struct sluice_device *device);
void settings_free(struct sluice_settings *settings);

void print_service(struct printer *out, const struct sluice_service *service);
void print_service_options(struct printer *out,
			   const struct sluice_service *service);
void print_backend(struct printer *out, const struct sluice_backend *backend);
void print_backend_options(struct printer *out,
			   const struct sluice_backend *backend);
void print_identity(struct printer *out,
		    const struct sluice_identity *identity);
void print_device(struct printer *out, const struct sluice_device *device);
void print_lefts(struct printer *out, const struct sluice_device *device);
void print_settings(struct printer *out,
		    const struct sluice_settings *settings, uint32_t mask);
void print_path(struct printer *out, const char *key,
		const struct sluice_path *path);
void print_flow(struct printer *out, const char *key,
		const struct sluice_flow *flow);
void print_judgement(struct printer *out, const char *before,
		     const struct sluice_judgement *judgement);
void print_judgements(struct printer *out,
		      const struct sluice_judgements *judgements);
void print_rules(struct printer *out,
		 const struct sluice_judgements *judgements);
void print_tuple(struct printer *out, const char *key,
		 const struct sluice_tuple *tuple);

#endif /* SLUICE_CLI_H */
