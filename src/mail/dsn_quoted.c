/* SPDX-License-Identifier: Apache-2.0 */
/* The report that a person quotes in his text: "FW: Undeliverable: ...", with "> " or without.
 *
 * What is quoted is made a mail again, of the fields that mail programs write above it (in the language of
 * whoever forwards) and of the text below, and that mail is read like any.  Where no such fields stand, the
 * lines with "> " are the text, and what the cover calls it is the subject. */
#include <string.h>

#include "base/buf.h"
#include "mail/dsn_job.h"

enum {
	QUOTES_MAX = 8, /* headers in a text that are tried: forwards of forwards */
	QUOTE_BYTES_MAX = 1 << 16,
	FIELDS_WITHIN = 14,    /* lines of such a header */
	ODD_MAX = 2,           /* of them, that are no fields */
	LITTLE_TEXT = 30,      /* bytes of a plain part that hides behind its HTML sister */
	ATTRIBUTION_LINES = 3, /* before the first "> " */
	NAME_MAX = 40
};

enum field { FIELD_FROM, FIELD_SUBJECT, FIELD_TO, FIELD_DATE, FIELD_OTHER, FIELDS };

/* What Outlook, Gmail, Apple Mail, Thunderbird and webmails call them; "|" between the names. */
static const struct {
	enum field field;
	const char *names;
} fields[] = {
	{ FIELD_FROM,
	  "From|Von|De|Da|Van|Från|Fra|Lähettäjä|Od|Nadawca|Odesílatel|От|Від|Feladó|Gönderen|Kimden|Από|"
	  "De la|Expéditeur|Remitente|Mittente|Afzender|Avsändare|Absender|差出人|发件人|寄件者|寄件人|"
	  "보낸 사람" },
	{ FIELD_SUBJECT,
	  "Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Ämne|Emne|Aihe|Temat|Předmět|Тема|Tárgy|Konu|"
	  "Θέμα|Subiect|Assunto|Sujet|件名|主题|主旨|제목" },
	{ FIELD_TO,
	  "To|An|À|A|Para|Aan|Till|Til|Vastaanottaja|Do|Komu|Кому|Címzett|Kime|Προς|Către|Pour|Destinatario|"
	  "Destinataire|宛先|收件人|收件者|받는 사람" },
	{ FIELD_DATE,
	  "Date|Sent|Datum|Gesendet|Envoyé|Enviado|Enviado el|Inviato|Data|Verzonden|Skickat|Sendt|Dato|"
	  "Lähetetty|Päiväys|Wysłano|Odesláno|Дата|Отправлено|Dátum|Elküldve|Tarih|Gönderilme|"
	  "Ημερομηνία|Fecha|Trimis|日時|日付|送信日時|发送时间|日期|时间|날짜|보낸 날짜" },
	{ FIELD_OTHER,
	  "Cc|Bcc|Kopie|Copie|Copie à|Copia|Reply-To|Antwort an|Répondre à|Rispondi a|Importance|"
	  "Wichtigkeit|Priority|Priorität|Organization|Attachments|Anlagen" },
};

struct text {
	struct str *v; /* its lines, without blanks at their ends */
	size_t n;
};

struct quote {
	struct str value[FIELDS];
	unsigned depth; /* of "> " before its lines */
	size_t body;    /* its first line */
};

/* The line without at most `most` signs of citing; *depth: how many there were. */
static struct str uncited(struct str line, unsigned most, unsigned *depth)
{
	*depth = 0;
	while (*depth < most && line.len) {
		size_t blank = *line.p == ' ' && line.len > 1;
		if (line.p[blank] != '>')
			break;
		line = str_cut(line, blank + 1, line.len);
		(*depth)++;
	}
	return *depth && line.len && *line.p == ' ' ? str_cut(line, 1, line.len) : line;
}

static unsigned depth_of(struct str line)
{
	unsigned depth;
	(void)uncited(line, DSN_LINE_MAX, &depth);
	return depth;
}

/* "*From:* ..." of Gmail: without the asterisks. */
static struct str unstarred(struct str s)
{
	s = str_trim(s);
	while (s.len && *s.p == '*')
		s = str_trim(str_cut(s, 1, s.len));
	while (s.len && s.p[s.len - 1] == '*')
		s = str_trim(str_cut(s, 0, s.len - 1));
	return s;
}

static enum field field_named(struct str name)
{
	struct str one;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		for (struct str rest = str_of(fields[i].names); str_next(&rest, "|", &one);)
			if (str_iequal(name, one))
				return fields[i].field;
	return FIELDS;
}

/* name ":" value, the colon ASCII or wide; FIELDS: it is none. */
static enum field field_of(struct str line, struct str *value)
{
	static const char wide[] = "：";
	struct str lead = str_cut(line, 0, NAME_MAX);
	size_t colon = str_ifind(lead, ":"), other = str_ifind(lead, wide);
	size_t at = colon < other ? colon : other;
	if (at == lead.len)
		return FIELDS;
	*value = unstarred(str_cut(line, at + (colon < other ? 1 : strlen(wide)), line.len));
	return field_named(unstarred(str_cut(line, 0, at)));
}

/* A value may stand on the next line (tables of HTML), and a list of recipients goes on there. */
static bool goes_on(struct str value, enum field last)
{
	return !value.len || (last == FIELD_TO && strchr(",;", value.p[value.len - 1]));
}

static bool is_whole(const struct quote *q)
{
	return q->value[FIELD_FROM].len && q->value[FIELD_SUBJECT].len;
}

/* The fields from line `at` on; false: no From and Subject are among them. */
static bool read_fields(const struct text *t, size_t at, struct quote *q)
{
	enum field last = FIELDS;
	unsigned odd = 0, depth;
	*q = (struct quote){ .depth = depth_of(t->v[at]), .body = at };
	for (size_t i = at; i < t->n && i < at + FIELDS_WITHIN && odd <= ODD_MAX; i++) {
		struct str line = str_trim(uncited(t->v[i], q->depth, &depth)), value;
		enum field f = depth < q->depth ? FIELDS : field_of(line, &value);
		if (f < FIELDS) {
			q->value[f] = value;
			last = f;
		} else if (line.len && last < FIELDS && goes_on(q->value[last], last)) {
			q->value[last] = q->value[last].len ? q->value[last] : unstarred(line);
		} else if (is_whole(q) || depth < q->depth) {
			break;
		} else {
			odd += line.len > 0;
			continue;
		}
		q->body = i + 1;
	}
	return is_whole(q);
}

static void put_field(struct buf *out, const char *name, struct str value)
{
	if (value.len)
		buf_addf(out, "%s: " STR_FMT "\n", name, STR_ARG(str_cut(value, 0, DSN_FIELD_MAX)));
}

/* What is quoted as a mail: up to the first line that is cited less deep. */
static struct str mail_of(struct arena *a, const struct text *t, const struct quote *q)
{
	CLEANUP(buf_clear) struct buf out = { 0 };
	put_field(&out, "From", q->value[FIELD_FROM]);
	put_field(&out, "Subject", q->value[FIELD_SUBJECT]);
	put_field(&out, "To", q->value[FIELD_TO]);
	put_field(&out, "Date", q->value[FIELD_DATE]);
	buf_adds(&out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n");
	for (size_t i = q->body; i < t->n && buf_str(&out).len < QUOTE_BYTES_MAX; i++) {
		unsigned depth;
		struct str line = uncited(t->v[i], q->depth, &depth);
		if (depth < q->depth && line.len)
			break;
		buf_add(&out, line.p, line.len);
		buf_add(&out, "\n", 1);
	}
	return arena_str(a, buf_str(&out));
}

static bool is_report(struct arena *a, const struct text *t, const struct quote *q, struct dsn *out)
{
	dsn_read(a, mail_of(a, t, q), out);
	return out->kind == DSN_REPORT && (out->n || *out->said); /* a header alone tells nothing */
}

static bool find_header(struct arena *a, const struct text *t, struct dsn *out)
{
	unsigned tried = 0, depth;
	for (size_t i = 0; i < t->n && tried < QUOTES_MAX; i++) {
		struct quote q;
		struct str value;
		enum field f = field_of(uncited(t->v[i], DSN_LINE_MAX, &depth), &value);
		if ((f != FIELD_FROM && f != FIELD_SUBJECT) || !read_fields(t, i, &q))
			continue;
		tried++;
		if (is_report(a, t, &q, out))
			return true;
		i = q.body > i ? q.body - 1 : i;
	}
	return false;
}

/* "On Saturday Mail Delivery System <MAILER-DAEMON@mx.example.net> wrote:", which may take several lines. */
static struct str attribution(struct arena *a, const struct text *t, size_t quote)
{
	struct strlist words = { 0 };
	size_t end = quote;
	while (end && !t->v[end - 1].len)
		end--;
	size_t from = end;
	while (from && end - from < ATTRIBUTION_LINES && t->v[from - 1].len)
		from--;
	for (size_t i = from; i < end; i++)
		strlist_add(&words, a, arena_dup(a, t->v[i].p, t->v[i].len));
	return words.n ? str_of(strlist_join(&words, a, " ")) : STR_LIT("somebody");
}

static bool find_cited(struct dsn_job *j, const struct text *t, struct dsn *out)
{
	size_t i = 0;
	while (i < t->n && !depth_of(t->v[i]))
		i++;
	if (i == t->n)
		return false;
	struct str subject = str_of(dsn_words(j->a, header_get(j->a, j->header, "Subject")));
	struct quote q = { .value = { [FIELD_FROM] = attribution(j->a, t, i),
				      [FIELD_SUBJECT] = dsn_without_prefixes(subject) },
			   .depth = depth_of(t->v[i]),
			   .body = i };
	return is_report(j->a, t, &q, out);
}

static struct str text_for_people(struct dsn_job *j)
{
	static const char *const types[] = { "text/plain", "text/html" };
	for (size_t k = 0; k < ARRAY_LEN(types); k++)
		for (size_t i = 0; i < j->mime.n; i++) {
			if (!dsn_part_is_for_people(j, i, types[k]))
				continue;
			struct str s = str_trim(dsn_part_text(j, &j->mime.v[i]));
			if (s.len >= LITTLE_TEXT)
				return s;
		}
	return (struct str){ "", 0 };
}

/* str_next() would pass over the empty lines. */
static void split(struct arena *a, struct str s, struct text *out)
{
	out->v = arena_alloc(a, DSN_LINES_MAX * sizeof(*out->v));
	for (out->n = 0; s.len && out->n < DSN_LINES_MAX;) {
		const char *lf = memchr(s.p, '\n', s.len);
		size_t n = lf ? (size_t)(lf - s.p) : s.len;
		struct str line = str_cut(s, 0, n < DSN_LINE_MAX ? n : DSN_LINE_MAX);
		while (line.len && str_is_blank(line.p[line.len - 1]))
			line.len--;
		out->v[out->n++] = line;
		s = str_cut(s, lf ? n + 1 : n, s.len);
	}
}

bool dsn_quoted_read(struct arena *a, struct str message, struct dsn *out)
{
	struct dsn_job *j = arena_alloc(a, sizeof(*j));
	struct text t;
	j->a = a;
	mime_outline(a, str_cut(dsn_from_first_line(message), 0, DSN_MESSAGE_MAX), &j->mime);
	j->header = &j->mime.v[0].header;
	split(a, text_for_people(j), &t);
	return find_header(a, &t, out) || find_cited(j, &t, out);
}
