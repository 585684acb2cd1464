/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for the message itself.  A fault of the message alone is a warning; where the
 * server refused the message too, it is the cause. */
#include <string.h>

#include "check/rule_view.h"

enum { LINE_OCTETS_MAX = 998 }; /* RFC 5322, 2.1.1 */

struct flaw {
	const char *id;
	const char *place, *words; /* what to say of it; words NULL: nothing */
	bool grave;                /* servers are known to refuse mail for it */
};

enum { FLAWS_MAX = 12 };

struct flaws {
	struct flaw v[FLAWS_MAX];
	size_t n;
};

static void add(struct flaws *l, bool there, struct flaw flaw)
{
	if (there && l->n < FLAWS_MAX)
		l->v[l->n++] = flaw;
}

static const char *doubled(struct verdict *v, const struct fact_message *m)
{
	struct strlist names = { 0 };
	const struct {
		const char *name;
		long n;
	} fields[] = { { "From", m->from_headers },
		       { "To", m->to_headers },
		       { "Subject", m->subject_headers },
		       { "Date", m->date_headers },
		       { "Message-ID", m->message_id_headers } };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].n > 1)
			strlist_add(&names, v->arena, fields[i].name);
	return names.n ? strlist_join(&names, v->arena, ", ") : NULL;
}

static const char *missing(const struct fact_message *m)
{
	if (m->date_headers && m->message_id_headers)
		return NULL;
	return m->date_headers         ? "The Message-ID"
	       : m->message_id_headers ? "The date"
				       : "The date and the Message-ID";
}

static struct flaws flaws_of(struct verdict *v, const struct fact_message *m, bool eightbit_offered)
{
	struct flaws l = { 0 };
	const char *twice = doubled(v, m), *lacks = missing(m);
	add(&l, m->bare_lf > 0, (struct flaw){ "data-bare-lf", "", NULL, true });
	add(&l, m->bare_cr > 0, (struct flaw){ "data-bare-cr", "", NULL, true });
	add(&l, m->longest_line > LINE_OCTETS_MAX,
	    (struct flaw){ "data-line-too-long", "count", arena_printf(v->arena, "%ld", m->longest_line),
			   true });
	add(&l, !m->from_headers || !*m->header_from,
	    (struct flaw){ "data-missing-from-header", "", NULL, true });
	add(&l, twice, (struct flaw){ "data-duplicate-headers", "value", twice, true });
	add(&l, m->injected, (struct flaw){ "data-header-injection", "", NULL, true });
	add(&l, m->mime_problems.n,
	    (struct flaw){ "data-malformed-mime", "problem", strlist_join(&m->mime_problems, v->arena, ", "),
			   true });
	add(&l, m->raw_header, (struct flaw){ "data-nonascii-header", "", NULL, false });
	add(&l, lacks, (struct flaw){ "data-missing-date-or-msgid", "value", lacks, false });
	add(&l, m->eight_bit > 0 && !eightbit_offered,
	    (struct flaw){ "ehlo-capability-8bitmime-missing", "count",
			   arena_printf(v->arena, "%ld", m->eight_bit), false });
	return l;
}

/* The refusal of the whole message, after its end. */
static const struct fact *refusal(const struct evidence *ev)
{
	const struct fact *f = rule_last_reply_at(ev, rule_main(ev), "data");
	return f && f->reply.code >= 400 ? f : NULL;
}

static void raise_flaw(struct verdict *v, const struct fact *m, const struct flaw *w)
{
	bool refused_for_it = verdict_has(v, w->id);
	struct finding *f = verdict_raise(v, w->id, refused_for_it ? 0.98 : 0.9, m);
	if (w->words)
		finding_word(v, f, w->place, w->words);
	if (!refused_for_it && f->severity == SEVERITY_FAILURE)
		f->severity = SEVERITY_WARNING;
}

/* A refusal that names no reason, and one grave flaw: the one explains the other. */
static void explain_refusal(const struct evidence *ev, struct verdict *v, const struct flaws *l)
{
	enum { VAGUE_PERCENT = 60 };
	const struct fact *r = refusal(ev);
	struct finding *vague = r ? rule_raised_by(v, r) : NULL;
	const struct flaw *only = NULL;
	size_t grave = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].grave) {
			only = &l->v[i];
			grave++;
		}
	if (!vague || vague->confidence * 100 >= VAGUE_PERCENT || grave != 1 || r->reply.code < 500)
		return;
	rule_raise_instead(v, only->id, 0.9, r)->severity = SEVERITY_FAILURE;
}

/* What we build ourselves is sound; only a message from a file is judged. */
static void judge_message(const struct evidence *ev, struct verdict *v)
{
	const struct fact *m = evidence_next(ev, FACT_MESSAGE, NULL);
	const struct fact *e = evidence_last(ev, FACT_EHLO, rule_main(ev));
	if (!m || strcmp(m->message.source, "file") != 0)
		return;
	struct flaws l = flaws_of(v, &m->message, !e || e->ehlo.eightbit);
	for (size_t i = 0; i < l.n; i++)
		raise_flaw(v, m, &l.v[i]);
	explain_refusal(ev, v, &l);
}

/* Silence after the whole message; a cut while it went out. */
static void judge_break(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev));
	if (!b || strcmp(b->brk.step, "data") != 0 || rule_half_reply(ev, b))
		return;
	bool cut = !strcmp(b->brk.how, "eof") || !strcmp(b->brk.how, "reset");
	if (cut) {
		finding_instead(verdict_raise(v, "data-421-mid", b->brk.dot_sent ? 0.85 : 0.95, b),
				"data-timeout-after-dot", 0.1);
		return;
	}
	if (!b->brk.dot_sent)
		return;
	struct finding *f = verdict_raise(v, "data-timeout-after-dot", 0.95, b);
	finding_word(v, f, "seconds", arena_printf(v->arena, "%ld", b->brk.elapsed_ms / 1000));
}

/* 421 to a message says that the line ends; the words may know a better reason. */
static void judge_421(const struct evidence *ev, struct verdict *v)
{
	const struct fact *r = refusal(ev);
	struct finding *said = r && r->reply.code == 421 ? rule_raised_by(v, r) : NULL;
	if (!said || said->confidence >= 0.8)
		return;
	rule_raise_instead(v, "data-421-mid", 0.9, r);
}

const struct rule rules_content[] = {
	{ "message", judge_message },
	{ "broken-transfer", judge_break },
	{ "closing-in-data", judge_421 },
	{ NULL, NULL },
};
