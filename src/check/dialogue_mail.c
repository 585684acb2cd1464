/* SPDX-License-Identifier: Apache-2.0 */
/* Envelope and message in a dialogue. */
#include <string.h>

#include "base/text.h"
#include "check/dialogue_inner.h"

static bool needs_utf8(const struct dialogue *d)
{
	bool odd = !text_is_ascii(str_of(d->plan->from));
	for (size_t i = 0; i < d->plan->to.n; i++)
		odd = odd || !text_is_ascii(str_of(d->plan->to.v[i]));
	return odd;
}

/* What the server says it won't take is not sent to it (RFC 1870, 5): the envelope
 * is still tried, without the size, so that nothing else is missed. */
static void withhold(struct dialogue *d, const struct smtp_ehlo *e)
{
	long size = d->plan->declare_size;
	d->withheld = e && e->size > 0 && size > e->size;
	if (d->withheld)
		probe_skip(d->p, "data",
			   arena_printf(d->p->ev->arena,
					"not sent: the message has %ld bytes, the server takes %ld", size,
					(long)e->size));
}

static bool sender(struct dialogue *d)
{
	struct smtp_client *c = session_client(d->s);
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(c);
	withhold(d, e);
	struct smtp_mail_params params = { .size = d->withheld ? -1 : d->plan->declare_size,
					   .eightbit = e && (e->extensions & SMTP_EXT_8BITMIME),
					   .smtputf8 = needs_utf8(d) };
	struct err err = { 0 };
	unsigned code = 0;
	if (!smtp_client_mail(c, d->plan->from, &params, &err))
		return dialogue_cannot(d, STEP_MAIL_FROM, &err);
	if (!dialogue_reply(d, STEP_MAIL_FROM, &code))
		return false;
	d->out->mail = code / 100 == 2;
	if (!d->out->mail)
		d->out->broke = STEP_MAIL_FROM;
	return d->out->mail;
}

static bool recipient(struct dialogue *d, const char *to, unsigned *code)
{
	struct err err = { 0 };
	if (!smtp_client_rcpt(session_client(d->s), to, NULL, NULL, &err))
		return dialogue_cannot(d, STEP_RCPT, &err);
	d->recipient = probe_text(d->p, to);
	bool answered = dialogue_reply(d, STEP_RCPT, code);
	d->recipient = NULL;
	return answered;
}

static void tell_control(struct dialogue *d, const char *name, const char *to, unsigned code,
			 const char *asked)
{
	struct fact *f = probe_fact(d->p, FACT_EXPERIMENT, d->no);
	f->experiment.name = name;
	f->experiment.asked = asked;
	f->experiment.changed = arena_printf(d->p->ev->arena, "recipient %s", probe_text(d->p, to));
	f->experiment.outcome = code / 100 == 2 ? "works" : "fails";
	f->experiment.result = arena_printf(d->p->ev->arena, "the server answered %u", code);
	f->experiment.in_session = (long)d->no;
	probe_tell(d->p, f);
}

/* A refused recipient: would this server take one of its own people from us? */
static void control_recipient(struct dialogue *d)
{
	unsigned code = 0;
	if (!d->plan->ask_control || !d->alive || d->p->told_to_go || !*d->plan->from ||
	    strlist_has(&d->plan->to, d->plan->from))
		return;
	if (recipient(d, d->plan->from, &code))
		tell_control(d, "control-recipient", d->plan->from, code,
			     "Is only this recipient refused, or any?");
}

/* An accepted recipient at its own server: does it accept anything at all? */
static void random_recipient(struct dialogue *d)
{
	const char *at = d->plan->to.n ? strrchr(d->plan->to.v[0], '@') : NULL;
	unsigned code = 0;
	if (!d->plan->ask_control || !d->alive || !at || d->out->logged_in || d->plan->port != 25)
		return;
	const char *to = arena_printf(d->p->ev->arena, "no-such-mailbox-%llx%s",
				      (unsigned long long)probe_now_s(d->p) & 0xffffff, at);
	if (recipient(d, to, &code))
		tell_control(d, "random-recipient", to, code, "Does the server accept any address at all?");
}

static bool recipients(struct dialogue *d)
{
	for (size_t i = 0; i < d->plan->to.n; i++) {
		unsigned code = 0;
		if (!recipient(d, d->plan->to.v[i], &code))
			return false;
		if (code / 100 == 2)
			d->out->rcpt_ok++;
		else
			d->out->rcpt_refused++;
		if (code == 421) {
			d->out->broke = STEP_RCPT;
			return false;
		}
	}
	if (!d->out->rcpt_refused && d->plan->to.n && (!d->plan->message || d->withheld))
		random_recipient(d);
	if (d->out->rcpt_refused && !d->out->rcpt_ok) {
		d->out->broke = STEP_RCPT;
		control_recipient(d);
		return false;
	}
	return true;
}

bool dialogue_envelope(struct dialogue *d)
{
	return sender(d) && recipients(d);
}

static bool write_message(struct dialogue *d)
{
	struct smtp_client *c = session_client(d->s);
	struct str rest = { d->plan->message, d->plan->message_bytes };
	struct err err = { 0 };
	uint64_t until = probe_within(d->p, d->p->req->attach.n ? probe_left_ms(d->p) / 2 : UINT32_MAX);
	while (rest.len) {
		size_t took = 0;
		if (!smtp_client_body(c, rest, &took, &err))
			return dialogue_cannot(d, STEP_CONTENT, &err);
		rest = str_cut(rest, took, rest.len);
		d->body_sent += took;
		if (rest.len && !session_flush(d->s, until))
			return true; /* the peer spoke, closed or stalled: the next wait tells */
	}
	if (!smtp_client_body_end(c, &err))
		return dialogue_cannot(d, STEP_CONTENT, &err);
	d->dot_sent = session_flush(d->s, until);
	return true;
}

void dialogue_message(struct dialogue *d)
{
	struct err err = { 0 };
	unsigned code = 0;
	if (!smtp_client_data(session_client(d->s), &err)) {
		dialogue_cannot(d, STEP_DATA, &err);
		return;
	}
	if (!dialogue_reply(d, STEP_DATA, &code))
		return;
	if (code != 354) {
		d->out->broke = STEP_DATA;
		return;
	}
	if (!write_message(d) || !dialogue_reply(d, STEP_DATA, &code))
		return;
	d->out->accepted = code / 100 == 2;
	if (!d->out->accepted)
		d->out->broke = STEP_DATA;
}
