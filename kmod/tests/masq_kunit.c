// SPDX-License-Identifier: GPL-2.0
/*
 * Ports of masqueraded flows.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>

#include "../masq.h"

static bool is_left_out(const struct sluice_ports *ports, u32 port)
{
	switch (ports->parity) {
	case SLUICE_PARITY_EVEN:
		return port % 2;
	case SLUICE_PARITY_ODD:
		return !(port % 2);
	default:
		return port >= ports->low && port <= ports->high;
	}
}

/* Numbers in a row give every port once, and none that is left out. */
static void expect_all_ports(struct kunit *test, u16 low, u16 high,
			     enum sluice_parity parity)
{
	struct sluice_ports ports = { .low = low, .high = high,
				      .parity = parity };
	u32 count = parity ? 32256 : 65536 - 1024 - (high - low + 1);
	unsigned long *seen;
	u32 i, port;

	seen = kunit_kcalloc(test, BITS_TO_LONGS(65536), sizeof(long),
			     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	for (i = 0; i < count; i++) {
		port = ntohs(sluice_masq_port(&ports, 1000000 + i));
		KUNIT_ASSERT_GE(test, port, 1024);
		KUNIT_ASSERT_FALSE(test, is_left_out(&ports, port));
		KUNIT_ASSERT_FALSE(test, test_bit(port, seen));
		__set_bit(port, seen);
	}
	KUNIT_EXPECT_EQ(test, bitmap_weight(seen, 65536), (int)count);
}

static void every_port_once(struct kunit *test)
{
	expect_all_ports(test, 32768, 60999, SLUICE_PARITY_ANY);
	expect_all_ports(test, 1024, 40000, SLUICE_PARITY_ANY);
	expect_all_ports(test, 50000, 65535, SLUICE_PARITY_ANY);
	expect_all_ports(test, 1, 0, SLUICE_PARITY_ANY);
	expect_all_ports(test, 1024, 65535, SLUICE_PARITY_EVEN);
	expect_all_ports(test, 1025, 65535, SLUICE_PARITY_ODD);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_port_once),
	{}
};

static struct kunit_suite suite = {
	.name = "sluice_masq",
	.test_cases = cases,
};

kunit_test_suite(suite);
