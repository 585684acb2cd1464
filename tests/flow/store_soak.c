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

#include "tests/flow/soak_check.h"
#include "tests/flow/soak_store.h"

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
	struct store_message m = { .arrived_ms = soak_now_ms(), .rcpts = &r, .nrcpts = 1 };
	struct store_body *b = store_body_begin(k->s);
	soak_fill(j->seed, k->text, j->size);
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
				.at_ms = soak_now_ms(),
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
	if (store_claim(k->s, STR_LIT("lane"), 1, soak_now_ms(), LEASE_MS, &j->claim, 1))
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
	store_tidy(k->s, soak_now_ms());
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
	struct soak k = { .bytes = bytes, .seed = (unsigned)(soak_now_ms() & 0x3fffffff) };
	k.end = k.seed + count;
	if (!soak_open(path, &k.s))
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

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "write")) {
		size_t submitters = strtoul(argv[3], NULL, 10);
		return write_many(argv[2], submitters < MOST ? submitters : MOST, strtoul(argv[4], NULL, 10),
				  (unsigned)strtoul(argv[5], NULL, 10));
	}
	if (argc == 3 && !strcmp(argv[1], "check"))
		return soak_check(argv[2]);
	fprintf(stderr, "see the head of store_soak.c\n");
	return 2;
}
