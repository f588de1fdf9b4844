/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_LINUX_BTF_H
#define _SLUICE_COMPAT_LINUX_BTF_H

#include_next <linux/btf.h>

#ifndef __bpf_kfunc	/* before 6.3 */
#define __bpf_kfunc	__used noinline
#endif

#endif
