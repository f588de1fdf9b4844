/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SLUICE_COMPAT_LINUX_BTF_IDS_H
#define _SLUICE_COMPAT_LINUX_BTF_IDS_H

#include_next <linux/btf_ids.h>

#ifndef BTF_KFUNCS_START	/* before 6.9 */
#define BTF_KFUNCS_START(name)	BTF_SET8_START(name)
#define BTF_KFUNCS_END(name)	BTF_SET8_END(name)
#endif

#endif
