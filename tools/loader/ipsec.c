// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the stack would encrypt what it forwards: frames go past that, and
 * would go out in the clear.
 */
#include <errno.h>

#include <linux/xfrm.h>

#include "ipsec.h"
#include "nl.h"

static int note_info(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(__u32)) {
		const struct xfrmu_spdinfo *info = mnl_attr_get_payload(attr);

		if (mnl_attr_get_type(attr) == XFRMA_SPD_INFO &&
		    mnl_attr_get_payload_len(attr) >= sizeof(*info))
			*(uint32_t *)arg = info->outcnt + info->fwdcnt;
	}
	return MNL_CB_OK;
}

/**
 * ipsec_check - see that the namespace has no IPsec policies for what it sends
 * @err: says that it has some
 *
 * Return: 0 or -EBUSY.
 */
int ipsec_check(struct sluice_error *err)
{
	char buffer[NL_REQUEST_SIZE];
	uint32_t policies = 0;
	struct nlmsghdr *nlh;

	nlh = nl_begin(buffer, XFRM_MSG_GETSPDINFO, NLM_F_ACK, sizeof(__u32));
	*(__u32 *)mnl_nlmsg_get_payload(nlh) = ~0U;
	/* Where the kernel does not know the question there are none. */
	if (nl_ask(NETLINK_XFRM, nlh, note_info, &policies, err) || !policies)
		return 0;
	sluice_error_set(err, -EBUSY, "this namespace has IPsec policies (ip xfrm policy), which frames would go past, in the clear; \"sluice device add\" heeds them");
	return -EBUSY;
}
