/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for logging in: not offered, no common way, refused, and why. */
#include <string.h>

#include "check/rule_login.h"

enum { AWS_KEY_ID_CHARS = 20 };

static struct finding *about(struct verdict *v, const struct login *l, const char *id, double confidence)
{
	struct finding *f = verdict_raise(v, id, confidence, l->reply ? l->reply : l->auth);
	finding_fact(f, l->auth);
	finding_instead(f, "auth-bad-credentials", 1 - confidence < 0.4 ? 1 - confidence : 0.4);
	return f;
}

/* ---- reasons behind a refusal that gives none, the surest first */

static bool ses_keys(struct verdict *v, const struct login *l)
{
	bool key = z_istarts(l->user, "AKIA") && strlen(l->user) == AWS_KEY_ID_CHARS;
	bool ses = l->provider && z_eq(l->provider->name, "ses");
	if (!ses && !(key && login_secret_has(l, "aws-secret")))
		return false;
	const struct fact *region = rule_experiment(l->ev, "ses-region");
	if (region && z_eq(region->experiment.outcome, "works")) {
		struct finding *f = about(v, l, "auth-ses-wrong-region", 0.98);
		finding_fact(f, region);
		finding_word(v, f, "suggest", region->experiment.changed);
	} else if (login_secret_has(l, "aws-secret")) {
		finding_fact(about(v, l, "auth-ses-iam-instead-of-smtp", 0.96), l->password);
	} else if (key && login_secret_has(l, "ses-password") && !region) {
		finding_instead(about(v, l, "auth-ses-wrong-region", 0.6), "auth-ses-iam-instead-of-smtp",
				0.05);
	} else {
		finding_instead(about(v, l, "auth-bad-credentials", 0.7), "auth-ses-iam-instead-of-smtp",
				0.15);
	}
	return true;
}

static bool sendgrid_name(struct verdict *v, const struct login *l)
{
	if (!l->provider || !z_eq(l->provider->name, "sendgrid"))
		return false;
	bool key = !l->password || login_secret_has(l, "sendgrid-key");
	if (z_eq(l->user, "apikey") && key)
		return false;
	finding_fact(about(v, l, "auth-sendgrid-username", 0.96), l->password);
	return true;
}

/* Another product of the same house, or another house, serves this account. */
static const struct fact *other_provider(const struct login *l)
{
	for (const struct fact *f = NULL; (f = evidence_next(l->ev, FACT_PROVIDER, f));) {
		if (!z_eq(f->provider.subject, "user-domain"))
			continue;
		const struct provider *p = provider_by_name(f->provider.name);
		if (p && p != l->provider && p->nservers && z_eq(p->username, "full-address"))
			return f;
	}
	return NULL;
}

static bool wrong_endpoint(struct verdict *v, const struct login *l)
{
	const struct fact *other = other_provider(l);
	if (!l->provider || !z_eq(l->provider->username, "full-address") || !other)
		return false;
	struct finding *f = about(v, l, "cfg-wrong-provider-endpoint", 0.93);
	finding_fact(f, other);
	finding_word(v, f, "suggest", provider_by_name(other->provider.name)->servers[0].host);
	return true;
}

/* What a person answered settles what the wire cannot. */
static const struct {
	const char *question, *words, *id;
	double confidence;
	bool microsoft; /* only there */
} told[] = {
	{ "webmail", "locked", "auth-account-locked-or-disabled", 0.96, false },
	{ "webmail", "no mailbox", "auth-no-licence-or-mailbox", 0.95, true },
	{ "what-changed", "security|two-step|two-factor|2fa|mfa|multi-factor", "auth-mfa-enabled", 0.95,
	  false },
	{ "what-changed", "new user", "auth-no-licence-or-mailbox", 0.95, true },
	{ "what-changed", "password", "auth-password-changed", 0.95, false },
	{ "webmail", "works", "cfg-password-hidden-wrong", 0.93, false },
	{ "since-when", "since today|for days|since the password", "auth-password-changed", 0.9, false },
};

static bool person_told(struct verdict *v, const struct login *l)
{
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		const struct fact *a = login_answer(l->ev, told[i].question, told[i].words);
		if (!a || (told[i].microsoft && !login_is_microsoft(l)))
			continue;
		finding_fact(about(v, l, told[i].id, told[i].confidence), a);
		return true;
	}
	return false;
}

/* What slips in when a password is copied. */
static const struct stray {
	const char *note, *words;
	double confidence;
} strays[] = {
	{ "newline", "a line end", 0.95 },
	{ "leading-blank", "a blank at its beginning", 0.95 },
	{ "trailing-blank", "a blank at its end", 0.95 },
	{ "quoted", "quotation marks around it", 0.85 },
};

/* NULL: none. */
static const struct stray *stray_of(const struct login *l)
{
	static const struct stray groups = { "inner-blank", "blanks between its groups of four letters",
					     0.9 };
	for (size_t i = 0; i < ARRAY_LEN(strays); i++)
		if (login_secret_has(l, strays[i].note))
			return &strays[i];
	return login_secret_has(l, "app-password") && login_secret_has(l, groups.note) ? &groups : NULL;
}

static bool stray_characters(struct verdict *v, const struct login *l)
{
	const struct stray *s = stray_of(l);
	if (!s)
		return false;
	struct finding *f = about(v, l, "cfg-password-stray-space", s->confidence);
	finding_fact(f, l->password);
	finding_word(v, f, "problem", s->words);
	return true;
}

static const char *whole_address(const struct verdict *v, const struct login *l)
{
	const struct fact_target *t = rule_target(l->ev);
	const char *at = strrchr(t->from, '@');
	if (at && !strncmp(t->from, l->user, strlen(l->user)) && t->from[strlen(l->user)] == '@')
		return t->from;
	return *t->domain ? arena_printf(v->arena, "%s@%s", l->user, t->domain) : "";
}

static bool name_shape(struct verdict *v, const struct login *l)
{
	const struct fact *tried = rule_experiment(l->ev, "full-address");
	bool works = tried && z_eq(tried->experiment.outcome, "works");
	bool has_at = strchr(l->user, '@') != NULL;
	const char *wants = l->provider ? l->provider->username : "";
	if (!*l->user ||
	    !(works || (z_eq(wants, "full-address") && !has_at) || (z_eq(wants, "local-part") && has_at)))
		return false;
	struct finding *f = about(v, l, "cfg-username-not-full-address", works ? 0.98 : 0.95);
	finding_fact(f, works ? tried : NULL);
	if (has_at) {
		finding_word(v, f, "expected", "the part before the @ only");
		finding_word(v, f, "suggest", arena_dup(v->arena, l->user, strcspn(l->user, "@")));
	} else {
		finding_word(v, f, "suggest", works ? tried->experiment.changed : whole_address(v, l));
	}
	return true;
}

/* Providers that refuse every normal password, in words that do not say so. */
static bool normal_password(struct verdict *v, const struct login *l)
{
	if (!l->provider || !l->password || login_secret_has(l, "app-password"))
		return false;
	const char *id = z_eq(l->provider->name, "google") ? "auth-less-secure-apps-off"
			 : l->provider->app_password       ? "auth-app-password-needed"
			 : l->provider->oauth_only         ? "auth-basic-disabled"
							   : NULL;
	if (!id)
		return false;
	struct finding *f = about(v, l, id, 0.9);
	finding_fact(f, l->password);
	if (l->provider->app_password)
		finding_instead(f, "auth-app-password-needed", 0.3);
	return true;
}

static bool (*const reasons[])(struct verdict *, const struct login *) = {
	ses_keys, sendgrid_name, stray_characters, name_shape, wrong_endpoint, person_told, normal_password,
};

/* ---- refusals whose words have a second meaning, which an answer decides */

static bool place_or_person(struct verdict *v, const struct login *l)
{
	bool criteria = l->nmeans && z_eq(l->means[0].entry->id, "auth-smtp-disabled-mailbox") &&
			z_ihas(l->reply->reply.text, "criteria");
	if (!criteria)
		return false;
	const struct fact *place =
		login_answer(l->ev, "where",
			     "other network|another network|works at|works from|vpn|only here");
	const struct fact *fresh = login_answer(l->ev, NULL, "new user|no mailbox");
	const struct fact *mfa =
		login_answer(l->ev, "what-changed", "security|two-step|two-factor|2fa|mfa|multi-factor");
	const struct fact *said = place ? place : mfa ? mfa : fresh;
	if (!said)
		return false;
	finding_fact(about(v, l,
			   place ? "auth-conditional-access"
			   : mfa ? "auth-mfa-enabled"
				 : "auth-no-licence-or-mailbox",
			   0.96),
		     said);
	return true;
}

static bool is_submission(const struct login *l)
{
	const struct fact *s = evidence_last(l->ev, FACT_SESSION, l->session);
	return s && s->dialogue.port != 25 &&
	       (*l->user || (l->ehlo && l->ehlo->ehlo.auth.n) || s->dialogue.port == 587 ||
		s->dialogue.port == 465);
}

/* Blocklists are for mail exchangers; where people log in, homes and offices are expected. */
static void judge_blocklist(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	if (!l.session || !is_submission(&l))
		return;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, l.session, f));) {
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		if (f->reply.code < 400 || rule_is_control(ev, f) || !rule_meanings(ev, f, m))
			continue;
		if (z_eq(m[0].entry->id, "rcpt-dnsbl") || z_eq(m[0].entry->id, "auth-dnsbl-blocks-login")) {
			finding_instead(verdict_raise(v, "auth-dnsbl-blocks-login", 0.99, f), "rcpt-dnsbl",
					0.05);
			return;
		}
	}
}

static void with_mechanisms(struct verdict *v, const struct login *l, struct finding *f)
{
	finding_fact(f, l->ehlo);
	finding_fact(f, l->auth);
	finding_word(v, f, "mechanisms", strlist_join(&l->ehlo->ehlo.auth, v->arena, ", "));
}

/* AUTH was there before encryption began and is gone after it, or never was. */
static void no_login_here(const struct login *l, struct verdict *v)
{
	if (!l->tls && l->ehlo->ehlo.starttls && !l->ehlo->ehlo.after_tls) {
		struct finding *f = verdict_raise(v, "cfg-security-none-rejected", 0.93, l->ehlo);
		finding_instead(f, "auth-not-offered", 0.07);
		finding_word(v, f, "reply",
			     "that encryption comes first: it offers STARTTLS, and no login before it");
		return;
	}
	struct finding *f = verdict_raise(v, "auth-not-offered", 0.93, l->ehlo);
	finding_fact(f, l->auth);
	if (l->clear && l->clear != l->ehlo)
		finding_fact(f, l->clear);
}

static void no_common_way(const struct login *l, struct verdict *v)
{
	bool oauth_there = strlist_has(&l->ehlo->ehlo.auth, "XOAUTH2") ||
			   strlist_has(&l->ehlo->ehlo.auth, "OAUTHBEARER");
	struct finding *f;
	if (l->oauth && !oauth_there)
		f = verdict_raise(v, "oauth-mechanism-not-offered", 0.96, l->ehlo);
	else if (!l->oauth && oauth_there && l->provider && l->provider->oauth_only)
		f = verdict_raise(v, "auth-basic-disabled", 0.9, l->ehlo);
	else
		f = verdict_raise(v, "auth-mechanism-mismatch", 0.95, l->ehlo);
	with_mechanisms(v, l, f);
}

static void judge_offer(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	bool unsupported = l.auth && z_eq(l.auth->auth.result, "unsupported") && !l.reply;
	if (!l.ehlo || login_ok(&l) || !login_is_wanted(&l) || (l.auth && !unsupported))
		return;
	if (!l.auth && evidence_last(ev, FACT_BREAK, l.session))
		return; /* it broke before the login's turn: EHLO after TLS may be missing */
	if (!l.auth && !l.ehlo->ehlo.after_tls && l.ehlo->ehlo.starttls &&
	    !z_eq(rule_target(ev)->security, "none"))
		return; /* encryption did not come about: nothing is known of what comes after it */
	if (!l.ehlo->ehlo.auth.n)
		no_login_here(&l, v);
	else if (unsupported)
		no_common_way(&l, v);
}

/* The first form was a mistake in writing to this server, the second was not. */
static void judge_two_forms(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	const struct fact *first = l.session ? evidence_in(ev, FACT_AUTH, l.session, NULL) : NULL;
	if (!first || first == l.auth || !z_eq(first->auth.result, "unsupported") || !login_ok(&l))
		return;
	struct finding *f = verdict_raise(v, "auth-initial-response-unsupported", 0.97,
					  rule_reply_at(ev, l.session, "auth"));
	finding_fact(f, l.auth);
}

/* 538 has one meaning (RFC 4954, 4, and RFC 2554 before it), whatever the words are. */
static bool encryption_first(struct verdict *v, const struct login *l)
{
	if (l->tls || (l->reply->reply.code != 538 && !z_eq(l->reply->reply.enhanced, "5.7.11")))
		return false;
	verdict_raise(v, "auth-plaintext-refused-before-tls", 0.97, l->reply);
	return true;
}

static void judge_refused(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	if (!l.reply || login_ok(&l) || l.oauth || encryption_first(v, &l) || place_or_person(v, &l))
		return;
	for (size_t i = 0; login_refused_bare(&l) && i < ARRAY_LEN(reasons); i++)
		if (reasons[i](v, &l))
			return;
	bool of_login = l.nmeans && (l.means[0].entry->step == STEP_AUTH || !login_refused_bare(&l));
	if (of_login)
		rule_raise_reply(v, l.reply);
	else
		about(v, &l, "auth-bad-credentials", 0.5);
}

/* We ended it ourselves: nothing to log in with, or a server that could not prove
 * that it knows the password. */
static void judge_cancelled(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	if (!l.auth || l.oauth || !z_eq(l.auth->auth.result, "cancelled"))
		return;
	if (login_secret_has(&l, "empty"))
		finding_fact(verdict_raise(v, "cfg-password-empty", 0.97, l.password), l.auth);
	else
		verdict_raise(v, "reply-protocol-error", 0.5, l.auth);
}

const struct rule rules_auth[] = {
	{ "offer", judge_offer },         { "two-forms", judge_two_forms }, { "refused", judge_refused },
	{ "cancelled", judge_cancelled }, { "blocklist", judge_blocklist }, { NULL, NULL },
};
