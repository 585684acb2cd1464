/* SPDX-License-Identifier: Apache-2.0 */
/* A store at work as a relay works with it, for the tests that kill it and cut its power.
 *
 *     store_soak write FOLDER SUBMITTERS BYTES COUNT    until COUNT messages were taken
 *     store_soak check FOLDER < LINES                   0: nothing acknowledged is lost or tried again unsaid
 *
 * Lines of `write`, each before anything is done that relies on it:
 *     Q ID SEED SIZE   the message is acknowledged
 *     S ID             "dot sent" is on disk: the dot goes out now, so the next server has a copy
 *     H ID             "handed over" is acknowledged
 *     M COUNT          so many were moved since the line before
 *
 * Of 16 messages one is fifty times as long (150 KB are two pieces in two segments), of 64 two wait for ever
 * (so that it is moved when segments go), and of 256 one is given up after its dot (in doubt, tried once
 * more). */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "store/store.h"

enum {
	MOST = 1000,
	TIDY_EVERY = 100, /* messages */
	LEASE_MS = 3600 * 1000,
	LONG = 16,
	LONGER = 50, /* times */
	FOR_EVER = 64,
	DOUBTFUL = 256
};

enum step { TAKEN, DOT, HANDED, GIVEN_UP };

struct job {
	enum step step; /* that is under way */
	unsigned seed;
	size_t size;
	struct store_claim claim;
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static void fill(unsigned seed, char *out, size_t size)
{
	unsigned long long x = seed * 0x9e3779b97f4a7c15u + 1;
	for (size_t i = 0; i < size; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = (char)(x >> 56);
	}
}

static int failed(const struct err *e)
{
	char text[512];
	fprintf(stderr, "%s\n", err_text(e, text, sizeof(text)));
	return 1;
}

static bool open_store(const char *path, struct store **s)
{
	struct err e = { 0 };
	struct store_options o = {
		.path = path, .now_ms = now_ms(), .segment_bytes = 128 << 10, .reserve_bytes = 1
	};
	return store_open(&o, s, &e) || (failed(&e), false);
}

/* ---- write ---- */

struct soak {
	struct store *s;
	size_t bytes;
	unsigned seed, end, taken;
	size_t out; /* jobs under way */
	unsigned long long moved;
	char *text;
};

static void submit(struct soak *k, struct job *j)
{
	struct err e = { 0 };
	bool waits = k->seed % FOR_EVER < 2; /* a long one and a short one */
	*j = (struct job){ TAKEN, k->seed, k->seed % LONG ? k->bytes : k->bytes * LONGER, { .epoch = 0 } };
	k->seed++;
	struct store_rcpt r = { .address = STR_LIT("you@example.net"),
				.lane = waits ? STR_LIT("waits") : STR_LIT("lane"),
				.state = waits ? STORE_HELD : STORE_QUEUED,
				.next_ms = waits ? STORE_NEVER : 1,
				.expires_ms = STORE_NEVER };
	struct store_message m = { .arrived_ms = now_ms(), .rcpts = &r, .nrcpts = 1 };
	struct store_body *b = store_body_begin(k->s);
	fill(j->seed, k->text, j->size);
	if (!store_body_append(b, (struct str){ k->text, j->size }, &e)) {
		store_body_free(&b);
		return;
	}
	k->out += store_accept(k->s, &b, &m, j, &e);
}

static void mark(struct soak *k, struct job *j, enum step step, enum store_state state)
{
	struct err e = { 0 };
	bool sending = state == STORE_SENDING;
	struct store_mark m = { .id = j->claim.id,
				.rcpt = j->claim.rcpt,
				.epoch = j->claim.epoch,
				.keep_claim = sending,
				.dot = sending,
				.state = state,
				.at_ms = now_ms(),
				.next_ms = 1,
				.tries = j->claim.tries + 1,
				.code = sending ? 0 : 250,
				.host = STR_LIT("mx.example.net") };
	j->step = step;
	k->out += store_mark(k->s, &m, 1, j, &e);
}

/* The next due message begins its session; else a new one is taken in. */
static void next(struct soak *k, struct job *j)
{
	if (store_claim(k->s, STR_LIT("lane"), 1, now_ms(), LEASE_MS, &j->claim, 1))
		mark(k, j, DOT, STORE_SENDING);
	else if (k->seed != k->end)
		submit(k, j);
}

static void say(char what, struct store_id id, const struct job *j)
{
	char text[STORE_ID_TEXT];
	printf("%c %s %u %zu\n", what, store_id_text(id, text), j->seed, j->size);
}

static void tidy(struct soak *k)
{
	struct store_health h;
	store_tidy(k->s, now_ms());
	store_health(k->s, &h);
	printf("M %llu\n", (unsigned long long)h.moved - k->moved);
	k->moved = h.moved;
}

static void done(struct soak *k, const struct store_done *d)
{
	struct job *j = d->user;
	k->out--;
	if (d->verdict != STORE_DONE) {
		next(k, j);
		return;
	}
	switch (j->step) {
	case TAKEN:
		say('Q', d->id, j);
		if (++k->taken % TIDY_EVERY == 0)
			tidy(k);
		next(k, j);
		break;
	case DOT:
		say('S', j->claim.id, j);
		fflush(stdout);
		if (!j->claim.tries && j->claim.id.tail % DOUBTFUL == 0)
			mark(k, j, GIVEN_UP, STORE_IN_DOUBT);
		else
			mark(k, j, HANDED, STORE_HANDED_OVER);
		break;
	case HANDED:
		say('H', j->claim.id, j);
		next(k, j);
		break;
	case GIVEN_UP:
		next(k, j);
		break;
	}
}

static int write_many(const char *path, size_t submitters, size_t bytes, unsigned count)
{
	static struct job jobs[MOST];
	static struct store_done d[MOST];
	struct soak k = { .bytes = bytes, .seed = (unsigned)(now_ms() & 0x3fffffff) };
	k.end = k.seed + count;
	if (!open_store(path, &k.s))
		return 1;
	k.text = mem_alloc(bytes * LONGER + 1);
	for (size_t i = 0; i < submitters; i++)
		next(&k, &jobs[i]);
	while (k.out) {
		struct pollfd p = { store_wake_fd(k.s), POLLIN, 0 };
		poll(&p, 1, -1);
		size_t n = store_take_done(k.s, d, MOST);
		for (size_t i = 0; i < n; i++)
			done(&k, &d[i]);
		fflush(stdout);
	}
	struct store_health h;
	store_health(k.s, &h);
	fprintf(stderr, "%llu messages, %llu moved, %llu segments\n", (unsigned long long)h.messages_taken,
		(unsigned long long)h.moved, (unsigned long long)h.segments);
	mem_free(&k.text);
	store_close(&k.s);
	return 0;
}

/* ---- check ---- */

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
	fill(k->seed, want, k->size);
	bool ok =
		e.kind == ERR_NONE && buf_waiting(&got) == k->size && !memcmp(buf_str(&got).p, want, k->size);
	return ok || (failed(&e), false);
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

static int check_all(const char *path)
{
	struct store *s = NULL;
	struct tally t = { 0 };
	CLEANUP(mem_free) struct known *v = NULL;
	unsigned long long moved;
	size_t n = read_lines(&v, &moved);
	n = join(v, n);
	if (!open_store(path, &s))
		return 1;
	for (size_t i = 0; i < n; i++)
		check_one(s, &v[i], &t);
	printf("%zu messages, %zu lost, %zu sent again after doubt was written, %zu unsaid, %llu moved\n", n,
	       t.lost, t.again, t.unsaid, moved);
	store_close(&s);
	return t.lost || t.unsaid || !n;
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "write")) {
		size_t submitters = strtoul(argv[3], NULL, 10);
		return write_many(argv[2], submitters < MOST ? submitters : MOST, strtoul(argv[4], NULL, 10),
				  (unsigned)strtoul(argv[5], NULL, 10));
	}
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check_all(argv[2]);
	fprintf(stderr, "see the head of store_soak.c\n");
	return 2;
}
