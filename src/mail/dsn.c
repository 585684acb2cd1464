/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dsn.h"

#include <string.h>

#include "mail/dsn_job.h"

enum {
	FORWARDS_MAX = 3,   /* bounces inside forwarded mails inside ... */
	RECEIVED_MAX = 300, /* bytes of a Received field that tell who sent */
};

const struct dsn dsn_nothing = {
	.dialect = "",
	.reporter = "",
	.envelope_id = "",
	.arrival = "",
	.said = "",
	.feedback = "",
	.disposition = "",
	.queue_id = "",
	.from = "",
	.original = { .message_id = "", .subject = "", .from = "", .to = "", .date = "", .return_path = "" },
};

const char *dsn_kind_name(enum dsn_kind k)
{
	static const char *const names[] = { "none", "report", "receipt", "feedback", "reply", "challenge" };
	return k < DSN_KINDS ? names[k] : names[0];
}

const char *dsn_action_name(enum dsn_action a)
{
	static const char *const names[] = { "", "failed", "delayed", "delivered", "relayed", "expanded" };
	return a < DSN_ACTIONS ? names[a] : names[0];
}

/* "from mx.example.com (...)", of the newest Received field: "by" names the reader's own server. */
static void set_reporter(struct dsn_job *j)
{
	const struct header_field *f = *j->out->reporter ? NULL : header_find(j->header, "Received", 0);
	struct str s = header_unfold(j->a, f ? str_cut(f->value, 0, RECEIVED_MAX) : (struct str){ "", 0 });
	struct str rest = s, word;
	if (!str_next(&rest, " ", &word) || !str_ieq(word, "from"))
		return;
	if (str_next(&rest, " ;(", &word))
		j->out->reporter = dsn_text(j->a, word, 255);
}

static void recognise(struct dsn_job *j)
{
	j->dialect = dsn_best(j, BOUNCE_KIND_REPORT);
	j->out->dialect = j->dialect < bounce_ndialects ? bounce_dialects[j->dialect].name : "";
}

/* A report that forgot to say for whom: for the one it was sent to. */
static void name_the_only_one(struct dsn_job *j)
{
	struct dsn_recipient *r = j->out->v;
	struct str to = dsn_address(str_of(j->out->original.to));
	if (j->out->n == 1 && !*r->address && !*r->original && memchr(to.p, '@', to.len))
		r->address = dsn_text(j->a, to, DSN_FIELD_MAX);
}

static void finish(struct dsn_job *j)
{
	name_the_only_one(j);
	for (size_t i = 0; i < j->out->n; i++)
		dsn_finish(j, &j->out->v[i]);
	set_reporter(j);
}

static enum dsn_kind as_report(struct dsn_job *j, const char *dialect)
{
	if (dialect)
		j->out->dialect = dialect;
	dsn_spoken_complete(j);
	finish(j);
	return DSN_REPORT;
}

static enum dsn_kind by_mark(struct dsn_job *j, enum bounce_kind mark, enum dsn_kind kind)
{
	unsigned d = dsn_best(j, mark);
	if (d == bounce_ndialects)
		return DSN_NONE;
	j->out->dialect = bounce_dialects[d].name;
	return kind;
}

static enum dsn_kind kind_of_words(struct dsn_job *j)
{
	enum dsn_kind kind = by_mark(j, BOUNCE_KIND_FEEDBACK, DSN_FEEDBACK);
	if (kind == DSN_NONE)
		kind = by_mark(j, BOUNCE_KIND_CHALLENGE, DSN_CHALLENGE);
	if (kind == DSN_NONE && j->dialect == bounce_ndialects)
		kind = by_mark(j, BOUNCE_KIND_REPLY, DSN_REPLY);
	if (kind != DSN_NONE || (j->dialect == bounce_ndialects && !dsn_is_report(j, j->dialect)))
		return kind;
	bool named = dsn_spoken_read(j);
	if (j->dialect == bounce_ndialects && !dsn_is_borne_out(j, named)) {
		j->out->n = 0;
		return DSN_NONE;
	}
	return as_report(j, j->dialect == bounce_ndialects ? "general" : NULL);
}

/* "<a@b> <c@d>": message-ids, from the last one on where `backward`. */
static void add_ids(struct dsn_job *j, const char *field, bool backward)
{
	struct str rest = str_cut(header_get(j->a, j->header, field), 0, DSN_FIELD_MAX), word;
	struct str found[DSN_ANSWERS_MAX];
	size_t n = 0;
	while (str_next(&rest, " \t<>,", &word))
		if (memchr(word.p, '@', word.len))
			found[n++ % DSN_ANSWERS_MAX] = word;
	size_t have = n < DSN_ANSWERS_MAX ? n : DSN_ANSWERS_MAX;
	for (size_t i = 0; i < have && j->out->answers.n < DSN_ANSWERS_MAX; i++) {
		struct str id = found[(backward ? n - 1 - i : n - have + i) % DSN_ANSWERS_MAX];
		const char *text = dsn_text(j->a, id, DSN_FIELD_MAX);
		if (!strlist_has(&j->out->answers, text))
			strlist_add(&j->out->answers, j->a, text);
	}
}

static void read_answers(struct dsn_job *j)
{
	j->out->from = dsn_text(j->a, dsn_address(header_get(j->a, j->header, "From")), DSN_FIELD_MAX);
	add_ids(j, "In-Reply-To", false);
	add_ids(j, "References", true);
	/* A complaint that names nobody is about whom the mail was written to. */
	if (j->out->kind == DSN_FEEDBACK && !j->out->n && *j->out->original.to)
		dsn_recipient_for(j, dsn_address(str_of(j->out->original.to)));
}

static void read_one(struct arena *a, struct str message, struct dsn *out, unsigned forwards);

/* A mail attached as a file: webmail calls it application/octet-stream, or codes it (RFC 2046, 5.2.1
 * forbids). */
static bool is_mail_file(struct dsn_job *j, const struct mime_part *p)
{
	bool coded;
	struct str d = header_get(j->a, &p->header, "Content-Disposition");
	const char *name = mime_parameter(j->a, d, "filename", &coded);
	if (!name)
		name = mime_parameter(j->a, p->content_type, "name", &coded);
	return p->leaf && (!strcmp(p->type, "message/rfc822") || (name && z_iends(name, ".eml")));
}

/* The mail that part i is; false: it is none. */
static bool forwarded_mail(struct dsn_job *j, size_t i, struct str *out)
{
	const struct mime_part *p = &j->mime.v[i];
	if (dsn_part_is_inside(j, i))
		return false;
	if (is_mail_file(j, p))
		return mime_decode(j->a, p, out);
	*out = p->body;
	return !p->leaf && z_istarts(p->type, "message/");
}

/* A bounce that somebody forwards as a whole: read what is inside. */
static void read_forwarded(struct dsn_job *j, unsigned forwards)
{
	for (size_t i = 0; i < j->mime.n && forwards < FORWARDS_MAX; i++) {
		struct dsn inner;
		struct str mail;
		if (!forwarded_mail(j, i, &mail))
			continue;
		read_one(j->a, str_cut(mail, 0, DSN_MESSAGE_MAX), &inner, forwards + 1);
		if (inner.kind == DSN_REPORT) {
			*j->out = inner;
			return;
		}
	}
}

/* Nothing but a cover for the mail inside: a gateway that wrapped another's report. */
static bool says_little(const struct dsn_job *j)
{
	return !strcmp(j->out->dialect, "general") && j->signs < 2;
}

/* The server's own code, words that give a reason, or a status that needs none. */
static bool tells_why(const struct dsn_recipient *r)
{
	struct str reply = str_of(r->reply);
	return dsn_reply_at(reply) < reply.len || dsn_status_tells(r->status) ||
	       (!dsn_is_poor(r->reply) && !dsn_says_nothing(reply));
}

/* The fields say all: what people read need not be looked at. */
static bool is_complete(const struct dsn_job *j)
{
	const struct dsn_original *o = &j->out->original;
	for (size_t i = 0; i < j->out->n; i++) {
		const struct dsn_recipient *r = &j->out->v[i];
		bool arrived =
			r->action == DSN_DELIVERED || r->action == DSN_RELAYED || r->action == DSN_EXPANDED;
		if (!*r->address || !r->action_given || !*r->status || (!arrived && !tells_why(r)))
			return false;
	}
	return *o->message_id || *o->subject || *o->from;
}

static void read_words(struct dsn_job *j)
{
	dsn_text_read(j);
	dsn_original_read_rest(j);
	dsn_marks_count(j);
	dsn_signs_read(j);
	recognise(j);
}

static enum dsn_kind read_kind(struct dsn_job *j)
{
	enum dsn_kind kind = dsn_kind_of_parts(j);
	if (kind != DSN_NONE)
		return kind;
	bool report = dsn_status_read(j);
	if (report && is_complete(j)) {
		j->out->dialect = "rfc3464";
		finish(j);
		return DSN_REPORT;
	}
	read_words(j);
	if (report)
		return as_report(j, "rfc3464");
	if (dsn_status_read_text(j))
		return as_report(j, *j->out->dialect ? NULL : "rfc3464-text");
	return kind_of_words(j);
}

/* Some recipient has no reply, or there is none: the text for people is all there is. */
static bool needs_words(const struct dsn_job *j)
{
	bool silent = j->out->kind != DSN_REPORT || !j->out->n;
	for (size_t i = 0; i < j->out->n && !silent; i++)
		silent = !*j->out->v[i].reply;
	return silent;
}

static void read_one(struct arena *a, struct str message, struct dsn *out, unsigned forwards)
{
	struct dsn_job *j = arena_alloc(a, sizeof(*j));
	*out = dsn_nothing;
	j->a = a;
	j->out = out;
	j->dialect = bounce_ndialects;
	mime_outline(a, message, &j->mime);
	j->header = &j->mime.v[0].header;
	dsn_original_read(j);
	out->kind = read_kind(j);
	if (out->kind != DSN_NONE)
		read_answers(j);
	if (needs_words(j))
		out->said = dsn_said(j);
	if (out->kind == DSN_NONE || (out->kind == DSN_REPORT && says_little(j)))
		read_forwarded(j, forwards);
}

struct str dsn_from_first_line(struct str s)
{
	struct str line;
	for (struct str rest = s; str_next(&rest, "\n", &line);)
		if (str_trim(line).len)
			return str_cut(s, (size_t)(line.p - s.p), s.len);
	return str_cut(s, s.len, s.len);
}

void dsn_read(struct arena *a, struct str message, struct dsn *out)
{
	message = dsn_from_first_line(message);
	read_one(a, str_cut(message, 0, DSN_MESSAGE_MAX), out, 0);
}
