// SPDX-License-Identifier: GPL-2.0
/*
 * Which candidate is the node itself, of a service that other nodes may have
 * sent a packet for: as quick to tell of a thousand as of ten, and right when
 * addresses come and go.
 */
#include <linux/if.h>
#include <linux/inetdevice.h>
#include <linux/slab.h>

#include "../plan.h"
#include "steps.h"
#include "tables.h"

#define FEW		10
#define MANY		1000

/* Even numbers: IPv4 */
#define SERVICE		200
#define CLIENT		100
#define BACKEND		0x10000

/* Steps more among the many; one for each of them would be ten times as many. */
#define MORE_MAX	(MANY / 10)

/* An alias of the loopback device */
#define LABEL		"lo:own"

/**
 * struct own_test - what a case works on
 * @sn: one service whose packets go on in a tunnel
 * @service: that
 * @count: its backends
 */
struct own_test {
	struct sluice_net sn;
	struct sluice_service *service;
	u32 count;
};

static struct sluice_l4addr backend_addr(u32 i)
{
	struct sluice_l4addr addr = test_addr(BACKEND + 2 * i);

	addr.port = test_addr(SERVICE).port;
	return addr;
}

static void add_backends(struct kunit *test, u32 count)
{
	struct own_test *o = test->priv;
	struct sluice_backend_cfg cfg = {};
	struct sluice_tx tx;
	int err = 0;

	test_tx_begin(&o->sn, &tx);
	for (; !err && o->count < count; o->count++) {
		cfg.addr = backend_addr(o->count);
		err = sluice_tx_backend_new(&tx, o->service, &cfg, NULL);
	}
	KUNIT_ASSERT_EQ(test, test_tx_finish(&o->sn, &tx, err), 0);
}

/* Of a flow that another node may have sent: the backend, without a reference */
static struct sluice_backend *backend_of_new(struct own_test *o)
{
	struct sluice_l4addr src = test_addr(CLIENT), dst = test_addr(SERVICE);
	struct sluice_pkt pkt = {
		.tuple = {
			.src = src.addr, .sport = htons(40000),
			.dst = dst.addr, .dport = dst.port,
			.family = AF_INET, .proto = IPPROTO_TCP,
		},
		.syn = true, .from_tunnel = true,
	};
	struct sluice_plan plan;

	rcu_read_lock();
	sluice_plan_make(&o->sn, &pkt, false, NULL, &plan);
	rcu_read_unlock();
	sluice_plan_put(&plan);
	return plan.backend;
}

static u64 cost_of_new(struct own_test *o)
{
	steps_begin();
	backend_of_new(o);
	return steps_end();
}

static void new_flow_among_many(struct kunit *test)
{
	struct own_test *o = test->priv;
	u64 few, many, first;

	if (!STEPS_ARE_COUNTED)
		kunit_skip(test, "the kernel has CONFIG_KCOV");
	add_backends(test, FEW);
	cost_of_new(o);
	few = cost_of_new(o);
	add_backends(test, MANY);
	first = cost_of_new(o);
	many = cost_of_new(o);
	kunit_info(test, "%llu steps with %u backends, %llu with %u, the first time %llu\n",
		   few, FEW, many, MANY, first);
	KUNIT_EXPECT_GT(test, few, 0ULL);
	KUNIT_EXPECT_LT(test, many, few + MORE_MAX);
	/* The measure itself: who asks first looks all of them up. */
	KUNIT_EXPECT_GT(test, first, (u64)MANY);
}

static int set_address(unsigned int cmd, u32 i)
{
	struct sluice_l4addr addr = backend_addr(i);
	struct ifreq request = { .ifr_name = LABEL };
	struct sockaddr_in *sin;

	if (cmd == SIOCSIFADDR) {
		sin = (struct sockaddr_in *)&request.ifr_addr;
		sin->sin_family = AF_INET;
		sin->sin_addr.s_addr = addr.addr.ip;
	}
	return devinet_ioctl(&init_net, cmd, &request);
}

static void gets_address(struct kunit *test, u32 i)
{
	KUNIT_ASSERT_EQ(test, set_address(SIOCSIFADDR, i), 0);
}

/* An alias that is not up goes. */
static void loses_address(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, set_address(SIOCSIFFLAGS, 0), 0);
}

static void expect_own(struct kunit *test, u32 i)
{
	struct own_test *o = test->priv;
	struct sluice_l4addr addr = backend_addr(i);

	/* Twice: found anew, and as known */
	KUNIT_EXPECT_PTR_EQ(test, backend_of_new(o),
			    test_backend_find(&o->sn, o->service, &addr));
	KUNIT_EXPECT_PTR_EQ(test, backend_of_new(o),
			    test_backend_find(&o->sn, o->service, &addr));
}

static void expect_none(struct kunit *test)
{
	struct own_test *o = test->priv;

	KUNIT_EXPECT_NULL(test, backend_of_new(o));
	KUNIT_EXPECT_NULL(test, backend_of_new(o));
}

static void addresses_come_and_go(struct kunit *test)
{
	add_backends(test, FEW);
	expect_none(test);
	gets_address(test, 7);
	expect_own(test, 7);
	gets_address(test, 3);	/* in place of that */
	expect_own(test, 3);
	loses_address(test);
	expect_none(test);
	gets_address(test, 0);
	expect_own(test, 0);
	loses_address(test);
	expect_none(test);
}

/* What is known is known of the candidates that there were. */
static void candidates_come_and_go(struct kunit *test)
{
	struct own_test *o = test->priv;
	struct sluice_l4addr addr = backend_addr(0);

	add_backends(test, 3);
	gets_address(test, 3);
	expect_none(test);
	add_backends(test, FEW);
	expect_own(test, 3);
	test_backend_del(test, &o->sn,
			 test_backend_find(&o->sn, o->service, &addr));
	expect_own(test, 3);
	addr = backend_addr(3);
	test_backend_del(test, &o->sn,
			 test_backend_find(&o->sn, o->service, &addr));
	expect_none(test);
	loses_address(test);
}

static int init(struct kunit *test)
{
	struct own_test *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	const struct sluice_service_cfg cfg = {
		.addr = test_addr(SERVICE),
		.opts.forward = SLUICE_FORWARD_TUNNEL,
		.given = BIT(SLUICE_A_SERVICE_FORWARD),
	};
	int err;

	if (!o)
		return -ENOMEM;
	test->priv = o;
	err = test_tables_init(&o->sn);
	if (err)
		return err;
	err = test_service_new(&o->sn, &cfg);
	o->service = test_service_find(&o->sn, &cfg.addr);
	return err;
}

static void exit(struct kunit *test)
{
	struct own_test *o = test->priv;

	test_tables_fini(&o->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(new_flow_among_many),
	KUNIT_CASE(addresses_come_and_go),
	KUNIT_CASE(candidates_come_and_go),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_plan_own",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
