/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a delivery report (RFC 3464, 2; RFC 6533, 3; what Exchange, Exim and others add).
 *
 * Groups are parted by empty lines, in principle.  A recipient begins here with a
 * field that it has already, or with a recipient field behind an empty line. */
#include <string.h>

#include "mail/dsn_field.h"

static const struct {
	const char *name;
	enum dsn_field id;
} names[] = {
	{ "final-recipient", F_FINAL },
	{ "original-recipient", F_ORIGINAL },
	{ "x-actual-recipient", F_ACTUAL },
	{ "action", F_ACTION },
	{ "status", F_STATUS },
	{ "diagnostic-code", F_DIAGNOSTIC },
	{ "x-supplementary-info", F_MORE },
	{ "remote-mta", F_REMOTE },
	{ "final-log-id", F_LOG_ID },
	{ "will-retry-until", F_RETRY },
	{ "last-attempt-date", F_ATTEMPT },
	{ "reporting-mta", F_REPORTER },
	{ "original-envelope-id", F_ENVELOPE },
	{ "arrival-date", F_ARRIVAL },
	{ "x-original-message-id", F_MESSAGE_ID },
	{ "x-postfix-queue-id", F_QUEUE_ID },
};

struct reading {
	struct dsn_job *j;
	struct dsn_recipient *cur; /* fields go to; NULL before the first */
	enum dsn_field last;       /* what a line without a colon continues */
	bool gap;                  /* an empty line since the last field */
	bool any;                  /* a recipient field was seen */
	unsigned seen;             /* fields of cur, a bit each */
};

static enum dsn_field field_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (name.len && (name.p[0] | 32) == names[i].name[0] && str_ieq(name, names[i].name))
			return names[i].id;
	return F_OTHER;
}

static bool begins_recipient(const struct reading *r, enum dsn_field id)
{
	bool has = r->seen & 1u << id;
	if (!r->cur)
		return true;
	if (id <= F_ACTUAL && !(r->seen & (1u << F_FINAL | 1u << F_ORIGINAL)))
		return false; /* Action and Status stood before it */
	if (id == F_FINAL)
		return has || (r->gap && (r->seen & (1u << F_STATUS | 1u << F_ACTION)));
	if (id == F_ORIGINAL)
		return has || (r->gap && (r->seen & (1u << F_FINAL | 1u << F_STATUS)));
	return r->gap && has && (id == F_ACTION || id == F_STATUS);
}

/* The recipient that a field belongs to; NULL: there are too many. */
static struct dsn_recipient *recipient_of(struct reading *r, enum dsn_field id)
{
	if (begins_recipient(r, id)) {
		r->cur = dsn_recipient_add(r->j);
		if (!r->cur)
			return NULL;
		r->seen = 0;
	}
	r->seen |= 1u << id;
	r->any = true;
	return r->cur;
}

static void recipient_field(struct reading *r, enum dsn_field id, struct str value)
{
	struct dsn_recipient *d = recipient_of(r, id);
	if (d)
		dsn_field_take(r->j, d, id, value);
}

static void message_field(struct reading *r, enum dsn_field id, struct str value)
{
	struct dsn *out = r->j->out;
	if (id == F_REPORTER)
		dsn_field_type(&value);
	const char *text = dsn_text(r->j->a, value, DSN_FIELD_MAX);
	if (id == F_REPORTER && !*out->reporter)
		out->reporter = text;
	else if (id == F_ENVELOPE && !*out->envelope_id)
		out->envelope_id = text;
	else if (id == F_ARRIVAL && !*out->arrival)
		out->arrival = text;
	else if (id == F_MESSAGE_ID && !*out->original.message_id)
		out->original.message_id = text;
	else if (id == F_QUEUE_ID && !*out->queue_id)
		out->queue_id = text;
}

static void take_field(struct reading *r, enum dsn_field id, struct str folded)
{
	struct str value = id == F_OTHER ? folded : header_unfold(r->j->a, folded);
	bool of_recipient = id >= F_FINAL && id <= F_ATTEMPT;
	if (of_recipient && (r->cur || id <= F_STATUS || id == F_DIAGNOSTIC))
		recipient_field(r, id, value);
	else if (id != F_OTHER)
		message_field(r, id, value);
	r->last = id;
	r->gap = false;
}

/* A line that is neither a field nor folded: Exchange breaks long replies that way. */
static void take_odd_line(struct reading *r, struct str line)
{
	if (r->cur && (r->last == F_DIAGNOSTIC || r->last == F_MORE) && !r->gap)
		r->cur->reply = dsn_text(r->j->a,
					 str_of(arena_printf(r->j->a, "%s " STR_FMT, r->cur->reply,
							     (int)(line.len > DSN_FIELD_MAX ? DSN_FIELD_MAX
											    : line.len),
							     line.p)),
					 DSN_REPLY_MAX);
}

/* The field at s, with its folded lines; *name is empty when it is none. */
static struct str next_field(struct str s, struct str *name, struct str *value)
{
	size_t n = 0;
	do {
		const char *lf = memchr(s.p + n, '\n', s.len - n);
		n = lf ? (size_t)(lf - s.p) + 1 : s.len;
	} while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t') && str_trim(str_cut(s, n, n + 200)).len);
	struct str field = str_cut(s, 0, n);
	size_t i = 0;
	while (i < field.len && i < 40 && field.p[i] > ' ' && field.p[i] != ':')
		i++;
	size_t colon = i;
	while (colon < field.len && field.p[colon] == ' ')
		colon++;
	bool good = i && colon < field.len && field.p[colon] == ':';
	*name = str_cut(field, 0, good ? i : 0);
	*value = str_trim(good ? str_cut(field, colon + 1, field.len) : field);
	return str_cut(s, n, s.len);
}

static void read_fields(struct reading *r, struct str s)
{
	struct str name, value;
	while (s.len) {
		s = next_field(s, &name, &value);
		if (name.len) {
			take_field(r, field_of(name), str_cut(value, 0, 2 * DSN_FIELD_MAX));
		} else if (value.len) {
			take_odd_line(r, value);
		} else {
			r->gap = true;
		}
	}
}

static bool is_status(const char *type)
{
	return z_iends(type, "/delivery-status") || z_iends(type, "/global-delivery-status") ||
	       z_iends(type, "/x-delivery-status") || z_iends(type, "/xdelivery-status");
}

bool dsn_status_read(struct dsn_job *j)
{
	struct reading r = { .j = j };
	for (size_t i = 0; i < j->mime.n; i++) {
		if (!is_status(j->mime.v[i].type) || dsn_part_is_inside(j, i))
			continue;
		r.cur = NULL;
		r.seen = 0;
		r.gap = false;
		read_fields(&r, dsn_part_text(j, &j->mime.v[i]));
	}
	return r.any;
}

bool dsn_status_read_text(struct dsn_job *j)
{
	struct reading r = { .j = j };
	bool there = false;
	for (size_t i = 0; i < j->lines.n && !there; i++)
		there = str_istarts(j->lines.v[i].low, "final-recipient:") ||
			(str_istarts(j->lines.v[i].low, "original-recipient:") && i > 0);
	for (size_t i = 0; there && i < j->lines.n; i++) {
		struct str name, value;
		const struct dsn_line *line = &j->lines.v[i];
		next_field(line->text, &name, &value);
		if (line->blank)
			r.gap = true;
		else if (field_of(name) != F_OTHER)
			take_field(&r, field_of(name), value);
		else if (line->indent)
			take_odd_line(&r, line->text);
	}
	return r.any;
}
