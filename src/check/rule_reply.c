/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for refusing replies: the reply catalogue, given provider, step and session. */
#include <string.h>

#include "check/rule.h"
#include "check/rule_view.h"

size_t rule_meanings(const struct evidence *ev, const struct fact *f,
		     struct reply_meaning out[REPLY_MEANINGS_MAX])
{
	struct reply_context c = {
		.provider = rule_provider(ev),
		.step = f->reply.step,
		.code = (unsigned)f->reply.code,
		.enhanced = f->reply.enhanced,
		.text = f->reply.text,
		.tls = rule_session_tls(ev, f->session),
		.logged_in = rule_session_logged_in(ev, f->session),
	};
	return reply_meanings(&c, out);
}

/* A refusal in the greeting is of the caller as such, whatever list it names. */
static struct finding *refused_at_the_door(struct verdict *v, const struct fact *f,
					   const struct reply_meaning *m, size_t n)
{
	bool later_step = n && m[0].entry->step >= STEP_MAIL_FROM && m[0].entry->step != STEP_RELAY_SERVER;
	if (strcmp(f->reply.step, "banner") != 0 || f->reply.code / 100 != 5 || (n && !later_step))
		return NULL;
	struct finding *x = verdict_raise(v, "banner-554-refused", 0.9, f);
	for (size_t i = 0; i < n; i++)
		finding_instead(x, m[i].entry->id, 0.3);
	return x;
}

/* Below this, only code and step were looked at and no word of the text was known. */
static const double WORDS_KNOWN = 0.4, UNKNOWN = 0.25;

/* From this on the words themselves say it. */
static const double WORDS_SURE = 0.8;

/* The login that is asked for was made, and accepted. */
static bool asks_login_again(const struct verdict *v, const struct fact *f, const struct reply_meaning *m,
			     size_t n)
{
	return n && z_eq(m[0].entry->id, "auth-required-530") && rule_session_logged_in(v->ev, f->session);
}

static struct finding *login_not_counted(struct verdict *v, const struct fact *f, double confidence)
{
	struct finding *x = verdict_raise(v, "rs-login-not-counted", confidence < 0.9 ? confidence : 0.9, f);
	finding_fact(x, evidence_last(v->ev, FACT_AUTH, f->session));
	finding_instead(x, "mf-sender-not-owned", 0.1);
	step_of(f->reply.step, &x->step);
	return x;
}

struct finding *rule_raise_reply(struct verdict *v, const struct fact *f)
{
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = rule_meanings(v->ev, f, m);
	struct finding *door = refused_at_the_door(v, f, m, n);
	bool again = asks_login_again(v, f, m, n);
	if (door)
		return door;
	if (again && m[0].confidence >= WORDS_SURE)
		return login_not_counted(v, f, m[0].confidence);
	bool known = n && m[0].confidence >= WORDS_KNOWN && !again;
	struct finding *best = known ? verdict_raise(v, m[0].entry->id, m[0].confidence, f)
				     : verdict_raise(v, "unknown-reply", UNKNOWN, f);
	if (!known)
		step_of(f->reply.step, &best->step);
	if (again)
		finding_instead(best, "rs-login-not-counted", m[0].confidence);
	for (size_t i = known || again; i < n; i++)
		finding_instead(best, m[i].entry->id,
				!known || m[i].confidence < m[0].confidence ? m[i].confidence : 0.3);
	return best;
}

void rule_raise_half_reply(struct verdict *v, const struct fact *bytes, long code)
{
	static const double HALF = 0.8; /* the rest might have said something else */
	struct reply_context c = {
		.provider = rule_provider(v->ev),
		.step = bytes->bytes.step,
		.code = (unsigned)code,
		.enhanced = "",
		.text = strlen(bytes->bytes.text) > 4 ? bytes->bytes.text + 4 : "",
		.tls = rule_session_tls(v->ev, bytes->session),
	};
	struct reply_meaning m[REPLY_MEANINGS_MAX];
	size_t n = reply_meanings(&c, m);
	if (n)
		verdict_raise(v, m[0].entry->id, m[0].confidence * HALF, bytes);
	else
		verdict_raise(v, "unknown-reply", 0.2, bytes);
}

/* The reply at which the main dialogue ended.  Of a refused login more is known than its
 * reply (rule_auth and rule_oauth), of recipients too (rule_envelope). */
static void judge_refusal(const struct evidence *ev, struct verdict *v)
{
	const struct fact *last = NULL;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));)
		if (f->reply.code >= 400 && strcmp(f->reply.step, "rcpt") != 0 &&
		    strcmp(f->reply.step, "auth") != 0)
			last = f;
	if (last)
		rule_raise_reply(v, last);
}

const struct rule rules_reply[] = {
	{ "refusal", judge_refusal },
	{ NULL, NULL },
};
