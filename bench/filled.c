/* SPDX-License-Identifier: Apache-2.0 */
#include "filled.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TIDY_EVERY = 200000 };

double filled_seconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void filled_die(const struct err *e)
{
	char text[512];
	fprintf(stderr, "%s\n", err_text(e, text, sizeof(text)));
	exit(3);
}

struct store *filled_open(const char *path, enum store_mode mode, int64_t now_ms)
{
	struct store *s = NULL;
	struct err e = { 0 };
	struct store_options o = { .path = path,
				   .mode = mode,
				   .now_ms = now_ms,
				   .reserve_bytes = 1,
				   .trail_keep_ms = FILLED_MONTH_MS * 12 };
	if (!store_open(&o, &s, &e))
		filled_die(&e);
	return s;
}

struct text {
	char address[64], subject[64], message_id[64], lane[32];
};

void filled_address(size_t i, size_t count, char *out, size_t size)
{
	size_t seldom = count / FILLED_SELDOM_EVERY / FILLED_SELDOM_TIMES;
	if (i % FILLED_SELDOM_EVERY == 7 && seldom)
		snprintf(out, size, "seldom%zu@client.example", i / FILLED_SELDOM_EVERY % seldom);
	else
		snprintf(out, size, "person.%zu@domain%zu.example", i, i * 2654435761u % 50000);
}

static void text_of(size_t i, size_t count, struct text *t)
{
	filled_address(i, count, t->address, sizeof(t->address));
	snprintf(t->subject, sizeof(t->subject), "Invoice %zu of November", i);
	snprintf(t->message_id, sizeof(t->message_id), "<%zu.4711@app.example.com>", i);
	snprintf(t->lane, sizeof(t->lane), "mx:provider%zu.example", i % FILLED_LANES);
}

void filled_submit(struct store *s, const struct store_message *m, void *user)
{
	struct err e = { 0 };
	struct store_body *b = store_body_begin(s);
	if (!store_body_append(b, STR_LIT("Subject: an invoice\r\n\r\nIn the attachment.\r\n"), &e) ||
	    !store_accept(s, &b, m, user, &e))
		filled_die(&e);
}

static void submit(struct store *s, size_t i, size_t count, int64_t step_ms)
{
	struct text t;
	text_of(i, count, &t);
	int64_t arrived = FILLED_START_MS + (int64_t)i * step_ms / (int64_t)count;
	struct store_rcpt r = { .address = str_of(t.address),
				.lane = str_of(t.lane),
				.state = STORE_QUEUED,
				.next_ms = arrived,
				.expires_ms = arrived + FILLED_MONTH_MS };
	struct store_message m = { .arrived_ms = arrived,
				   .reverse_path = STR_LIT("invoices@app.example.com"),
				   .account = STR_LIT("app@example.com"),
				   .listener = STR_LIT("127.0.0.1:587"),
				   .client = STR_LIT("198.51.100.17"),
				   .message_id = str_of(t.message_id),
				   .subject = str_of(t.subject),
				   .from = STR_LIT("Invoices <invoices@app.example.com>"),
				   .config = STR_LIT("0f3a9c77"),
				   .rcpts = &r,
				   .nrcpts = 1 };
	filled_submit(s, &m, NULL);
}

size_t filled_outcomes(struct store *s, struct store_done *d)
{
	struct pollfd p = { store_wake_fd(s), POLLIN, 0 };
	size_t n;
	while (!(n = store_take_done(s, d, FILLED_OPEN_MOST)))
		poll(&p, 1, -1);
	for (size_t i = 0; i < n; i++)
		if (d[i].verdict != STORE_DONE)
			filled_die(&d[i].err);
	return n;
}

struct store_mark filled_mark(struct store_id id, uint64_t epoch, int64_t at_ms)
{
	return (struct store_mark){ .id = id,
				    .epoch = epoch,
				    .state = STORE_HANDED_OVER,
				    .at_ms = at_ms,
				    .next_ms = at_ms,
				    .tries = 1,
				    .code = 250,
				    .host = STR_LIT("mx1.provider.example"),
				    .address = STR_LIT("192.0.2.7:25"),
				    .tls = STR_LIT("TLSv1.3"),
				    .reply = STR_LIT("2.0.0 Ok: queued as 4bXyZ1234"),
				    .remote_id = STR_LIT("4bXyZ1234") };
}

static void mark_all(struct store *s, const struct store_done *d, size_t n, int64_t at_ms)
{
	static struct store_mark marks[FILLED_OPEN_MOST];
	struct err e = { 0 };
	struct store_done done;
	size_t m = 0;
	for (size_t i = 0; i < n; i++)
		marks[m++] = filled_mark(d[i].id, 0, at_ms);
	if (!store_mark(s, marks, m, NULL, &e))
		filled_die(&e);
	store_settle(s);
	while (store_take_done(s, &done, 1))
		if (done.verdict != STORE_DONE)
			filled_die(&done.err);
}

void filled_add(struct store *s, size_t from, size_t to, size_t count, int64_t span_ms, bool ended)
{
	static struct store_done d[FILLED_OPEN_MOST];
	for (size_t i = from; i < to;) {
		size_t n = to - i < FILLED_OPEN_MOST ? to - i : FILLED_OPEN_MOST, got = 0;
		for (size_t k = 0; k < n; k++)
			submit(s, i + k, count, span_ms);
		while (got < n)
			got += filled_outcomes(s, d + got);
		i += n;
		int64_t now = FILLED_START_MS + (int64_t)i * span_ms / (int64_t)count;
		if (ended)
			mark_all(s, d, n, now);
		if (i % TIDY_EVERY == 0) {
			store_tidy(s, now);
			store_settle(s);
			fprintf(stderr, "\r%zu", i);
		}
	}
}
