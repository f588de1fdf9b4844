// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What drivers can do with frames: they tell it by the netlink family "netdev",
 * from 6.3 on.
 */
#include <linux/genetlink.h>

#include "driver.h"
#include "nl.h"

/* Of linux/netdev.h, which older headers lack */
#define FAMILY		"netdev"
#define CMD_DEV_GET	1
#define A_DEV_IFINDEX	1
#define A_DEV_FEATURES	3
#define ACT_NDO_XMIT	4ULL

static struct nlmsghdr *begin(char *buffer, uint16_t family, uint8_t cmd)
{
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;

	nlh = nl_begin(buffer, family, NLM_F_ACK, sizeof(*genl));
	genl = mnl_nlmsg_get_payload(nlh);
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static int note_family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)arg = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

/* Returns 0 if the kernel has no such family. */
static uint16_t find_family(void)
{
	char buffer[NL_REQUEST_SIZE];
	struct sluice_error err;
	struct nlmsghdr *nlh;
	uint16_t family = 0;

	nlh = begin(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, FAMILY);
	nl_ask(NETLINK_GENERIC, nlh, note_family, &family, &err);
	return family;
}

static int note_features(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == A_DEV_FEATURES)
			*(uint64_t *)arg = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

/**
 * driver_sends_frames - whether frames can be redirected to a device
 * @ifindex: the device
 *
 * Return: whether its driver says so; true if the kernel does not know.
 */
bool driver_sends_frames(uint32_t ifindex)
{
	uint16_t family = find_family();
	char buffer[NL_REQUEST_SIZE];
	struct sluice_error err;
	uint64_t features = 0;
	struct nlmsghdr *nlh;

	if (!family)
		return true;
	nlh = begin(buffer, family, CMD_DEV_GET);
	mnl_attr_put_u32(nlh, A_DEV_IFINDEX, ifindex);
	if (nl_ask(NETLINK_GENERIC, nlh, note_features, &features, &err))
		return true;
	return features & ACT_NDO_XMIT;
}
