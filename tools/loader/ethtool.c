// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Features and queues of devices, by the ioctl of ethtool(8).
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "ethtool.h"

/* More than any kernel has */
#define FEATURES_MAX	256
#define BLOCKS_MAX	(FEATURES_MAX / 32)

struct names {
	struct ethtool_gstrings head;
	char name[FEATURES_MAX][ETH_GSTRING_LEN];
};

static int call(const char *device, void *data)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = { .ifr_data = data };
	int ret = 0;

	if (fd < 0)
		return -errno;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", device);
	/* Some requests answer by a positive number. */
	if (ioctl(fd, SIOCETHTOOL, &req) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* How many features there are; -errno if the device does not say. */
static int count_features(const char *device)
{
	struct {
		struct ethtool_sset_info head;
		uint32_t count;
	} info = {
		.head.cmd = ETHTOOL_GSSET_INFO,
		.head.sset_mask = 1ULL << ETH_SS_FEATURES,
	};
	int ret = call(device, &info);

	if (ret)
		return ret;
	return info.count < FEATURES_MAX ? (int)info.count : -E2BIG;
}

/* The bit of a feature; -ENOENT if this kernel has none of that name. */
static int find_feature(const char *device, const char *name)
{
	struct names *names = calloc(1, sizeof(*names));
	int count = count_features(device);
	int i, ret = names ? count : -ENOMEM;

	if (ret >= 0) {
		names->head.cmd = ETHTOOL_GSTRINGS;
		names->head.string_set = ETH_SS_FEATURES;
		names->head.len = count;
		ret = call(device, names);
	}
	if (!ret) {
		ret = -ENOENT;
		for (i = 0; i < count; i++)
			if (!strncmp(names->name[i], name, ETH_GSTRING_LEN))
				ret = i;
	}
	free(names);
	return ret;
}

static int get_feature(const char *device, const char *name, uint32_t *value)
{
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block block[BLOCKS_MAX];
	} features = {
		.head.cmd = ETHTOOL_GFEATURES,
		.head.size = BLOCKS_MAX,
	};
	int bit = find_feature(device, name);
	int ret = bit < 0 ? bit : call(device, &features);

	if (!ret)
		*value = features.block[bit / 32].active >> bit % 32 & 1;
	return ret;
}

static int set_feature(const char *device, const char *name, uint32_t value)
{
	int bit = find_feature(device, name);
	int count = count_features(device);
	struct {
		struct ethtool_sfeatures head;
		struct ethtool_set_features_block block[BLOCKS_MAX];
	} features = {
		.head.cmd = ETHTOOL_SFEATURES,
	};

	if (bit < 0 || count < 0)
		return bit < 0 ? bit : count;
	features.head.size = (count + 31) / 32;
	features.block[bit / 32].valid = 1U << bit % 32;
	features.block[bit / 32].requested = value << bit % 32;
	return call(device, &features);
}

static uint32_t *queues_of(struct ethtool_channels *channels, const char *name)
{
	return strcmp(name, RX_QUEUES) ? &channels->tx_count
				       : &channels->rx_count;
}

static bool is_queues(const char *name)
{
	return !strcmp(name, RX_QUEUES) || !strcmp(name, TX_QUEUES);
}

static int get_queues(const char *device, const char *name, uint32_t *value)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	int ret = call(device, &channels);

	if (!ret)
		*value = *queues_of(&channels, name) + channels.combined_count;
	return ret;
}

static int set_queues(const char *device, const char *name, uint32_t value)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	int ret = call(device, &channels);

	if (ret)
		return ret;
	channels.cmd = ETHTOOL_SCHANNELS;
	*queues_of(&channels, name) = value - channels.combined_count;
	return call(device, &channels);
}

/**
 * ethtool_get - what a device has
 * @device: its name
 * @name: of a feature, RX_QUEUES or TX_QUEUES
 * @value: where to put the number, 0 or 1 for a feature
 *
 * Return: 0, or -errno: -ENOENT if the kernel has no such feature.
 */
int ethtool_get(const char *device, const char *name, uint32_t *value)
{
	return is_queues(name) ? get_queues(device, name, value)
			       : get_feature(device, name, value);
}

/**
 * ethtool_set - change what a device has
 * @device: its name
 * @name: as of ethtool_get()
 * @value: the number
 * @err: says why it failed
 *
 * Return: 0 or -errno.
 */
int ethtool_set(const char *device, const char *name, uint32_t value,
		struct sluice_error *err)
{
	uint32_t is = !value;
	int ret;

	ret = is_queues(name) ? set_queues(device, name, value)
			      : set_feature(device, name, value);
	if (!ret)
		ret = ethtool_get(device, name, &is);
	if (!ret && is != value)
		ret = -EOPNOTSUPP;
	if (ret)
		sluice_error_set(err, ret, "\"%s\" of \"%s\" cannot be %u: %s",
				 name, device, value, strerror(-ret));
	return ret;
}
