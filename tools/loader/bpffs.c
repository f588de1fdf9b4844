// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A BPF file system of our own for what no device holds.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "bpffs.h"

static bool is_mounted(const char *directory)
{
	struct statfs fs;

	return !statfs(directory, &fs) && fs.f_type == BPF_FS_MAGIC;
}

/**
 * bpffs_mount - have a file system to pin in
 * @directory: where; it is made, and its parent must be there
 *
 * Return: 0 or -errno.
 */
int bpffs_mount(const char *directory)
{
	mkdir(directory, 0700);
	if (!is_mounted(directory) &&
	    mount("sluice", directory, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=700"))
		return -errno;
	return 0;
}

static void empty(const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

/**
 * bpffs_unmount - let go of all that is pinned in a file system of ours
 * @directory: where that is, if it is
 *
 * Other mount namespaces may have it still, hence the names go first.
 */
void bpffs_unmount(const char *directory)
{
	if (is_mounted(directory)) {
		empty(directory);
		umount2(directory, MNT_DETACH);
	}
	rmdir(directory);
}
