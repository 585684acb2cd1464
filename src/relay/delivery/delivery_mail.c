/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction: the envelope (relay/delivery/transaction.h), the message, "dot sent" on our disk, and only
 * then the dot. */
#include <string.h>

#include "relay/delivery/delivery_head.h"
#include "relay/delivery/delivery_tls.h"
#include "relay/delivery/outgoing.h"
#include "relay/delivery/remote_id.h"
#include "relay/delivery/transaction.h"

static bool send_piece(struct transaction *t, struct str piece, struct err *e)
{
	for (size_t done = 0; done < piece.len;) {
		size_t took;
		if (!smtp_client_body(t->c, str_cut(piece, done, piece.len), &took, e))
			return false;
		done += took;
		if (done < piece.len && !session_flush(t->d->session, 0))
			return false;
	}
	return true;
}

/* What was read of it comes first: maybe with another header. */
static bool send_head(struct transaction *t, struct outgoing *o, struct err *e)
{
	CLEANUP(buf_clear) struct buf head = { 0 };
	CLEANUP(buf_clear) struct buf fresh = { 0 };
	struct str rest = { "", 0 };
	if (!outgoing_head(o, &head, &rest, e))
		return e->kind == ERR_NONE && send_piece(t, rest, e);
	struct str all = buf_str(&head);
	delivery_rename(t->d, str_cut(all, 0, all.len - rest.len), &fresh);
	return send_piece(t, buf_str(&fresh), e) && send_piece(t, rest, e);
}

static bool send_signed(struct transaction *t, struct outgoing *o, struct err *e)
{
	CLEANUP(buf_clear) struct buf head = { 0 };
	return outgoing_sign(o, t->d, &head, e) && send_piece(t, buf_str(&head), e);
}

/* False with *e when it is our own trouble; without when the connection failed. */
static bool send_body(struct transaction *t, struct err *e)
{
	CLEANUP(outgoing_clear) struct outgoing o;
	if (!outgoing_open(&o, t->d, t->j, e))
		return false;
	struct str piece;
	bool head = outgoing_is_ours(t->d, t->j) ? send_signed(t, &o, e)
						 : !delivery_renames(t->d) || send_head(t, &o, e);
	int got = head ? 1 : -1;
	while (got > 0 && (got = outgoing_next(&o, &piece, e)) > 0)
		if (!send_piece(t, piece, e))
			got = -1;
	return got == 0;
}

static void each_taken(struct transaction *t, void (*fn)(struct transaction *t, struct job_rcpt *r))
{
	for (size_t i = 0; i < t->j->n; i++)
		if (t->j->v[i].fate == FATE_TAKEN)
			fn(t, &t->j->v[i]);
}

static void give_back(struct transaction *t, struct job_rcpt *r)
{
	job_give_back(t->j, r);
}

static void in_doubt(struct transaction *t, struct job_rcpt *r)
{
	job_in_doubt(t->d, t->j, r, &t->d->failure);
}

static void handed_over(struct transaction *t, struct job_rcpt *r)
{
	struct store_mark *m = job_mark(t->d, t->j, r, STORE_HANDED_OVER);
	m->reply = delivery_reply(t->d, t->j->arena, &m->code);
	m->remote_id = remote_id_of(m->reply);
	/* Whether it arrived it would tell us, not the sender, where the return path is ours. */
	m->dsn = transaction_offers(t->d, SMTP_EXT_DSN) && !job_signs_path(t->d, &t->j->message);
	const char *told = outgoing_told(t->d, t->j, t->j->arena);
	m->why = str_of(delivery_waived_told(t->d, told, t->j->arena));
}

/* A refusal before the dot, and the line closed: it waited for no dot, so it has nothing ("552 too big",
 * said in the midst of the data).  Silence leaves a doubt. */
static enum mail_end no_verdict(struct transaction *t)
{
	const struct failure *f = &t->d->failure;
	if (f->seen.code < 400 || f->seen.code >= 600)
		each_taken(t, in_doubt);
	else if (f->judged.scope != TROUBLE_HOST)
		job_fail(t->d, t->j, f);
	return MAIL_HOST_FAILED;
}

/* The dot went out: whatever comes now is the result. */
static enum mail_end verdict(struct transaction *t)
{
	if (delivery_hear(t->d, TROUBLE_DOT) != HEARD_REPLY)
		return no_verdict(t);
	t->d->dirty = false;
	unsigned code = smtp_client_reply(t->c)->code;
	if (code / 100 == 2) {
		each_taken(t, handed_over);
		return MAIL_ENDED;
	}
	enum mail_end end = transaction_refused(t, NULL, TROUBLE_DOT);
	if (code < 400 || code >= 600) /* neither taken nor refused */
		each_taken(t, in_doubt);
	return end;
}

static enum mail_end give_up(struct transaction *t, const struct err *e)
{
	char text[400];
	if (e->kind == ERR_NONE) { /* the server broke off, perhaps with a word */
		(void)delivery_hear(t->d, TROUBLE_DATA);
		if (t->d->failure.judged.scope != TROUBLE_HOST)
			job_fail(t->d, t->j, &t->d->failure);
		return MAIL_HOST_FAILED;
	}
	struct failure f = *delivery_broke(t->d, TROUBLE_HERE, "", err_text(e, text, sizeof(text)));
	job_fail(t->d, t->j, &f);
	return MAIL_HOST_FAILED; /* in the midst of a message: this connection is of no more use */
}

/* Without its mark no dot goes out. */
static enum mail_end not_marked(struct transaction *t, enum store_verdict v, const struct err *e)
{
	char text[400];
	if (v == STORE_LOST) { /* somebody else has it now */
		delivery_broke(t->d, TROUBLE_HERE, "", "the message was taken over from outside");
		each_taken(t, give_back);
	} else {
		struct failure f = *delivery_broke(t->d, TROUBLE_HERE, "", err_text(e, text, sizeof(text)));
		job_fail(t->d, t->j, &f);
	}
	return MAIL_HOST_FAILED;
}

static enum mail_end message(struct transaction *t)
{
	struct err e = { 0 };
	if (!send_body(t, &e))
		return give_up(t, &e);
	if (session_has_words(t->d->session)) /* behind the 354: it would be taken for the dot's reply */
		return give_up(t, &e);
	enum store_verdict v = job_mark_dot(t->d, t->j, &e);
	if (v != STORE_DONE)
		return not_marked(t, v, &e);
	if (session_has_words(t->d->session))
		return give_up(t, &e);
	if (!smtp_client_body_end(t->c, &e))
		return give_up(t, &e);
	return verdict(t);
}

/* 354 though nobody was accepted: an empty message ends it (RFC 2920, 3.1). */
static enum mail_end lone_dot(struct transaction *t)
{
	struct err e = { 0 };
	if (!smtp_client_body_end(t->c, &e) || delivery_hear(t->d, TROUBLE_DOT) != HEARD_REPLY)
		return MAIL_HOST_FAILED;
	t->d->dirty = false;
	return MAIL_ENDED;
}

static bool has_open(const struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_OPEN || j->v[i].fate == FATE_TAKEN)
			return true;
	return false;
}

static void reopen(struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].fate == FATE_TAKEN)
			j->v[i].fate = FATE_OPEN;
}

/* The server waits for a message.  A dot now would bring those whom it has accepted an empty one. */
static enum mail_end after_354(struct transaction *t, enum mail_end end)
{
	if (end == MAIL_ENDED && t->taken && has_open(t->j))
		return message(t);
	if (end == MAIL_ENDED && !t->any_rcpt_ok)
		return lone_dot(t);
	delivery_close(t->d, false);
	return end;
}

/* Those who were accepted have their message, or the connection's end for a reason; what stopped the others
 * is the destination's. */
static enum mail_end stopped(struct transaction *t, enum mail_end end)
{
	if (end == MAIL_HOST_FAILED) {
		job_fail(t->d, t->j, &t->d->failure);
		delivery_close(t->d, false);
	}
	t->d->failure = t->stop;
	return MAIL_STOPPED;
}

/* "421 too many recipients", and the line is closed: they come again at once, fewer at a time. */
static enum mail_end again_with_fewer(struct transaction *t)
{
	each_taken(t, give_back);
	for (size_t i = 0; i < t->j->n; i++)
		if (t->j->v[i].fate == FATE_OPEN)
			job_give_back(t->j, &t->j->v[i]);
	delivery_close(t->d, false);
	return MAIL_ENDED;
}

enum mail_end delivery_mail(struct delivery *d, struct job *j)
{
	struct transaction t = { .d = d, .j = j, .c = session_client(d->session) };
	if (!delivery_may_have(d, j))
		return MAIL_UNFIT;
	if (!delivery_fits(d, j))
		return MAIL_ENDED;
	enum mail_end end = transaction_envelope(&t);
	if (t.too_many && t.taken)
		d->rcpts_max = d->lane->rcpts_max = (unsigned)t.taken;
	if (t.data_ok && end != MAIL_HOST_FAILED)
		end = after_354(&t, end);
	if (transaction_is_stopped(&t) && end != MAIL_STOPPED)
		return stopped(&t, end);
	if (end == MAIL_HOST_FAILED && d->failure.judged.again_at_once && t.taken)
		return again_with_fewer(&t);
	if (end == MAIL_HOST_FAILED) {
		reopen(j);
		if (!has_open(j)) { /* all have their fate; the connection is gone */
			delivery_close(d, false);
			return MAIL_ENDED;
		}
	}
	return end;
}
