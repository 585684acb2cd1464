/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for OAuth: settings, the token endpoint's answer, and refused tokens,
 * whose claims say why when the server does not. */
#include <string.h>
#include <strings.h>

#include "base/text_time.h"
#include "catalog/token_note.h"
#include "check/rule_login.h"

static const char graph_guid[] = "00000003-0000-0000-c000-000000000000";
static const char exchange_guid[] = "00000002-0000-0ff1-ce00-000000000000";

/* ---- settings */

static const struct {
	const char *field, *words;
} field_words[] = {
	{ "client-id", "the client ID" },         { "tenant-id", "the tenant ID" },
	{ "client-secret", "the client secret" }, { "refresh-token", "a refresh token" },
	{ "token-url", "the token address" },     { "user", "the user" },
};

static const char *words_of(const char *field)
{
	for (size_t i = 0; i < ARRAY_LEN(field_words); i++)
		if (z_eq(field_words[i].field, field))
			return field_words[i].words;
	return field;
}

static void judge_settings(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = evidence_next(ev, FACT_OAUTH, NULL);
	if (!f || !f->oauth.missing.n)
		return;
	struct strlist names = { 0 };
	for (size_t i = 0; i < f->oauth.missing.n; i++)
		strlist_add(&names, v->arena, words_of(f->oauth.missing.v[i]));
	struct finding *x = verdict_raise(v, "cfg-oauth-fields-missing", 0.98, f);
	finding_word(v, x, "names", strlist_join(&names, v->arena, ", "));
}

/* ---- the token endpoint */

static const struct fact *token_answer(const struct evidence *ev)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_HTTP, f));)
		if (z_eq(f->http.purpose, "token"))
			last = f;
	return last;
}

static const char *host_of(struct verdict *v, const char *url)
{
	const char *p = strstr(url, "://");
	p = p ? p + 3 : url;
	return arena_dup(v->arena, p, strcspn(p, "/:?"));
}

static void unreachable(struct verdict *v, const struct fact *f, double confidence)
{
	struct finding *x = verdict_raise(v, "oauth-endpoint-unreachable", confidence, f);
	finding_word(v, x, "other", host_of(v, f->http.url));
}

static bool secret_is_guid(const struct evidence *ev, const struct fact **shape)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_SECRET, f));)
		if (z_eq(f->secret.what, "client-secret") && strlist_has(&f->secret.notes, "guid")) {
			*shape = f;
			return true;
		}
	return false;
}

/* What Microsoft's codes and RFC 6749's words mean, where the catalogue of replies
 * cannot know what the request was. */
static const struct {
	const char *words, *id;
	double confidence;
} refusals[] = {
	{ "aadsts7000222", "oauth-secret-expired", 0.98 },
	{ "aadsts7000215", "oauth-secret-wrong", 0.95 },
	{ "aadsts50126", "oauth-user-password-flow-refused", 0.97 },
	{ "aadsts50076", "oauth-user-password-flow-refused", 0.93 },
	{ "aadsts50079", "oauth-user-password-flow-refused", 0.93 },
	{ "aadsts53003", "auth-conditional-access", 0.95 },
	{ "client secret is invalid", "oauth-secret-wrong", 0.95 },
	{ "client_secret", "oauth-secret-wrong", 0.7 },
	{ "secret", "oauth-secret-wrong", 0.65 },
};

static bool by_table(struct verdict *v, const struct fact *f, const char *text)
{
	bool coded = z_ihas(text, "aadsts");
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		bool words = !z_istarts(refusals[i].words, "aadsts");
		if (!z_ihas(text, refusals[i].words) ||
		    (words && (coded || !z_eq(f->http.oauth_error, "invalid_client"))))
			continue;
		verdict_raise(v, refusals[i].id, refusals[i].confidence, f);
		return true;
	}
	return false;
}

/* Microsoft's codes that say more beside what was typed, and what the person told. */
static bool by_code_and_request(const struct evidence *ev, struct verdict *v, const struct fact *f,
				const char *text)
{
	const struct fact *shape;
	if (z_ihas(text, "aadsts7000215") && secret_is_guid(ev, &shape)) {
		struct finding *x = verdict_raise(v, "cfg-oauth-secret-id-instead-of-value", 0.98, f);
		finding_fact(x, shape);
		finding_instead(x, "oauth-secret-wrong", 0.02);
		return true;
	}
	if ((z_ihas(text, "aadsts50076") || z_ihas(text, "aadsts50079")) &&
	    login_answer(ev, "what-changed", "security|two-step|two-factor|2fa|mfa|multi-factor")) {
		verdict_raise(v, "auth-mfa-enabled", 0.96, f);
		return true;
	}
	return false;
}

static void by_catalogue(const struct evidence *ev, struct verdict *v, const struct fact *f, const char *text)
{
	struct reply_context c = {
		.provider = rule_provider(ev), .step = "oauth", .enhanced = "", .text = text
	};
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = reply_meanings(&c, m);
	bool known = n && (z_istarts(m[0].entry->id, "oauth-") || z_istarts(m[0].entry->id, "cfg-oauth") ||
			   (z_istarts(m[0].entry->id, "auth-") && m[0].confidence > 0.8));
	struct finding *x = known ? verdict_raise(v, m[0].entry->id, m[0].confidence, f)
				  : verdict_raise(v, "oauth-token-refused", 0.7, f);
	if (z_eq(x->entry->id, "oauth-invalid-scope")) {
		const struct fact *o = evidence_next(ev, FACT_OAUTH, NULL);
		finding_word(v, x, "value", o ? o->oauth.scope : "");
	}
}

static void refused(const struct evidence *ev, struct verdict *v, const struct fact *f)
{
	const char *text = arena_printf(v->arena, "%s %s", f->http.oauth_error, f->http.oauth_text);
	if (!by_code_and_request(ev, v, f, text) && !by_table(v, f, text))
		by_catalogue(ev, v, f, text);
}

static void judge_endpoint(const struct evidence *ev, struct verdict *v)
{
	const struct fact *f = token_answer(ev);
	if (!f || evidence_next(ev, FACT_TOKEN, NULL) || z_eq(f->http.result, "not-asked"))
		return;
	if (*f->http.oauth_error || *f->http.oauth_text)
		refused(ev, v, f);
	else
		unreachable(v, f,
			    z_eq(f->http.result, "ok") ? 0.8 : 0.95); /* a proxy's page is no answer either */
}

/* ---- a refused token: what its claims say */

/* By our clock, and by the other one where it was seen: else it is the clock. */
static bool has_expired(const struct evidence *ev, const struct fact_token *t)
{
	long long expires, at;
	long skew = 0;
	if (!text_time_read(str_of(t->expires), &expires) || !text_time_read(str_of(t->at), &at))
		return false;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_CLOCK, f));)
		skew = f->clock.skew_s;
	return expires <= at && expires <= at - skew;
}

static bool good_audience(const char *aud)
{
	return z_ihas(aud, "outlook.office365.com") || z_ihas(aud, "outlook.office.com") ||
	       z_ihas(aud, exchange_guid) || z_ihas(aud, "ps.outlook.com") ||
	       z_ihas(aud, "outlook.office.de") || z_ihas(aud, "outlook.office365.us") ||
	       z_ihas(aud, "partner.outlook.cn");
}

static bool known_bad_audience(const char *aud)
{
	return z_ihas(aud, "graph.microsoft.com") || z_ihas(aud, graph_guid) ||
	       z_ihas(aud, "management.azure.com") || z_ihas(aud, "graph.windows.net") ||
	       z_ihas(aud, "vault.azure.net");
}

static bool has_permission(const char *list, const char *wanted)
{
	struct str rest = str_of(list), word;
	while (str_next(&rest, " ,", &word))
		if (str_iends(word, wanted))
			return true;
	return false;
}

static struct finding *claims(struct verdict *v, const struct login *l, const char *id, double confidence)
{
	struct finding *f = verdict_raise(v, id, confidence, l->token);
	finding_fact(f, l->reply);
	finding_fact(f, l->auth);
	return f;
}

static bool wrong_audience(struct verdict *v, const struct login *l)
{
	const char *aud = l->token->token.audience;
	if (!*aud || good_audience(aud) || (!known_bad_audience(aud) && !login_is_microsoft(l)))
		return false;
	struct finding *f = claims(v, l, "oauth-wrong-audience", 0.97);
	finding_word(v, f, "claim", aud);
	return true;
}

static bool wrong_owner(struct verdict *v, const struct login *l)
{
	const struct fact_token *t = &l->token->token;
	if (!strchr(t->user, '@') || !*l->user || !strcasecmp(t->user, l->user))
		return false;
	struct finding *f = claims(v, l, "oauth-user-mismatch", 0.95);
	finding_word(v, f, "claim", t->user);
	return true;
}

/* Exchange's own roles for applications (RBAC) take the place of the permission in
 * Entra; whether they are used only a person can say. */
static bool application(struct verdict *v, const struct login *l)
{
	const struct fact_token *t = &l->token->token;
	const struct fact *rbac =
		login_answer(l->ev, NULL, "rbac|exchange role|role assignment|management role");
	bool may = strlist_has(&t->roles, "SMTP.SendAsApp");
	struct finding *f;
	if (rbac && (may || !t->roles.n)) {
		f = claims(v, l, "oauth-rbac-conflict", 0.95);
		finding_fact(f, rbac);
		return true;
	}
	if (may)
		return false;
	f = claims(v, l, "oauth-app-role-missing", t->roles.n ? 0.97 : 0.85);
	finding_word(v, f, "claim", strlist_join(&t->roles, v->arena, " "));
	if (!t->roles.n)
		finding_instead(f, "oauth-rbac-conflict", 0.15);
	return true;
}

static bool permission(struct verdict *v, const struct login *l)
{
	const struct fact_token *t = &l->token->token;
	if (!login_is_microsoft(l))
		return false;
	if (!t->delegated)
		return application(v, l);
	if (!*t->scope || has_permission(t->scope, "SMTP.Send"))
		return false;
	struct finding *f = claims(v, l, "oauth-wrong-scope-delegated", 0.96);
	finding_word(v, f, "claim", t->scope);
	return true;
}

static bool claims_explain(struct verdict *v, const struct login *l)
{
	if (!l->token || !z_eq(l->token->token.form, "jwt"))
		return false;
	if (has_expired(l->ev, &l->token->token)) {
		struct finding *f = claims(v, l, "oauth-token-expired", 0.97);
		finding_word(v, f, "date", l->token->token.expires);
		return true;
	}
	return wrong_audience(v, l) || wrong_owner(v, l) || permission(v, l);
}

/* ---- a refused token: what the server wrote down */

static bool challenge_explains(struct verdict *v, const struct login *l)
{
	struct token_note note;
	for (size_t i = 0; l->auth && i < l->auth->auth.challenges.n; i++) {
		if (!token_note_find(v->arena, str_of(l->auth->auth.challenges.v[i]), &note))
			continue;
		struct finding *f = verdict_raise(v, "oauth-334-challenge", 0.96, l->auth);
		finding_fact(f, l->reply);
		finding_word(v, f, "expected", note.scope);
		finding_word(v, f, "problem", token_note_reason(&note));
		if (z_eq(note.status, "invalid_token") || z_eq(note.status, "401"))
			finding_instead(f, "oauth-token-expired", 0.3);
		return true;
	}
	return false;
}

static bool unreadable(struct verdict *v, const struct login *l)
{
	bool syntax = l->reply && (l->reply->reply.code == 501 || l->reply->reply.code == 500);
	bool malformed = l->token && z_eq(l->token->token.form, "malformed");
	if (!syntax && !(malformed && l->auth && z_eq(l->auth->auth.result, "cancelled")))
		return false;
	finding_fact(claims(v, l, "oauth-blob-malformed", syntax ? 0.95 : 0.9), l->auth);
	return true;
}

static void no_reason(struct verdict *v, const struct login *l)
{
	bool malformed = l->token && z_eq(l->token->token.form, "malformed");
	struct finding *f;
	if (malformed)
		f = claims(v, l, "oauth-blob-malformed", 0.75);
	else if (login_is_microsoft(l))
		f = claims(v, l, "auth-unsuccessful-573", 0.8);
	else
		f = claims(v, l, "oauth-token-refused", 0.8);
	finding_instead(f, "oauth-token-expired", 0.2);
	if (login_is_microsoft(l)) {
		finding_instead(f, "oauth-no-mailbox-permission", 0.4);
		finding_instead(f, "oauth-wrong-audience", 0.1);
	}
}

static void judge_refused(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	bool cancelled = l.auth && z_eq(l.auth->auth.result, "cancelled");
	if (!l.oauth || login_ok(&l) || (!l.reply && !cancelled))
		return;
	if (unreadable(v, &l))
		return;
	if (!l.reply)
		return;
	if (!login_refused_bare(&l))
		rule_raise_reply(v, l.reply);
	else if (!claims_explain(v, &l) && !challenge_explains(v, &l))
		no_reason(v, &l);
}

const struct rule rules_oauth[] = {
	{ "settings", judge_settings },
	{ "endpoint", judge_endpoint },
	{ "refused", judge_refused },
	{ NULL, NULL },
};
