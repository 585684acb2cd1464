/* SPDX-License-Identifier: Apache-2.0 */
/* Login in a dialogue: one attempt with the best common mechanism. */
#include <string.h>

#include "check/dialogue_inner.h"
#include "smtp/host.h"

/* Best first.  Over verified TLS the forms every server really has come first;
 * without it only those that do not show the password. */
static const enum sasl_mechanism over_tls[] = { SASL_PLAIN, SASL_LOGIN, SASL_SCRAM_SHA_256, SASL_CRAM_MD5 };
static const enum sasl_mechanism in_clear[] = { SASL_SCRAM_SHA_256, SASL_CRAM_MD5, SASL_PLAIN, SASL_LOGIN };
static const enum sasl_mechanism with_token[] = { SASL_XOAUTH2, SASL_OAUTHBEARER };

bool dialogue_may_login(const struct dialogue *d)
{
	return (d->encrypted && d->out->trusted) || d->p->req->insecure_auth ||
	       (!d->encrypted && d->plan->security != SECURITY_STARTTLS &&
		smtp_host_is_loopback(d->plan->address));
}

static bool offers(const struct smtp_ehlo *e, enum sasl_mechanism m)
{
	return e && strlist_has(&e->auth, sasl_mechanism_name(m));
}

static enum sasl_mechanism choose(const struct dialogue *d, const struct smtp_ehlo *e)
{
	const char *wish = d->p->req->auth;
	enum sasl_mechanism wished = sasl_mechanism_of(str_of(wish));
	if (strcmp(wish, "auto") != 0)
		return offers(e, wished) ? wished : SASL_NONE;
	const enum sasl_mechanism *list = d->p->token ? with_token : d->encrypted ? over_tls : in_clear;
	size_t n = d->p->token ? ARRAY_LEN(with_token) : ARRAY_LEN(over_tls);
	for (size_t i = 0; i < n; i++)
		if (offers(e, list[i]))
			return list[i];
	return SASL_NONE;
}

static const char *login_name(const struct dialogue *d)
{
	return d->plan->user ? d->plan->user : d->p->target->target.user;
}

static struct fact *record_auth(struct dialogue *d, enum sasl_mechanism m, const char *result)
{
	struct fact *f = probe_fact(d->p, FACT_AUTH, d->no);
	f->auth.mechanism = m == SASL_NONE ? "" : sasl_mechanism_name(m);
	f->auth.result = result;
	f->auth.user = probe_text(d->p, login_name(d));
	return f;
}

static bool not_tried(struct dialogue *d, enum sasl_mechanism m, const char *result)
{
	probe_tell(d->p, record_auth(d, m, result));
	d->out->broke = STEP_AUTH;
	return false;
}

static const char *result_of(unsigned code)
{
	return code / 100 == 2              ? "ok"
	       : code / 100 == 4            ? "temporary"
	       : code == 535 || code == 534 ? "refused"
					    : "unsupported";
}

/* Waits through challenges; each is kept decoded: an OAuth refusal is explained there. */
static bool finish(struct dialogue *d, struct fact *f, unsigned *code)
{
	enum session_event ev;
	d->step_ms = net_loop_now_ms(d->p->loop);
	while ((ev = session_wait(d->s, d->p->until_ms)) == SESSION_CHALLENGE) {
		struct str c = smtp_client_challenge(session_client(d->s));
		if (f->auth.challenges.n < 8)
			strlist_add(&f->auth.challenges, d->p->ev->arena, ev_bytes(d->p->ev, c));
		dialogue_drain(d);
	}
	if (ev != SESSION_REPLY) {
		f->auth.result = "broken";
		probe_tell(d->p, f);
		dialogue_broke(d, STEP_AUTH, ev);
		return false;
	}
	*code = smtp_client_reply(session_client(d->s))->code;
	return true;
}

static struct sasl_client *new_mechanism(const struct dialogue *d, enum sasl_mechanism m, struct err *e)
{
	const struct probe *p = d->p;
	struct sasl_credentials c = { .user = login_name(d),
				      .secret = sasl_mechanism_is_oauth(m) ? p->token : p->req->password,
				      .host = d->plan->host,
				      .port = d->plan->port };
	if (!c.secret) {
		ERR_FILL(e, ERR_USAGE, 0, "log in with", "%s", sasl_mechanism_name(m));
		err_detail(e, "it needs %s, and none was given",
			   sasl_mechanism_is_oauth(m) ? "an access token" : "a password");
		return NULL;
	}
	return sasl_client_new(m, &c, e);
}

/* One AUTH exchange; *code is the last reply's. */
static bool attempt(struct dialogue *d, enum sasl_mechanism m, bool initial, unsigned *code)
{
	struct smtp_client *c = session_client(d->s);
	struct err err = { 0 };
	struct sasl_client *mech = new_mechanism(d, m, &err);
	if (!mech || !smtp_client_auth(c, m, mech, initial, &err)) {
		char text[400];
		struct fact *f = record_auth(d, m, "cancelled");
		f->auth.error = probe_text(d->p, err_text(&err, text, sizeof(text)));
		probe_tell(d->p, f);
		d->out->broke = STEP_AUTH;
		return false;
	}
	struct fact *f = record_auth(d, m, "refused");
	f->auth.initial_response = initial && (m != SASL_LOGIN && m != SASL_CRAM_MD5);
	if (!finish(d, f, code))
		return false;
	f->auth.result = result_of(*code);
	probe_tell(d->p, f);
	return true;
}

bool dialogue_login(struct dialogue *d)
{
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(session_client(d->s));
	bool initial = !d->plan->two_step_login;
	unsigned code;
	if ((d->p->token_request || d->p->token_failed) && !probe_token(d->p)) {
		d->out->broke = STEP_OAUTH;
		return false;
	}
	enum sasl_mechanism m = choose(d, e);
	if (m == SASL_NONE || !e || !e->auth.n)
		return not_tried(d, m, "unsupported");
	if (!dialogue_may_login(d))
		return not_tried(d, m, "not-tried-insecure");
	if (!attempt(d, m, initial, &code))
		return false;
	dialogue_record_reply(d, STEP_AUTH);
	/* Some servers know only the two-step form; no password was judged yet. */
	if (initial && (code == 501 || code == 503) && m == SASL_PLAIN && d->p->req->experiments) {
		if (!attempt(d, m, false, &code))
			return false;
		dialogue_record_reply(d, STEP_AUTH);
	}
	d->out->logged_in = code / 100 == 2;
	if (!d->out->logged_in)
		d->out->broke = STEP_AUTH;
	return d->out->logged_in;
}
