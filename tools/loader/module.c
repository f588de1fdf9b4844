// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether programs can ask the module: it must be there, and have types and the
 * function in them.
 */
#include <errno.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "module.h"

static bool has_function(const struct btf *btf, const char *name)
{
	return btf && btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

/**
 * kernel_has - whether the kernel itself has a function, and tells of it
 * @function: its name
 */
bool kernel_has(const char *function)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	bool found = has_function(kernel, function);

	btf__free(kernel);
	return found;
}

static bool module_has(const char *function)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	struct btf *module = NULL;
	bool found;

	if (kernel)
		module = btf__load_module_btf("sluice", kernel);
	found = has_function(module, function);
	btf__free(module);
	btf__free(kernel);
	return found;
}

/**
 * module_lacks - why programs cannot ask the module
 * @function: what they would call
 *
 * Return: that, and what to do; NULL if they can.
 */
const char *module_lacks(const char *function)
{
	if (access("/sys/module/sluice", F_OK))
		return "module sluice is not loaded: load it (modprobe sluice)";
	if (access("/sys/kernel/btf/sluice", F_OK))
		return "module sluice has no BTF: build it with pahole where the kernel's headers have a vmlinux";
	if (!module_has(function))
		return "module sluice has no function for programs: load one of this version (modprobe -r sluice; modprobe sluice)";
	return NULL;
}

/**
 * module_check - see whether XDP programs can ask the module
 * @err: says why they cannot, and what to do
 *
 * Return: 0 or -errno.
 */
int module_check(struct sluice_error *err)
{
	const char *why = module_lacks("bpf_sluice_xdp_forward");

	if (!why)
		return 0;
	sluice_error_set(err, -ENOENT, "%s; or say --no-policy, and frames go past services and policy", why);
	return -ENOENT;
}
