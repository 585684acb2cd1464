/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flow/soak_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/flow/soak_store.h"

struct known { /* what the lines say of one message */
	struct store_id id;
	unsigned seed;
	size_t size;
	unsigned acknowledged, sent, handed;
};

struct tally {
	size_t messages, lost, unsaid, again, doubts;
};

static int by_id(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	return x->id.seq < y->id.seq ? -1 : x->id.seq > y->id.seq;
}

static size_t read_lines(struct known **out, unsigned long long *moved)
{
	char line[160], what, text[64];
	size_t n = 0, room = 0;
	struct known k;
	*out = NULL;
	*moved = 0;
	while (fgets(line, sizeof(line), stdin)) {
		unsigned long long more = 0;
		k = (struct known){ .seed = 0 };
		if (sscanf(line, "M %llu\n", &more) == 1)
			*moved += more;
		if (!strchr(line, '\n') ||
		    sscanf(line, "%c %63s %u %zu", &what, text, &k.seed, &k.size) != 4 ||
		    !store_id_read(str_of(text), &k.id))
			continue;
		k.acknowledged = what == 'Q';
		k.sent = what == 'S';
		k.handed = what == 'H';
		if (n == room)
			*out = mem_grow(*out, room = room ? room * 2 : 1024, sizeof(k));
		(*out)[n++] = k;
	}
	if (n)
		qsort(*out, n, sizeof(**out), by_id);
	return n;
}

/* Lines of the same message as one. */
static size_t join(struct known *v, size_t n)
{
	size_t m = 0;
	for (size_t i = 0; i < n; i++) {
		if (!m || v[m - 1].id.seq != v[i].id.seq) {
			v[m++] = v[i];
			continue;
		}
		if (v[i].acknowledged) {
			v[m - 1].seed = v[i].seed;
			v[m - 1].size = v[i].size;
		}
		v[m - 1].acknowledged += v[i].acknowledged;
		v[m - 1].sent += v[i].sent;
		v[m - 1].handed += v[i].handed;
	}
	return m;
}

static bool intact(struct store *s, const struct known *k)
{
	struct err e = { 0 };
	struct str piece;
	CLEANUP(buf_clear) struct buf got = { 0 };
	CLEANUP(mem_free) char *want = mem_alloc(k->size + 1);
	struct store_reader *r = store_body_open(s, k->id, &e);
	while (r && store_reader_next(r, &piece, &e) == 1)
		buf_add(&got, piece.p, piece.len);
	store_reader_free(&r);
	soak_fill(k->seed, want, k->size);
	bool ok =
		e.kind == ERR_NONE && buf_waiting(&got) == k->size && !memcmp(buf_str(&got).p, want, k->size);
	return ok || (soak_failed(&e), false);
}

static void complain(const struct known *k, const char *what, enum store_state state)
{
	char text[STORE_ID_TEXT];
	fprintf(stderr, "%s seed %u: %s (%s; sent %u, handed over %u)\n", store_id_text(k->id, text), k->seed,
		what, store_state_name(state), k->sent, k->handed);
}

struct sought {
	struct store_id id;
	bool seen;
};

static bool look_at(void *user, const struct store_live *row)
{
	struct sought *x = user;
	x->seen = row->id.seq == x->id.seq;
	return !x->seen;
}

/* From memory, where what waits for ever stands, too. */
static bool is_live(struct store *s, struct store_id id)
{
	struct sought x = { .id = id };
	store_each_live(s, look_at, &x);
	return x.seen;
}

static void check_one(struct store *s, const struct known *k, struct tally *t)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_trail trail;
	struct err e = { 0 };
	unsigned doubts = 0;
	if (store_trail(s, k->id, a, &trail, &e) != 1) {
		t->lost++;
		complain(k, "lost", STORE_NO_STATE);
		return;
	}
	enum store_state state = trail.message.rcpts[0].state;
	bool live = is_live(s, k->id);
	for (size_t i = 0; i < trail.nevents; i++)
		doubts += trail.events[i].state == STORE_IN_DOUBT;
	t->doubts += doubts;
	t->again += k->sent > 1 ? k->sent - 1 : 0;
	if (live != store_state_live(state) || (live && k->acknowledged && !intact(s, k))) {
		t->lost++;
		complain(k, "not whole", state);
	}
	if ((k->handed && state != STORE_HANDED_OVER) || (!live && state != STORE_HANDED_OVER) ||
	    k->sent > doubts + (state == STORE_HANDED_OVER)) {
		t->unsaid++;
		complain(k, "a copy nobody is told of", state);
	}
}

int soak_check(const char *path)
{
	struct store *s = NULL;
	struct tally t = { 0 };
	CLEANUP(mem_free) struct known *v = NULL;
	unsigned long long moved;
	size_t n = read_lines(&v, &moved);
	n = join(v, n);
	if (!soak_open(path, &s))
		return 1;
	for (size_t i = 0; i < n; i++)
		check_one(s, &v[i], &t);
	printf("%zu messages, %zu lost, %zu sent again after doubt was written, %zu unsaid, %llu moved\n", n,
	       t.lost, t.again, t.unsaid, moved);
	store_close(&s);
	return t.lost || t.unsaid || !n;
}
