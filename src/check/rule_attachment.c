/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for attached files: their size as mail, their kind, and what a mail without
 * them shows. */
#include <string.h>

#include "check/rule_view.h"

struct files {
	const struct fact *message, *worst; /* the file most likely to be refused */
	long bytes, encoded;
	size_t n;
	const char *names;
};

static bool is_archive(const char *name)
{
	static const char *const kinds[] = { ".zip", ".7z", ".rar", ".gz", ".tar", ".cab", ".iso", ".img" };
	size_t len = strlen(name);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (len >= strlen(kinds[i]) && str_ieq(str_of(name + len - strlen(kinds[i])), kinds[i]))
			return true;
	return false;
}

static bool is_nested(const struct fact_attachment *a)
{
	for (size_t i = 0; i < a->inside.n; i++)
		if (!is_archive(a->inside.v[i]))
			return false;
	return a->inside.n > 0;
}

static bool is_sealed(const struct fact_attachment *a)
{
	return a->encrypted || is_nested(a);
}

static int weight(const struct fact_attachment *a)
{
	return a->eicar ? 4 : a->risky ? 3 : is_sealed(a) ? 2 : a->odd_name;
}

static struct files files_of(const struct evidence *ev, struct verdict *v)
{
	struct files l = { .message = evidence_next(ev, FACT_MESSAGE, NULL), .names = "" };
	struct strlist names = { 0 };
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ATTACHMENT, f));) {
		l.n++;
		l.bytes += f->attachment.bytes;
		l.encoded += f->attachment.encoded_bytes;
		strlist_add(&names, v->arena, f->attachment.name);
		if (!l.worst || weight(&f->attachment) > weight(&l.worst->attachment))
			l.worst = f;
	}
	if (names.n)
		l.names = strlist_join(&names, v->arena, ", ");
	return l;
}

/* What the server says it takes at most; 0: it does not say. */
static long announced(const struct evidence *ev, const struct fact **ehlo)
{
	*ehlo = evidence_last(ev, FACT_EHLO, rule_main(ev));
	return *ehlo && (*ehlo)->ehlo.size > 0 ? (*ehlo)->ehlo.size : 0;
}

static void word_sizes(struct verdict *v, struct finding *f, const struct files *l, long limit)
{
	const char *mail = rule_megabytes(v, l->message->message.bytes);
	finding_word(v, f, "size",
		     l->n ? arena_printf(v->arena, "%s (the files have %s and grow to %s)", mail,
					 rule_megabytes(v, l->bytes), rule_megabytes(v, l->encoded))
			  : mail);
	if (limit)
		finding_word(v, f, "limit", rule_megabytes(v, limit));
	finding_word(v, f, "value", l->names);
	finding_fact(f, l->message);
	finding_fact(f, l->worst);
}

/* Files that would pass as they are and grow above the limit by being mailed. */
static bool grows_too_big(const struct files *l, long limit)
{
	return l->n && l->bytes <= limit && l->message->message.bytes - l->encoded <= limit;
}

/* Known from EHLO, so the message was not sent. */
static void judge_announced(const struct evidence *ev, struct verdict *v)
{
	const struct fact *ehlo;
	struct files l = files_of(ev, v);
	long limit = announced(ev, &ehlo);
	if (!l.message || !limit || l.message->message.bytes <= limit)
		return;
	bool grown = grows_too_big(&l, limit);
	struct finding *f = verdict_raise(v, "ehlo-size-smaller-than-message", 0.98, ehlo);
	word_sizes(v, f, &l, limit);
	f->severity = grown ? SEVERITY_NOTE : SEVERITY_FAILURE;
	if (!l.n)
		return;
	f = verdict_raise(v, "attach-too-big", 0.97, ehlo);
	word_sizes(v, f, &l, limit);
	f->severity = grown ? SEVERITY_FAILURE : SEVERITY_NOTE;
}

static bool is_of_size(const struct finding *f)
{
	return !strcmp(f->entry->id, "data-552-after-data") || !strcmp(f->entry->id, "attach-too-big");
}

static bool is_vague(const struct finding *f)
{
	static const char *const broad[] = {
		"data-spam-rejected",           "rcpt-policy-refused", "data-421-mid",
		"data-timeout-after-dot",       "tcp-half-open-mtu",   "reply-protocol-error",
		"rs-destination-not-responding"
	};
	for (size_t i = 0; i < ARRAY_LEN(broad); i++)
		if (!strcmp(broad[i], f->entry->id))
			return true;
	return f->confidence < 0.7;
}

/* How the transfer of the message ended in the main dialogue, when badly. */
static const struct fact *bad_end(const struct evidence *ev)
{
	const struct fact *r = rule_last_reply_at(ev, rule_main(ev), "data");
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev));
	if (b && !strcmp(b->brk.step, "data"))
		return b;
	return r && r->reply.code >= 400 ? r : NULL;
}

static void judge_refused_size(const struct evidence *ev, struct verdict *v)
{
	const struct fact *end = bad_end(ev), *ehlo;
	struct files l = files_of(ev, v);
	struct finding *said = end ? rule_raised_by(v, end) : NULL;
	if (!said || !is_of_size(said) || !l.message)
		return;
	if (l.n && !rule_experiment_is(ev, "no-attachment", "fails"))
		said = rule_raise_instead(v, "attach-too-big", 0.96, end);
	word_sizes(v, said, &l, announced(ev, &ehlo));
}

static const char *reason_of(const struct files *l, bool renamed_passes)
{
	const struct fact_attachment *a = &l->worst->attachment;
	if (a->eicar)
		return "attach-virus-found";
	if (renamed_passes)
		return a->odd_name && !a->risky ? "attach-name-problem" : "attach-type-blocked";
	if (a->encrypted || (is_sealed(a) && !a->risky))
		return "attach-encrypted-or-nested-zip";
	return a->risky ? "attach-type-blocked" : "attach-test-mail-ok-with-file-fails";
}

/* The mail passes without its files: they are what is refused, whatever was said. */
static void judge_comparison(const struct evidence *ev, struct verdict *v)
{
	const struct fact *end = bad_end(ev);
	struct files l = files_of(ev, v);
	struct finding *said = end ? rule_raised_by(v, end) : NULL;
	if (!end || !l.n || !rule_experiment_is(ev, "no-attachment", "works") || (said && !is_vague(said)))
		return;
	bool any_refused = rule_experiment_is(ev, "tiny-attachment", "fails");
	const char *id = any_refused ? "attach-test-mail-ok-with-file-fails"
				     : reason_of(&l, rule_experiment_is(ev, "renamed-attachment", "works"));
	struct finding *f = rule_raise_instead(v, id, 0.96, end);
	f->severity = SEVERITY_FAILURE;
	finding_fact(f, rule_experiment(ev, "no-attachment"));
	finding_fact(f, rule_experiment(ev, "tiny-attachment"));
	finding_fact(f, rule_experiment(ev, "renamed-attachment"));
	finding_word(v, f, "value", l.names);
}

static bool is_about_files(const struct finding *f)
{
	return f->entry->step == STEP_ATTACHMENT;
}

/* One wording serves for blocked kinds and for archives that cannot be looked into. */
static void judge_kind(const struct evidence *ev, struct verdict *v)
{
	const struct fact *end = bad_end(ev);
	struct files l = files_of(ev, v);
	struct finding *said = end ? rule_raised_by(v, end) : NULL;
	if (!said || !l.n || !is_about_files(said))
		return;
	const struct fact_attachment *a = &l.worst->attachment;
	bool blocked = !strcmp(said->entry->id, "attach-type-blocked");
	if (blocked && (a->encrypted || (is_sealed(a) && !a->risky)))
		said = rule_raise_instead(v, "attach-encrypted-or-nested-zip", 0.96, end);
	if (is_of_size(said))
		return;
	finding_fact(said, l.worst);
	finding_word(v, said, "value", a->name);
}

static bool was_accepted(const struct evidence *ev)
{
	const struct fact *r = rule_last_reply_at(ev, rule_main(ev), "data");
	return r && r->reply.code / 100 == 2;
}

static void foresee(struct verdict *v, const struct fact *f, const char *id, enum finding_severity severity)
{
	if (verdict_has(v, id))
		return;
	struct finding *x = verdict_raise(v, id, 0.7, f);
	x->severity = severity;
	finding_word(v, x, "value", f->attachment.name);
}

/* What servers are likely to refuse, said before one does.  After an acceptance it is a
 * note: the recipient's server has its own rules. */
static void judge_foreseen(const struct evidence *ev, struct verdict *v)
{
	enum finding_severity severity = was_accepted(ev) ? SEVERITY_NOTE : SEVERITY_WARNING;
	if (bad_end(ev))
		return;
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_ATTACHMENT, f));) {
		if (f->attachment.eicar)
			foresee(v, f, "attach-virus-found", severity);
		else if (f->attachment.encrypted || (is_sealed(&f->attachment) && !f->attachment.risky))
			foresee(v, f, "attach-encrypted-or-nested-zip", SEVERITY_NOTE);
		else if (f->attachment.risky)
			foresee(v, f, "attach-type-blocked", severity);
		if (f->attachment.odd_name)
			foresee(v, f, "attach-name-problem", SEVERITY_NOTE);
	}
}

const struct rule rules_attachment[] = {
	{ "announced-size", judge_announced }, { "refused-size", judge_refused_size },
	{ "comparison", judge_comparison },    { "kind", judge_kind },
	{ "foreseen", judge_foreseen },        { NULL, NULL },
};
