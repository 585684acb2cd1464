/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_letter.h"

#include "mail/header_write.h"
#include "relay/mark.h"
#include "relay/notice/notice.h"
#include "relay/notice/notice_last.h"
#include "relay/notice/notice_span.h"

enum { SECOND_MS = 1000 /* a report comes in a whole second, as its Date says it */ };

/* What is known without the body: enough to find the original by. */
static const char *known_header(struct arena *a, const struct store_message *m)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (m->message_id.len)
		header_write(&b, "Message-ID", m->message_id, HEADER_ASCII);
	if (m->from.len)
		header_write(&b, "From", m->from, HEADER_WORDS);
	if (m->subject.len)
		header_write(&b, "Subject", m->subject, HEADER_WORDS);
	return arena_str(a, buf_str(&b)).p;
}

/* The first NOTICE_BODY_MAX bytes of a message. */
static bool read_original(struct store *s, struct store_id id, struct buf *out)
{
	struct err e = { 0 };
	struct str piece;
	struct store_reader *r = store_body_open(s, id, &e);
	int got = r ? 1 : -1;
	while (got > 0 && buf_waiting(out) < NOTICE_BODY_MAX &&
	       (got = store_reader_next(r, &piece, &e)) > 0) {
		piece = str_cut(piece, 0, NOTICE_BODY_MAX - buf_waiting(out));
		buf_add(out, piece.p, piece.len);
	}
	store_reader_free(&r);
	return got >= 0;
}

static void begin_report(struct notice_letter *l, struct relay *r, const struct notice_about *x)
{
	const struct store_message *m = x->m;
	bool all = notice_returns_all(x->kind, m->flags) && m->size <= NOTICE_BODY_MAX;
	int64_t now_ms = relay_now_ms();
	const struct store_mark *first = x->marks[0], *last = x->marks[x->n - 1];
	const struct notice_span span = {
		m->id, x->kind, { first->at_ms, first->rcpt }, { last->at_ms, last->rcpt }
	};
	l->report = (struct report){
		.host = arena_strdup(l->arena, r->settings->hostname),
		.to = arena_str(l->arena, m->reverse_path).p,
		.subject = notice_subject(x, l->arena),
		.message_id = arena_printf(l->arena, "%s@%s", notice_span_name(&span, l->arena),
					   r->settings->hostname),
		.answers = arena_str(l->arena, m->message_id).p,
		.date_s = now_ms / 1000,
		.words = notice_words(x, l->arena),
		.envelope_id = arena_str(l->arena, m->envid).p,
		.arrival_s = m->arrived_ms / 1000,
		.v = notice_recipients(x, l->arena),
		.n = x->n,
		.part = all ? REPORT_MESSAGE : REPORT_HEADER,
		.utf8 = m->flags & STORE_SMTPUTF8,
	};
}

/* The same news has the same key, also after a crash: which recipients, what, when. */
static const char *key_of(struct arena *a, const struct notice_about *x)
{
	char id[STORE_ID_TEXT];
	unsigned long long sum = 0xcbf29ce484222325ULL; /* FNV-1a */
	for (size_t i = 0; i < x->n; i++)
		sum = (sum ^ x->marks[i]->rcpt) * 0x100000001b3ULL;
	return arena_printf(a, "report %s %d %lld %llx", store_id_text(x->m->id, id), (int)x->kind,
			    (long long)x->marks[0]->at_ms, sum);
}

static void address_letter(struct notice_letter *l, struct relay *r, const struct notice_about *x,
			   int64_t due_ms)
{
	unsigned flags = x->m->flags;
	const struct relay_settings *s = r->settings;
	int64_t now_ms = l->report.date_s * 1000;
	struct str to = str_of(l->report.to);
	l->rcpt = (struct store_rcpt){ .address = to,
				       .notify = STORE_NOTIFY_NEVER,
				       .lane = str_of(lane_of(s, STR_LIT(""), to, l->arena)),
				       .state = due_ms > now_ms + SECOND_MS ? STORE_HELD : STORE_QUEUED,
				       .next_ms = due_ms,
				       .expires_ms = due_ms + s->retry.expire_s * 1000LL };
	l->envelope = (struct store_message){
		.arrived_ms = now_ms,
		.reverse_path = STR_LIT(""),
		.flags = (unsigned)STORE_OWN_NOTICE | (flags & (unsigned)STORE_REQUIRETLS), /* RFC 8689, 5 */
		.listener = STR_LIT("notice"),
		.message_id = str_of(arena_printf(l->arena, "<%s>", l->report.message_id)),
		.subject = str_of(l->report.subject),
		.from = str_of(arena_printf(l->arena, "MAILER-DAEMON@%s", l->report.host)),
		.key = str_of(key_of(l->arena, x)),
		.config = arena_str(l->arena, str_of(s->hash)),
		.rcpts = &l->rcpt,
		.nrcpts = 1,
	};
}

struct notice_letter *notice_letter_new(struct relay *r, const struct notice_about *x, int64_t due_ms)
{
	struct arena *a = arena_new();
	struct notice_letter *l = arena_alloc(a, sizeof(*l));
	l->arena = a;
	l->about = x->m->id;
	l->known = known_header(a, x->m);
	const struct notice_about all = notice_last_said(x, r, a);
	begin_report(l, r, &all);
	address_letter(l, r, x, due_ms);
	return l;
}

bool notice_letter_write(struct notice_letter *l, struct relay *r)
{
	CLEANUP(buf_clear) struct buf original = { 0 };
	struct report_needs needs;
	bool here = read_original(r->store, l->about, &original);
	if (!here && ++l->looks < NOTICE_LOOKS_MAX)
		return false;
	l->report.original = here ? buf_str(&original) : str_of(l->known);
	if (!here)
		l->report.part = REPORT_HEADER;
	if (report_write(&l->report, &l->bytes, &needs, NULL))
		l->envelope.flags |= (needs.eightbit ? (unsigned)STORE_8BITMIME : 0) |
				     (needs.smtputf8 ? (unsigned)STORE_SMTPUTF8 : 0);
	return true;
}

void notice_letter_free(struct notice_letter **lp)
{
	struct notice_letter *l = *lp;
	if (!l)
		return;
	struct arena *a = l->arena; /* l is in it */
	buf_clear(&l->bytes);
	arena_free(&a);
	*lp = NULL;
}

bool notice_letter_post(struct notice_letter *l, struct relay *r, struct err *e)
{
	struct store_body *body = store_body_begin(r->store);
	if (store_body_append(body, buf_str(&l->bytes), e))
		return store_accept(r->store, &body, &l->envelope, l, e);
	store_body_free(&body);
	return false;
}

static void on_told(void *ctx, const struct store_done *d)
{
	struct notice_letter *l = ctx;
	(void)d; /* it is held without the words, too */
	notice_letter_free(&l);
}

void notice_letter_tell_held(struct notice_letter *l, struct relay *r, struct store_id id)
{
	l->envelope.id = id;
	const struct store_mark k = {
		.id = id,
		.state = STORE_HELD,
		.next_ms = l->rcpt.next_ms,
		.why = str_of(arena_printf(l->arena,
					   "%d reports went to %s within an hour, and this one is to follow",
					   NOTICE_PER_HOUR, l->report.to)),
	};
	relay_mark(r, &l->envelope, &k, 1, on_told, l);
}
