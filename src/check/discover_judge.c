/* SPDX-License-Identifier: Apache-2.0 */
#include "check/discover_judge.h"

#include <string.h>

#include "check/render.h"
#include "check/rule_view.h"

static const char *const password_mechanisms[] = { "PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5" };
static const char *const token_mechanisms[] = { "XOAUTH2", "OAUTHBEARER" };

static struct judged judged(enum outcome o, const char *says)
{
	return (struct judged){ o, says, "", "" };
}

static bool offers(const struct fact *ehlo, const char *const names[], size_t n)
{
	for (size_t i = 0; ehlo && i < n; i++)
		if (strlist_has(&ehlo->ehlo.auth, names[i]))
			return true;
	return false;
}

bool discover_tried_login(const struct evidence *ev, unsigned session)
{
	const struct fact *f = session ? evidence_last(ev, FACT_AUTH, session) : NULL;
	return f && strcmp(f->auth.result, "not-tried-insecure") != 0 &&
	       strcmp(f->auth.result, "unsupported") != 0 && strcmp(f->auth.result, "cancelled") != 0;
}

/* ---- it did not come to SMTP */

static struct judged not_connected(const struct search *s, unsigned session)
{
	const struct fact *f = evidence_last(s->p->ev, FACT_CONNECT, session);
	const char *result = f ? f->connect.result : "timeout";
	struct arena *a = s->p->ev->arena;
	if (!strcmp(result, "refused"))
		return judged(OUTCOME_CLOSED,
			      arena_printf(a, "%s has no service on this port", f->connect.address));
	if (!strcmp(result, "timeout"))
		return judged(OUTCOME_NO_ANSWER, "nothing answers there (a firewall drops it?)");
	return judged(OUTCOME_NO_ANSWER,
		      arena_printf(a, "no connection: %s", *f->connect.error ? f->connect.error : result));
}

static struct judged not_greeted(const struct search *s, unsigned session)
{
	const struct evidence *ev = s->p->ev;
	const struct fact *reply = evidence_last(ev, FACT_REPLY, session);
	const struct fact *bytes = evidence_last(ev, FACT_BYTES, session);
	if (reply)
		return judged(OUTCOME_NO_SERVICE, arena_printf(ev->arena, "it answers %ld %s",
							       reply->reply.code, reply->reply.text));
	return judged(OUTCOME_NO_SERVICE,
		      bytes ? arena_printf(ev->arena, "what answers there is no mail server for sending (%s)",
					   bytes->bytes.looks_like)
			    : "it takes the connection and says nothing");
}

/* ---- TLS */

static struct judged not_encrypted(const struct search *s, const struct dialogue_result *out)
{
	const struct fact *tls = evidence_last(s->p->ev, FACT_TLS, out->session);
	if (out->spoke_clear)
		return judged(OUTCOME_TLS_FAILED, "it does not speak TLS on this port");
	if (tls)
		return judged(OUTCOME_TLS_FAILED,
			      arena_printf(s->p->ev->arena, "the TLS handshake failed (%s)",
					   *tls->tls.reason ? tls->tls.reason : tls->tls.result));
	if (!out->greeted)
		return not_greeted(s, out->session);
	const struct fact *reply = rule_last_reply_at(s->p->ev, out->session, "starttls");
	if (reply)
		return judged(OUTCOME_NO_TLS, arena_printf(s->p->ev->arena, "it refuses TLS: %ld %s",
							   reply->reply.code, reply->reply.text));
	return judged(OUTCOME_NO_TLS, "it offers no TLS: a password would be open to everybody on the way");
}

static struct judged not_proven(const struct search *s, const struct candidate *c, unsigned session)
{
	const struct fact *f = evidence_last(s->p->ev, FACT_VERIFY, session);
	return judged(OUTCOME_NOT_PROVEN,
		      f ? arena_printf(s->p->ev->arena, "its certificate does not prove that it is %s: %s",
				       c->host, render_verify_error(f))
			: "its certificate could not be judged");
}

/* ---- the login */

static const char *finding_of(const struct search *s, const struct fact *reply)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	return reply && rule_meanings(s->p->ev, reply, m) ? m[0].entry->id : "";
}

static struct judged login_answered(const struct search *s, const struct fact *auth)
{
	const struct evidence *ev = s->p->ev;
	const struct fact *reply = rule_last_reply_at(ev, auth->session, "auth");
	const char *says = reply ? arena_printf(ev->arena, "the login as %s was answered %ld %s",
						auth->auth.user, reply->reply.code, reply->reply.text)
				 : "the connection broke in the login";
	enum outcome o = !strcmp(auth->auth.result, "refused") || !strcmp(auth->auth.result, "unsupported")
				 ? OUTCOME_LOGIN_REFUSED
				 : OUTCOME_LOGIN_PUT_OFF;
	return (struct judged){ o, says, "password", finding_of(s, reply) };
}

static struct judged logged_in(const struct search *s, const struct fact *auth)
{
	return (struct judged){ OUTCOME_WORKS,
				arena_printf(s->p->ev->arena,
					     "the certificate is good, and the login as %s was accepted (%s)",
					     auth->auth.user, auth->auth.mechanism),
				s->p->token ? "oauth" : "password", "" };
}

/* Proven, and it offers a login that was not tried. */
static struct judged login_offered(const struct search *s, const struct candidate *c, const struct fact *ehlo,
				   const char *user)
{
	struct arena *a = s->p->ev->arena;
	bool by_password = offers(ehlo, password_mechanisms, ARRAY_LEN(password_mechanisms)) &&
			   !(c->provider && c->provider->oauth_only);
	const char *how = strlist_join(&ehlo->ehlo.auth, a, " ");
	struct judged j = { OUTCOME_READY, "", by_password ? "password" : "oauth", "" };
	const char *but = "";
	if (request_has_secret(s->p->req) && !*c->vouched) {
		j.outcome = OUTCOME_UNCONFIRMED;
		but = arena_printf(
			a, "; the password was kept back, for nothing proves that this name is yours: %s",
			c->why);
	} else if (request_has_secret(s->p->req)) {
		but = !*user ? "; its user name is not the address: say it with --user"
			     : "; it was not tried again";
	}
	j.says = arena_printf(a, "the certificate is good, and a login is offered (%s)%s", how, but);
	return j;
}

static bool has_means(const struct search *s, const struct fact *ehlo)
{
	bool token = s->p->token || s->p->req->token || s->p->req->oauth;
	if (!request_has_secret(s->p->req))
		return offers(ehlo, password_mechanisms, ARRAY_LEN(password_mechanisms)) ||
		       offers(ehlo, token_mechanisms, ARRAY_LEN(token_mechanisms));
	return token ? offers(ehlo, token_mechanisms, ARRAY_LEN(token_mechanisms))
		     : offers(ehlo, password_mechanisms, ARRAY_LEN(password_mechanisms));
}

static struct judged other_login(const struct search *s, const struct fact *ehlo)
{
	bool oauth = offers(ehlo, token_mechanisms, ARRAY_LEN(token_mechanisms));
	struct judged j = judged(OUTCOME_OTHER_LOGIN,
				 arena_printf(s->p->ev->arena, "it offers other ways of login only (%s)",
					      strlist_join(&ehlo->ehlo.auth, s->p->ev->arena, " ")));
	j.auth = oauth ? "oauth" : "password";
	return j;
}

/* ---- the access provider's */

static struct judged isp(const struct search *s, const struct dialogue_result *out)
{
	const struct evidence *ev = s->p->ev;
	const struct fact *ehlo = evidence_last(ev, FACT_EHLO, out->session);
	const struct fact *reply = evidence_last(ev, FACT_REPLY, out->session);
	if (out->rcpt_ok)
		return (struct judged){
			OUTCOME_RELAYS,
			"it takes mail from this network without a login (asked, nothing sent)", "none", ""
		};
	if (ehlo && ehlo->ehlo.auth.n)
		return (struct judged){ OUTCOME_OTHER_LOGIN,
					"it wants a login of the access provider's own, not this address's",
					"password", "" };
	return judged(OUTCOME_NO_LOGIN, reply ? arena_printf(ev->arena, "it answers %ld %s",
							     reply->reply.code, reply->reply.text)
					      : "it does not take mail from here");
}

struct judged discover_judge(const struct search *s, const struct candidate *c, const char *user,
			     const struct dialogue_result *out)
{
	const struct evidence *ev = s->p->ev;
	const struct fact *ehlo = evidence_last(ev, FACT_EHLO, out->session);
	const struct fact *auth = evidence_last(ev, FACT_AUTH, out->session);
	if (!out->connected)
		return not_connected(s, out->session);
	if (c->source == SOURCE_ISP && out->greeted)
		return isp(s, out);
	if (!out->tls)
		return not_encrypted(s, out);
	if (!out->trusted)
		return not_proven(s, c, out->session);
	if (!out->greeted || !ehlo)
		return not_greeted(s, out->session);
	if (out->logged_in)
		return logged_in(s, auth);
	if (!ehlo->ehlo.auth.n)
		return judged(OUTCOME_NO_LOGIN, "it offers no login: it receives mail, and sends for nobody");
	if (discover_tried_login(ev, out->session))
		return login_answered(s, auth);
	return has_means(s, ehlo) ? login_offered(s, c, ehlo, user) : other_login(s, ehlo);
}
