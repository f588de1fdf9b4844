// SPDX-License-Identifier: GPL-2.0
/*
 * Which echo requests are answered.
 */
#include <linux/inet.h>
#include <linux/slab.h>

#include "../echo.h"
#include "tables.h"

/**
 * struct echo_test - what a case works on
 * @sn: services
 */
struct echo_test {
	struct sluice_net sn;
};

static union nf_inet_addr address(const char *text)
{
	union nf_inet_addr addr = {};

	if (strchr(text, ':'))
		in6_pton(text, -1, addr.in6.s6_addr, -1, NULL);
	else
		in4_pton(text, -1, (u8 *)&addr.ip, -1, NULL);
	return addr;
}

static struct sluice_l4addr service_addr(const char *text, u16 port)
{
	return (struct sluice_l4addr) {
		.addr = address(text), .port = htons(port),
		.family = strchr(text, ':') ? AF_INET6 : AF_INET,
		.proto = IPPROTO_TCP,
	};
}

static struct sluice_service_cfg wants(const char *text, u16 port, bool echo)
{
	return (struct sluice_service_cfg) {
		.addr = service_addr(text, port), .opts.echo = echo,
		.given = BIT(SLUICE_A_SERVICE_ECHO),
	};
}

static void set_service(struct kunit *test, const char *text, u16 port,
			bool echo)
{
	struct echo_test *e = test->priv;
	struct sluice_service_cfg cfg = wants(text, port, echo);

	KUNIT_ASSERT_EQ(test, test_service_new(&e->sn, &cfg), 0);
}

static void deny(struct kunit *test, const char *text, u16 port,
		 const char *source)
{
	struct echo_test *e = test->priv;
	struct sluice_prefix prefix = {
		.addr = address(source), .family = AF_INET, .len = 32,
	};
	struct sluice_service_cfg cfg = {
		.addr = service_addr(text, port),
		.deny = { .count = 1, .list = &prefix },
		.given = BIT(SLUICE_A_SERVICE_DENY),
	};

	KUNIT_ASSERT_EQ(test, test_service_new(&e->sn, &cfg), 0);
}

static void delete_service(struct kunit *test, const char *text, u16 port)
{
	struct echo_test *e = test->priv;
	struct sluice_l4addr addr = service_addr(text, port);

	test_service_del(&e->sn, test_service_find(&e->sn, &addr));
}

static enum sluice_echo_answer answer(struct kunit *test, const char *from,
				      const char *to)
{
	bool ipv4 = !strchr(to, ':');
	struct sluice_pkt pkt = {
		.tuple = {
			.src = address(from), .dst = address(to),
			.sport = htons(77),
			.family = ipv4 ? AF_INET : AF_INET6,
			.proto = ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		},
		.icmp_echo = true,
	};
	struct echo_test *e = test->priv;
	enum sluice_echo_answer answer;

	rcu_read_lock();
	answer = sluice_echo_find(&e->sn, &pkt);
	rcu_read_unlock();
	return answer;
}

static void answered_as_long_as_one_wants_it(struct kunit *test)
{
	static const char *const vips[] = { "10.96.0.1", "fd00::96:1" };
	static const char *const others[] = { "10.96.0.2", "fd00::96:2" };
	static const char *const clients[] = { "10.1.1.1", "fd00::1" };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vips); i++) {
		KUNIT_EXPECT_EQ(test, answer(test, clients[i], vips[i]),
				SLUICE_ECHO_UNASKED);
		set_service(test, vips[i], 80, false);
		KUNIT_EXPECT_EQ(test, answer(test, clients[i], vips[i]),
				SLUICE_ECHO_UNASKED);
		set_service(test, vips[i], 81, true);
		set_service(test, vips[i], 80, true);
		KUNIT_EXPECT_EQ(test, answer(test, clients[i], vips[i]),
				SLUICE_ECHO_ANSWERED);
		KUNIT_EXPECT_EQ(test, answer(test, clients[i], others[i]),
				SLUICE_ECHO_UNASKED);
		delete_service(test, vips[i], 81);
		KUNIT_EXPECT_EQ(test, answer(test, clients[i], vips[i]),
				SLUICE_ECHO_ANSWERED);
		set_service(test, vips[i], 80, false);
		KUNIT_EXPECT_EQ(test, answer(test, clients[i], vips[i]),
				SLUICE_ECHO_UNASKED);
	}
}

static void one_that_allows_it_is_enough(struct kunit *test)
{
	set_service(test, "10.96.0.1", 80, true);
	deny(test, "10.96.0.1", 80, "10.1.1.1");
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_REFUSED);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.2", "10.96.0.1"),
			SLUICE_ECHO_ANSWERED);
	/* One that would allow it, and does not answer */
	set_service(test, "10.96.0.1", 81, false);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_REFUSED);
	set_service(test, "10.96.0.1", 81, true);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_ANSWERED);
	deny(test, "10.96.0.1", 81, "10.1.1.1");
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_REFUSED);
}

static const struct {
	const char *from;
	enum sluice_echo_answer answer;
} sources[] = {
	{ "10.1.1.1", SLUICE_ECHO_ANSWERED },
	{ "10.96.0.1", SLUICE_ECHO_ANSWERED },
	{ "224.0.0.1", SLUICE_ECHO_UNASKED },
	{ "239.255.255.250", SLUICE_ECHO_UNASKED },
	{ "255.255.255.255", SLUICE_ECHO_UNASKED },
	{ "0.0.0.0", SLUICE_ECHO_UNASKED },
	{ "fd00::1", SLUICE_ECHO_ANSWERED },
	{ "fe80::1", SLUICE_ECHO_ANSWERED },
	{ "::", SLUICE_ECHO_UNASKED },
	{ "ff02::1", SLUICE_ECHO_UNASKED },
	{ "ff0e::101", SLUICE_ECHO_UNASKED },
};

static void nobody_answers_to_many(struct kunit *test)
{
	u32 i;

	set_service(test, "10.96.0.1", 80, true);
	set_service(test, "fd00::96:1", 80, true);
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    answer(test, sources[i].from,
					   strchr(sources[i].from, ':') ?
					   "fd00::96:1" : "10.96.0.1"),
				    sources[i].answer, "%s", sources[i].from);
}

/* Before it is committed nothing of a transaction is seen. */
static void by_transactions(struct kunit *test)
{
	struct echo_test *e = test->priv;
	struct sluice_service_cfg on = wants("10.96.0.1", 80, true);
	struct sluice_service_cfg other = wants("10.96.0.1", 81, true);
	struct sluice_tx tx;

	set_service(test, "10.96.0.1", 80, false);
	test_tx_begin(&e->sn, &tx);
	KUNIT_EXPECT_EQ(test, sluice_tx_service_new(&tx, &on), 0);
	KUNIT_EXPECT_EQ(test, sluice_tx_service_new(&tx, &other), 0);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_UNASKED);
	KUNIT_EXPECT_EQ(test, sluice_tx_prepare(&tx, NULL), 0);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_UNASKED);
	sluice_tx_abort(&tx);
	mutex_unlock(&e->sn.cfg_lock);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_UNASKED);
	KUNIT_EXPECT_EQ(test, test_service_new(&e->sn, &other), 0);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_ANSWERED);
	test_service_flush(&e->sn);
	KUNIT_EXPECT_EQ(test, answer(test, "10.1.1.1", "10.96.0.1"),
			SLUICE_ECHO_UNASKED);
}

static int init(struct kunit *test)
{
	struct echo_test *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	if (!e)
		return -ENOMEM;
	test->priv = e;
	return test_tables_init(&e->sn);
}

static void exit(struct kunit *test)
{
	struct echo_test *e = test->priv;

	test_tables_fini(&e->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(answered_as_long_as_one_wants_it),
	KUNIT_CASE(one_that_allows_it_is_enough),
	KUNIT_CASE(nobody_answers_to_many),
	KUNIT_CASE(by_transactions),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_echo",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
