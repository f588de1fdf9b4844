// SPDX-License-Identifier: GPL-2.0
/*
 * sluice: module entry and exit, in mirrored order; nothing else.
 */
#include <linux/module.h>

static int __init sluice_init(void)
{
	return 0;
}
module_init(sluice_init);

static void __exit sluice_exit(void)
{
}
module_exit(sluice_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Node data plane for container networks");
MODULE_VERSION("0.1.0");
