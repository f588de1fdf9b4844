// SPDX-License-Identifier: GPL-2.0
/*
 * The fate of new flows, and of old ones after a change.
 */
#include <linux/slab.h>

#include "../decide.h"
#include "../frontend.h"
#include "tables.h"

#define BUCKETS		256
#define ACTIVE		SLUICE_BACKEND_STATE_ACTIVE
#define ORIG		SLUICE_DIR_ORIG
#define REPLY		SLUICE_DIR_REPLY

/* Numbers of addresses: all IPv4. */
#define CLIENT		100
#define SERVICE		200
#define BACKEND		300

/**
 * struct decide_test - what a case works on
 * @sn: two services, each with the one backend address
 * @services: by number
 * @backends: by number of the service
 */
struct decide_test {
	struct sluice_net sn;
	struct sluice_service *services[2];
	struct sluice_backend *backends[2];
};

/* A packet of a client to the address of a number. */
static struct sluice_pkt packet_to(u32 client, u32 to, const char *flags)
{
	struct sluice_l4addr src = test_addr(CLIENT + 2 * client);
	struct sluice_l4addr dst = test_addr(to);

	return (struct sluice_pkt) {
		.tuple = {
			.src = src.addr, .sport = htons(40000),
			.dst = dst.addr, .dport = dst.port,
			.family = AF_INET, .proto = IPPROTO_TCP,
		},
		.syn = strchr(flags, 'S'),
		.ack = strchr(flags, 'A'),
		.rst = strchr(flags, 'R'),
	};
}

static enum sluice_drop_reason decide(struct decide_test *d,
				      const struct sluice_pkt *pkt,
				      struct sluice_flow **flow)
{
	struct sluice_verdict verdict = {};

	rcu_read_lock();
	sluice_decide_new(&d->sn, pkt, &verdict);
	*flow = verdict.node ? sluice_flow_of(verdict.node) : NULL;
	rcu_read_unlock();
	return verdict.reason;
}

/* A new flow of a client to the address of a number. */
static struct sluice_flow *open_flow(struct kunit *test, u32 client, u32 to)
{
	struct sluice_pkt pkt = packet_to(client, to, "S");
	struct sluice_flow *flow;

	KUNIT_ASSERT_EQ(test, decide(test->priv, &pkt, &flow), SLUICE_DROP_NONE);
	KUNIT_ASSERT_NOT_NULL(test, flow);
	return flow;
}

/* Whether the next packet of the client finds a flow that may be used. */
static bool goes_on(struct decide_test *d, u32 client, u32 to,
		    const char *flags)
{
	struct sluice_pkt pkt = packet_to(client, to, flags);
	struct sluice_verdict verdict = {};

	rcu_read_lock();
	sluice_decide_lookup(&d->sn, &pkt, SLUICE_DOOR_ENTRY, &verdict);
	rcu_read_unlock();
	return verdict.node && !verdict.reason;
}

static void expect_reset(struct kunit *test, const struct sluice_pkt *pkt)
{
	struct decide_test *d = test->priv;
	struct sluice_verdict verdict;

	rcu_read_lock();
	sluice_decide(&d->sn, pkt, SLUICE_DOOR_ENTRY, &verdict);
	rcu_read_unlock();
	KUNIT_EXPECT_NOT_NULL(test, verdict.found);
	KUNIT_EXPECT_EQ(test, verdict.reason, SLUICE_DROP_REASON_BACKEND_GONE);
	KUNIT_EXPECT_TRUE(test, verdict.reject);
	KUNIT_EXPECT_TRUE(test, verdict.becomes_rst);
}

/* What one end is told by: to the other one, rewritten at one of the doors */
static void expect_told(struct kunit *test, const struct sluice_pkt *pkt)
{
	struct decide_test *d = test->priv;
	struct sluice_verdict verdict;
	enum sluice_door door;
	int rewritten = 0;

	for (door = SLUICE_DOOR_ENTRY; door <= SLUICE_DOOR_EXIT; door++) {
		rcu_read_lock();
		sluice_decide(&d->sn, pkt, door, &verdict);
		rcu_read_unlock();
		KUNIT_EXPECT_EQ(test, verdict.reason, SLUICE_DROP_NONE);
		rewritten += !!verdict.node;
	}
	KUNIT_EXPECT_EQ(test, rewritten, 1);
}

static void expect_end_is_told(struct kunit *test, struct sluice_pkt pkt)
{
	pkt.rst = true;
	expect_told(test, &pkt);
	pkt.rst = false;
	pkt.icmp_error = true;
	expect_told(test, &pkt);
}

static u64 stat(const struct decide_test *d, enum sluice_stat which)
{
	return sluice_stat_sum(d->sn.stats, which);
}

static int flow_count(const struct decide_test *d)
{
	return atomic_read(&d->sn.flows.count);
}

static void service_flow_gets_backend(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_pkt pkt = packet_to(1, SERVICE, "S");
	struct sluice_tuple reply = {
		.src = d->backends[0]->addr.addr, .sport = d->backends[0]->addr.port,
		.dst = pkt.tuple.src, .dport = pkt.tuple.sport,
		.family = AF_INET, .proto = IPPROTO_TCP,
	};
	struct sluice_flow *flow = open_flow(test, 1, SERVICE);

	KUNIT_EXPECT_PTR_EQ(test, flow->backend, d->backends[0]);
	KUNIT_EXPECT_EQ(test, refcount_read(&d->backends[0]->refs), 2U);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&flow->nodes[ORIG].tuple,
						   &pkt.tuple));
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&flow->nodes[REPLY].tuple,
						   &reply));
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "A"));
	KUNIT_EXPECT_FALSE(test, goes_on(d, 2, SERVICE, "A"));
}

static void others_are_left_alone(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_pkt pkt = packet_to(1, 400, "S");
	struct sluice_flow *flow;

	KUNIT_EXPECT_EQ(test, decide(d, &pkt, &flow), SLUICE_DROP_NONE);
	KUNIT_EXPECT_NULL(test, flow);
	KUNIT_EXPECT_EQ(test, flow_count(d), 0);
}

static void no_backend(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_pkt pkt = packet_to(1, SERVICE, "S");
	struct sluice_flow *flow;

	test_backend_set(test, &d->sn, d->backends[0], 0, ACTIVE);
	KUNIT_EXPECT_EQ(test, decide(d, &pkt, &flow),
			SLUICE_DROP_REASON_NO_BACKEND);
	KUNIT_EXPECT_NULL(test, flow);
	KUNIT_EXPECT_EQ(test, atomic64_read(&d->services[0]->counters.drops), 1);
	KUNIT_EXPECT_EQ(test, flow_count(d), 0);
}

/* Answers to a client that knows the backend are not those of a service. */
static void direct_flow_has_no_backend(struct kunit *test)
{
	struct sluice_flow *flow = open_flow(test, 1, BACKEND);
	struct sluice_tuple inverse;

	KUNIT_EXPECT_NULL(test, flow->backend);
	sluice_tuple_invert(&inverse, &flow->nodes[ORIG].tuple);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&flow->nodes[REPLY].tuple,
						   &inverse));
}

/* One backend, one client port, three ways: the answers must differ. */
static void clashing_flows_get_other_ports(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *direct = open_flow(test, 1, BACKEND);
	struct sluice_flow *first = open_flow(test, 1, SERVICE);
	struct sluice_flow *second = open_flow(test, 1, SERVICE + 2);
	struct sluice_flow *other = open_flow(test, 2, SERVICE);

	KUNIT_EXPECT_EQ(test, direct->nodes[REPLY].tuple.dport, htons(40000));
	KUNIT_EXPECT_NE(test, first->nodes[REPLY].tuple.dport, htons(40000));
	KUNIT_EXPECT_NE(test, second->nodes[REPLY].tuple.dport, htons(40000));
	KUNIT_EXPECT_NE(test, first->nodes[REPLY].tuple.dport,
			second->nodes[REPLY].tuple.dport);
	KUNIT_EXPECT_GE(test, ntohs(first->nodes[REPLY].tuple.dport), 1024);
	KUNIT_EXPECT_EQ(test, other->nodes[REPLY].tuple.dport, htons(40000));
	KUNIT_EXPECT_EQ(test, flow_count(d), 4);
}

/* All ports of the client are taken at the backend, answered flows or not. */
static void take_all_ports(struct kunit *test, bool answered)
{
	struct decide_test *d = test->priv;
	struct sluice_tuple orig = packet_to(1, BACKEND, "S").tuple, reply;
	struct sluice_flow *flow;
	u32 port;

	for (port = 1024; port < 65536; port++) {
		orig.sport = htons(port);
		sluice_tuple_invert(&reply, &orig);
		flow = test_flow_alloc(test, NULL, &orig, &reply);
		KUNIT_ASSERT_EQ(test, sluice_flow_insert(&d->sn.flows, flow), 0);
		if (!answered)
			continue;
		test_flow_touch(&d->sn, flow, REPLY, "SA", 60);
		test_flow_touch(&d->sn, flow, ORIG, "A", 52);
	}
}

static void no_port(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_pkt pkt = packet_to(1, SERVICE, "S");
	struct sluice_flow *flow;

	take_all_ports(test, true);
	KUNIT_EXPECT_EQ(test, decide(d, &pkt, &flow),
			SLUICE_DROP_REASON_NO_PORT);
	KUNIT_EXPECT_EQ(test, stat(d, SLUICE_STAT_FLOWS_EVICTED), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&d->backends[0]->refs), 1U);
	KUNIT_EXPECT_EQ(test, atomic64_read(&d->services[0]->counters.drops), 1);
}

/* Forged SYNs, say, which nobody takes up the answers of. */
static void flood_gives_up_a_port(struct kunit *test)
{
	struct decide_test *d = test->priv;
	int count;

	take_all_ports(test, false);
	count = flow_count(d);
	open_flow(test, 1, SERVICE);
	KUNIT_EXPECT_EQ(test, flow_count(d), count);
	KUNIT_EXPECT_EQ(test, stat(d, SLUICE_STAT_FLOWS_EVICTED), 1);
}

/* Another CPU has decided the same packet's flow in the meantime. */
static void decided_twice(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *flow = open_flow(test, 1, SERVICE);

	KUNIT_EXPECT_PTR_EQ(test, open_flow(test, 1, SERVICE), flow);
	KUNIT_EXPECT_EQ(test, flow_count(d), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&d->backends[0]->refs), 2U);
}

static void limit_evicts(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_pkt pkt = packet_to(9, SERVICE, "S");
	struct sluice_flow *flow;

	d->sn.settings.limit = 2;
	open_flow(test, 1, SERVICE);
	open_flow(test, 2, SERVICE);
	open_flow(test, 3, SERVICE);
	KUNIT_EXPECT_EQ(test, flow_count(d), 2);
	KUNIT_EXPECT_EQ(test, stat(d, SLUICE_STAT_FLOWS_EVICTED), 1ULL);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 3, SERVICE, "A"));

	sluice_flow_table_flush(&d->sn.flows, NULL, NULL);
	d->sn.settings.limit = 0;
	KUNIT_EXPECT_EQ(test, decide(d, &pkt, &flow),
			SLUICE_DROP_REASON_FLOW_LIMIT);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&d->backends[0]->refs), 1U);
}

static void state_decides_who_goes_on(struct kunit *test)
{
	struct decide_test *d = test->priv;

	open_flow(test, 1, SERVICE);
	open_flow(test, 2, SERVICE + 2);
	test_backend_set(test, &d->sn, d->backends[0], 0, ACTIVE);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "A"));
	test_backend_set(test, &d->sn, d->backends[0], 1,
			 SLUICE_BACKEND_STATE_DRAINING);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "A"));
	test_backend_set(test, &d->sn, d->backends[0], 1,
			 SLUICE_BACKEND_STATE_DOWN);
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, SERVICE, "A"));
	KUNIT_EXPECT_TRUE(test, goes_on(d, 2, SERVICE + 2, "A"));
}

/* Both ends are told, for a while; then nothing is left. */
static void connection_without_backend_is_reset(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *flow = open_flow(test, 1, SERVICE);
	struct sluice_pkt reply = { .tuple = flow->nodes[REPLY].tuple };
	struct sluice_pkt pkt = packet_to(1, SERVICE, "A");

	test_backend_del(test, &d->sn, d->backends[0]);
	test_flow_gc(&d->sn);
	KUNIT_EXPECT_EQ(test, flow_count(d), 1);

	expect_reset(test, &pkt);
	expect_reset(test, &reply);
	expect_end_is_told(test, pkt);
	expect_end_is_told(test, reply);
	expect_reset(test, &pkt);
	KUNIT_EXPECT_EQ(test, sluice_flow_state(flow),
			SLUICE_FLOW_STATE_CLOSING);
	WRITE_ONCE(flow->expires, (u32)jiffies);
	test_flow_gc(&d->sn);
	KUNIT_EXPECT_EQ(test, flow_count(d), 0);
}

/* A client that begins again gets another backend, if there is one. */
static void new_connection_is_not_reset(struct kunit *test)
{
	struct decide_test *d = test->priv;

	open_flow(test, 1, SERVICE);
	test_backend_del(test, &d->sn, d->backends[0]);
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, SERVICE, "S"));
	KUNIT_EXPECT_EQ(test, flow_count(d), 0);
}

static void deletion_ends_flows(struct kunit *test)
{
	struct decide_test *d = test->priv;

	open_flow(test, 1, SERVICE);
	open_flow(test, 2, SERVICE + 2);
	test_backend_del(test, &d->sn, d->backends[0]);
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, SERVICE, "A"));
	KUNIT_EXPECT_TRUE(test, goes_on(d, 2, SERVICE + 2, "A"));
	test_service_del(&d->sn, d->services[1]);
	KUNIT_EXPECT_FALSE(test, goes_on(d, 2, SERVICE + 2, "A"));
}

/* The backend of one service is the address of a new one. */
static void new_service_ends_direct_flows(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_l4addr addr = test_addr(BACKEND);

	open_flow(test, 1, BACKEND);
	test_backend_set(test, &d->sn, d->backends[0], 7, ACTIVE);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, BACKEND, "A"));
	test_service_add(test, &d->sn, &addr, SLUICE_SCHEDULER_RR);
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, BACKEND, "A"));
}

/* What comes from a service's address, by whomever, has no direct flow. */
static void no_flow_hides_a_service(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_l4addr addr = test_addr(SERVICE);
	struct sluice_pkt pkt = packet_to(1, BACKEND, "S");
	struct sluice_flow *flow;

	pkt.tuple.src = addr.addr;
	pkt.tuple.sport = addr.port;
	KUNIT_EXPECT_EQ(test, decide(d, &pkt, &flow), SLUICE_DROP_NONE);
	KUNIT_EXPECT_NULL(test, flow);
}

/* One that came from an address before a service had it ends. */
static void new_service_ends_flows_from_it(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_pkt pkt = packet_to(1, BACKEND, "S");
	struct sluice_l4addr addr = {
		.addr = pkt.tuple.src, .port = pkt.tuple.sport,
		.family = AF_INET, .proto = IPPROTO_TCP,
	};

	open_flow(test, 1, BACKEND);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, BACKEND, "A"));
	test_service_add(test, &d->sn, &addr, SLUICE_SCHEDULER_RR);
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, BACKEND, "A"));
}

/* Once found right, a flow is not looked at again until the next change. */
static void right_flow_notes_revision(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *flow = open_flow(test, 1, SERVICE);

	KUNIT_EXPECT_EQ(test, flow->revision, d->sn.services.revision);
	test_backend_set(test, &d->sn, d->backends[1], 7, ACTIVE);
	KUNIT_EXPECT_NE(test, flow->revision, d->sn.services.revision);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "A"));
	KUNIT_EXPECT_EQ(test, flow->revision, d->sn.services.revision);
}

static void expired_flow_is_ended(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *flow = open_flow(test, 1, SERVICE);

	WRITE_ONCE(flow->expires, (u32)jiffies);
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, SERVICE, "A"));
	KUNIT_EXPECT_EQ(test, stat(d, SLUICE_STAT_FLOWS_EXPIRED), 1ULL);
	KUNIT_EXPECT_EQ(test, flow_count(d), 0);
}

/* The client begins again on the port of a connection that is over. */
static void syn_reopens_what_is_over(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *flow = open_flow(test, 1, SERVICE);

	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "S"));
	test_flow_touch(&d->sn, flow, ORIG, "R", 40);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "A"));
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "SA"));
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, SERVICE, "S"));
	open_flow(test, 1, SERVICE);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "S"));
}

/* A backend with the service's port takes new flows unchanged. */
static void forward_unchanged(struct kunit *test, u8 how)
{
	struct decide_test *d = test->priv;
	struct sluice_service *service = d->services[0];
	struct sluice_l4addr addr = test_addr(BACKEND + 2);
	struct sluice_service_cfg cfg = {
		.addr = service->addr, .opts.forward = how,
		.given = BIT(SLUICE_A_SERVICE_FORWARD),
	};

	addr.port = service->addr.port;
	test_backend_flush(test, &d->sn, service);
	KUNIT_ASSERT_EQ(test, test_service_new(&d->sn, &cfg), 0);
	d->backends[0] = test_backend_add(test, &d->sn, service, &addr, 1,
					  ACTIVE);
}

static void unchanged_flow(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *before, *flow;
	struct sluice_tuple inverse;

	before = open_flow(test, 3, SERVICE + 2);
	forward_unchanged(test, SLUICE_FORWARD_L2);
	flow = open_flow(test, 1, SERVICE);
	KUNIT_EXPECT_PTR_EQ(test, flow->backend, d->backends[0]);
	KUNIT_EXPECT_EQ(test, flow->forward, SLUICE_FORWARD_L2);
	sluice_tuple_invert(&inverse, &flow->nodes[ORIG].tuple);
	KUNIT_EXPECT_TRUE(test, sluice_tuple_equal(&flow->nodes[REPLY].tuple,
						   &inverse));
	KUNIT_EXPECT_EQ(test, before->forward, SLUICE_FORWARD_NAT);

	forward_unchanged(test, SLUICE_FORWARD_TUNNEL);
	flow = open_flow(test, 2, SERVICE);
	KUNIT_EXPECT_EQ(test, flow->forward, SLUICE_FORWARD_TUNNEL);
}

/* Nobody else could answer to what the node sends from the address itself. */
static void node_with_the_address(struct kunit *test)
{
	struct sluice_pkt pkt = packet_to(1, SERVICE, "S");
	struct sluice_service_opts opts = sluice_service_default_opts;
	struct sluice_l4addr backend = test_addr(BACKEND);

	opts.forward = SLUICE_FORWARD_L2;
	opts.masquerade = SLUICE_MASQUERADE_ALWAYS;
	KUNIT_EXPECT_EQ(test, sluice_frontend_forward(NULL, &pkt, &opts),
			SLUICE_FORWARD_L2);
	pkt.from_node = true;
	KUNIT_EXPECT_EQ(test, sluice_frontend_forward(NULL, &pkt, &opts),
			SLUICE_FORWARD_L2);
	pkt.tuple.src = pkt.tuple.dst;
	KUNIT_EXPECT_EQ(test, sluice_frontend_forward(NULL, &pkt, &opts),
			SLUICE_FORWARD_NAT);
	KUNIT_EXPECT_TRUE(test, sluice_frontend_masquerades(NULL, &pkt, &opts,
							    &backend));
}

/* The backend's FIN does not come by: the client's is enough. */
static void syn_reopens_one_sided(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *flow;

	forward_unchanged(test, SLUICE_FORWARD_L2);
	flow = open_flow(test, 1, SERVICE);
	test_flow_touch(&d->sn, flow, ORIG, "A", 40);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "S"));
	test_flow_touch(&d->sn, flow, ORIG, "FA", 40);
	KUNIT_EXPECT_TRUE(test, goes_on(d, 1, SERVICE, "A"));
	KUNIT_EXPECT_FALSE(test, goes_on(d, 1, SERVICE, "S"));
}

/* The client is told, and what tells him is not held up. */
static void one_sided_reset_goes_out(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_pkt pkt = packet_to(1, SERVICE, "A"), rst = pkt;
	struct sluice_verdict verdict;
	enum sluice_door door;

	forward_unchanged(test, SLUICE_FORWARD_TUNNEL);
	open_flow(test, 1, SERVICE);
	test_backend_flush(test, &d->sn, d->services[0]);
	expect_reset(test, &pkt);
	sluice_tuple_invert(&rst.tuple, &pkt.tuple);
	rst.rst = true;
	for (door = SLUICE_DOOR_ENTRY; door <= SLUICE_DOOR_EXIT; door++) {
		rcu_read_lock();
		sluice_decide(&d->sn, &rst, door, &verdict);
		rcu_read_unlock();
		KUNIT_EXPECT_EQ(test, verdict.reason, SLUICE_DROP_NONE);
		KUNIT_EXPECT_NULL(test, verdict.node);
	}
	expect_reset(test, &pkt);
}

static void set_forward(struct kunit *test, u8 how)
{
	struct decide_test *d = test->priv;
	struct sluice_service_cfg cfg = {
		.addr = d->services[0]->addr, .opts.forward = how,
		.given = BIT(SLUICE_A_SERVICE_FORWARD),
	};

	KUNIT_ASSERT_EQ(test, test_service_new(&d->sn, &cfg), 0);
}

/* Make a backend of the first service, or change it. */
static void set_backend(struct kunit *test, u32 number, bool local, u16 weight,
			u8 state)
{
	struct decide_test *d = test->priv;
	struct sluice_backend_cfg cfg = {
		.addr = test_addr(number), .local = local, .weight = weight,
		.state = state,
		.has_local = true, .has_weight = true, .has_state = true,
	};

	KUNIT_ASSERT_EQ(test, test_backend_new(&d->sn, d->services[0], &cfg), 0);
}

/* Whether this node takes what another one sends to a backend's address. */
static bool takes(struct decide_test *d, u32 to, u32 backend)
{
	struct sluice_l4addr addr = test_addr(backend);
	struct sluice_pkt pkt = packet_to(1, to, "A");
	bool taken;

	pkt.relay_to = &addr.addr;
	rcu_read_lock();
	taken = sluice_decide_takes(&d->sn, &pkt);
	rcu_read_unlock();
	return taken;
}

/* The flow that it has then */
static struct sluice_flow *relayed_flow(struct kunit *test, u32 backend)
{
	struct sluice_l4addr addr = test_addr(backend);
	struct sluice_pkt pkt = packet_to(1, SERVICE, "A");
	struct decide_test *d = test->priv;
	struct sluice_verdict verdict;

	pkt.relay_to = &addr.addr;
	rcu_read_lock();
	sluice_decide_relayed(&d->sn, &pkt, &verdict);
	rcu_read_unlock();
	KUNIT_ASSERT_EQ(test, verdict.reason, SLUICE_DROP_NONE);
	KUNIT_ASSERT_NOT_NULL(test, verdict.node);
	return sluice_flow_of(verdict.node);
}

/* To which backends another node may send, whose tables may be older. */
static void relayed_to_local_backends(struct kunit *test)
{
	struct decide_test *d = test->priv;

	set_backend(test, BACKEND, true, 1, ACTIVE);
	KUNIT_EXPECT_FALSE(test, takes(d, SERVICE, BACKEND));
	set_forward(test, SLUICE_FORWARD_RELAY);
	KUNIT_EXPECT_TRUE(test, takes(d, SERVICE, BACKEND));
	KUNIT_EXPECT_FALSE(test, takes(d, SERVICE, BACKEND + 2));
	KUNIT_EXPECT_FALSE(test, takes(d, SERVICE + 2, BACKEND));
	set_backend(test, BACKEND + 2, false, 1, ACTIVE);
	KUNIT_EXPECT_FALSE(test, takes(d, SERVICE, BACKEND + 2));
	set_backend(test, BACKEND, true, 0, SLUICE_BACKEND_STATE_DRAINING);
	KUNIT_EXPECT_TRUE(test, takes(d, SERVICE, BACKEND));
	set_backend(test, BACKEND, true, 1, SLUICE_BACKEND_STATE_DOWN);
	KUNIT_EXPECT_FALSE(test, takes(d, SERVICE, BACKEND));
	KUNIT_EXPECT_EQ(test, flow_count(d), 0);
}

/* The other node has chosen, whatever this one knows. */
static void relayed_flow_goes_as_told(struct kunit *test)
{
	struct decide_test *d = test->priv;
	struct sluice_flow *flow;

	set_forward(test, SLUICE_FORWARD_RELAY);
	set_backend(test, BACKEND, true, 1, ACTIVE);
	set_backend(test, BACKEND + 2, true, 1, ACTIVE);
	flow = relayed_flow(test, BACKEND);
	KUNIT_EXPECT_PTR_EQ(test, flow->backend, d->backends[0]);
	KUNIT_EXPECT_EQ(test, flow->forward, SLUICE_FORWARD_NAT);
	KUNIT_EXPECT_PTR_EQ(test, relayed_flow(test, BACKEND), flow);
	KUNIT_EXPECT_TRUE(test, takes(d, SERVICE, BACKEND + 2));

	flow = relayed_flow(test, BACKEND + 2);
	KUNIT_EXPECT_PTR_NE(test, flow->backend, d->backends[0]);
	KUNIT_EXPECT_EQ(test, stat(d, SLUICE_STAT_FLOWS_RETIRED), 1ULL);
	KUNIT_EXPECT_EQ(test, flow_count(d), 1);
}

static int init(struct kunit *test)
{
	struct decide_test *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	struct sluice_l4addr addr;
	int err;
	u32 i;

	if (!d)
		return -ENOMEM;
	test->priv = d;
	err = test_tables_init(&d->sn) ?:
	      test_tables_init_flows(&d->sn, BUCKETS);
	if (err)
		return err;

	d->sn.flows.ends = sluice_decide_ends;
	for (i = 0; i < 2; i++) {
		addr = test_addr(SERVICE + 2 * i);
		d->services[i] = test_service_add(test, &d->sn, &addr,
						  SLUICE_SCHEDULER_MAGLEV);
		addr = test_addr(BACKEND);
		d->backends[i] = test_backend_add(test, &d->sn, d->services[i],
						  &addr, 1, ACTIVE);
	}
	return 0;
}

static void exit(struct kunit *test)
{
	struct decide_test *d = test->priv;

	test_tables_fini(&d->sn);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(service_flow_gets_backend),
	KUNIT_CASE(others_are_left_alone),
	KUNIT_CASE(no_backend),
	KUNIT_CASE(direct_flow_has_no_backend),
	KUNIT_CASE(clashing_flows_get_other_ports),
	KUNIT_CASE(no_port),
	KUNIT_CASE(flood_gives_up_a_port),
	KUNIT_CASE(decided_twice),
	KUNIT_CASE(limit_evicts),
	KUNIT_CASE(state_decides_who_goes_on),
	KUNIT_CASE(connection_without_backend_is_reset),
	KUNIT_CASE(new_connection_is_not_reset),
	KUNIT_CASE(deletion_ends_flows),
	KUNIT_CASE(new_service_ends_direct_flows),
	KUNIT_CASE(no_flow_hides_a_service),
	KUNIT_CASE(new_service_ends_flows_from_it),
	KUNIT_CASE(right_flow_notes_revision),
	KUNIT_CASE(expired_flow_is_ended),
	KUNIT_CASE(syn_reopens_what_is_over),
	KUNIT_CASE(unchanged_flow),
	KUNIT_CASE(node_with_the_address),
	KUNIT_CASE(syn_reopens_one_sided),
	KUNIT_CASE(one_sided_reset_goes_out),
	KUNIT_CASE(relayed_to_local_backends),
	KUNIT_CASE(relayed_flow_goes_as_told),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_decide",
	.init = init,
	.exit = exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
