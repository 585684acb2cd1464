/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rule_login.h"

#include <string.h>

#include "catalog/token_refused.h"

static const struct fact *refusing_reply(const struct evidence *ev, unsigned session)
{
	const struct fact *f = rule_last_reply_at(ev, session, "auth");
	return f && f->reply.code >= 400 ? f : NULL;
}

static const struct fact *clear_ehlo(const struct evidence *ev, unsigned session)
{
	const struct fact *f = evidence_in(ev, FACT_EHLO, session, NULL);
	return f && !f->ehlo.after_tls ? f : NULL;
}

static const struct fact *secret(const struct evidence *ev, const char *what)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SECRET, f));)
		if (z_eq(f->secret.what, what))
			return f;
	return NULL;
}

static bool meant_oauth(const struct evidence *ev, const struct fact *auth)
{
	if (auth && *auth->auth.mechanism)
		return z_eq(auth->auth.mechanism, "XOAUTH2") || z_eq(auth->auth.mechanism, "OAUTHBEARER");
	return evidence_next(ev, FACT_OAUTH, NULL) || evidence_next(ev, FACT_TOKEN, NULL);
}

struct login login_of(const struct evidence *ev)
{
	struct login l = { .ev = ev, .session = rule_main(ev), .user = rule_target(ev)->user };
	l.token = evidence_next(ev, FACT_TOKEN, NULL);
	l.password = secret(ev, "password");
	l.provider = provider_by_name(rule_provider(ev));
	if (!l.session) {
		l.oauth = meant_oauth(ev, NULL);
		return l;
	}
	l.auth = evidence_last(ev, FACT_AUTH, l.session);
	l.reply = refusing_reply(ev, l.session);
	l.clear = clear_ehlo(ev, l.session);
	l.ehlo = evidence_last(ev, FACT_EHLO, l.session);
	l.tls = rule_session_tls(ev, l.session);
	l.oauth = meant_oauth(ev, l.auth);
	if (l.reply)
		l.nmeans = rule_meanings(ev, l.reply, l.means);
	return l;
}

bool login_refused_bare(const struct login *l)
{
	if (!l->reply || l->reply->reply.code / 100 != 5)
		return false;
	return !l->nmeans || login_is_bare(&l->means[0]);
}

bool login_ok(const struct login *l)
{
	return l->auth && z_eq(l->auth->auth.result, "ok");
}

bool login_is_wanted(const struct login *l)
{
	return *l->user && !z_eq(rule_target(l->ev)->auth, "none");
}

static bool has_any(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (z_ihas(text, words[i]))
			return true;
	return false;
}

bool login_is_microsoft(const struct login *l)
{
	static const char *const issuers[] = { "sts.windows.net", "login.microsoftonline",
					       "login.microsoft.com" };
	static const char *const audiences[] = { "outlook.office", "00000002-0000-0ff1-ce00-000000000000" };
	if (l->provider && (z_eq(l->provider->name, "microsoft365") || z_eq(l->provider->name, "outlook")))
		return true;
	if (l->token && (has_any(l->token->token.issuer, issuers, ARRAY_LEN(issuers)) ||
			 has_any(l->token->token.audience, audiences, ARRAY_LEN(audiences))))
		return true;
	return l->reply && z_ihas(l->reply->reply.text, ".prod.outlook.com");
}

bool login_secret_has(const struct login *l, const char *note)
{
	return l->password && strlist_has(&l->password->secret.notes, note);
}

static bool holds_one_of(const char *text, const char *words)
{
	struct str rest = str_of(words), word;
	while (str_next(&rest, "|", &word)) {
		char z[64];
		if (word.len >= sizeof(z))
			continue;
		memcpy(z, word.p, word.len);
		z[word.len] = 0;
		if (z_ihas(text, z))
			return true;
	}
	return false;
}

const struct fact *login_answer(const struct evidence *ev, const char *question, const char *words)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ANSWER, f));)
		if ((!question || z_eq(f->answer.question, question)) &&
		    holds_one_of(f->answer.answer, words))
			return f;
	return NULL;
}
