/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/transaction.h"

#include <string.h>

#include "relay/delivery/delivery_head.h"
#include "relay/delivery/outgoing.h"
#include "relay/bounce/return_path.h"
#include "smtp/xtext.h"

enum {
	NOTIFY_BYTES = 40,
	PARAM_BYTES = 400,
	STOPS_MAX = 3, /* recipients asked one by one that may hear in a row that nothing goes there now */
};

static const struct smtp_ehlo no_ehlo = { .name = "", .size = -1 };

static const struct smtp_ehlo *ehlo_of(const struct delivery *d)
{
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(session_client(d->session));
	return e ? e : &no_ehlo;
}

bool transaction_offers(const struct delivery *d, enum smtp_extension x)
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

static uint64_t size_limit(const struct transaction *t)
{
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(t->c);
	return e && e->size > 0 ? (uint64_t)e->size : 0;
}

static bool say_mail(struct transaction *t, struct err *e)
{
	const struct store_message *m = &t->j->message;
	const struct smtp_mail_params p = {
		.size = (long)outgoing_size(t->d, t->j, size_limit(t)),
		.eightbit = m->flags & STORE_8BITMIME &&
			    !(t->j->seven && sevenbit_causes(t->j->seven) & SEVENBIT_HIGH),
		.smtputf8 = m->flags & STORE_SMTPUTF8 && transaction_offers(t->d, SMTP_EXT_SMTPUTF8),
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
		if (!transaction_offers(t->d, SMTP_EXT_PIPELINING) &&
		    delivery_hear(t->d, TROUBLE_MAIL) != HEARD_REPLY)
			return false;
		t->heard = transaction_offers(t->d, SMTP_EXT_PIPELINING) ? 0 : t->nsteps;
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

bool transaction_is_stopped(const struct transaction *t)
{
	return t->stops;
}

/* It was said of this recipient, and the others have an answer of their own (RFC 5321, 4.5.3.1.10). */
static void stop_after(struct transaction *t, struct job_rcpt *r, const struct failure *f)
{
	t->stops++;
	t->stop = *f;
	job_fail_rcpt(t->d, t->j, r, f);
}

enum mail_end transaction_refused(struct transaction *t, struct job_rcpt *r, enum trouble_at at)
{
	const struct failure *f = delivery_refused(t->d, at);
	if (f->judged.elsewhere && delivery_has_next_host(t->d)) {
		t->d->failure.judged = (struct trouble){ .scope = TROUBLE_HOST, .next_host = true };
		return MAIL_HOST_FAILED;
	}
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
		t->too_many = t->too_many || f->judged.again_at_once;
		return MAIL_HOST_FAILED;
	case TROUBLE_DESTINATION:
		break;
	}
	if (r && f->seen.code != 421) { /* which ends the connection, for all of them */
		stop_after(t, r, f);
		return MAIL_ENDED;
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
		return good ? MAIL_ENDED : transaction_refused(t, NULL, TROUBLE_MAIL);
	case SMTP_CMD_RCPT:
		t->any_rcpt_ok = t->any_rcpt_ok || good;
		if (!t->mail_ok || r->fate != FATE_OPEN) /* 503 after a refused MAIL says nothing new */
			return MAIL_ENDED;
		if (!good)
			return transaction_refused(t, r, TROUBLE_RCPT);
		r->fate = FATE_TAKEN;
		t->taken++;
		t->stops = 0;
		return MAIL_ENDED;
	default:
		return code == 354 || !t->taken ? MAIL_ENDED : transaction_refused(t, NULL, TROUBLE_DATA);
	}
}

static enum trouble_at at_of(enum smtp_command m)
{
	return m == SMTP_CMD_RCPT ? TROUBLE_RCPT : m == SMTP_CMD_DATA ? TROUBLE_DATA : TROUBLE_MAIL;
}

/* What stopped it stays the reason: that the connection ends after 421 (RFC 5321, 3.8) says nothing new. */
static enum mail_end lost_after(struct transaction *t, enum mail_end end, const struct failure *stopped)
{
	if (end != MAIL_STOPPED)
		return MAIL_HOST_FAILED;
	t->d->failure = *stopped;
	delivery_close(t->d, false);
	return MAIL_STOPPED;
}

static const char protocol_error[] = "reply-protocol-error";

static bool is_out_of_step(const struct transaction *t)
{
	return z_eq(t->d->failure.finding, protocol_error);
}

/* Replies are told apart by their order alone.  Where there is one too many it is not known who was refused:
 * nobody was.  (No mark is written before the job ends.) */
static enum mail_end unheard(struct transaction *t)
{
	for (size_t i = 0; i < t->j->n; i++)
		if (t->open[i] && (t->j->v[i].fate == FATE_MARKED || t->j->v[i].fate == FATE_TAKEN))
			t->j->v[i].fate = FATE_OPEN;
	t->taken = t->stops = 0;
	t->too_many = t->data_ok = false;
	return MAIL_HOST_FAILED;
}

static bool may_answer(enum smtp_command said, unsigned code)
{
	if (said == SMTP_CMD_RSET)
		return code / 100 == 2 || code == 421;
	return (code >= 400 && code < 600) || (said == SMTP_CMD_DATA ? code == 354 : code / 100 == 2);
}

static enum mail_end out_of_step(struct transaction *t, enum smtp_command said)
{
	delivery_broke(
		t->d, at_of(said), protocol_error,
		arena_printf(t->d->scratch,
			     "%u is no answer to %s: there are more replies than commands, and whom each "
			     "is about is not known",
			     smtp_client_reply(t->c)->code, smtp_command_name(said)));
	return unheard(t);
}

/* Hears what is outstanding.  The worst end counts; all replies are heard all the same. */
static enum mail_end hear_all(struct transaction *t)
{
	enum mail_end end = MAIL_ENDED;
	struct failure stopped;
	while (t->heard < t->nsteps) {
		const struct said_step *s = &t->steps[t->heard++];
		if (delivery_hear(t->d, at_of(s->said)) != HEARD_REPLY)
			return is_out_of_step(t) ? unheard(t) : lost_after(t, end, &stopped);
		if (!may_answer(s->said, smtp_client_reply(t->c)->code))
			return out_of_step(t, s->said);
		enum mail_end now = end == MAIL_ENDED ? on_reply(t, s) : MAIL_ENDED;
		if (s->said == SMTP_CMD_DATA)
			t->data_ok = smtp_client_reply(t->c)->code == 354;
		if (now == MAIL_HOST_FAILED)
			return now;
		if (now == MAIL_STOPPED)
			stopped = t->d->failure;
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
	bool ahead = transaction_offers(t->d, SMTP_EXT_PIPELINING);
	if (!say_mail(t, &e))
		return cannot_say(t, &e);
	enum mail_end end = ahead ? MAIL_ENDED : hear_all(t);
	if (end != MAIL_ENDED || (!ahead && !t->mail_ok))
		return end;
	t->d->dirty = true;
	size_t said = 0, most = job_rcpts_most(t->d);
	for (size_t i = 0; i < t->j->n && end == MAIL_ENDED; i++) {
		if (t->j->v[i].fate != FATE_OPEN)
			continue;
		if (said >= most || t->stops >= STOPS_MAX) { /* claimed before its limit was known */
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

/* Without a 354 in its place nothing shows that no reply was one too many: the last may still be under way.
 * RSET, which is due anyway, is answered by 250, and no refused DATA is. */
static enum mail_end confirm(struct transaction *t, enum mail_end end)
{
	const struct failure before = t->d->failure;
	struct err e = { 0 };
	if (!smtp_client_rset(t->c, &e)) /* the server is closing the connection */
		return end;
	enum heard h = delivery_hear(t->d, TROUBLE_MAIL);
	if (h == HEARD_REPLY && !may_answer(SMTP_CMD_RSET, smtp_client_reply(t->c)->code))
		return out_of_step(t, SMTP_CMD_RSET);
	if (h != HEARD_REPLY && is_out_of_step(t))
		return unheard(t);
	t->d->failure = before;
	t->d->dirty = false;
	t->d->over = t->d->over || h != HEARD_REPLY || smtp_client_reply(t->c)->code == 421;
	return end;
}

enum mail_end transaction_envelope(struct transaction *t)
{
	for (size_t i = 0; i < t->j->n; i++)
		t->open[i] = t->j->v[i].fate == FATE_OPEN;
	enum mail_end end = envelope(t);
	bool unsure = t->mail_ok && !t->data_ok && end != MAIL_HOST_FAILED && t->d->session;
	return unsure && !t->d->hurry ? confirm(t, end) : end;
}
