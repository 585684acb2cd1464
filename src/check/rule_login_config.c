/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for login settings: encryption that is off, and programs that cannot do
 * what the same settings do here. */
#include <string.h>

#include "check/rule_login.h"

/* A refusal in clear, where encryption was there for the taking.  530 asks for a
 * login or for encryption; the list of what the server can do tells which. */
static void judge_no_encryption(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	if (!l.ehlo || l.tls || !l.ehlo->ehlo.starttls || l.ehlo->ehlo.after_tls)
		return;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, l.session, f));) {
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		/* 538 and 504 are about this login's form: rule_auth */
		if (f->reply.code < 500 || f->reply.code == 538 || f->reply.code == 504 ||
		    !rule_meanings(ev, f, m))
			continue;
		bool names_it = z_eq(m[0].entry->id, "cfg-security-none-rejected");
		bool login_asked = f->reply.code == 530 && z_eq(m[0].entry->id, "auth-required-530") &&
				   !l.ehlo->ehlo.auth.n;
		if (!names_it && !login_asked)
			continue;
		struct finding *x = verdict_raise(v, "cfg-security-none-rejected", names_it ? 0.97 : 0.95, f);
		finding_fact(x, l.ehlo);
		finding_instead(x, "auth-required-530", 0.05);
		return;
	}
}

/* The words a program gave for its failure, where the same settings work here. */
static const struct {
	const char *meaning, *id;
} program_says[] = {
	{ "tls-client-too-old", "cfg-old-mail-engine" },
	{ "tls-no-shared-cipher", "cfg-old-mail-engine" },
	{ "tls-server-too-old", "cfg-old-mail-engine" },
	{ "auth-mechanism-mismatch", "cfg-old-mail-engine" },
	{ "auth-not-offered", "starttls-auth-missing-after" },
	{ "auth-required-530", "starttls-auth-missing-after" },
	{ "starttls-auth-missing-after", "starttls-auth-missing-after" },
};

static bool login_only_after_tls(const struct login *l)
{
	return l->clear && !l->clear->ehlo.auth.n && l->ehlo->ehlo.after_tls && l->ehlo->ehlo.auth.n;
}

static const char *program_fault(const struct evidence *ev, const struct login *l, const struct fact *said)
{
	static const char old[] =
		"tls 1.0|tls1.0|tlsv1.0|tls 1.1|tlsv1.1|sslv3|ssl 3|old engine|internal engine|"
		"built-in engine|internal mail";
	struct reply_context c = { .provider = "", .step = "", .enhanced = "", .text = said->answer.answer };
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	if (login_answer(ev, said->answer.question, old))
		return "cfg-old-mail-engine";
	size_t n = reply_meanings(&c, m);
	for (size_t i = 0; n && i < ARRAY_LEN(program_says); i++)
		if (z_eq(m[0].entry->id, program_says[i].meaning)) {
			bool again = z_eq(program_says[i].id, "starttls-auth-missing-after");
			return again && !login_only_after_tls(l) ? NULL : program_says[i].id;
		}
	return NULL;
}

static void judge_program(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	const struct fact *tls = l.session ? evidence_last(ev, FACT_TLS, l.session) : NULL;
	if (!l.ehlo || !tls || !z_eq(tls->tls.result, "ok") || (l.auth && !login_ok(&l)))
		return;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ANSWER, f));) {
		if (!z_eq(f->answer.question, "wording") && !z_eq(f->answer.question, "program"))
			continue;
		const char *id = program_fault(ev, &l, f);
		if (!id)
			continue;
		struct finding *x = verdict_raise(v, id, 0.88, f);
		finding_fact(x, tls);
		finding_fact(x, l.ehlo);
	}
}

/* Debian's Postfix refuses who did not log in to 587 with "Recipient address rejected:
 * Access denied" (permit_sasl_authenticated, reject): no word of a login. */
static void judge_no_login_made(const struct evidence *ev, struct verdict *v)
{
	struct login l = login_of(ev);
	const struct fact *s = evidence_session(ev, "main"), *last = NULL;
	if (!s || s->dialogue.port == 25 || !l.ehlo || !l.ehlo->ehlo.auth.n || *l.user || l.auth)
		return;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, l.session, f));) {
		struct reply_meaning m[REPLY_MEANINGS_MAX];
		if (strcmp(f->reply.step, "rcpt") != 0)
			continue;
		if (f->reply.code < 500 || !rule_meanings(ev, f, m) ||
		    !z_eq(m[0].entry->id, "rcpt-policy-refused"))
			return;
		last = f;
	}
	if (!last)
		return;
	struct finding *x = verdict_raise(v, "auth-required-530", 0.9, last);
	finding_fact(x, l.ehlo);
	finding_instead(x, "rcpt-policy-refused", 0.1);
}

const struct rule rules_login_config[] = {
	{ "no-login-made", judge_no_login_made },
	{ "no-encryption", judge_no_encryption },
	{ "program", judge_program },
	{ NULL, NULL },
};
