/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The script of probe.c: one function a case, each with connections of its own.
 */
#ifndef PROBE_CASES_H
#define PROBE_CASES_H

/* ------------------------------------------------------------ ways of reading */

static void peek(void)
{
	struct pair p = warm();
	char data[8] = "";

	result("send", send(p.client, "abcd", 4, 0));
	await_unread(p.server, 4);
	result("peek", recv(p.server, data, 2, MSG_PEEK));
	result("peek", recv(p.server, data, 8, MSG_PEEK));
	say("peeked %.4s, FIONREAD %d", data, unread(p.server));
	result("recv", recv(p.server, data, 8, 0));
	result("peek", recv(p.server, data, 8, MSG_PEEK | MSG_DONTWAIT));
	end(&p);
}

static void *send_later(void *arg)
{
	usleep(50000);
	send_filled(*(int *)arg, 1500, 1500, 0);
	return NULL;
}

static void wait_all(void)
{
	struct pair p = warm();
	pthread_t thread;
	char data[4000];
	ssize_t len;

	send_filled(p.client, 1500, 0, 0);
	pthread_create(&thread, NULL, send_later, &p.client);
	len = result("recv", recv(p.server, data, 3000, MSG_WAITALL));
	say("%s", is_right(data, len, 0) ? "right" : "WRONG");
	pthread_join(thread, NULL);
	send_filled(p.client, 1000, 0, 0);
	shutdown(p.client, SHUT_WR);
	result("recv", recv(p.server, data, sizeof(data), MSG_WAITALL));
	end(&p);
}

static void truncate_data(void)
{
	struct pair p = warm();
	char data[8] = "";

	send(p.client, "abcdefgh", 8, 0);
	await_unread(p.server, 8);
	result("recv", recv(p.server, NULL, 5, MSG_TRUNC));
	result("recv", recv(p.server, data, 8, 0));
	say("the rest is %.3s", data);
	end(&p);
}

static void out_of_band(void)
{
	struct pair p = warm();
	char data[8] = "";
	int mark = -1;

	result("send", send(p.client, "abc", 3, 0));
	result("send", send(p.client, "!", 1, MSG_OOB));
	result("send", send(p.client, "def", 3, 0));
	say_events("server", events_now(p.server, POLLPRI, PATIENCE));
	await_unread(p.server, 3);
	result("recv", recv(p.server, data, 8, 0));
	say("up to the mark: %s", data);
	ioctl(p.server, SIOCATMARK, &mark);
	say("at the mark: %d", mark);
	result("recv", recv(p.server, data, 1, MSG_OOB));
	say("urgent: %c", data[0]);
	result("recv", recv(p.server, data, 1, MSG_OOB | MSG_DONTWAIT));
	memset(data, 0, sizeof(data));
	result("recv", recv(p.server, data, 8, 0));
	say("behind it: %s", data);
	set(p.server, SOL_SOCKET, SO_OOBINLINE, 1);
	send(p.client, "g?", 2, MSG_OOB);
	await_unread(p.server, 1);
	result("recv", recv(p.server, data, 8, 0));
	result("recv", recv(p.server, data, 8, 0));
	end(&p);
}

static void least(void)
{
	struct pair p = warm();

	set(p.server, SOL_SOCKET, SO_RCVLOWAT, 1000);
	send_filled(p.client, 500, 0, 0);
	await_empty(p.client);
	say_events("with 500", events_now(p.server, POLLIN, 0));
	send_filled(p.client, 500, 500, 0);
	say_events("with 1000", events_now(p.server, POLLIN, PATIENCE));
	shutdown(p.client, SHUT_WR);
	read_all("the server", p.server, 0);
	end(&p);
}

static void timeouts(void)
{
	struct timeval soon = { .tv_usec = 50000 };
	struct pair p = warm();
	char data[8];
	ssize_t len;

	setsockopt(p.server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	result("recv", recv(p.server, data, sizeof(data), 0));
	set(p.client, SOL_SOCKET, SO_SNDBUF, 20000);
	setsockopt(p.client, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	while ((len = send_filled(p.client, 1 << 20, 0, 0)) > 0)
		;
	result("send", len);
	end(&p);
}

/* --------------------------------------------------------- readers that stop */

#define SMALL	40000

static struct pair small_buffers(void)
{
	struct pair p = warm();

	set(p.client, SOL_SOCKET, SO_SNDBUF, SMALL);
	set(p.server, SOL_SOCKET, SO_RCVBUF, SMALL);
	return p;
}

static void stopped(void)
{
	struct pair p = small_buffers();
	uint64_t sent = 0;
	ssize_t len;

	while ((len = send_filled(p.client, 1000, sent, MSG_DONTWAIT)) > 0)
		sent += len;
	result("send", len);
	say_events("client", events_now(p.client, POLLOUT, 0));
	within("bytes taken", sent, SMALL / 4, 6 * SMALL);
	within("bytes not acknowledged", sent - unread(p.server), 0, 4 * SMALL);
	shutdown(p.client, SHUT_WR);
	say("%s", sent == (uint64_t)await_unread(p.server, sent) ? "all has come" :
	    "it waits to be read");
	for (uint64_t got = 0; got < sent; got += len) {
		char data[5000];

		len = recv(p.server, data, sizeof(data), 0);
		if (len <= 0 || !is_right(data, len, got)) {
			say("WRONG at %llu", (unsigned long long)got);
			break;
		}
	}
	read_all("the server then", p.server, sent);
	end(&p);
}

struct stream {
	int fd;
	uint64_t bytes;
	uint64_t done;
	unsigned int seed;
};

static void *send_stream(void *arg)
{
	struct stream *s = arg;
	ssize_t len;

	while (s->done < s->bytes) {
		len = 1 + rand_r(&s->seed) % 100000;
		if (len > (ssize_t)(s->bytes - s->done))
			len = s->bytes - s->done;
		len = send_filled(s->fd, len, s->done, 0);
		if (len <= 0)
			break;
		s->done += len;
	}
	shutdown(s->fd, SHUT_WR);
	return NULL;
}

static void stopped_blocking(void)
{
	struct pair p = small_buffers();
	struct stream s = { p.client, 2000000, 0, 1 };
	pthread_t thread;
	uint64_t before;

	pthread_create(&thread, NULL, send_stream, &s);
	usleep(200000);
	before = s.done;
	usleep(200000);
	say("the sender %s", s.done == before && before < s.bytes ?
	    "waits" : "does not wait");
	read_all("the server", p.server, 0);
	pthread_join(thread, NULL);
	say("sent %llu", (unsigned long long)s.done);
	end(&p);
}

/* Told of once. It is no end: who sends would wait for ever. */
static bool is_to_read_again(ssize_t len, int *times)
{
	if (len >= 0 || errno != EAGAIN || *times == 100000)
		return false;
	if (!(*times)++)
		result("recv", len);
	return true;
}

static void *read_stream(void *arg)
{
	struct stream *s = arg;
	static __thread char data[70000];
	int again = 0;
	ssize_t len;

	while ((len = recv(s->fd, data, 1 + rand_r(&s->seed) % sizeof(data),
			   0)) > 0 || is_to_read_again(len, &again)) {
		if (len < 0)
			continue;
		if (!is_right(data, len, s->done)) {
			say("WRONG bytes behind %llu",
			    (unsigned long long)s->done);
			return NULL;
		}
		s->done += len;
	}
	if (len < 0)
		result("recv", len);
	return NULL;
}

/**
 * struct streams - both ways of a connection at once, in pieces of any size
 * @pair: the connection
 * @ends: who sends, twice, and who reads
 * @threads: of them
 */
struct streams {
	struct pair pair;
	struct stream ends[4];
	pthread_t threads[4];
};

static void streams_begin(struct streams *s, unsigned int seed)
{
	s->pair = warm();
	s->ends[0] = (struct stream){ s->pair.client, 6000000, 0, seed };
	s->ends[1] = (struct stream){ s->pair.server, 5000000, 0, seed + 1 };
	s->ends[2] = (struct stream){ s->pair.client, 0, 0, seed + 2 };
	s->ends[3] = (struct stream){ s->pair.server, 0, 0, seed + 3 };
	for (int i = 0; i < 4; i++)
		pthread_create(&s->threads[i], NULL,
			       i < 2 ? send_stream : read_stream, &s->ends[i]);
}

static void streams_end(struct streams *s)
{
	for (int i = 0; i < 4; i++)
		pthread_join(s->threads[i], NULL);
	say("the server has %llu, the client %llu right bytes",
	    (unsigned long long)s->ends[3].done,
	    (unsigned long long)s->ends[2].done);
	end(&s->pair);
}

static void streams_of(int count)
{
	struct streams s[8];

	for (int i = 0; i < count; i++)
		streams_begin(&s[i], 1 + 4 * i);
	for (int i = 0; i < count; i++)
		streams_end(&s[i]);
}

static void streams(void)
{
	streams_of(1);
}

/* ------------------------------------------------------------ ways of sending */

static void zero_copy(void)
{
	char control[200], *data = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct msghdr msg = { .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct sock_extended_err *done;
	struct pair p = warm();

	set(p.client, SOL_SOCKET, SO_ZEROCOPY, 1);
	fill(data, 40000, 0);
	result("send", send(p.client, data, 20000, MSG_ZEROCOPY));
	result("send", send(p.client, data + 20000, 20000, MSG_ZEROCOPY));
	shutdown(p.client, SHUT_WR);
	read_all("the server", p.server, 0);
	say_events("client", events_now(p.client, 0, PATIENCE));
	result("recvmsg", recvmsg(p.client, &msg, MSG_ERRQUEUE));
	done = (void *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
	say("of origin %d, code %d, from %u on", done->ee_origin, done->ee_code,
	    done->ee_info);
	munmap(data, 65536);
	end(&p);
}

static void corked(void)
{
	struct pair p = warm();

	set(p.client, IPPROTO_TCP, TCP_CORK, 1);
	result("send", send_filled(p.client, 100, 0, 0));
	say_events("corked", events_now(p.server, POLLIN, 20));
	set(p.client, IPPROTO_TCP, TCP_CORK, 0);
	await_unread(p.server, 100);
	say("uncorked: %d", readable(p.server));
	result("send", send_filled(p.client, 100, 100, MSG_MORE));
	say_events("more to come", events_now(p.server, POLLIN, 20));
	result("send", send_filled(p.client, 100, 200, 0));
	await_unread(p.server, 300);
	say("no more: %d", readable(p.server));
	set(p.client, IPPROTO_TCP, TCP_NODELAY, 1);
	for (int i = 0; i < 50; i++)
		send_filled(p.client, 1, 300 + i, 0);
	shutdown(p.client, SHUT_WR);
	read_all("the server", p.server, 0);
	end(&p);
}

static int open_file(const char *data, size_t len)
{
	int fd = memfd_create("probe", 0);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		err(1, "memfd");
	return fd;
}

/* TCP sends the pages of a file, and so what is written to it until it is read. */
static void send_file(void)
{
	static char data[20000];
	struct pair p = warm();
	off_t offset = 0;
	int file;

	fill(data, sizeof(data), 0);
	file = open_file(data, sizeof(data));
	result("sendfile", sendfile(p.client, file, &offset, sizeof(data)));
	await_unread(p.server, sizeof(data));
	if (pwrite(file, "changed", 7, 4096) != 7)
		err(1, "pwrite");
	result("recv", recv(p.server, data, sizeof(data), MSG_WAITALL));
	say("the file's later bytes %s", memcmp(data + 4096, "changed", 7) ?
	    "are not seen" : "are seen");
	close(file);
	end(&p);
}

static void splices(void)
{
	struct pair p = warm();
	char data[4000];
	int pipes[2];

	if (pipe(pipes))
		err(1, "pipe");
	fill(data, sizeof(data), 0);
	if (write(pipes[1], data, sizeof(data)) != sizeof(data))
		err(1, "write");
	result("splice", splice(pipes[0], NULL, p.client, NULL, 4000, 0));
	await_unread(p.server, 4000);
	result("splice", splice(p.server, NULL, pipes[1], NULL, 4000, 0));
	result("read", read(pipes[0], data, sizeof(data)));
	say("%s", is_right(data, sizeof(data), 0) ? "right" : "WRONG");
	fcntl(p.server, F_SETFL, O_NONBLOCK);
	result("splice", splice(p.server, NULL, pipes[1], NULL, 4000,
				SPLICE_F_NONBLOCK));
	shutdown(p.client, SHUT_WR);
	result("splice", splice(p.server, NULL, pipes[1], NULL, 4000, 0));
	close(pipes[0]);
	close(pipes[1]);
	end(&p);
}

/* --------------------------------------------------------- what is told of it */

static void queues(void)
{
	struct pair p = warm();
	int queued = -1;

	send_filled(p.client, 3000, 0, 0);
	say("FIONREAD %d", await_unread(p.server, 3000));
	say("SIOCOUTQ %d", await_empty(p.client));
	ioctl(p.client, SIOCOUTQNSD, &queued);
	say("SIOCOUTQNSD %d", queued);
	say("SIOCINQ of the other %d", unread(p.client));
	end(&p);
}

/* On a busy machine TCP may send something again that was not lost. */
static void say_info(const char *who, const struct tcp_info *i)
{
	uint64_t once = i->tcpi_bytes_sent - i->tcpi_bytes_retrans;

	/* Who has connected has its SYN acknowledged, too. */
	say("%s: state %u sent %llu received %llu, acknowledged %llu more", who,
	    i->tcpi_state, (unsigned long long)once,
	    (unsigned long long)i->tcpi_bytes_received,
	    (unsigned long long)(i->tcpi_bytes_acked - once));
}

static void info(void)
{
	struct pair p = warm();
	struct tcp_info i = { 0 }, j = { 0 };
	socklen_t size = sizeof(i);
	char data[3000];

	send_filled(p.client, 3000, 0, 0);
	result("recv", recv(p.server, data, 3000, MSG_WAITALL));
	send_filled(p.server, 500, 0, 0);
	result("recv", recv(p.client, data, 500, MSG_WAITALL));
	await_empty(p.client);
	await_empty(p.server);
	getsockopt(p.client, IPPROTO_TCP, TCP_INFO, &i, &size);
	size = sizeof(j);
	getsockopt(p.server, IPPROTO_TCP, TCP_INFO, &j, &size);
	say_info("client", &i);
	say_info("server", &j);
	say("segment sizes: %u %u, %u %u", i.tcpi_snd_mss, i.tcpi_advmss,
	    j.tcpi_snd_mss, j.tcpi_advmss);
	end(&p);
}

static void say_epoll(const char *what, int epoll)
{
	struct epoll_event event = { 0 };
	int count = epoll_wait(epoll, &event, 1, 0);

	say("%s: %d of %#x", what, count, count > 0 ? event.events : 0);
}

static void epolls(bool edge)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLRDHUP | (edge ? EPOLLET : 0),
	};
	int epoll = epoll_create1(0);
	struct pair p = warm();
	char data[8];

	epoll_ctl(epoll, EPOLL_CTL_ADD, p.server, &event);
	say_epoll("nothing has come", epoll);
	send(p.client, "abc", 3, 0);
	await_unread(p.server, 3);
	say_epoll("it comes", epoll);
	say_epoll("it is there", epoll);
	send(p.client, "def", 3, 0);
	await_unread(p.server, 6);
	say_epoll("more comes", epoll);
	result("recv", recv(p.server, data, 2, 0));
	say_epoll("part is read", epoll);
	result("recv", recv(p.server, data, 8, 0));
	say_epoll("all is read", epoll);
	shutdown(p.client, SHUT_WR);
	events_now(p.server, POLLRDHUP, PATIENCE);
	say_epoll("the end comes", epoll);
	say_epoll("the end is there", epoll);
	close(epoll);
	end(&p);
}

static void epoll_level(void)
{
	epolls(false);
}

static void epoll_edge(void)
{
	epolls(true);
}

/* The client's address, and what IP is told of its packets */
static void addresses(void)
{
	struct sockaddr_in6 name = { 0 };
	socklen_t size = sizeof(name);
	struct pair p = warm();
	char text[INET6_ADDRSTRLEN];

	getpeername(p.server, (void *)&name, &size);
	say("the client is %s", inet_ntop(AF_INET6, &name.sin6_addr, text,
					  sizeof(text)));
	set(p.client, IPPROTO_IP, IP_TOS, 0x28);
	result("IP_TOS", get(p.client, IPPROTO_IP, IP_TOS));
	result("send", send_filled(p.client, 1000, 0, 0));
	await_unread(p.server, 1000);
	say("%d", readable(p.server));
	end(&p);
}

/* Segments arrive with one hop less than they were sent with. */
static void hops(void)
{
	bool v4 = to.ss_family == AF_INET;
	int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	int option = v4 ? IP_TTL : IPV6_UNICAST_HOPS;
	int least = v4 ? IP_MINTTL : IPV6_MINHOPCOUNT;
	struct pair p = warm();

	set(p.client, level, option, 9);
	set(p.server, level, least, 8);
	send_filled(p.client, 10, 0, 0);
	await_unread(p.server, 10);
	say("of 8 hops: %d", readable(p.server));
	set(p.server, level, least, 9);
	send_filled(p.client, 10, 10, 0);
	usleep(50000);
	say("of 9 hops: %d", readable(p.server) - 10);
	set(p.server, level, least, 0);
	await_unread(p.server, 20);
	say("of any: %d", readable(p.server));
	set(p.client, level, option, 1);
	send_filled(p.client, 10, 20, 0);
	usleep(50000);
	say("with one: %d", readable(p.server) - 20);
	set(p.client, level, option, 64);
	await_unread(p.server, 30);
	say("with enough: %d", readable(p.server));
	end(&p);
}

/* ---------------------------------------------------------------- other hands */

static void keep_alive(void)
{
	struct pair p = warm();
	char data[8];

	set(p.client, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	set(p.client, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set(p.client, IPPROTO_TCP, TCP_KEEPCNT, 1);
	set(p.client, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
	set(p.client, SOL_SOCKET, SO_KEEPALIVE, 1);
	say_events("after a while", events_now(p.client, POLLIN, 2500));
	result("send", send(p.client, "x", 1, 0));
	result("recv", recv(p.server, data, 1, 0));
	end(&p);
}

static void pass(int by, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	if (sendmsg(by, &msg, 0) != 1)
		err(1, "sendmsg");
}

static int take(int by)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(by, &msg, 0) != 1)
		err(1, "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

static void passed_on(void)
{
	struct pair p = warm();
	int by[2], fd;
	char data[8];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, by))
		err(1, "socketpair");
	send(p.client, "abc", 3, 0);
	pass(by[0], p.server);
	close(p.server);
	fd = take(by[1]);
	result("recv", recv(fd, data, sizeof(data), 0));
	result("send", send(fd, data, 3, 0));
	result("recv", recv(p.client, data, sizeof(data), 0));
	close(by[0]);
	close(by[1]);
	close(fd);
	close(p.client);
}

/* A socket that is its own peer, where the server has the address */
static void to_itself(void)
{
	struct sockaddr_storage self = to;
	struct stream s = { .bytes = 2000000, .seed = 5 };
	struct stream r = { .seed = 6 };
	pthread_t threads[2];

	((struct sockaddr_in *)&self)->sin_port = htons(6001);
	s.fd = r.fd = new_socket(server_ns);
	set(s.fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (result("bind", bind(s.fd, (void *)&self, to_size)) ||
	    result("connect", connect(s.fd, (void *)&self, to_size))) {
		close(s.fd);
		return;
	}
	pthread_create(&threads[0], NULL, send_stream, &s);
	pthread_create(&threads[1], NULL, read_stream, &r);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	say("%llu right bytes", (unsigned long long)r.done);
	close(s.fd);
}

/* A mapped socket becomes one of IPv4. */
static void other_family(void)
{
	struct pair p = warm();
	int family = AF_INET;
	char data[8];

	result("IPV6_ADDRFORM", setsockopt(p.client, IPPROTO_IPV6, IPV6_ADDRFORM,
					   &family, sizeof(family)));
	result("send", send(p.client, "abc", 3, 0));
	result("recv", recv(p.server, data, 3, 0));
	result("send", send(p.server, "def", 3, 0));
	result("recv", recv(p.client, data, 3, 0));
	end(&p);
}

static void many(void)
{
	struct pair p[200];
	int right = 0;
	char data;

	for (int i = 0; i < 200; i++)
		p[i] = join();
	for (int round = 0; round < 5; round++)
		for (int i = 0; i < 200; i++) {
			char byte = i + round;

			send(p[i].client, &byte, 1, 0);
			right += recv(p[i].server, &data, 1, 0) == 1 &&
				 data == byte;
			send(p[i].server, &byte, 1, 0);
			right += recv(p[i].client, &data, 1, 0) == 1 &&
				 data == byte;
		}
	for (int i = 0; i < 200; i++)
		end(&p[i]);
	say("%d of 2000 bytes are right", right);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "early", early },
	{ "half-close", half_close },
	{ "FIN behind unread data", fin_behind_unread },
	{ "reset", reset },
	{ "close with unread data", close_unread },
	{ "send to a closed one", send_to_closed },
	{ "SO_LINGER", linger },
	{ "SHUT_RD", shut_reading },
	{ "reconnect", reconnect },
	{ "connected again", connected_again },
	{ "blocked reader", blocked },
	{ "killed", killed },
	{ "MSG_PEEK", peek },
	{ "MSG_WAITALL", wait_all },
	{ "MSG_TRUNC", truncate_data },
	{ "MSG_OOB", out_of_band },
	{ "SO_RCVLOWAT", least },
	{ "timeouts", timeouts },
	{ "stopped reader", stopped },
	{ "stopped reader, blocking", stopped_blocking },
	{ "streams", streams },
	{ "MSG_ZEROCOPY", zero_copy },
	{ "TCP_CORK", corked },
	{ "sendfile", send_file },
	{ "splice", splices },
	{ "queues", queues },
	{ "TCP_INFO", info },
	{ "epoll, level", epoll_level },
	{ "epoll, edge", epoll_edge },
	{ "addresses", addresses },
	{ "hops", hops },
	{ "keep-alive", keep_alive },
	{ "passed on", passed_on },
	{ "to itself", to_itself },
	{ "IPV6_ADDRFORM", other_family },
	{ "many", many },
};

#endif
