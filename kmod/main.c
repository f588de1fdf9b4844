// SPDX-License-Identifier: GPL-2.0
/*
 * Module entry and exit, in mirrored order; nothing else.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "addr.h"
#include "alloc.h"
#include "backend.h"
#include "dev_port.h"
#include "flow.h"
#include "identity.h"
#include "kfunc.h"
#include "local_sock.h"
#include "net.h"
#include "nl.h"
#include "path.h"

static int __init sluice_init(void)
{
	int err;

	err = sluice_flow_init();
	if (err)
		return err;
	err = sluice_path_init();
	if (err)
		goto fini_flow;
	err = sluice_backend_init();
	if (err)
		goto fini_path;
	err = sluice_identity_init();
	if (err)
		goto fini_backend;
	err = sluice_net_init();
	if (err)
		goto fini_identity;
	err = sluice_ports_init();
	if (err)
		goto fini_net;
	err = sluice_addr_init();
	if (err)
		goto fini_device;
	err = sluice_nl_init();
	if (err)
		goto fini_addr;
	sluice_kfunc_init();
	return 0;

fini_addr:
	sluice_addr_fini();
fini_device:
	sluice_ports_fini();
fini_net:
	sluice_net_fini();
fini_identity:
	sluice_identity_fini();
fini_backend:
	sluice_backend_fini();
fini_path:
	sluice_path_fini();
fini_flow:
	sluice_flow_fini();
	return err;
}
module_init(sluice_init);

static void __exit sluice_exit(void)
{
	sluice_nl_fini();
	sluice_addr_fini();
	sluice_ports_fini();
	sluice_net_fini();
	sluice_local_fini();
	/*
	 * What is on its way through call_rcu(): flows, pickers, identities; a
	 * deleted backend's last flow, then the backend.
	 */
	rcu_barrier();
	sluice_identity_fini();
	sluice_backend_fini();
	sluice_path_fini();
	sluice_flow_fini();
	sluice_alloc_fini();
}
module_exit(sluice_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Node data plane for container networks");
MODULE_VERSION("0.1.0");
