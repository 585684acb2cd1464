/* SPDX-License-Identifier: Apache-2.0 */
#include "net/submit.h"

#include "base/text.h"
#include "net/submit_inner.h"

static bool greeting(struct submitting *x)
{
	unsigned code;
	submit_tell(x, "banner", x->s->host);
	return submit_reply(x, "banner", &code) && (code / 100 == 2 || submit_refused(x, "banner"));
}

static bool ehlo(struct submitting *x)
{
	struct smtp_client *c = session_client(x->session);
	struct err e = { 0 };
	unsigned code;
	if (!smtp_client_ehlo(c, x->s->ehlo_name, &e))
		return submit_failed(x, "ehlo", &e);
	if (!submit_reply(x, "ehlo", &code))
		return false;
	return code / 100 == 2 || submit_refused(x, "ehlo");
}

static bool starttls(struct submitting *x)
{
	struct smtp_client *c = session_client(x->session);
	const struct smtp_ehlo *offers = smtp_client_ehlo_answer(c);
	struct err e = { 0 };
	unsigned code;
	if (x->s->security != SESSION_STARTTLS)
		return true;
	if (!offers || !(offers->extensions & SMTP_EXT_STARTTLS))
		return submit_broken(x, "starttls",
				     arena_printf(x->a, "STARTTLS extension not supported by server %s",
						  x->s->host));
	if (!smtp_client_starttls(c, &e))
		return submit_failed(x, "starttls", &e);
	if (!submit_reply(x, "starttls", &code))
		return false;
	if (code / 100 != 2)
		return submit_refused(x, "starttls");
	session_start_tls(x->session);
	return submit_tls(x) && ehlo(x);
}

static bool needs_utf8(const struct submit *s)
{
	bool odd = s->utf8_header || !text_is_ascii(str_of(s->from));
	for (size_t i = 0; i < s->n; i++)
		odd = odd || !text_is_ascii(str_of(s->v[i].address));
	return odd;
}

static bool sender(struct submitting *x)
{
	const struct submit *s = x->s;
	const struct smtp_mail_params params = { .size = (long)s->message.len,
						 .eightbit = !text_is_ascii(s->message),
						 .smtputf8 = needs_utf8(s),
						 .ret = s->ret,
						 .envid = s->envid };
	struct err e = { 0 };
	unsigned code;
	submit_tell(x, "mail-from", s->from);
	if (!smtp_client_mail(session_client(x->session), s->from, &params, &e))
		return submit_failed(x, "mail-from", &e);
	if (!submit_reply(x, "mail-from", &code))
		return false;
	return code / 100 == 2 || submit_refused(x, "mail-from");
}

/* One refused recipient does not sink the others. */
static bool recipients(struct submitting *x)
{
	const struct submit *s = x->s;
	for (size_t i = 0; i < s->n; i++) {
		struct submit_recipient *v = &s->v[i];
		struct err e = { 0 };
		submit_tell(x, "rcpt", v->address);
		if (!smtp_client_rcpt(session_client(x->session), v->address, v->notify, v->orcpt, &e))
			return submit_failed(x, "rcpt", &e);
		if (!submit_reply(x, "rcpt", &v->code))
			return false;
		v->reply = x->out->reply;
		x->out->taken += v->code / 100 == 2;
		if (v->code == 421)
			return submit_refused(x, "rcpt");
	}
	return x->out->taken || submit_refused(x, "rcpt");
}

static bool body(struct submitting *x)
{
	struct smtp_client *c = session_client(x->session);
	struct str rest = x->s->message;
	struct err e = { 0 };
	while (rest.len) {
		size_t took = 0;
		if (!smtp_client_body(c, rest, &took, &e))
			return submit_failed(x, "content", &e);
		rest = str_cut(rest, took, rest.len);
		if (rest.len && !session_flush(x->session, x->s->until_ms))
			return true; /* the peer spoke or left: the next wait tells */
	}
	return smtp_client_body_end(c, &e) || submit_failed(x, "content", &e);
}

static bool message(struct submitting *x)
{
	struct err e = { 0 };
	unsigned code;
	submit_tell(x, "data", "");
	if (!smtp_client_data(session_client(x->session), &e))
		return submit_failed(x, "data", &e);
	if (!submit_reply(x, "data", &code))
		return false;
	if (code != 354)
		return submit_refused(x, "data");
	if (!body(x))
		return false;
	/* Not written for sure only while it stands in the engine's output. */
	bool dot = session_flush(x->session, x->s->until_ms) ||
		   !smtp_client_output(session_client(x->session)).len;
	if (!submit_reply(x, "data", &code)) {
		if (dot) {
			x->out->end = SUBMIT_IN_DOUBT;
			x->out->words = arena_printf(
				x->a, "%s after the end of data: the message may have been taken or not",
				x->out->words);
		}
		return false;
	}
	return code / 100 == 2 || submit_refused(x, "data");
}

static bool converse(struct submitting *x)
{
	if (!submit_connect(x))
		return false;
	if (x->s->security == SESSION_TLS && !submit_tls(x))
		return false;
	return greeting(x) && ehlo(x) && starttls(x) && submit_log_in(x) && sender(x) && recipients(x) &&
	       message(x);
}

void submit_run(struct net_loop *l, struct dns *d, const struct submit *s, struct arena *a,
		struct submit_result *out)
{
	struct submitting x = { .loop = l, .dns = d, .s = s, .a = a, .out = out };
	*out = (struct submit_result){ .step = "data", .reply = "", .words = "", .address = "", .tls = "" };
	for (size_t i = 0; i < s->n; i++) {
		s->v[i].code = 0;
		s->v[i].reply = "";
	}
	if (converse(&x))
		out->end = SUBMIT_HANDED_OVER;
	submit_drain(&x);
	if (x.session && out->end != SUBMIT_BROKEN && out->end != SUBMIT_IN_DOUBT)
		session_quit(x.session, SESSION_AT_ONCE);
	session_free(&x.session);
}
