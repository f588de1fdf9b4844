/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for what the administrator configures. Tests can have an allocation
 * fail.
 */
#ifndef _SLUICE_ALLOC_H
#define _SLUICE_ALLOC_H

#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/slab.h>

#if IS_ENABLED(CONFIG_SLUICE_KUNIT_TEST)
/* The allocation that fails, counted from 1; 0 for none. */
extern u32 sluice_alloc_fail_at;

static inline bool sluice_alloc_fails(void)
{
	return sluice_alloc_fail_at && !--sluice_alloc_fail_at;
}
#else
static inline bool sluice_alloc_fails(void)
{
	return false;
}
#endif

/* Zeroed, freed by kvfree(); process context, may sleep. NULL if there is none. */
static inline void *sluice_alloc(size_t size)
{
	return sluice_alloc_fails() ? NULL : kvzalloc(size, GFP_KERNEL_ACCOUNT);
}

/* Zeroed, of a cache. */
static inline void *sluice_alloc_object(struct kmem_cache *cache)
{
	return sluice_alloc_fails() ? NULL : kmem_cache_zalloc(cache, GFP_KERNEL);
}

static inline void *sluice_alloc_array(size_t count, size_t size)
{
	return sluice_alloc(array_size(count, size));
}

#endif
