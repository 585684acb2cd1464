/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice_letter.h"

#include "mail/header_write.h"
#include "relay/notice.h"

/* What is known without the body: enough to find the original by. */
static void known_header(struct buf *out, const struct store_message *m)
{
	if (m->message_id.len)
		header_write(out, "Message-ID", m->message_id, HEADER_ASCII);
	if (m->from.len)
		header_write(out, "From", m->from, HEADER_WORDS);
	if (m->subject.len)
		header_write(out, "Subject", m->subject, HEADER_WORDS);
}

/* The first `most` bytes of the body. */
static void read_original(struct store *s, const struct store_message *m, size_t most, struct buf *out)
{
	struct err e = { 0 };
	struct str piece;
	struct store_reader *r = store_body_open(s, m->id, &e);
	int got = r ? 1 : -1;
	while (got > 0 && buf_waiting(out) < most && (got = store_reader_next(r, &piece, &e)) > 0) {
		piece = str_cut(piece, 0, most - buf_waiting(out));
		buf_add(out, piece.p, piece.len);
	}
	store_reader_free(&r);
	if (got >= 0)
		return;
	buf_clear(out);
	known_header(out, m);
}

static void address_letter(struct notice_letter *l, struct relay *r, const struct notice_about *x,
			   const struct report *report, struct report_needs needs)
{
	const struct relay_settings *s = r->settings;
	int64_t now_ms = report->date_s * 1000;
	struct str to = arena_str(l->arena, x->m->reverse_path);
	l->rcpt = (struct store_rcpt){ .address = to,
				       .notify = STORE_NOTIFY_NEVER,
				       .lane = str_of(lane_of(s, STR_LIT(""), to, l->arena)),
				       .state = STORE_QUEUED,
				       .next_ms = now_ms,
				       .expires_ms = now_ms + s->retry.expire_s * 1000LL };
	l->envelope = (struct store_message){
		.arrived_ms = now_ms,
		.reverse_path = STR_LIT(""),
		.flags = (unsigned)STORE_OWN_NOTICE | (needs.eightbit ? (unsigned)STORE_8BITMIME : 0) |
			 (needs.smtputf8 ? (unsigned)STORE_SMTPUTF8 : 0) |
			 (x->m->flags & (unsigned)STORE_REQUIRETLS), /* RFC 8689, 5 */
		.listener = STR_LIT("notice"),
		.message_id = str_of(arena_printf(l->arena, "<%s>", report->message_id)),
		.subject = arena_str(l->arena, str_of(report->subject)),
		.from = str_of(arena_printf(l->arena, "MAILER-DAEMON@%s", report->host)),
		.config = arena_str(l->arena, str_of(s->hash)),
		.rcpts = &l->rcpt,
		.nrcpts = 1,
	};
}

static bool write_letter(struct notice_letter *l, struct relay *r, const struct notice_about *x)
{
	CLEANUP(buf_clear) struct buf original = { 0 };
	const struct store_message *m = x->m;
	bool all = notice_returns_all(x->kind, m->flags) && m->size <= NOTICE_BODY_MAX;
	int64_t now_ms = relay_now_ms();
	read_original(r->store, m, NOTICE_BODY_MAX, &original);
	const struct report report = {
		.host = r->settings->hostname,
		.to = arena_str(l->arena, m->reverse_path).p,
		.subject = notice_subject(x, l->arena),
		.message_id = arena_printf(l->arena, "%llx.%llx.report@%s", (unsigned long long)now_ms,
					   r->nonce++, r->settings->hostname),
		.answers = arena_str(l->arena, m->message_id).p,
		.date_s = now_ms / 1000,
		.words = notice_words(x, l->arena),
		.envelope_id = arena_str(l->arena, m->envid).p,
		.arrival_s = m->arrived_ms / 1000,
		.v = notice_recipients(x, l->arena),
		.n = x->n,
		.original = buf_str(&original),
		.part = all ? REPORT_MESSAGE : REPORT_HEADER,
		.utf8 = m->flags & STORE_SMTPUTF8,
	};
	struct report_needs needs;
	if (!report_write(&report, &l->bytes, &needs, NULL))
		return false;
	address_letter(l, r, x, &report, needs);
	return true;
}

struct notice_letter *notice_letter_new(struct relay *r, const struct notice_about *x)
{
	struct arena *a = arena_new();
	struct notice_letter *l = arena_alloc(a, sizeof(*l));
	l->arena = a;
	if (!write_letter(l, r, x))
		notice_letter_free(&l);
	return l;
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
