/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/template.h"

#include <string.h>

#include "batch/csv.h"
#include "batch/template_inner.h"
#include "mail/charset.h"
#include "mail/header.h"
#include "mail/header_write.h"
#include "mail/mime.h"

struct reading {
	struct template *t;
	const struct template_options *o;
	struct strlist *faults;
	struct arena *faults_in, *scratch;
};

static void fault(struct reading *r, const char *text)
{
	strlist_add(r->faults, r->faults_in, text);
}

/* ---- the header ---- */

/* What belongs to a journey that is over, or is written anew. */
static bool is_left_out(struct str name)
{
	static const char *const all[] = {
		"Received",
		"Return-Path",
		"DKIM-Signature",
		"Authentication-Results",
		"Delivered-To",
		"Message-ID",
		"Date",
		"MIME-Version",
		"X-Postrider-Key",
		"Status",
		"X-Status",
		"X-UIDL",
		"X-Account-Key",
		"X-Identity-Key",
		"X-Unsent",
		"Envelope-To",
		"Delivery-date",
		"FCC",
	};
	return str_is_among(name, all, ARRAY_LEN(all)) || str_istarts(name, "Content-") ||
	       str_istarts(name, "ARC-") || str_istarts(name, "Resent-") || str_istarts(name, "X-Mozilla-");
}

static struct address_places *address_field(struct template *t, struct str name)
{
	const struct {
		const char *name;
		struct address_places *places;
	} all[] = { { "From", &t->from }, { "Sender", &t->sender }, { "Reply-To", &t->reply_to },
		    { "To", &t->to },     { "Cc", &t->cc },         { "Bcc", &t->bcc } };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (str_ieq(name, all[i].name))
			return all[i].places;
	return NULL;
}

static void take_words(struct reading *r, const struct header_field *f, const char *value)
{
	struct template *t = r->t;
	struct field *x = &t->fields[t->nfields];
	*x = (struct field){ .name = arena_str(t->arena, f->name).p };
	const char *where = arena_printf(r->scratch, "in the field %s", x->name);
	hole_read(t->arena, str_of(value), r->o->columns, where, &x->text, r->faults);
	if (!hole_any(&x->text)) {
		CLEANUP(buf_clear) struct buf b = { 0 };
		header_write(&b, x->name, str_of(value), HEADER_WORDS);
		*x = (struct field){ .raw = arena_str(t->arena, buf_str(&b)) };
	}
	t->nfields++;
}

static void take_field(struct reading *r, const struct header_field *f)
{
	struct template *t = r->t;
	struct str value = header_unfold(r->scratch, f->value);
	bool coded;
	if (is_left_out(f->name) || (r->o->fields && str_istarts(f->name, "X-Postrider-")))
		return;
	struct address_places *places = address_field(t, f->name);
	if (places) {
		const char *where = arena_printf(r->scratch, "in the field " STR_FMT, STR_ARG(f->name));
		if (!places->n)
			address_read(t->arena, value, r->o->columns, where, places, r->faults);
		return;
	}
	if (t->nfields == TEMPLATE_FIELDS_MAX) {
		fault(r, "the template has more than 200 fields in its header");
		return;
	}
	take_words(r, f, mime_words(r->scratch, arena_str(r->scratch, value).p, &coded));
}

static void add_raw(struct template *t, const char *fields)
{
	t->fields[t->nfields++] = (struct field){ .raw = arena_str(t->arena, str_of(fields)) };
}

/* A profile says itself what becomes of its mail in doubt; in nobody's name an invoice is better held than
 * sent twice. */
static bool says_what_in_doubt(const struct header *h)
{
	return header_count(h, "X-Postrider-Profile") || header_count(h, "X-Postrider-Kind") ||
	       header_count(h, "X-Postrider-In-Doubt");
}

static void take_header(struct reading *r, struct str raw)
{
	struct header h;
	header_read(r->scratch, raw, &h);
	r->t->fields = arena_alloc(r->t->arena, (TEMPLATE_FIELDS_MAX + 1) * sizeof(*r->t->fields));
	for (size_t i = 0; i < h.n; i++)
		take_field(r, &h.v[i]);
	if (r->o->fields)
		add_raw(r->t, r->o->fields);
	else if (!says_what_in_doubt(&h))
		add_raw(r->t, "X-Postrider-In-Doubt: hold\r\n");
	if (!h.has_body || !h.n)
		fault(r,
		      "the template is no mail: first come fields (From: Subject: ...), then an empty line, "
		      "then the text");
}

/* ---- who gets it, who sends it ---- */

static const char *const usual_columns[] = {
	"email",
	"e-mail",
	"mail",
	"to",
	"recipient",
	"email address",
	"e-mail address",
	"email-address",
	"address",
	"empfänger",
	"empfaenger",
	"e-mail-adresse",
	"email-adresse",
	"e-mailadresse",
	"emailadresse",
	"mail-adresse",
	"mailadresse",
	"e-mail adresse",
	"email adresse",
	"courriel",
	"adresse e-mail",
	"adresse email",
	"adresse mail",
	"adresse électronique",
	"destinataire",
	"mél",
	"correo",
	"correo electrónico",
	"correo electronico",
	"destinatario",
	"indirizzo e-mail",
	"indirizzo email",
	"posta elettronica",
	"e-mailadres",
	"emailadres",
	"mailadres",
};

static size_t usual_column(const struct strlist *columns)
{
	for (size_t i = 0; i < ARRAY_LEN(usual_columns); i++) {
		size_t at = csv_column(columns, str_of(usual_columns[i]));
		if (at < columns->n)
			return at;
	}
	return columns->n;
}

static void no_column(struct reading *r, const char *named)
{
	const struct strlist *c = r->o->columns;
	const char *near = named ? csv_near(c, str_of(named)) : NULL;
	fault(r,
	      near ? arena_printf(r->scratch, "the table has no column \"%s\"; is \"%s\" meant?", named, near)
	      : named ? arena_printf(r->scratch, "the table has no column \"%s\"; its columns are: %s", named,
				     strlist_join(c, r->scratch, ", "))
		      : arena_printf(r->scratch,
				     "nothing says which column holds the recipients: write To: {{...}} into "
				     "the template, or say --to-column NAME; the columns are: %s",
				     strlist_join(c, r->scratch, ", ")));
}

/* A template saved by a mail program names somebody: whoever it was, the table decides. */
static void settle_to(struct reading *r)
{
	struct template *t = r->t;
	const struct strlist *c = r->o->columns;
	t->to_column = "";
	if (!r->o->to_column && address_has_holes(&t->to))
		return;
	size_t at = r->o->to_column ? csv_column(c, str_of(r->o->to_column)) : usual_column(c);
	if (at == c->n) {
		no_column(r, r->o->to_column);
		return;
	}
	t->to_column = arena_strdup(t->arena, c->v[at]);
	t->to = address_of_column(t->arena, c, at);
}

static void settle_from(struct reading *r)
{
	struct template *t = r->t;
	const struct template_options *o = r->o;
	if (o->from) {
		struct strlist none = { 0 };
		struct hole_text *name, *address;
		t->from = (struct address_places){ arena_alloc(t->arena, sizeof(*t->from.v)), 1 };
		name = &t->from.v->name;
		address = &t->from.v->address;
		struct strlist ignored = { 0 };
		hole_read(t->arena, str_of(o->from_name), &none, "", name, &ignored);
		hole_read(t->arena, str_of(o->from), &none, "", address, &ignored);
	}
	if (!t->from.n)
		fault(r, "nothing says who sends it: write From: into the template, or say --from ADDRESS");
}

/* ---- all of it ---- */

/* CRLF, whatever the file has: a line end of another kind would be refused on the way. */
static struct str in_crlf(struct arena *a, struct str raw)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (size_t i = 0; i < raw.len; i++) {
		bool cr = raw.p[i] == '\r', lf = raw.p[i] == '\n';
		if (cr && i + 1 < raw.len && raw.p[i + 1] == '\n')
			continue;
		if (cr || lf)
			buf_add(&b, "\r\n", 2);
		else
			buf_add(&b, raw.p + i, 1);
	}
	return arena_str(a, buf_str(&b));
}

struct template *template_read(struct str raw, const struct template_options *o, struct strlist *faults,
			       struct arena *faults_in)
{
	CLEANUP(arena_free) struct arena *scratch = arena_new();
	struct template *t = mem_alloc(sizeof(*t));
	t->arena = arena_new();
	struct strlist found = { 0 };
	struct reading r = { t, o, &found, scratch, scratch };
	if (raw.len >= 3 && !memcmp(raw.p, "\xef\xbb\xbf", 3))
		raw = str_cut(raw, 3, raw.len);
	if (str_ifind(raw, "charset=") == raw.len) /* written by hand, in an old editor */
		raw = charset_utf8(scratch, raw, "windows-1252");
	if (memchr(raw.p, 0, raw.len))
		fault(&r, "the template has zero bytes in it: it is no mail");
	struct str mail = in_crlf(scratch, raw);
	take_header(&r, mail);
	template_body(t, mail, o, &found);
	settle_to(&r);
	settle_from(&r);
	for (size_t i = 0; i < found.n; i++)
		strlist_add(faults, faults_in, found.v[i]);
	return t;
}

void template_free(struct template **tp)
{
	if (*tp)
		arena_free(&(*tp)->arena);
	mem_free(tp);
}
