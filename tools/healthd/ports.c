// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One HTTP server for each health port, so that its connections end with it.
 * It answers as kube-proxy does: 200 if there are local endpoints, 503 if not.
 *
 * The limit of file descriptors bounds the connections, and with them memory:
 * it is kept so high above the number of listeners.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "key.h"
#include "ports.h"

#define CONNECTIONS_MAX		512
#define OTHER_FILES		32
#define CONNECTION_SECONDS	10
#define REQUEST_SIZE_MAX	8192
#define BACKLOG			128

/* Until what failed is tried again */
#define RETRY_SECONDS		3

/**
 * struct listener - a port at one address
 * @bound: the socket; NULL if there is none
 * @error: errno of the last try; said once
 */
struct listener {
	struct evhttp_bound_socket *bound;
	int error;
};

/**
 * struct port - a health port
 * @ports: all of them
 * @http: its server
 * @number: of TCP
 * @listeners: one for each address
 */
struct port {
	struct ports *ports;
	struct evhttp *http;
	uint16_t number;
	struct listener listeners[];
};

/**
 * struct ports - all health ports
 * @base: of the events
 * @table: what there is to answer
 * @in_step: @table is what the kernel has
 * @any_address: nobody chose @addrs
 * @port: by number; NULL for those that nobody names
 * @addr_count: of @addrs
 * @addrs: where to listen
 */
struct ports {
	struct event_base *base;
	struct table *table;
	bool in_step;
	bool any_address;
	struct port *port[UINT16_MAX + 1];
	size_t addr_count;
	struct sluice_addr addrs[];
};

/*
 * Armed while something is to be tried again. Not in struct ports: to the
 * callback for errors of accept() libevent passes an argument of its own.
 */
static struct event *retry;

static void list_service(const struct health_service *service, void *arg)
{
	struct evbuffer *body = arg;
	char text[KEY_TEXT_SIZE];

	evbuffer_add_printf(body, "%s%s", evbuffer_get_length(body) ? "," : "",
			    service_text(&service->key, text));
}

static void fill_body(const struct port *port, size_t count,
		      struct evbuffer *body)
{
	static const char begin[] = "{\"service\": \"";

	table_each(port->ports->table, port->number, list_service, body);
	evbuffer_prepend(body, begin, sizeof(begin) - 1);
	evbuffer_add_printf(body, "\", \"localEndpoints\": %zu}\n", count);
}

static void put_headers(struct evhttp_request *request, size_t count)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	char weight[24];

	snprintf(weight, sizeof(weight), "%zu", count);
	evhttp_add_header(headers, "Content-Type", "application/json");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(headers, "X-Load-Balancing-Endpoint-Weight", weight);
	evhttp_add_header(headers, "Connection", "close");
}

static void answer(struct evhttp_request *request, void *arg)
{
	const struct port *port = arg;
	const struct ports *ports = port->ports;
	struct evbuffer *body = evbuffer_new();
	size_t count = 0;

	if (!body) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	if (ports->in_step)
		count = table_local_endpoints(ports->table, port->number);
	fill_body(port, count, body);
	put_headers(request, count);
	evhttp_send_reply(request, count ? HTTP_OK : HTTP_SERVUNAVAIL, NULL,
			  body);
	evbuffer_free(body);
}

static void arm_retry(void)
{
	static const struct timeval later = { .tv_sec = RETRY_SECONDS };

	if (!evtimer_pending(retry, NULL))
		evtimer_add(retry, &later);
}

/*
 * No file descriptors are left: connections that wait to be accepted have to
 * go on waiting, or the loop would find them again at once.
 */
static void pause_listener(struct evconnlistener *listener, void *arg)
{
	(void)arg;
	evconnlistener_disable(listener);
	arm_retry();
}

static socklen_t socket_address(const struct sluice_addr *addr, uint16_t port,
				struct sockaddr_storage *to)
{
	struct sockaddr_in6 *in6 = (void *)to;
	struct sockaddr_in *in = (void *)to;

	memset(to, 0, sizeof(*to));
	if (addr->len == 16) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, addr->bytes, 16);
		return sizeof(*in6);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, addr->bytes, 4);
	return sizeof(*in);
}

static bool bind_socket(int fd, const struct sluice_addr *addr, uint16_t port)
{
	struct sockaddr_storage to;
	socklen_t len = socket_address(addr, port, &to);
	int on = 1;

	/* Each family has a socket of its own. */
	if (addr->len == 16 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)))
		return false;
	return !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	       !bind(fd, (struct sockaddr *)&to, len) && !listen(fd, BACKLOG);
}

/* Returns the socket or -1 with errno. */
static int open_socket(const struct sluice_addr *addr, uint16_t port)
{
	int family = addr->len == 16 ? AF_INET6 : AF_INET;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0 || bind_socket(fd, addr, port))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static struct evhttp_bound_socket *serve(struct port *port, int fd)
{
	struct evhttp_bound_socket *bound = NULL;
	struct evconnlistener *listener;

	listener = evconnlistener_new(port->ports->base, NULL, NULL,
				      LEV_OPT_CLOSE_ON_FREE |
				      LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!listener) {
		close(fd);
		return NULL;
	}
	evconnlistener_set_error_cb(listener, pause_listener);
	bound = evhttp_bind_listener(port->http, listener);
	if (!bound)
		evconnlistener_free(listener);
	return bound;
}

/* A node without IPv6 has all its local addresses nevertheless. */
static bool is_missing_family(const struct ports *ports, int error)
{
	return ports->any_address && error == EAFNOSUPPORT;
}

static void say(const struct port *port, const struct sluice_addr *addr,
		const char *what)
{
	char text[KEY_TEXT_SIZE];

	fprintf(stderr, "sluice-healthd: %s: %s\n",
		endpoint_text(addr, port->number, text), what);
}

static void open_listener(struct port *port, size_t i)
{
	const struct sluice_addr *addr = &port->ports->addrs[i];
	struct listener *listener = &port->listeners[i];
	int fd = open_socket(addr, port->number);
	int error = errno;

	if (fd >= 0) {
		listener->bound = serve(port, fd);
		error = ENOMEM;
	}
	if (listener->bound) {
		if (listener->error)
			say(port, addr, "listening now");
		listener->error = 0;
		return;
	}
	if (error != listener->error && !is_missing_family(port->ports, error))
		say(port, addr, strerror(error));
	listener->error = error;
	if (!is_missing_family(port->ports, error))
		arm_retry();
}

static void open_listeners(struct port *port)
{
	size_t i;

	for (i = 0; i < port->ports->addr_count; i++)
		if (!port->listeners[i].bound)
			open_listener(port, i);
}

static void close_port(struct ports *ports, struct port *port)
{
	ports->port[port->number] = NULL;
	evhttp_free(port->http);
	free(port);
}

static struct port *new_port(struct ports *ports, uint16_t number)
{
	struct port *port = calloc(1, sizeof(*port) + ports->addr_count *
				      sizeof(*port->listeners));

	if (port)
		port->http = evhttp_new(ports->base);
	if (!port || !port->http) {
		free(port);
		return NULL;
	}
	port->ports = ports;
	port->number = number;
	evhttp_set_allowed_methods(port->http, EVHTTP_REQ_GET |
					       EVHTTP_REQ_HEAD);
	evhttp_set_timeout(port->http, CONNECTION_SECONDS);
	evhttp_set_max_headers_size(port->http, REQUEST_SIZE_MAX);
	evhttp_set_max_body_size(port->http, REQUEST_SIZE_MAX);
	evhttp_set_gencb(port->http, answer, port);
	return port;
}

static void limit_files(const struct ports *ports, size_t ports_named)
{
	struct rlimit limit;
	rlim_t wanted = ports_named * ports->addr_count + CONNECTIONS_MAX +
			OTHER_FILES;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* Close what is not named any more before anything is opened. */
static void close_ports(struct ports *ports)
{
	size_t number, named = 0;

	for (number = 1; number <= UINT16_MAX; number++) {
		bool is_named = ports->table->users[number];

		named += is_named;
		if (ports->port[number] && !is_named)
			close_port(ports, ports->port[number]);
	}
	limit_files(ports, named);
}

static void open_ports(struct ports *ports)
{
	size_t number;

	for (number = 1; number <= UINT16_MAX; number++) {
		if (!ports->table->users[number])
			continue;
		if (!ports->port[number])
			ports->port[number] = new_port(ports, number);
		if (ports->port[number])
			open_listeners(ports->port[number]);
		else
			arm_retry();
	}
}

static void resume_listener(struct evhttp_bound_socket *bound, void *arg)
{
	(void)arg;
	evconnlistener_enable(evhttp_bound_socket_get_listener(bound));
}

static void try_again(evutil_socket_t fd, short what, void *arg)
{
	struct ports *ports = arg;
	size_t number;

	(void)fd;
	(void)what;
	for (number = 1; number <= UINT16_MAX; number++)
		if (ports->port[number])
			evhttp_foreach_bound_socket(ports->port[number]->http,
						    resume_listener, NULL);
	open_ports(ports);
}

/**
 * ports_follow - listen where the table says
 * @ports: the ports
 * @table: the table, until the next call
 */
void ports_follow(struct ports *ports, struct table *table)
{
	ports->table = table;
	if (!table->ports_changed)
		return;
	table->ports_changed = false;
	close_ports(ports);
	open_ports(ports);
}

/**
 * ports_set_in_step - say whether the table is what the kernel has
 * @ports: the ports
 * @in_step: if it is not, there are no endpoints
 */
void ports_set_in_step(struct ports *ports, bool in_step)
{
	ports->in_step = in_step;
}

/**
 * ports_new - listen nowhere yet
 * @base: of the events
 * @addrs: addresses at which to listen
 * @count: how many; 0 for all addresses of the node
 *
 * Return: the ports, or NULL without memory.
 */
struct ports *ports_new(struct event_base *base,
			const struct sluice_addr *addrs, size_t count)
{
	static const struct sluice_addr any[] = { { .len = 4 }, { .len = 16 } };
	const struct sluice_addr *list = count ? addrs : any;
	struct ports *ports;

	ports = calloc(1, sizeof(*ports) + (count ? count : 2) *
			  sizeof(*ports->addrs));
	if (!ports)
		return NULL;
	ports->base = base;
	ports->any_address = !count;
	ports->addr_count = count ? count : 2;
	memcpy(ports->addrs, list, ports->addr_count * sizeof(*list));
	retry = evtimer_new(base, try_again, ports);
	if (!retry) {
		free(ports);
		return NULL;
	}
	return ports;
}

/**
 * ports_free - close all
 * @ports: the ports
 */
void ports_free(struct ports *ports)
{
	size_t number;

	for (number = 1; number <= UINT16_MAX; number++)
		if (ports->port[number])
			close_port(ports, ports->port[number]);
	event_free(retry);
	free(ports);
}
