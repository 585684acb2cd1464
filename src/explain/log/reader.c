/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "explain/log/bare.h"
#include "explain/log/context.h"
#include "explain/log/detect.h"
#include "explain/log/line.h"
#include "explain/log/pretty.h"
#include "explain/log/track.h"
#include "explain/log/wide.h"

/* What ends the lines of a file: a lone CR (spreadsheets, old printers and gateways) until an LF is seen. */
enum line_end { END_UNKNOWN, END_CR, END_LF };

struct log_reader {
	struct log_context x;
	unsigned long long line; /* of this file */
	struct buf part;         /* of a line whose end has not come; cut at LOG_LINE_MAX */
	bool in_part;            /* bytes of it have come, kept or cut off */
	enum line_end end;       /* of this file */
	bool after_cr;           /* the last byte was a CR that may end a line by itself */
	struct log_wide wide;
	struct buf bare; /* a line without colours and names of signs */
	struct log_pretty pretty;
};

struct log_reader *log_reader_new(const struct log_options *o, log_sink_fn *sink, void *user)
{
	struct log_reader *r = mem_alloc(sizeof(*r));
	r->x.options = *o;
	r->x.sink = sink;
	r->x.user = user;
	r->x.any = log_detect;
	r->x.clock.now_s = o->now_s;
	r->x.clock.zone_s = o->zone_s;
	r->x.messages = log_table_new(LOG_MESSAGES_MAX, sizeof(struct log_message));
	r->x.recipients = log_table_new(LOG_RECIPIENTS_MAX, LOG_RECIPIENT_BYTES);
	r->x.meanings = log_meanings_new();
	r->x.totals.format = o->format ? o->format : "";
	r->part.max = LOG_LINE_MAX;
	r->bare.max = LOG_LINE_MAX;
	r->pretty.object.max = LOG_LINE_MAX;
	r->x.talk.text.max = LOG_TALK_MAX;
	log_wide_start(&r->wide);
	return r;
}

void log_reader_free(struct log_reader **r)
{
	if (!*r)
		return;
	log_table_free(&(*r)->x.messages);
	log_table_free(&(*r)->x.recipients);
	log_meanings_free(&(*r)->x.meanings);
	buf_clear(&(*r)->part);
	buf_clear(&(*r)->bare);
	buf_clear(&(*r)->pretty.object);
	buf_clear(&(*r)->x.talk.text);
	mem_free(r);
}

static void seen(struct log_totals *t, long long time_s)
{
	if (!time_s)
		return;
	if (!t->first_s || time_s < t->first_s)
		t->first_s = time_s;
	if (time_s > t->last_s)
		t->last_s = time_s;
}

static void take_line(struct log_reader *r, struct str s)
{
	struct log_line l;
	if (s.len && s.p[s.len - 1] == '\r')
		s.len--;
	if (s.len > LOG_LINE_MAX)
		s.len = LOG_LINE_MAX;
	r->x.totals.lines++;
	r->line++;
	s = log_bare(s, &r->bare);
	if (log_pretty_holds(&r->pretty, &s) || !s.len)
		return;
	log_line_parse(&r->x.clock, s, &l);
	l.number = r->line;
	l.in_csv = r->x.csv.separator != '\0';
	r->x.line = &l;
	r->x.wrapped_s = 0;
	if (log_detect(&r->x, &l))
		r->x.totals.understood++;
	seen(&r->x.totals, l.time_s ? l.time_s : r->x.wrapped_s);
	r->x.line = NULL;
}

static void keep_part(struct log_reader *r, struct str s)
{
	size_t room = LOG_LINE_MAX - buf_waiting(&r->part);
	r->in_part = r->in_part || s.len;
	if (s.len)
		(void)buf_add(&r->part, s.p, s.len < room ? s.len : room);
}

static void end_part(struct log_reader *r)
{
	take_line(r, buf_str(&r->part));
	buf_take(&r->part, buf_waiting(&r->part));
	r->in_part = false;
}

/* Where the line at the front ends; NULL: further on. */
static const char *find_end(struct log_reader *r, struct str s)
{
	const char *cr = r->end == END_LF ? NULL : memchr(s.p, '\r', s.len);
	const char *lf = memchr(s.p, '\n', cr ? (size_t)(cr - s.p) : s.len);
	if (lf || !cr) {
		r->end = lf ? END_LF : r->end;
		return lf;
	}
	if (cr + 1 == s.p + s.len) {
		r->after_cr = true;
		return NULL;
	}
	r->end = cr[1] == '\n' ? END_LF : END_CR;
	return cr + (cr[1] == '\n');
}

static void take_bytes(struct log_reader *r, struct str s)
{
	if (r->after_cr && s.len && *s.p != '\n') {
		r->end = END_CR;
		end_part(r);
	}
	r->after_cr = r->after_cr && !s.len;
	while (s.len) {
		const char *end = find_end(r, s);
		if (!end) {
			keep_part(r, s);
			return;
		}
		struct str line = { s.p, (size_t)(end - s.p) };
		if (r->in_part) {
			keep_part(r, line);
			end_part(r);
		} else {
			take_line(r, line);
		}
		s.p = end + 1;
		s.len -= line.len + 1;
	}
}

void log_reader_feed(struct log_reader *r, struct str bytes)
{
	struct str piece;
	r->x.totals.bytes += bytes.len;
	while (log_wide_next(&r->wide, &bytes, &piece))
		take_bytes(r, piece);
}

static void finish_file(struct log_reader *r)
{
	struct str left = log_wide_end(&r->wide);
	take_bytes(r, left);
	if (r->in_part)
		end_part(r);
	log_talk_end(&r->x);
	log_pretty_end(&r->pretty);
	r->end = END_UNKNOWN;
	r->after_cr = false;
}

void log_reader_next_file(struct log_reader *r, long long now_s)
{
	finish_file(r);
	log_wide_start(&r->wide);
	r->line = 0;
	r->x.csv = (struct log_csv){ 0 };
	if (now_s)
		r->x.clock.now_s = now_s;
	memset(r->x.clock.stamp, 0, sizeof(r->x.clock.stamp));
}

void log_reader_end(struct log_reader *r)
{
	finish_file(r);
	log_wide_start(&r->wide);
}

const struct log_totals *log_reader_totals(const struct log_reader *r)
{
	return &r->x.totals;
}
