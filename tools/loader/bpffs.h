/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A BPF file system of our own for what no device holds: it is there as long as
 * something is pinned in it.
 */
#ifndef SLUICE_LOADER_BPFFS_H
#define SLUICE_LOADER_BPFFS_H

int bpffs_mount(const char *directory);
void bpffs_unmount(const char *directory);

#endif /* SLUICE_LOADER_BPFFS_H */
