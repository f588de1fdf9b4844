# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the command and its tests are built with; for a Makefile in tools/ or
# in a directory below it.

TOOLS := $(dir $(lastword $(MAKEFILE_LIST)))

# The same as MODULE_VERSION in kmod/main.c; "make check" compares them.
VERSION := 0.1.0

PKG_CONFIG ?= pkg-config
include $(TOOLS)../bpf/flags.mk
CFLAGS ?= -O2 -g

# None of the libraries is needed to clean up.
ifneq ($(filter-out clean uninstall,$(or $(MAKECMDGOALS),all)),)
MISSING := $(strip \
	$(if $(shell $(PKG_CONFIG) --exists libmnl && echo y),,libmnl-dev) \
	$(if $(shell $(PKG_CONFIG) --exists json-c && echo y),,libjson-c-dev))
ifneq ($(MISSING),)
$(error missing libraries; on Debian: apt install pkg-config $(MISSING))
endif
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes $(if $(WERROR),-Werror)
ALL_CFLAGS = -std=gnu11 $(WARNINGS) \
	-I$(TOOLS)../kmod/uapi -I$(TOOLS)lib -I$(TOOLS)sluice -iquote $(TOOLS)loader \
	$(if $(HAVE_BPF),-I$(TOOLS)../bpf -I$(TOOLS)../bpf/build) \
	-D_GNU_SOURCE -DSLUICE_VERSION='"$(VERSION)"' \
	$(shell $(PKG_CONFIG) --cflags libmnl json-c) $(CFLAGS)
LIBS = $(shell $(PKG_CONFIG) --libs libmnl json-c $(if $(HAVE_BPF),libbpf \
	$(if $(HAVE_LIBXDP),libxdp)))

# What "sluice xdp" does, or that it cannot; beside other programs with libxdp
HAVE_LIBXDP := $(shell $(PKG_CONFIG) --exists libxdp && echo y)
LOADER_ABSENT := absent.c sockmap_absent.c
LOADER_LEFT_OUT := $(LOADER_ABSENT) $(if $(HAVE_LIBXDP),chain_absent.c,chain.c)
LOADER_SRCS := $(if $(HAVE_BPF),$(filter-out $(LOADER_LEFT_OUT),$(sort $(notdir \
	$(wildcard $(TOOLS)loader/*.c)))),$(LOADER_ABSENT))

# sluice-healthd is left out where its library is missing.
EVENT := libevent_core libevent_extra
HAVE_EVENT := $(shell $(PKG_CONFIG) --exists $(EVENT) && echo y)
HEALTHD_LIBS = $(shell $(PKG_CONFIG) --libs libmnl $(EVENT))
