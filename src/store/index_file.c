/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/embedded_inner.h"
#include "store/fault.h"

/* The file of the index: opened, set aside when it is damaged, and made anew from the segments, at a start
 * or while all goes on. */

/* again: what stands there now was being made, and what was damaged is aside already. */
static bool set_aside(struct embedded *s, bool again, struct err *e)
{
	static const char *const names[] = { "index.db", "index.db-wal", "index.db-shm" };
	char to[64];
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(to, sizeof(to), "%s.bad", names[i]);
		int rc = again ? unlinkat(s->dir, names[i], 0) : renameat(s->dir, names[i], s->dir, to);
		if (rc && errno != ENOENT)
			return store_fault(e, errno, "set aside", names[i]);
	}
	unlinkat(s->dir, BROKEN_MARK, 0);
	if (again)
		return true; /* told already */
	trouble_text(s, "read the index of the store", s->path,
		     "damaged or unreadable (`dmesg`), it is kept as index.db.bad and made anew from the "
		     "messages; "
		     "trails of ended messages are lost where their segments are gone");
	return true;
}

void index_file_mark_broken(struct embedded *s)
{
	int fd = openat(s->dir, BROKEN_MARK, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	close_fd(&fd);
}

/* Damage met by a question: meanwhile all that needs no index goes on.  Where it is being made anew, what is
 * there by now is good, and not to be marked. */
void index_file_met_damage(struct embedded *s, const struct err *e)
{
	if (e)
		trouble_report(s, e);
	pthread_mutex_lock(&s->index_lock);
	if (!s->remake_asked)
		index_file_mark_broken(s);
	s->index_pending += !s->remake_asked; /* settle waits for it */
	s->remake_asked = true;
	pthread_cond_signal(&s->index_work);
	pthread_mutex_unlock(&s->index_lock);
}

/* A disk may fail for a moment: what it cannot read is asked for twice. */
static bool open_or_again(struct embedded *s, const char *path, bool *broken, struct err *e)
{
	return index_open(path, INDEX_OWN, &s->index, broken, e) ||
	       (*broken && index_open(path, INDEX_OWN, &s->index, broken, e));
}

bool index_file_open(struct embedded *s, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/index.db", s->path);
	bool broken = faccessat(s->dir, BROKEN_MARK, F_OK, 0) == 0;
	struct err why = { 0 };
	if (!broken && open_or_again(s, path, &broken, &why))
		return true;
	if (!broken) {
		if (e)
			*e = why;
		return false;
	}
	return set_aside(s, false, e) && index_open(path, INDEX_OWN, &s->index, &broken, e);
}

bool index_file_readers(struct embedded *s, struct index **ask, struct index **lookup, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/index.db", s->path);
	bool broken, own = s->o.mode == STORE_OWN;
	enum index_mode mode = own ? INDEX_BESIDE : INDEX_READ;
	return index_open(path, mode, ask, &broken, e) &&
	       (!own || index_open(path, mode, lookup, &broken, e));
}

/* Questions go to the old file until the new one is whole; the writer takes its reader when it is free. */
static bool swap_readers(struct embedded *s, struct err *e)
{
	CLEANUP(index_close) struct index *ask = NULL;
	CLEANUP(index_close) struct index *lookup = NULL;
	if (!index_file_readers(s, &ask, &lookup, e))
		return false;
	pthread_mutex_lock(&s->ask_lock);
	struct index *old = s->ask;
	s->ask = STEAL(ask);
	s->ask_broken = false;
	pthread_mutex_unlock(&s->ask_lock);
	index_close(&old);
	old = __atomic_exchange_n(&s->next_lookup, STEAL(lookup), __ATOMIC_ACQ_REL);
	index_close(&old);
	return true;
}

bool index_file_anew(struct embedded *s, struct err *e)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/index.db", s->path);
	bool broken;
	/* The readers stay open, so this is no last close, which would take the log's name away. */
	index_close(&s->index);
	s->full = (struct live_place){ 0, 0 };
	if (!set_aside(s, s->aside, e))
		return false;
	s->aside = true;
	if (!index_open(path, INDEX_OWN, &s->index, &broken, e) || !index_set_key(s->index, s->sip, e))
		return false;
	index_set_key_keep(s->index, s->o.key_keep_ms);
	s->aside = !replay_all(s, e) || !swap_readers(s, e);
	return !s->aside;
}
