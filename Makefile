# SPDX-License-Identifier: GPL-2.0
#
# sluice: see "make help". The module itself is described in Kbuild, which
# kbuild prefers to this file.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
# Of where make was called, not of where else it goes
override DESTDIR := $(if $(DESTDIR),$(if $(filter /%,$(DESTDIR)),$(DESTDIR),$(CURDIR)/$(DESTDIR)))
KERNEL ?= 6.1
TESTS ?=

all: modules tools

help:
	@echo 'Build and install:'
	@echo '  make                   the module, for the running kernel, and the command'
	@echo '  make modules           the module only; KDIR=<kernel build directory>'
	@echo '  make tools             the command only; needs no kernel headers'
	@echo '  make install           both; DESTDIR=, PREFIX=$(PREFIX)'
	@echo '  make modules_install   the module only; DESTDIR='
	@echo '  make tools_install     the command, manual page, completion, specification'
	@echo '  make uninstall         remove what install put there; make tools_uninstall'
	@echo '  make clean             remove what was built'
	@echo
	@echo 'Try and check (Debian; downloads into ~/.cache/sluice):'
	@echo '  make demo              a virtual machine shows what sluice does'
	@echo '  make check             three kernels, all tests but the campaigns'
	@echo '  make check-all         and each selftest on each kernel'
	@echo '  make check-debug       the selftests on a kernel with KASAN and lockdep'
	@echo '  make campaigns         200,000 connections of each kind, 1,000 loads of the'
	@echo '                         module under traffic, all of NetworkPolicies: hours'
	@echo '  make selftests         in a virtual machine; KERNEL=6.1|6.12|7.3|all'
	@echo '                         TESTS="smoke ..."; see selftests/run.sh --help'
	@echo '  make kunit             the KUnit suites, on user-mode Linux'
	@echo '  make bench             what packets, connections and tables cost, beside'
	@echo '                         iptables, nftables and ipvs; KERNEL=, WORK=,'
	@echo '                         CONTENDER=, SIZE=, BACKENDS=, FAMILY=,'
	@echo '                         OUT=: see Documentation/bench.rst'
	@echo '  make bench-xdp         what a frame costs by XDP and by the kernel, on this'
	@echo '                         machine; WORK=, CONTENDER=, SIZE=, FAMILY=,'
	@echo '                         REPEATS=, FRAMES=, OUT=: see there, too'
	@echo '  make bench-local       what two processes of a pod pay for exchanging bytes, by'
	@echo '                         TCP and by mode sockmap; WORK=, CONTENDER=, SIZE=,'
	@echo '                         REPEATS=, COUNT=, OUT=: see there, too'
	@echo
	@echo 'Development:'
	@echo '  make gen               regenerate the netlink code from the specification'
	@echo '  make gen-check         compare it with what is committed'

# ---------------------------------------------------------------- the module

kdir-exists:
	@test -e '$(KDIR)/Makefile' || { echo 'sluice: no kernel headers in' \
		'$(KDIR): install linux-headers-$(shell uname -r), or say' \
		'make KDIR=<kernel build directory>.' >&2; exit 1; }

modules: kdir-exists
	$(MAKE) -C '$(KDIR)' M='$(CURDIR)' modules

# depmod runs for a real installation only: a package does it when installed.
# Kernels want modules signed at installation; without a key that is only noise.
#
# Header packages have no System.map, for want of which the kernel's Makefile
# says that it leaves depmod out. It is told to, and it is done here.
modules_install: SHELL := /bin/bash
modules_install: modules
	$(MAKE) -C '$(KDIR)' M='$(CURDIR)' INSTALL_MOD_PATH='$(DESTDIR)' \
		INSTALL_MOD_DIR=updates DEPMOD=true \
		$(if $(wildcard $(KDIR)/certs/signing_key.*),,CONFIG_MODULE_SIG_ALL=) \
		modules_install \
		2> >(grep -vF "missing 'System.map'" >&2)
	$(if $(DESTDIR),,depmod -a $(RELEASE))

# make kernelrelease says something else in Debian's header packages
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	'$(KDIR)/include/generated/utsrelease.h' 2>/dev/null)

# ---------------------------------------------------------------- the command

tools:
	$(MAKE) -C tools

tools_install:
	$(MAKE) -C tools install DESTDIR='$(DESTDIR)'

# ----------------------------------------------------------------------- both

install: modules_install tools_install

# The headers may have gone since: then it is as the path to them says.
INSTALLED = $(or $(RELEASE),$(notdir $(patsubst %/,%,$(dir $(KDIR)))))

uninstall: tools_uninstall
	rm -f '$(DESTDIR)/lib/modules/$(INSTALLED)/updates/sluice.ko'*
	$(if $(DESTDIR),,depmod -a $(INSTALLED))

tools_uninstall:
	$(MAKE) -C tools uninstall DESTDIR='$(DESTDIR)'

clean:
	find kmod . -maxdepth 1 \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name 'modules.order' \
		-o -name 'Module.symvers' -o -name '.module-common.*' \) \
		-type f -exec rm -f {} +
	rm -rf build
	$(MAKE) -C tools clean

# --------------------------------------------------------------------- checks

check:
	scripts/check.sh

check-all:
	scripts/check.sh --all

check-debug:
	scripts/deps.sh build tools vm debug
	$(if $(TESTS),,selftests/host/run.sh debug_leaks.sh)
	selftests/run.sh --debug $(TESTS)

campaigns:
	scripts/deps.sh build tools vm debug
	selftests/run.sh --kernel 6.1 storm scale_most policy_most netpol_all \
		fastpath_churn fastpath_faults
	selftests/run.sh --debug cycles

selftests:
	scripts/deps.sh build tools vm
	selftests/run.sh --kernel $(KERNEL) $(TESTS)

demo:
	@scripts/deps.sh build tools vm
	@selftests/run.sh --demo

kunit:
	scripts/deps.sh kunit
	scripts/kunit.sh

bench:
	@scripts/deps.sh build tools vm bench
	@selftests/bench/run.sh WORK='$(WORK)' CONTENDER='$(CONTENDER)' \
		SIZE='$(SIZE)' BACKENDS='$(BACKENDS)' FAMILY='$(FAMILY)' \
		KERNEL='$(KERNEL)' OUT='$(OUT)'

bench-xdp:
	@scripts/deps.sh tools bench
	@selftests/bench/xdp/run.sh WORK='$(WORK)' CONTENDER='$(CONTENDER)' \
		SIZE='$(SIZE)' FAMILY='$(FAMILY)' REPEATS='$(REPEATS)' \
		FRAMES='$(FRAMES)' OUT='$(OUT)'

bench-local:
	@scripts/deps.sh tools bench
	@selftests/bench/local/run.sh WORK='$(WORK)' CONTENDER='$(CONTENDER)' \
		SIZE='$(SIZE)' REPEATS='$(REPEATS)' COUNT='$(COUNT)' \
		OUT='$(OUT)'

gen:
	scripts/gen.sh

gen-check:
	scripts/gen.sh --check

.PHONY: all help kdir-exists modules modules_install tools tools_install \
	tools_uninstall install uninstall clean check check-all check-debug campaigns \
	selftests demo kunit bench bench-xdp bench-local gen \
	gen-check
