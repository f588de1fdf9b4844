# SPDX-License-Identifier: GPL-2.0
#
# What BPF programs are built with; for a Makefile in any directory.

CLANG ?= clang
BPFTOOL ?= $(or $(shell command -v bpftool),/usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config

# Without one of them the programs, and what loads them, are left out.
ifneq ($(filter-out clean uninstall,$(or $(MAKECMDGOALS),all)),)
BPF_MISSING := $(strip \
	$(if $(shell command -v $(CLANG)),,clang) \
	$(if $(shell command -v $(BPFTOOL)),,bpftool) \
	$(if $(shell $(PKG_CONFIG) --exists libbpf && echo y),,libbpf-dev))
HAVE_BPF := $(if $(BPF_MISSING),,y)
endif

BPF_DIR := $(dir $(lastword $(MAKEFILE_LIST)))

# The kernel's headers for programs, which this target does not look for
MULTIARCH = $(shell $(CC) -print-multiarch)
BPF_CFLAGS = -std=gnu11 -O2 -g -Wall -Wextra $(if $(WERROR),-Werror) \
	-I$(BPF_DIR)../kmod/uapi -idirafter /usr/include/$(MULTIARCH)
