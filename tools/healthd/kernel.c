// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Following the kernel's configuration. Notifications are joined first and
 * dumped is then, so that nothing is missed: each message has all of its
 * object, so those from before the dump do no harm if none of them is lost.
 * When one is, what waits is thrown away and a new dump taken.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "kernel.h"
#include "ports.h"
#include "table.h"

/* Until what failed is tried again */
#define RETRY_SECONDS	3

/**
 * struct kernel - the connection to the kernel
 * @base: of the events
 * @ports: follow the table
 * @table: what the kernel has, or had before it lost contact
 * @watch: tells of the module
 * @ask: for requests; NULL while there is no module
 * @monitor: for notifications; NULL while there is no module
 * @watch_event: of @watch
 * @monitor_event: of @monitor
 * @retry: armed while something is to be tried again
 * @stale: a dump has to be taken
 * @waiting: it was said that there is no module
 */
struct kernel {
	struct event_base *base;
	struct ports *ports;
	struct table *table;
	struct sluice_sock *watch;
	struct sluice_sock *ask;
	struct sluice_sock *monitor;
	struct event *watch_event;
	struct event *monitor_event;
	struct event *retry;
	bool stale;
	bool waiting;
};

static void say(const char *what, const struct sluice_error *err)
{
	fprintf(stderr, "sluice-healthd: %s%s\n", what, err ? err->text : "");
}

/* There may be nothing to receive after all. */
static bool is_failure(int ret)
{
	return ret && ret != -EAGAIN && ret != -EINTR;
}

static void try_later(struct kernel *kernel)
{
	static const struct timeval later = { .tv_sec = RETRY_SECONDS };

	evtimer_add(kernel->retry, &later);
}

static void disconnect(struct kernel *kernel)
{
	if (kernel->monitor_event)
		event_free(kernel->monitor_event);
	sluice_close(kernel->monitor);
	sluice_close(kernel->ask);
	kernel->monitor_event = NULL;
	kernel->monitor = NULL;
	kernel->ask = NULL;
	ports_set_in_step(kernel->ports, false);
}

static int take_service(const struct sluice_msg *msg, void *arg)
{
	table_set_service(arg, &msg->service, true);
	return 0;
}

static int take_backend(const struct sluice_msg *msg, void *arg)
{
	table_set_backend(arg, &msg->service, &msg->backend);
	return 0;
}

static int ignore(const struct sluice_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return 0;
}

/* Returns 0 when nothing waits any more, or -errno. */
static int throw_away_notifications(struct kernel *kernel,
				    struct sluice_error *err)
{
	bool lost;
	int ret;

	do {
		ret = sluice_monitor_recv(kernel->monitor, ignore, NULL, &lost,
					  err);
	} while (!ret || ret == -EINTR);
	return ret == -EAGAIN ? 0 : ret;
}

static int dump(struct kernel *kernel, struct table *table,
		struct sluice_error *err)
{
	int ret = throw_away_notifications(kernel, err);

	if (!ret)
		ret = sluice_service_dump(kernel->ask, take_service, table,
					  err);
	if (!ret)
		ret = sluice_backend_dump(kernel->ask, NULL, take_backend,
					  table, err);
	return ret;
}

static void refresh(struct kernel *kernel)
{
	struct table *table = table_new();
	struct sluice_error err;

	if (dump(kernel, table, &err)) {
		say("reading the configuration: ", &err);
		table_free(table);
		try_later(kernel);
		return;
	}
	ports_follow(kernel->ports, table);
	ports_set_in_step(kernel->ports, true);
	table_free(kernel->table);
	kernel->table = table;
	kernel->stale = false;
	evtimer_del(kernel->retry);
}

/* Its backends are known since it named no port before. */
static void ask_backends(struct kernel *kernel,
			 const struct sluice_service *service)
{
	struct sluice_error err;
	int ret;

	ret = sluice_backend_dump(kernel->ask, service, take_backend,
				  kernel->table, &err);
	if (ret && ret != -ENOENT)
		kernel->stale = true;
}

static int take_notification(const struct sluice_msg *msg, void *arg)
{
	struct kernel *kernel = arg;

	switch (msg->cmd) {
	case SLUICE_CMD_SERVICE_NTF:
		if (table_set_service(kernel->table, &msg->service,
				      msg->created))
			ask_backends(kernel, &msg->service);
		break;
	case SLUICE_CMD_SERVICE_DEL_NTF:
		table_del_service(kernel->table, &msg->service);
		break;
	case SLUICE_CMD_BACKEND_NTF:
		table_set_backend(kernel->table, &msg->service, &msg->backend);
		break;
	case SLUICE_CMD_BACKEND_DEL_NTF:
		table_del_backend(kernel->table, &msg->service, &msg->backend);
		break;
	}
	return 0;
}

static void monitor_readable(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *kernel = arg;
	struct sluice_error err;
	bool lost;
	int ret;

	(void)fd;
	(void)what;
	ret = sluice_monitor_recv(kernel->monitor, take_notification, kernel,
				  &lost, &err);
	if (is_failure(ret))
		say("", &err);
	if (lost)
		say("notifications were lost, the configuration is read again",
		    NULL);
	if (lost || is_failure(ret))
		kernel->stale = true;
	if (kernel->stale && !evtimer_pending(kernel->retry, NULL))
		refresh(kernel);
	ports_follow(kernel->ports, kernel->table);
}

/* Returns NULL without memory. */
static struct event *read_event(struct kernel *kernel,
				const struct sluice_sock *sock,
				event_callback_fn readable)
{
	int fd = sluice_fd(sock);
	struct event *event;

	evutil_make_socket_nonblocking(fd);
	event = event_new(kernel->base, fd, EV_READ | EV_PERSIST, readable,
			  kernel);
	if (!event || !event_add(event, NULL))
		return event;
	event_free(event);
	return NULL;
}

static int listen_to_monitor(struct kernel *kernel, struct sluice_error *err)
{
	int ret = sluice_monitor_join(kernel->monitor, SLUICE_GROUP_CONFIG,
				      err);

	if (ret)
		return ret;
	kernel->monitor_event = read_event(kernel, kernel->monitor,
					   monitor_readable);
	if (kernel->monitor_event)
		return 0;
	sluice_error_set(err, -ENOMEM, NULL);
	return -ENOMEM;
}

static void connect_again(struct kernel *kernel)
{
	struct sluice_error err;
	int ret;

	ret = sluice_open(&kernel->ask, &err);
	if (!ret)
		ret = sluice_open(&kernel->monitor, &err);
	if (!ret)
		ret = listen_to_monitor(kernel, &err);
	if (!ret) {
		kernel->waiting = false;
		kernel->stale = true;
		refresh(kernel);
		return;
	}
	disconnect(kernel);
	if (!kernel->waiting)
		say("waiting: ", &err);
	kernel->waiting = true;
	/* The watch tells when the module comes. */
	if (ret != -ENOENT)
		try_later(kernel);
}

static void try_again(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *kernel = arg;

	(void)fd;
	(void)what;
	if (!kernel->monitor)
		connect_again(kernel);
	else if (kernel->stale)
		refresh(kernel);
}

static void watch_readable(evutil_socket_t fd, short what, void *arg)
{
	struct kernel *kernel = arg;
	struct sluice_error err;
	bool changed;
	int ret;

	(void)fd;
	(void)what;
	ret = sluice_watch_recv(kernel->watch, &changed, &err);
	if (is_failure(ret))
		say("", &err);
	if (!changed)
		return;
	disconnect(kernel);
	connect_again(kernel);
}

static int listen_to_watch(struct kernel *kernel, struct sluice_error *err)
{
	int ret = sluice_watch_open(&kernel->watch, err);

	if (ret)
		return ret;
	kernel->watch_event = read_event(kernel, kernel->watch,
					 watch_readable);
	kernel->retry = evtimer_new(kernel->base, try_again, kernel);
	if (kernel->retry && kernel->watch_event)
		return 0;
	sluice_error_set(err, -ENOMEM, NULL);
	return -ENOMEM;
}

/**
 * kernel_new - begin to follow the configuration
 * @base: of the events
 * @ports: what follows
 * @err: says why it failed
 *
 * Return: the connection, which need not be there yet; or NULL.
 */
struct kernel *kernel_new(struct event_base *base, struct ports *ports,
			  struct sluice_error *err)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel) {
		sluice_error_set(err, -ENOMEM, NULL);
		return NULL;
	}
	kernel->base = base;
	kernel->ports = ports;
	kernel->table = table_new();
	ports_follow(ports, kernel->table);
	if (listen_to_watch(kernel, err)) {
		kernel_free(kernel);
		return NULL;
	}
	connect_again(kernel);
	return kernel;
}

/**
 * kernel_free - end it
 * @kernel: the connection; its ports answer no more
 */
void kernel_free(struct kernel *kernel)
{
	disconnect(kernel);
	if (kernel->watch_event)
		event_free(kernel->watch_event);
	if (kernel->retry)
		event_free(kernel->retry);
	sluice_close(kernel->watch);
	table_free(kernel->table);
	free(kernel);
}
