/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of mail this is: by its types, then by the marks of catalog/bounces/. */
#include <string.h>

#include "mail/dsn_job.h"

enum { MARK_TEXT_MAX = 400, FIELD_NAME_MAX = 60, FIELDS_MAX = 300 };

static void count_hits(struct dsn_job *j, const struct dsn_hit *hits, unsigned n,
		       const struct bounce_pattern **seen, size_t *nseen, size_t room)
{
	for (unsigned i = 0; i < n; i++) {
		const struct bounce_pattern *p = hits[i].pattern;
		bool again = p->role > BOUNCE_BEGIN || *nseen == room;
		for (size_t k = 0; k < *nseen && !again; k++)
			again = seen[k] == p;
		if (again)
			continue;
		seen[(*nseen)++] = p;
		j->points[p->dialect] += p->points;
		if (p->role == BOUNCE_BEGIN)
			j->body[p->dialect] += p->points;
		else if (p->dialect == 0 && z_istarts(p->text, "subject:"))
			j->subject = j->subject > p->points ? j->subject : p->points;
		else if (p->dialect == 0)
			j->machine += p->points;
	}
}

/* "name: value" with single blanks, and folded. */
static void fold_field(struct dsn_job *j, const struct header_field *f, struct str *text, struct str *low)
{
	const char *value = dsn_words(j->a, str_cut(f->value, 0, MARK_TEXT_MAX));
	while (*value == ' ')
		value++;
	struct str name = str_cut(f->name, 0, FIELD_NAME_MAX), words = str_of(value);
	size_t len = name.len + 2 + words.len;
	char *z = arena_raw(j->a, len), *small = arena_raw(j->a, len);
	memcpy(z, name.p, name.len);
	memcpy(z + name.len, ": ", 2);
	memcpy(z + name.len + 2, words.p, words.len);
	for (size_t i = 0; i < len; i++)
		small[i] = (char)(z[i] >= 'A' && z[i] <= 'Z' ? z[i] + 32 : z[i]);
	*text = (struct str){ z, len };
	*low = (struct str){ small, len };
}

/* Some pattern asks for a field of that name. */
static bool is_telling(struct str name)
{
	for (unsigned i = 0; i < bounce_nfields && bounce_fields[i][0] <= (name.p[0] | 32); i++) /* sorted */
		if ((name.p[0] | 32) == bounce_fields[i][0] &&
		    (name.len < 3 || (name.p[2] | 32) == bounce_fields[i][2]) &&
		    str_istarts(name, bounce_fields[i]))
			return true;
	return false;
}

void dsn_marks_count(struct dsn_job *j)
{
	const struct bounce_pattern *seen[128];
	struct dsn_hit hits[DSN_HITS_MAX];
	size_t nseen = 0;
	for (size_t i = 0; i < j->header->n && i < FIELDS_MAX; i++) {
		struct str text, low;
		if (!is_telling(j->header->v[i].name))
			continue;
		fold_field(j, &j->header->v[i], &text, &low);
		count_hits(j, hits, dsn_match(text, low, DSN_WANT_HEADER, hits), seen, &nseen,
			   ARRAY_LEN(seen));
	}
	count_hits(j, j->turn.hits, j->turn.nhits, seen, &nseen, ARRAY_LEN(seen));
	for (size_t i = 0; i < j->lines.n; i++)
		if (!j->lines.v[i].cited)
			count_hits(j, j->lines.v[i].hits, j->lines.v[i].nhits, seen, &nseen, ARRAY_LEN(seen));
}

unsigned dsn_best(const struct dsn_job *j, enum bounce_kind kind)
{
	unsigned best = bounce_ndialects;
	for (unsigned i = 1; i < bounce_ndialects; i++) /* 0 is the general one */
		if (bounce_dialects[i].kind == kind && j->points[i] >= bounce_dialects[i].enough &&
		    (kind != BOUNCE_KIND_REPORT || dsn_is_report(j, i)) &&
		    (best == bounce_ndialects || j->points[i] > j->points[best]))
			best = i;
	return best;
}

static const char *feedback_type(struct dsn_job *j, const struct mime_part *p)
{
	struct header h;
	header_read(j->a, dsn_part_text(j, p), &h);
	const struct header_field *f = header_find(&h, "Feedback-Type", 0);
	struct dsn *out = j->out;
	for (size_t i = 0; i < DSN_RECIPIENTS_MAX; i++) {
		const struct header_field *to = header_find(&h, "Original-Rcpt-To", i);
		struct str address = to ? dsn_address(header_unfold(j->a, to->value)) : (struct str){ "", 0 };
		if (!to)
			break;
		dsn_recipient_for(j, address);
	}
	struct str mta = header_get(j->a, &h, "Reporting-MTA");
	if (mta.len && !*out->reporter)
		out->reporter = dsn_text(j->a, mta, DSN_FIELD_MAX);
	out->arrival = dsn_text(j->a, header_get(j->a, &h, "Arrival-Date"), DSN_FIELD_MAX);
	out->envelope_id = dsn_text(j->a, header_get(j->a, &h, "Original-Envelope-Id"), DSN_FIELD_MAX);
	return f ? dsn_words(j->a, f->value) : "";
}

/* "manual-action/MDN-sent-manually; displayed/error" -> "displayed" */
static const char *disposition(struct arena *a, struct str value)
{
	const char *semicolon = value.len ? memchr(value.p, ';', value.len) : NULL;
	struct str rest = str_cut(value, semicolon ? (size_t)(semicolon - value.p) + 1 : 0, value.len), word;
	return str_next(&rest, " \t/,", &word) ? dsn_text(a, word, 40) : "";
}

static void read_receipt(struct dsn_job *j, const struct mime_part *p)
{
	struct header h;
	header_read(j->a, dsn_part_text(j, p), &h);
	struct str to = header_get(j->a, &h, "Final-Recipient");
	struct str original = header_get(j->a, &h, "Original-Recipient");
	struct str id = header_get(j->a, &h, "Original-Message-ID");
	if (to.len || original.len)
		dsn_recipient_for(j, dsn_address(to.len ? to : original));
	if (id.len)
		j->out->original.message_id = dsn_text(j->a, id, DSN_FIELD_MAX);
	j->out->reporter = dsn_text(j->a, header_get(j->a, &h, "Reporting-UA"), DSN_FIELD_MAX);
	j->out->disposition = disposition(j->a, header_get(j->a, &h, "Disposition"));
}

enum dsn_kind dsn_kind_of_parts(struct dsn_job *j)
{
	for (size_t i = 0; i < j->mime.n; i++) {
		const struct mime_part *p = &j->mime.v[i];
		if (dsn_part_is_inside(j, i))
			continue;
		if (!strcmp(p->type, "message/feedback-report")) {
			j->out->feedback = feedback_type(j, p);
			return DSN_FEEDBACK;
		}
		if (!strcmp(p->type, "message/disposition-notification") ||
		    !strcmp(p->type, "message/global-disposition-notification")) {
			read_receipt(j, p);
			return DSN_RECEIPT;
		}
	}
	return DSN_NONE;
}
