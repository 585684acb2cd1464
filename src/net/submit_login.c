/* SPDX-License-Identifier: Apache-2.0 */
/* The login: one attempt with the best mechanism both sides have. */

#include "net/submit_inner.h"
#include "smtp/host.h"

static const enum sasl_mechanism over_tls[] = { SASL_PLAIN, SASL_LOGIN, SASL_SCRAM_SHA_256, SASL_CRAM_MD5 };
static const enum sasl_mechanism in_clear[] = { SASL_SCRAM_SHA_256, SASL_CRAM_MD5, SASL_PLAIN, SASL_LOGIN };
static const enum sasl_mechanism with_token[] = { SASL_XOAUTH2, SASL_OAUTHBEARER };

static bool may_log_in(const struct submitting *x)
{
	return x->trusted || (!*x->out->tls && smtp_host_is_loopback(x->out->address));
}

static enum sasl_mechanism choose(const struct submitting *x, const struct smtp_ehlo *e)
{
	const struct submit_login *in = &x->s->login;
	const enum sasl_mechanism *list = in->token ? with_token : x->trusted ? over_tls : in_clear;
	size_t n = in->token ? ARRAY_LEN(with_token) : ARRAY_LEN(over_tls);
	if (!e)
		return SASL_NONE;
	if (in->mechanism != SASL_NONE)
		return strlist_has(&e->auth, sasl_mechanism_name(in->mechanism)) ? in->mechanism : SASL_NONE;
	for (size_t i = 0; i < n; i++)
		if (strlist_has(&e->auth, sasl_mechanism_name(list[i])))
			return list[i];
	return SASL_NONE;
}

static bool no_common(struct submitting *x, const struct smtp_ehlo *e)
{
	const char *offered = e && e->auth.n ? strlist_join(&e->auth, x->a, " ") : "";
	return submit_broken(
		x, "auth",
		*offered ? arena_printf(x->a, "no suitable authentication method found: %s offers only %s",
					x->s->host, offered)
			 : arena_printf(x->a, "SMTP AUTH extension not supported by server %s", x->s->host));
}

bool submit_log_in(struct submitting *x)
{
	const struct submit_login *in = &x->s->login;
	struct smtp_client *c = session_client(x->session);
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(c);
	struct err err = { 0 };
	unsigned code;
	if (!in->secret)
		return true;
	enum sasl_mechanism m = choose(x, e);
	if (m == SASL_NONE)
		return no_common(x, e);
	if (!may_log_in(x))
		return submit_broken(x, "auth",
				     "the password was not sent: the connection is not encrypted by a "
				     "certificate that can be trusted");
	const struct sasl_credentials who = {
		.user = in->user, .secret = in->secret, .host = x->s->host, .port = x->s->port
	};
	submit_tell(x, "auth", sasl_mechanism_name(m));
	struct sasl_client *mech = sasl_client_new(m, &who, &err);
	if (!mech || !smtp_client_auth(c, m, mech, true, &err))
		return submit_failed(x, "auth", &err);
	if (!submit_reply(x, "auth", &code))
		return false;
	return code / 100 == 2 || submit_refused(x, "auth");
}
