/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction: MAIL, RCPTs and DATA in one breath where the server lets us (RFC 2920), the
 * message, "dot sent" on our disk, and only then the dot. */
#include <string.h>

#include "relay/delivery.h"
#include "relay/delivery_head.h"
#include "relay/remote_id.h"
#include "relay/return_path.h"
#include "smtp/xtext.h"

enum { NOTIFY_BYTES = 40, PARAM_BYTES = 400 };

/* What was said and not yet answered, in order. */
struct said_step {
	enum smtp_command said;
	size_t rcpt;
};

struct transaction {
	struct delivery *d;
	struct job *j;
	struct smtp_client *c;
	struct said_step steps[JOB_RCPTS_MAX + 3];
	size_t nsteps, heard;
	size_t taken; /* recipients accepted */
	bool mail_ok, data_ok;
	bool too_many; /* a recipient was turned away since there were enough */
	const char *orcpt;
};

static const struct smtp_ehlo no_ehlo = { .name = "", .size = -1 };

static const struct smtp_ehlo *ehlo_of(const struct delivery *d)
{
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(session_client(d->session));
	return e ? e : &no_ehlo;
}

static bool offers(const struct delivery *d, enum smtp_extension x)
{
	return ehlo_of(d)->extensions & (unsigned)x;
}

static void add_step(struct transaction *t, enum smtp_command m, size_t rcpt)
{
	t->steps[t->nsteps++] = (struct said_step){ m, rcpt };
}

/* ---- what is said ---- */

static const char *xtext(struct arena *a, struct str s)
{
	CLEANUP(buf_clear) struct buf b = { .max = PARAM_BYTES };
	if (!s.len)
		return NULL;
	smtp_xtext_encode(&b, s);
	return arena_str(a, buf_str(&b)).p;
}

static const char *notify_words(unsigned flags, char out[NOTIFY_BYTES])
{
	static const struct {
		unsigned flag;
		const char *word;
	} all[] = { { STORE_NOTIFY_SUCCESS, "SUCCESS" },
		    { STORE_NOTIFY_FAILURE, "FAILURE" },
		    { STORE_NOTIFY_DELAY, "DELAY" } };
	if (!flags)
		return NULL;
	if (flags & STORE_NOTIFY_NEVER)
		return strcpy(out, "NEVER");
	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (!(flags & all[i].flag))
			continue;
		if (*out)
			strcat(out, ",");
		strcat(out, all[i].word);
	}
	return out;
}

/* RFC 5321, 3.9: the sender's own, or one of ours that tells message and recipient. */
static const char *return_path_of(const struct transaction *t)
{
	const struct store_message *m = &t->j->message;
	const char *ours = "";
	if (job_signs_path(t->d, m))
		ours = return_path_make(&t->d->relay->return_key, t->d->route->return_path, m->id,
					t->j->v[0].claim.rcpt, t->j->arena);
	return *ours ? ours : delivery_sender(t->d, t->j);
}

static bool say_mail(struct transaction *t, struct err *e)
{
	const struct store_message *m = &t->j->message;
	const struct smtp_mail_params p = {
		.size = (long)m->size,
		.eightbit = m->flags & STORE_8BITMIME,
		.smtputf8 = m->flags & STORE_SMTPUTF8 && offers(t->d, SMTP_EXT_SMTPUTF8),
		.ret = m->flags & STORE_RET_FULL   ? "FULL"
		       : m->flags & STORE_RET_HDRS ? "HDRS"
						   : NULL,
		.envid = xtext(t->j->arena, m->envid),
		.requiretls = m->flags & STORE_REQUIRETLS,
	};
	if (t->d->dirty) {
		if (!smtp_client_rset(t->c, e))
			return false;
		add_step(t, SMTP_CMD_RSET, 0);
		t->d->dirty = false;
		if (!offers(t->d, SMTP_EXT_PIPELINING) && delivery_hear(t->d, TROUBLE_MAIL) != HEARD_REPLY)
			return false;
		t->heard = offers(t->d, SMTP_EXT_PIPELINING) ? 0 : t->nsteps;
	}
	if (!smtp_client_mail(t->c, return_path_of(t), &p, e))
		return false;
	add_step(t, SMTP_CMD_MAIL, 0);
	t->j->cost.said = true;
	return true;
}

/* An address that cannot be said here is refused, and the others go on. */
static void say_rcpt(struct transaction *t, size_t i)
{
	struct job_rcpt *r = &t->j->v[i];
	char notify[NOTIFY_BYTES], text[400];
	struct err e = { 0 };
	const char *orcpt = r->rcpt->orcpt.len ? arena_str(t->j->arena, r->rcpt->orcpt).p : NULL;
	if (smtp_client_rcpt(t->c, arena_str(t->j->arena, r->rcpt->address).p,
			     notify_words(r->rcpt->notify, notify), orcpt, &e)) {
		add_step(t, SMTP_CMD_RCPT, i);
		return;
	}
	struct failure f = *delivery_broke(t->d, TROUBLE_RCPT, "", err_text(&e, text, sizeof(text)));
	f.judged = (struct trouble){ .scope = TROUBLE_RECIPIENT, .for_good = true };
	job_fail_rcpt(t->d, t->j, r, &f);
}

static bool say_data(struct transaction *t, struct err *e)
{
	if (!smtp_client_data(t->c, e))
		return false;
	add_step(t, SMTP_CMD_DATA, 0);
	return true;
}

/* ---- what is heard ---- */

/* How a refusal ends this transaction, MAIL_ENDED: it does not. */
static enum mail_end take_refusal(struct transaction *t, struct job_rcpt *r, enum trouble_at at)
{
	const struct failure *f = delivery_refused(t->d, at);
	switch (f->judged.scope) {
	case TROUBLE_RECIPIENT:
		t->too_many = t->too_many || f->judged.again_at_once;
		if (f->judged.again_at_once && t->taken)
			job_give_back(t->j, r); /* in a transaction of its own, at once */
		else
			job_fail_rcpt(t->d, t->j, r, f);
		return MAIL_ENDED;
	case TROUBLE_MESSAGE:
		job_fail(t->d, t->j, f);
		return MAIL_ENDED;
	case TROUBLE_HOST:
		return MAIL_HOST_FAILED;
	case TROUBLE_DESTINATION:
		break;
	}
	job_fail(t->d, t->j, f);
	return MAIL_STOPPED;
}

static enum mail_end on_reply(struct transaction *t, const struct said_step *s)
{
	unsigned code = smtp_client_reply(t->c)->code;
	bool good = code / 100 == 2;
	struct job_rcpt *r = &t->j->v[s->rcpt];
	switch (s->said) {
	case SMTP_CMD_RSET:
		return MAIL_ENDED;
	case SMTP_CMD_MAIL:
		t->mail_ok = good;
		return good ? MAIL_ENDED : take_refusal(t, NULL, TROUBLE_MAIL);
	case SMTP_CMD_RCPT:
		if (!t->mail_ok || r->fate != FATE_OPEN) /* 503 after a refused MAIL says nothing new */
			return MAIL_ENDED;
		if (!good)
			return take_refusal(t, r, TROUBLE_RCPT);
		r->fate = FATE_TAKEN;
		t->taken++;
		return MAIL_ENDED;
	default:
		t->data_ok = code == 354;
		return t->data_ok || !t->taken ? MAIL_ENDED : take_refusal(t, NULL, TROUBLE_DATA);
	}
}

static enum trouble_at at_of(enum smtp_command m)
{
	return m == SMTP_CMD_RCPT ? TROUBLE_RCPT : m == SMTP_CMD_DATA ? TROUBLE_DATA : TROUBLE_MAIL;
}

/* Hears what is outstanding.  The worst end counts; all replies are heard all the same. */
static enum mail_end hear_all(struct transaction *t)
{
	enum mail_end end = MAIL_ENDED;
	while (t->heard < t->nsteps) {
		const struct said_step *s = &t->steps[t->heard++];
		if (delivery_hear(t->d, at_of(s->said)) != HEARD_REPLY)
			return MAIL_HOST_FAILED;
		enum mail_end now = end == MAIL_ENDED ? on_reply(t, s) : MAIL_ENDED;
		if (s->said == SMTP_CMD_DATA)
			t->data_ok = smtp_client_reply(t->c)->code == 354;
		if (now == MAIL_HOST_FAILED)
			return now;
		end = end == MAIL_ENDED ? now : end;
	}
	return end;
}

static enum mail_end cannot_say(struct transaction *t, const struct err *e)
{
	char text[400];
	if (!e->doing) /* the connection failed meanwhile: told already */
		return MAIL_HOST_FAILED;
	struct failure f = *delivery_broke(t->d, TROUBLE_HERE, "", err_text(e, text, sizeof(text)));
	job_fail(t->d, t->j, &f);
	return MAIL_ENDED;
}

static enum mail_end envelope(struct transaction *t)
{
	struct err e = { 0 };
	bool ahead = offers(t->d, SMTP_EXT_PIPELINING);
	if (!say_mail(t, &e))
		return cannot_say(t, &e);
	enum mail_end end = ahead ? MAIL_ENDED : hear_all(t);
	if (end != MAIL_ENDED || (!ahead && !t->mail_ok))
		return end;
	t->d->dirty = true;
	size_t said = 0;
	unsigned most = t->d->lane->rcpts_max ? t->d->lane->rcpts_max : JOB_RCPTS_MAX;
	for (size_t i = 0; i < t->j->n && end == MAIL_ENDED; i++) {
		if (t->j->v[i].fate != FATE_OPEN)
			continue;
		if (said >= most) { /* claimed before its limit was known */
			job_give_back(t->j, &t->j->v[i]);
			continue;
		}
		say_rcpt(t, i);
		said += t->j->v[i].fate == FATE_OPEN;
		if (!ahead)
			end = hear_all(t);
	}
	if (end != MAIL_ENDED || (ahead ? !said : !t->taken))
		return ahead && end == MAIL_ENDED ? hear_all(t) : end;
	if (!say_data(t, &e))
		return cannot_say(t, &e);
	return hear_all(t);
}

/* ---- the message ---- */

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
static bool send_head(struct transaction *t, struct store_reader *r, struct err *e)
{
	CLEANUP(buf_clear) struct buf head = { 0 };
	CLEANUP(buf_clear) struct buf fresh = { 0 };
	struct str rest = { "", 0 };
	if (!delivery_head(r, &head, &rest, e))
		return e->kind == ERR_NONE && send_piece(t, rest, e);
	struct str all = buf_str(&head);
	delivery_rename(t->d, str_cut(all, 0, all.len - rest.len), &fresh);
	return send_piece(t, buf_str(&fresh), e) && send_piece(t, rest, e);
}

/* False with *e when it is our own trouble; without when the connection failed. */
static bool send_body(struct transaction *t, struct err *e)
{
	struct store_reader *r = STEAL(t->j->reader);
	if (!r) /* a second time */
		r = store_body_open(t->d->relay->store, t->j->message.id, e);
	struct str piece;
	int got = r && (!delivery_renames(t->d) || send_head(t, r, e)) ? 1 : -1;
	while (got > 0 && (got = store_reader_next(r, &piece, e)) > 0)
		if (!send_piece(t, piece, e))
			got = -1;
	store_reader_free(&r);
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
	m->dsn = offers(t->d, SMTP_EXT_DSN) && !job_signs_path(t->d, &t->j->message);
	m->why = str_of(delivery_renamed(t->d, t->j, t->j->arena));
}

/* The dot went out: whatever comes now is the result. */
static enum mail_end verdict(struct transaction *t)
{
	if (delivery_hear(t->d, TROUBLE_DOT) != HEARD_REPLY) {
		each_taken(t, in_doubt);
		return MAIL_HOST_FAILED;
	}
	t->d->dirty = false;
	if (smtp_client_reply(t->c)->code / 100 == 2) {
		each_taken(t, handed_over);
		return MAIL_ENDED;
	}
	return take_refusal(t, NULL, TROUBLE_DOT);
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
	enum store_verdict v = job_mark_dot(t->d, t->j, &e);
	if (v != STORE_DONE)
		return not_marked(t, v, &e);
	if (!smtp_client_body_end(t->c, &e))
		return give_up(t, &e);
	return verdict(t);
}

/* 354 though nobody is there to get it: an empty message ends it (RFC 2920, 3.1). */
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

enum mail_end delivery_mail(struct delivery *d, struct job *j)
{
	struct transaction t = { .d = d, .j = j, .c = session_client(d->session) };
	if (!delivery_may_have(d, j))
		return MAIL_UNFIT;
	if (!delivery_fits(d, j))
		return MAIL_ENDED;
	enum mail_end end = envelope(&t);
	if (t.too_many && t.taken)
		d->lane->rcpts_max = (unsigned)t.taken;
	if (t.data_ok && end != MAIL_HOST_FAILED) {
		bool any = end == MAIL_ENDED && t.taken && has_open(j);
		enum mail_end last = any ? message(&t) : lone_dot(&t);
		end = end == MAIL_ENDED ? last : end;
	}
	if (end == MAIL_HOST_FAILED) {
		reopen(j);
		if (!has_open(j)) { /* all have their fate; the connection is gone */
			delivery_close(d, false);
			return MAIL_ENDED;
		}
	}
	return end;
}
