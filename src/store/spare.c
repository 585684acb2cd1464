/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/spare.h"

/* Slots, so that no name is ever in the way of another; `spares` has a bit for each that is taken. */

static const char *const slots[SPARES_MOST] = { "spare.seg", "spare-1.seg", "spare-2.seg", "spare-3.seg" };

static unsigned slot_of(const char *name)
{
	unsigned i = 0;
	while (i < SPARES_MOST && strcmp(name, slots[i]) != 0)
		i++;
	return i;
}

static bool fits(const struct segments *s, const char *name)
{
	struct stat st;
	return !fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == s->plan;
}

bool spare_found(struct segments *s, const char *name)
{
	unsigned i = slot_of(name);
	if (i == SPARES_MOST)
		return false;
	if (fits(s, name))
		s->spares |= 1U << i;
	else
		unlinkat(s->dir, name, 0);
	return true;
}

bool spare_keep(struct segments *s, const char *name)
{
	if (!fits(s, name))
		return false;
	pthread_mutex_lock(&s->lock);
	unsigned i = 0;
	while (i < SPARES_MOST && s->spares & 1U << i)
		i++;
	bool ok = i < SPARES_MOST && !renameat(s->dir, name, s->dir, slots[i]);
	if (ok)
		s->spares |= 1U << i;
	pthread_mutex_unlock(&s->lock);
	return ok;
}

void spare_put_back(struct segments *s, const char *name)
{
	if (!spare_keep(s, name))
		unlinkat(s->dir, name, 0);
}

bool spare_take(struct segments *s, const char *name)
{
	bool ok = false;
	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; i < SPARES_MOST && !ok; i++) {
		if (!(s->spares & 1U << i))
			continue;
		s->spares &= ~(1U << i); /* one that can't be had is none */
		ok = !renameat(s->dir, slots[i], s->dir, name);
	}
	s->untaken = ok ? 0 : s->untaken;
	pthread_mutex_unlock(&s->lock);
	return ok;
}

void spares_grow_old(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	bool old = s->spares && ++s->untaken > SPARES_OLD;
	pthread_mutex_unlock(&s->lock);
	if (old)
		spares_release(s);
}

void spares_release(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	unsigned gone = s->spares;
	s->spares = 0;
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < SPARES_MOST; i++) /* it may take long */
		if (gone & 1U << i)
			unlinkat(s->dir, slots[i], 0);
}

uint64_t spares_bytes(struct segments *s)
{
	pthread_mutex_lock(&s->lock);
	uint64_t n = (uint64_t)__builtin_popcount(s->spares) * s->plan;
	pthread_mutex_unlock(&s->lock);
	return n;
}
