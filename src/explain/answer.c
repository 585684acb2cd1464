/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/answer.h"

#include <stdint.h>

#include "explain/notice.h"

static const char *sentence(const void *source, struct arena *a, const char *text)
{
	return explain_fill(a, source, text);
}

static const char *command(const void *source, struct arena *a, const char *text)
{
	return explain_fill_command(a, source, text);
}

struct cause answer_cause(struct arena *a, const struct explanation *x)
{
	const struct cause_fill fill = { sentence, command, x };
	struct cause c = cause_of(a, x->meanings[0].entry, x->meanings[0].confidence, &fill);
	for (size_t i = 1; i < x->n; i++)
		if (!z_eq(x->meanings[i].entry->class, "unknown")) /* "something else" is no other cause */
			cause_instead(&c, x->meanings[i].entry,
				      explain_fill(a, x, x->meanings[i].entry->title),
				      x->meanings[i].confidence);
	return c;
}

enum answer_word answer_word(const struct explanation *x)
{
	if (!x->refusal)
		return ANSWER_WELL;
	if (z_eq(x->class->id, "unknown"))
		return ANSWER_UNKNOWN;
	if (x->code)
		return x->code / 100 == 4 ? ANSWER_DELAYED : ANSWER_REFUSED;
	return *x->enhanced == '4' ? ANSWER_DELAYED : *x->enhanced == '5' ? ANSWER_REFUSED : ANSWER_FAILED;
}

bool answer_is_failure(const struct answer *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->items[i].x.refusal)
			return true;
	return false;
}

static void start(struct arena *a, const char *name, size_t items, struct answer *out)
{
	*out = (struct answer){ .arena = a, .input = name, .name = name };
	out->items = arena_alloc(a, items * sizeof(*out->items));
}

static const struct finding_entry *entry_of(const struct explanation *x)
{
	return x->meanings[0].entry;
}

static size_t item_with(const struct answer *out, const struct explanation *x)
{
	size_t i = 0;
	while (i < out->n &&
	       (entry_of(&out->items[i].x) != entry_of(x) || out->items[i].x.refusal != x->refusal ||
		out->items[i].x.given_up != x->given_up))
		i++;
	return i;
}

/* What no rule knows is known least: it comes last.  Then the surer one. */
static bool is_better(const struct explanation *a, const struct explanation *b)
{
	bool ka = !z_eq(a->class->id, "unknown"), kb = !z_eq(b->class->id, "unknown");
	if (a->refusal != b->refusal)
		return a->refusal;
	return ka != kb ? ka : a->meanings[0].confidence > b->meanings[0].confidence + 0.05;
}

/* The best first; the order of the text among equals. */
static void insert(struct answer *out, const struct explanation *x)
{
	size_t at = item_with(out, x);
	if (at == ANSWER_ITEMS_MAX)
		return;
	if (at < out->n) {
		if (is_better(x, &out->items[at].x))
			out->items[at].x = *x;
		return;
	}
	for (out->n++; at && is_better(x, &out->items[at - 1].x); at--)
		out->items[at] = out->items[at - 1];
	out->items[at] = (struct answer_item){ .x = *x };
}

static void fill_causes(struct answer *out)
{
	for (size_t i = 0; i < out->n; i++) {
		struct answer_item *item = &out->items[i];
		item->cause = answer_cause(out->arena, &item->x);
		if (item->x.given_up)
			cause_given_up(out->arena, &item->cause);
	}
}

/* "postfix/smtp[1234]: ": a line of a log, which is about a delivery of its own. */
static bool is_logged(struct str piece)
{
	size_t at = str_ifind(piece, "]: "), digits = at;
	while (digits && piece.p[digits - 1] >= '0' && piece.p[digits - 1] <= '9')
		digits--;
	return at < piece.len && digits < at && digits && piece.p[digits - 1] == '[';
}

/* A session names its server once, at its beginning. */
static bool is_one_session(const struct strlist *pieces, const struct explanation *x, const char *host)
{
	for (size_t i = 0; i < pieces->n; i++)
		if ((*x[i].host && !z_eq(x[i].host, host)) || is_logged(str_of(pieces->v[i])))
			return false;
	return *host != '\0';
}

/* The server of a session holds for the pieces that name none. */
static void explain_each(struct answer *out, const struct strlist *pieces, const struct explanation *whole,
			 const struct explain_hint *hint)
{
	struct explain_hint of_whole = hint ? *hint : (struct explain_hint){ 0 };
	struct explanation *x = arena_alloc(out->arena, pieces->n * sizeof(*x));
	for (size_t i = 0; i < pieces->n; i++)
		explain_text(out->arena, str_of(pieces->v[i]), hint, &x[i]);
	bool session = is_one_session(pieces, x, whole->host);
	of_whole.host = whole->host;
	for (size_t i = 0; i < pieces->n; i++) {
		if (session && !*x[i].host)
			explain_text(out->arena, str_of(pieces->v[i]), &of_whole, &x[i]);
		if (x[i].refusal)
			insert(out, &x[i]);
	}
}

static void answer_pieces(struct str text, const struct explain_hint *hint, struct answer *out)
{
	struct arena *a = out->arena;
	struct strlist pieces = { 0 };
	struct explanation whole;
	explain_text(a, text, hint, &whole);
	explain_pieces(a, text, &pieces);
	if (pieces.n > 1)
		explain_each(out, &pieces, &whole, hint);
	if (!out->n || is_better(&whole, &out->items[0].x))
		insert(out, &whole);
	if (!*out->name)
		out->input = whole.input;
	fill_causes(out);
}

void answer_line(struct arena *a, struct str line, unsigned long long number, const struct explain_hint *hint,
		 struct answer *out)
{
	start(a, "", 1, out);
	out->line = number;
	explain_text(a, line, hint, &out->items[0].x);
	out->n = 1;
	out->input = out->items[0].x.input;
	fill_causes(out);
}

/* A finding that no reply has to show: kinds of mails. */
static void settle(struct answer *out, const char *id, double confidence)
{
	struct explanation x;
	explain_text(out->arena, str_of(""), NULL, &x);
	const struct finding_entry *e = finding_entry_find(id);
	x.meanings[0] = (struct reply_meaning){ e, confidence, "" };
	x.n = 1;
	x.input = out->input;
	x.class = finding_class_find(e->class);
	x.retry = retry_name(x.class->retry);
	x.refusal = false;
	x.decide = "";
	out->items[0].x = x;
	out->n = 1;
}

static const char *given(const char *s)
{
	return s && *s ? s : NULL;
}

static void explain_recipient(struct arena *a, const struct dsn *d, const struct dsn_recipient *r,
			      const struct explain_hint *hint, struct explanation *x)
{
	struct explain_hint h = hint ? *hint : (struct explain_hint){ 0 };
	const char *words = *r->reply ? r->reply : dsn_status_tells(r->status) ? r->status : d->said;
	h.recipient = given(r->address) ? r->address : h.recipient;
	h.host = h.host ? h.host : given(r->remote);
	h.step = h.step ? h.step : given(r->step);
	h.enhanced = h.enhanced ? h.enhanced : given(r->status);
	h.sender = h.sender ? h.sender : given(d->original.from);
	explain_text(a, str_of(words), &h, x);
}

static bool is_bad(const struct dsn_recipient *r)
{
	return r->action == DSN_FAILED || r->action == DSN_DELAYED || r->action == DSN_ACTION_UNKNOWN;
}

static void concern(struct answer *out, size_t recipient, const struct explanation *x)
{
	size_t at = item_with(out, x);
	if (at == ANSWER_ITEMS_MAX)
		at--;
	struct answer_item *item = &out->items[at];
	if (at == out->n) {
		*item = (struct answer_item){ .x = *x };
		item->who = arena_alloc(out->arena, out->mail->n * sizeof(*item->who));
		out->n++;
	} else if (is_better(x, &item->x)) {
		item->x = *x;
	}
	item->who[item->nwho++] = &out->mail->v[recipient];
	out->item_of[recipient] = at;
}

/* Sentences about one address would be wrong about many. */
static void forget_one_of_many(struct answer *out)
{
	for (size_t i = 0; i < out->n; i++)
		if (out->items[i].nwho > 1)
			out->items[i].x.recipient = "";
}

/* Failures before delays: the first recipient for whom the mail is lost leads. */
static void explain_report(struct answer *out, const struct explain_hint *hint)
{
	const struct dsn *d = out->mail;
	out->item_of = arena_alloc(out->arena, (d->n + 1) * sizeof(*out->item_of));
	for (size_t i = 0; i < d->n; i++)
		out->item_of[i] = SIZE_MAX;
	for (unsigned turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < d->n; i++) {
			struct explanation x;
			if (!is_bad(&d->v[i]) || (d->v[i].action == DSN_DELAYED) != (turn == 1))
				continue;
			explain_recipient(out->arena, d, &d->v[i], hint, &x);
			x.refusal = true; /* whatever the words: the report says that it failed */
			x.given_up = d->v[i].action == DSN_FAILED;
			concern(out, i, &x);
		}
	forget_one_of_many(out);
}

static void explain_said(struct answer *out, const struct explain_hint *hint)
{
	struct explanation x;
	explain_text(out->arena, str_of(out->mail->said), hint, &x);
	x.refusal = true;
	insert(out, &x);
}

static const char *const kind_findings[DSN_KINDS] = {
	[DSN_NONE] = "report-ordinary-mail",  [DSN_RECEIPT] = "report-receipt",
	[DSN_FEEDBACK] = "report-complaint",  [DSN_REPLY] = "report-auto-reply",
	[DSN_CHALLENGE] = "report-challenge",
};

static void explain_dsn(struct answer *out, const struct explain_hint *hint)
{
	const struct dsn *d = out->mail;
	if (d->kind == DSN_REPORT && !d->n)
		explain_said(out, hint);
	else if (d->kind == DSN_REPORT)
		explain_report(out, hint);
	else
		settle(out, kind_findings[d->kind], 0.95);
	if (!out->n)
		settle(out, "report-delivered", 0.95);
	for (size_t i = 0; out->item_of && i < d->n; i++)
		out->item_of[i] = out->item_of[i] == SIZE_MAX ? out->n : out->item_of[i];
	fill_causes(out);
}

/* A bounce in the words of a person who forwards it: explained beside the mail, which stays what it is. */
static void explain_quoted(struct answer *out, struct str message, const struct explain_hint *hint)
{
	struct dsn *d = arena_alloc(out->arena, sizeof(*d));
	if (!dsn_quoted_read(out->arena, message, d))
		return;
	struct answer *quoted = arena_alloc(out->arena, sizeof(*quoted));
	start(out->arena, out->name, ANSWER_ITEMS_MAX, quoted);
	quoted->mail = d;
	explain_dsn(quoted, hint);
	settle(out, "report-quotes-bounce", 0.95);
	fill_causes(out);
	out->quoted = quoted;
}

void answer_mail(struct arena *a, const char *name, struct str message, const struct explain_hint *hint,
		 struct answer *out)
{
	struct dsn *d = arena_alloc(a, sizeof(*d));
	start(a, name, ANSWER_ITEMS_MAX, out);
	out->mail = d;
	dsn_read(a, message, d);
	explain_dsn(out, hint);
	if (d->kind == DSN_NONE)
		explain_quoted(out, message, hint);
}

static void answer_notice(const struct dsn *d, struct str text, const struct explain_hint *hint,
			  struct answer *out)
{
	struct explanation whole;
	if (!*out->name) {
		explain_text(out->arena, text, hint, &whole);
		out->input = whole.input;
	}
	out->mail = d;
	explain_dsn(out, hint);
}

void answer_text(struct arena *a, const char *name, struct str text, const struct explain_hint *hint,
		 struct answer *out)
{
	struct dsn *d = arena_alloc(a, sizeof(*d));
	start(a, name, ANSWER_ITEMS_MAX, out);
	if (notice_read(a, text, d))
		answer_notice(d, text, hint, out);
	else
		answer_pieces(text, hint, out);
}
