/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/json_line.h"
#include "relay/log_file.h"
#include "relay/log_known.h"
#include "relay/log_line.h"
#include "relay/log_peer.h"
#include "relay/log_quota.h"

enum file { CONVERSATION, QUEUE, HANDED_OVER, FAILED, FILES };

static const char *const names[] = { "conversation.log", "queue.log", "handed-over.log", "failed.log", NULL };

enum { TROUBLE_AGAIN_MS = 60000, LINE_HEAD = 36 /* {"time":"...Z" and the end */ };

struct relay_log {
	struct log_files *files;
	uint64_t usual;       /* bytes of conversation.log, by the disk */
	pthread_mutex_t lock; /* of the following: trouble comes from any thread */
	char told[512];
	int64_t told_ms;
	unsigned long long kept_quiet;
	struct log_peers peers;             /* under the lock of the files: between take and put */
	struct relay_log_listener listener; /* the loop's alone, and what follows */
	struct log_quota strangers;
	struct buf line;
	struct log_known *known; /* of each file, while what is missing is told; else NULL */
	struct err stale;
};

/* With the one of before it takes a sixteenth of a small disk. */
static uint64_t conversation_most(const char *dir)
{
	struct statvfs v;
	uint64_t part = statvfs(dir, &v) ? 0 : (uint64_t)v.f_blocks * v.f_frsize / RELAY_LOG_DISK_PART;
	part = part > RELAY_LOG_CONVERSATION_LEAST ? part : RELAY_LOG_CONVERSATION_LEAST;
	return part < RELAY_LOG_CONVERSATION_MOST ? part : RELAY_LOG_CONVERSATION_MOST;
}

struct relay_log *relay_log_open(const char *dir, struct err *e)
{
	struct log_files *files = log_files_open(dir, names, RELAY_LOG_WAITING_MAX, RELAY_LOG_LAG_MS, e);
	if (!files)
		return NULL;
	struct relay_log *l = mem_alloc(sizeof(*l));
	l->files = files;
	l->usual = conversation_most(dir);
	relay_log_bound(l, 0);
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void relay_log_bound(struct relay_log *l, uint64_t conversation)
{
	log_files_bound(l->files, CONVERSATION, conversation ? conversation : l->usual);
}

void relay_log_close(struct relay_log **l)
{
	if (!*l)
		return;
	log_files_close(&(*l)->files);
	buf_clear(&(*l)->line);
	relay_log_forget(*l);
	log_peers_clear(&(*l)->peers);
	pthread_mutex_destroy(&(*l)->lock);
	free(*l);
	*l = NULL;
}

void relay_log_reopen(struct relay_log *l)
{
	log_files_reopen(l->files);
}

void relay_log_flush(struct relay_log *l)
{
	log_files_flush(l->files);
}

/* NULL: no room, the line is counted. */
static struct buf *take(struct relay_log *l, enum file f, int64_t now_ms)
{
	unsigned long long lost;
	struct buf *b = log_files_take(l->files, f, &lost);
	if (b && lost) {
		json_line_begin(b);
		json_line_time(b, "time", now_ms);
		json_line_text(b, "trouble",
			       STR_LIT("lines are missing here: this disk was full or too slow"));
		json_line_number(b, "lost", (long long)lost);
		json_line_end(b);
	}
	return b;
}

static struct buf *begin(struct relay_log *l, enum file f, int64_t now_ms)
{
	struct buf *b = take(l, f, now_ms);
	if (b) {
		json_line_begin(b);
		json_line_time(b, "time", now_ms);
	}
	return b;
}

static void end(struct relay_log *l, enum file f, struct buf *b)
{
	json_line_end(b);
	log_files_put(l->files, f);
}

size_t relay_log_line(struct relay_log *l, int64_t now_ms, const struct relay_log_peer *p, char dir,
		      struct str line)
{
	struct buf *b = begin(l, CONVERSATION, now_ms);
	if (!b)
		return 0;
	size_t before = buf_waiting(b);
	struct str peer = log_peer_fields(&l->peers, p);
	buf_add(b, peer.p, peer.len);
	json_line_text(b, "dir", (struct str){ &dir, 1 });
	json_line_text(b, "line", log_line_bounded(line));
	size_t octets = LINE_HEAD + buf_waiting(b) - before;
	end(l, CONVERSATION, b);
	return octets;
}

static void tell_left_out(struct relay_log *l, int64_t now_ms)
{
	unsigned long long n = log_quota_left_out(&l->strangers, now_ms);
	struct buf *b = n ? begin(l, CONVERSATION, now_ms) : NULL;
	if (!b) {
		l->strangers.left_out += n;
		return;
	}
	json_line_text(b, "trouble",
		       STR_LIT("lines are missing here: clients that may not relay said too much"));
	json_line_number(b, "left_out", (long long)n);
	end(l, CONVERSATION, b);
}

size_t relay_log_stranger(struct relay_log *l, int64_t now_ms, const struct relay_log_peer *p, char dir,
			  struct str line)
{
	if (!log_quota_take(&l->strangers, now_ms))
		return 0;
	tell_left_out(l, now_ms);
	size_t octets = relay_log_line(l, now_ms, p, dir, line);
	log_quota_used(&l->strangers, octets);
	return octets;
}

/* ---- who listens ---- */

void relay_log_listen(struct relay_log *l, const struct relay_log_listener *x)
{
	l->listener = x ? *x : (struct relay_log_listener){ 0 };
}

/* A line that goes to several is made once. */
static struct buf *line_anew(struct relay_log *l)
{
	buf_take(&l->line, buf_waiting(&l->line));
	return &l->line;
}

static void line_to(struct relay_log *l, enum file f, int64_t now_ms)
{
	struct str line = buf_str(&l->line);
	if (l->known && log_known_has(&l->known[f], log_line_head(line)))
		return;
	struct buf *b = take(l, f, now_ms);
	if (!b)
		return;
	buf_add(b, line.p, line.len);
	log_files_put(l->files, f);
}

static void tell(struct relay_log *l)
{
	struct str line = buf_str(&l->line);
	if (l->listener.change && l->listener.wants(l->listener.ctx))
		l->listener.change(l->listener.ctx, str_cut(line, 0, line.len - 1));
}

/* ---- changes of state ---- */

static void taken_one(struct relay_log *l, const struct store_message *m, struct store_id id, size_t i)
{
	log_line_taken(line_anew(l), m, id, i);
	struct str whom = log_line_whom(log_line_head(buf_str(&l->line)));
	if (l->known && log_known_has(&l->known[QUEUE], whom)) /* whatever state it came in */
		return;
	line_to(l, QUEUE, m->arrived_ms);
	tell(l);
}

void relay_log_taken(struct relay_log *l, const struct store_message *m, struct store_id id)
{
	for (size_t i = 0; i < m->nrcpts; i++)
		taken_one(l, m, id, i);
}

/* Behind queue.log, where all stand; QUEUE: no other. */
static enum file also_in(const struct store_mark *k)
{
	if (k->note)
		return QUEUE;
	if (k->state == STORE_HANDED_OVER || k->state == STORE_CONFIRMED)
		return HANDED_OVER;
	return store_state_live(k->state) ? QUEUE : FAILED;
}

void relay_log_marks(struct relay_log *l, const struct store_message *m, const struct store_mark *marks,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		log_line_mark(line_anew(l), m, &marks[i]);
		line_to(l, QUEUE, marks[i].at_ms);
		tell(l);
		if (also_in(&marks[i]) != QUEUE)
			line_to(l, also_in(&marks[i]), marks[i].at_ms);
	}
}

/* ---- what is missing ---- */

void relay_log_recall(struct relay_log *l)
{
	l->known = mem_alloc(FILES * sizeof(*l->known));
	log_files_flush(l->files);
	for (enum file f = QUEUE; f < FILES; f++) {
		CLEANUP(mem_free) char *path = mem_printf("%s/%s", log_files_dir(l->files), names[f]);
		CLEANUP(mem_free) char *before = mem_printf("%s.1", path); /* logrotate's */
		log_known_read(&l->known[f], before);
		log_known_read(&l->known[f], path);
		log_known_sort(&l->known[f]);
	}
}

void relay_log_forget(struct relay_log *l)
{
	for (enum file f = QUEUE; l->known && f < FILES; f++)
		log_known_clear(&l->known[f]);
	mem_free(&l->known);
}

bool relay_log_lacks(struct relay_log *l, const struct store_mark *k)
{
	log_line_head_of(line_anew(l), k->at_ms, k->id, k->rcpt, k->state);
	struct str head = buf_str(&l->line);
	return !log_known_has(&l->known[QUEUE], head) || !log_known_has(&l->known[also_in(k)], head);
}

/* Its first line stands before all others of it; those of many recipients may have been cut. */
bool relay_log_lacks_taken(struct relay_log *l, struct store_id id)
{
	const struct log_known *k = &l->known[QUEUE];
	log_line_head_of(line_anew(l), 0, id, 0, STORE_QUEUED);
	struct str whom = log_line_whom(buf_str(&l->line));
	return !log_known_has(k, whom) || log_known_is_last(k, whom);
}

void relay_log_note(struct relay_log *l, struct store_place p)
{
	char text[LOG_NOTE_BYTES];
	snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu64, p.segment, p.offset);
	log_files_note(l->files, QUEUE, text);
}

bool relay_log_noted(const struct relay_log *l, struct store_place *p)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/" LOG_FILE_NOTE, log_files_dir(l->files));
	FILE *f = fopen(path, "re");
	bool well = f && fscanf(f, "%" SCNu32 " %" SCNu64, &p->segment, &p->offset) == 2;
	if (f)
		fclose(f);
	return well;
}

/* True when it is to be told; *quiet: how often it was not. */
static bool is_news(struct relay_log *l, int64_t now_ms, const char *text, unsigned long long *quiet)
{
	pthread_mutex_lock(&l->lock);
	bool same = !strcmp(text, l->told) && now_ms >= l->told_ms && now_ms < l->told_ms + TROUBLE_AGAIN_MS;
	*quiet = 0;
	if (same) {
		l->kept_quiet++;
	} else {
		*quiet = l->kept_quiet;
		l->kept_quiet = 0;
		l->told_ms = now_ms;
		snprintf(l->told, sizeof(l->told), "%s", text);
	}
	pthread_mutex_unlock(&l->lock);
	return !same;
}

void relay_log_trouble(struct relay_log *l, int64_t now_ms, const struct err *e)
{
	char text[sizeof(l->told)];
	unsigned long long quiet;
	err_text(e, text, sizeof(text));
	if (!is_news(l, now_ms, text, &quiet))
		return;
	fprintf(stderr, "postrider: %s\n", text);
	struct buf *b = begin(l, QUEUE, now_ms);
	if (!b)
		return;
	json_line_text(b, "trouble", str_of(text));
	if (quiet)
		json_line_number(b, "not_told", (long long)quiet);
	end(l, QUEUE, b);
}

void relay_log_look(struct relay_log *l, int64_t now_ms)
{
	struct err e = { 0 };
	bool stale = log_files_stale(l->files, &e);
	tell_left_out(l, now_ms);
	if (stale && !relay_log_stale(l))
		relay_log_trouble(l, now_ms, &e);
	l->stale = e;
}

const struct err *relay_log_stale(const struct relay_log *l)
{
	return l->stale.kind == ERR_NONE ? NULL : &l->stale;
}
