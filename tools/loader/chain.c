// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Beside other programs: libxdp's dispatcher calls one after another, as long
 * as they pass. A device that has one is joined; none is made.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <xdp/libxdp.h>

#include "chain.h"

#define DISPATCHER	"xdp_dispatcher"

static int be_silent(enum libxdp_print_level level, const char *format,
		     va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

static int failed(struct sluice_error *err, int code)
{
	char text[128];

	libxdp_strerror(code, text, sizeof(text));
	sluice_error_set(err, code, "libxdp's dispatcher: %s", text);
	return code;
}

/**
 * chain_is_there - whether a device's program is a dispatcher
 * @link: the device
 */
bool chain_is_there(const struct link *link)
{
	char name[32];

	program_name(link->xdp_prog, name, sizeof(name));
	return !strcmp(name, DISPATCHER);
}

/**
 * chain_attach - load a program and have the dispatcher call it
 * @program: opened, not loaded
 * @link: the device
 * @generic: whether the dispatcher is to be in the stack
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int chain_attach(const struct program *program, const struct link *link,
		 bool generic, struct sluice_error *err)
{
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts,
		.obj = program->object,
		.prog_name = program_in_kernel(program->kind));
	struct xdp_program *prog;
	int ret;

	libxdp_set_print(be_silent);
	prog = xdp_program__create(&opts);
	ret = libxdp_get_error(prog);
	if (ret)
		return failed(err, ret);
	ret = xdp_program__attach(prog, link->ifindex,
				  generic ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
	xdp_program__close(prog);
	return ret ? failed(err, ret) : 0;
}

static struct xdp_program *find(const struct xdp_multiprog *chain, uint32_t id)
{
	struct xdp_program *prog = NULL;

	while ((prog = xdp_multiprog__next_prog(prog, chain)))
		if (xdp_program__id(prog) == id)
			return prog;
	return NULL;
}

/**
 * chain_detach - take a program out of the dispatcher
 * @id: the program's number
 * @link: the device
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int chain_detach(uint32_t id, const struct link *link, struct sluice_error *err)
{
	struct xdp_multiprog *chain;
	struct xdp_program *prog;
	int ret;

	libxdp_set_print(be_silent);
	chain = xdp_multiprog__get_from_ifindex(link->ifindex);
	ret = libxdp_get_error(chain);
	if (ret)
		return failed(err, ret);
	prog = find(chain, id);
	ret = prog ? xdp_program__detach(prog, link->ifindex,
					 xdp_multiprog__attach_mode(chain), 0)
		   : -ENOENT;
	xdp_multiprog__close(chain);
	return ret ? failed(err, ret) : 0;
}
