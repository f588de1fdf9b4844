// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sluice-healthd [ ADDRESS ]...: answers load balancers that ask whether a
 * service has backends on this node.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "kernel.h"
#include "key.h"
#include "ports.h"
#include "words.h"

static void stop(evutil_socket_t number, short what, void *arg)
{
	(void)number;
	(void)what;
	event_base_loopbreak(arg);
}

static bool stop_at_signals(struct event_base *base, struct event **events)
{
	events[0] = evsignal_new(base, SIGTERM, stop, base);
	events[1] = evsignal_new(base, SIGINT, stop, base);
	return events[0] && events[1] && !event_add(events[0], NULL) &&
	       !event_add(events[1], NULL);
}

static void free_events(struct event **events, size_t count)
{
	while (count--)
		if (events[count])
			event_free(events[count]);
}

/* Returns the exit status. */
static int run(struct event_base *base, struct ports *ports)
{
	struct event *events[2] = { NULL };
	struct kernel *kernel = NULL;
	struct sluice_error err;
	int status = 1;

	sluice_error_set(&err, -ENOMEM, "libevent: no signals");
	signal(SIGPIPE, SIG_IGN);
	if (stop_at_signals(base, events))
		kernel = kernel_new(base, ports, &err);
	if (!kernel)
		fprintf(stderr, "sluice-healthd: %s\n", err.text);
	else
		status = event_base_dispatch(base) < 0;
	if (kernel)
		kernel_free(kernel);
	ports_free(ports);
	free_events(events, 2);
	return status;
}

static int serve(const struct sluice_addr *addrs, size_t count)
{
	struct event_base *base = event_base_new();
	struct ports *ports = base ? ports_new(base, addrs, count) : NULL;
	int status = 1;

	if (ports)
		status = run(base, ports);
	else
		fputs("sluice-healthd: libevent does not start\n", stderr);
	if (base)
		event_base_free(base);
	return status;
}

int main(int argc, char **argv)
{
	struct words words = { .word = argv + 1, .left = argc - 1 };
	struct sluice_addr *addrs = calloc(argc, sizeof(*addrs));
	size_t count = 0;
	int status = 2;

	if (!addrs)
		return 1;
	while (words.left && !words_addr(&words, &addrs[count]))
		count++;
	if (*words.error)
		fprintf(stderr, "sluice-healthd: %s\n"
			"Usage: sluice-healthd [ ADDRESS ]...\n", words.error);
	else
		status = serve(addrs, count);
	free(addrs);
	return status;
}
