/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for what the administrator configures. It is counted, so that a module
 * that goes and leaves some says so. Tests can have an allocation fail.
 */
#ifndef _SLUICE_ALLOC_H
#define _SLUICE_ALLOC_H

#include <linux/atomic.h>
#include <linux/kconfig.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
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

/* What was allocated and not freed */
extern atomic_long_t sluice_alloc_count;

void sluice_alloc_fini(void);

/* Zeroed, freed by sluice_free(); process context, may sleep. NULL if there is
 * none.
 */
static inline void *sluice_alloc(size_t size)
{
	void *memory;

	memory = sluice_alloc_fails() ? NULL :
					kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (memory)
		atomic_long_inc(&sluice_alloc_count);
	return memory;
}

static inline void *sluice_alloc_array(size_t count, size_t size)
{
	return sluice_alloc(array_size(count, size));
}

/* Any context in which kvfree() may be called; @memory may be NULL. */
static inline void sluice_free(const void *memory)
{
	if (memory)
		atomic_long_dec(&sluice_alloc_count);
	kvfree(memory);
}

/* After a grace period; @field: the object's struct rcu_head. */
#define sluice_free_rcu(object, field)					\
do {									\
	typeof(object) __object = (object);				\
									\
	if (__object)							\
		atomic_long_dec(&sluice_alloc_count);			\
	kvfree_rcu(__object, field);					\
} while (0)

/* Zeroed, of a cache. */
static inline void *sluice_alloc_object(struct kmem_cache *cache)
{
	return sluice_alloc_fails() ? NULL : kmem_cache_zalloc(cache, GFP_KERNEL);
}

#endif
