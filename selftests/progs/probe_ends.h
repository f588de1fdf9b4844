/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of the script of probe.c how connections begin and end.
 */
#ifndef PROBE_ENDS_H
#define PROBE_ENDS_H

static void early(void)
{
	int client = connected(), server;

	for (int i = 0; i < 8; i++)
		result("send", send_filled(client, 100, 100 * i, 0));
	server = accept(listener, NULL, NULL);
	shutdown(client, SHUT_WR);
	read_all("the server", server, 0);
	close(client);
	close(server);
}

static void half_close(void)
{
	struct pair p = warm();
	char data[8];

	result("client shutdown", shutdown(p.client, SHUT_WR));
	result("server recv", recv(p.server, data, sizeof(data), 0));
	result("client send", send(p.client, "x", 1, MSG_NOSIGNAL));
	result("server send", send(p.server, "abc", 3, MSG_NOSIGNAL));
	result("client recv", recv(p.client, data, sizeof(data), 0));
	say_events("client", events_now(p.client, POLLIN | POLLRDHUP | POLLOUT,
					0));
	result("server shutdown", shutdown(p.server, SHUT_WR));
	result("client recv", recv(p.client, data, sizeof(data), 0));
	say_events("client", events_now(p.client, POLLIN | POLLRDHUP, PATIENCE));
	end(&p);
}

static void fin_behind_unread(void)
{
	struct pair p = warm();

	result("client send", send_filled(p.client, 20000, 0, 0));
	await_unread(p.server, 20000);
	result("client close", close(p.client));
	events_now(p.server, POLLRDHUP, PATIENCE);
	say_events("server", events_now(p.server, POLLIN | POLLRDHUP, 0));
	read_all("the server", p.server, 0);
	close(p.server);
}

static void reset(void)
{
	struct linger now = { .l_onoff = 1 };
	struct pair p = warm();
	char data[8];

	setsockopt(p.client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	result("client close", close(p.client));
	say_events("server", events_now(p.server, POLLIN | POLLRDHUP, PATIENCE));
	result("server recv", recv(p.server, data, sizeof(data), 0));
	result("server recv", recv(p.server, data, sizeof(data), 0));
	result("server send", send(p.server, "x", 1, MSG_NOSIGNAL));
	close(p.server);
}

static void close_unread(void)
{
	struct pair p = warm();
	char data[8];

	result("client send", send(p.client, "abc", 3, MSG_NOSIGNAL));
	await_unread(p.server, 3);
	result("server close", close(p.server));
	say_events("client", events_now(p.client, POLLIN | POLLRDHUP, PATIENCE));
	result("client send", send(p.client, "x", 1, MSG_NOSIGNAL));
	result("client recv", recv(p.client, data, sizeof(data), 0));
	close(p.client);
}

static void send_to_closed(void)
{
	struct pair p = warm();
	char data[8];

	result("server close", close(p.server));
	result("client recv", recv(p.client, data, sizeof(data), 0));
	result("client send", send(p.client, "x", 1, MSG_NOSIGNAL));
	say_events("client", events_now(p.client, POLLIN | POLLRDHUP, PATIENCE));
	result("client send", send(p.client, "x", 1, MSG_NOSIGNAL));
	result("SO_ERROR", get(p.client, SOL_SOCKET, SO_ERROR));
	close(p.client);
}

/* A socket may be connected a second time; what came the first time is gone. */
static void connected_again(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct pair p = warm();
	char data[8] = "";
	int second;

	send_filled(p.server, 100, 0, 0);
	await_unread(p.client, 100);
	result("disconnect", connect(p.client, &none, sizeof(none)));
	result("connect", connect(p.client, (struct sockaddr *)&to, to_size));
	second = accept(listener, NULL, NULL);
	result("send", send(second, "new", 3, 0));
	result("recv", recv(p.client, data, sizeof(data), 0));
	say("reads %.8s", data);
	result("send", send(p.client, "abc", 3, 0));
	result("the second reads", recv(second, data, sizeof(data), 0));
	result("the first reads", recv(p.server, data, sizeof(data), 0));
	close(second);
	end(&p);
}

static void ignore(int signal)
{
	(void)signal;
}

static void *block(void *arg)
{
	char data[8];

	result("blocked recv", recv(*(int *)arg, data, sizeof(data), 0));
	return NULL;
}

/* @what: done while the server blocks */
static void while_blocked(void (*what)(struct pair *p, pthread_t reader))
{
	struct pair p = warm();
	pthread_t reader;

	pthread_create(&reader, NULL, block, &p.server);
	usleep(100000);
	what(&p, reader);
	pthread_join(reader, NULL);
	close(p.server);
}

static void reset_by_client(struct pair *p, pthread_t reader)
{
	struct linger now = { .l_onoff = 1 };

	(void)reader;
	setsockopt(p->client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(p->client);
}

static void interrupt(struct pair *p, pthread_t reader)
{
	pthread_kill(reader, SIGUSR1);
	usleep(100000);
	close(p->client);
}

static void shut(struct pair *p, pthread_t reader)
{
	(void)reader;
	shutdown(p->server, SHUT_RD);
	usleep(100000);
	close(p->client);
}

static void close_client(struct pair *p, pthread_t reader)
{
	(void)reader;
	close(p->client);
}

static void blocked(void)
{
	struct sigaction action = { .sa_handler = ignore };

	sigaction(SIGUSR1, &action, NULL);
	while_blocked(reset_by_client);
	while_blocked(interrupt);
	while_blocked(shut);
	while_blocked(close_client);
}

static void linger(void)
{
	struct linger patient = { .l_onoff = 1, .l_linger = 5 };
	struct pair p = warm();
	int64_t start;

	setsockopt(p.client, SOL_SOCKET, SO_LINGER, &patient, sizeof(patient));
	send_filled(p.client, 5000, 0, 0);
	start = now_msec();
	result("client close", close(p.client));
	within("milliseconds lingered", now_msec() - start, 0, 2000);
	read_all("the server", p.server, 0);
	close(p.server);
}

static void shut_reading(void)
{
	struct pair p = warm();
	char data[8];

	result("server shutdown", shutdown(p.server, SHUT_RD));
	result("server recv", recv(p.server, data, sizeof(data), 0));
	result("client send", send(p.client, "abc", 3, MSG_NOSIGNAL));
	await_empty(p.client);
	result("server recv", recv(p.server, data, sizeof(data), 0));
	result("server recv", recv(p.server, data, sizeof(data), 0));
	end(&p);
}

/* The other end of a connection that is undone and made again, in both roles */
static void reconnect(void)
{
	struct sockaddr_in6 local = { .sin6_family = to.ss_family };
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct pair p = warm(), q;

	result("disconnect", connect(p.client, &none, sizeof(none)));
	close(p.server);
	enter(client_ns);
	result("connect", connect(p.client, (void *)&to, to_size));
	q.server = accept(listener, NULL, NULL);
	result("send", send_filled(p.client, 3000, 0, 0));
	result("disconnect", connect(p.client, &none, sizeof(none)));
	close(q.server);
	result("bind", bind(p.client, (void *)&local, to_size));
	result("listen", listen(p.client, 1));
	close(p.client);
}

static void killed(void)
{
	struct pair p = warm();
	char data[8];
	pid_t child = fork();

	if (!child) {
		close(p.client);
		pause();
	}
	close(p.server);
	result("client send", send(p.client, "abc", 3, MSG_NOSIGNAL));
	await_empty(p.client);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	say_events("client", events_now(p.client, POLLIN | POLLRDHUP, PATIENCE));
	result("client recv", recv(p.client, data, sizeof(data), 0));
	result("client send", send(p.client, "x", 1, MSG_NOSIGNAL));
	close(p.client);
}

#endif
