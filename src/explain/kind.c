/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/kind.h"

#include <ctype.h>
#include <string.h>

enum {
	FIELDS_MIN = 2,    /* known header fields that make a mail */
	LOG_LINES_MIN = 3, /* fewer lines of a log are explained as text: one was pasted */
	TIME_WITHIN = 64,  /* bytes of a line */
	LINES_LOOKED = 60
};

static bool next_ended(struct str *rest, struct str *line, char by)
{
	if (!rest->len)
		return false;
	const char *end = memchr(rest->p, by, rest->len);
	size_t n = end ? (size_t)(end - rest->p) : rest->len;
	*line = str_cut(*rest, 0, n && rest->p[n - 1] == '\r' ? n - 1 : n);
	*rest = str_cut(*rest, end ? n + 1 : n, rest->len);
	return true;
}

static bool next_line(struct str *rest, struct str *line)
{
	return next_ended(rest, line, '\n');
}

/* name ":"; RFC 5322, 2.2 */
static struct str field_name(struct str line)
{
	size_t n = 0;
	while (n < line.len && (isalnum((unsigned char)line.p[n]) || strchr("-_", line.p[n])))
		n++;
	return n && n < line.len && line.p[n] == ':' ? str_cut(line, 0, n) : (struct str){ "", 0 };
}

static bool is_mail_field(struct str name)
{
	static const char *const names[] = { "received",
					     "return-path",
					     "from",
					     "to",
					     "cc",
					     "subject",
					     "date",
					     "message-id",
					     "mime-version",
					     "content-type",
					     "delivered-to",
					     "reply-to",
					     "sender",
					     "x-original-to",
					     "auto-submitted",
					     "dkim-signature",
					     "envelope-to",
					     "arc-seal",
					     "authentication-results",
					     "x-failed-recipients",
					     "content-transfer-encoding" };
	return str_is_among(name, names, ARRAY_LEN(names));
}

/* A header: fields and their folds up to an empty line, known ones among them. */
static bool is_header(struct str s, bool whole)
{
	struct str line;
	unsigned known = 0, fields = 0;
	while (next_line(&s, &line) && line.len) {
		struct str name = field_name(line);
		bool fold = fields && (*line.p == ' ' || *line.p == '\t');
		bool cut = !s.len && !whole; /* the last line may go on behind the head */
		if (!name.len && !fold && !cut)
			return false;
		fields += name.len > 0;
		known += is_mail_field(name);
	}
	return known >= FIELDS_MIN;
}

static bool is_mbox(struct str s, bool whole)
{
	struct str line;
	return str_istarts(s, "From ") && !memcmp(s.p, "From ", 5) && next_line(&s, &line) &&
	       is_header(s, whole);
}

static bool fits(struct str s, const char *shape)
{
	size_t n = strlen(shape);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = i < s.len ? (unsigned char)s.p[i] : 0;
		bool ok = shape[i] == '0'   ? isdigit(c)
			  : shape[i] == 'A' ? isalpha(c)
			  : shape[i] == '_' ? isdigit(c) || c == ' '
			  : shape[i] == 'T' ? c == 'T' || c == ' '
					    : c == (unsigned char)shape[i];
		if (!ok)
			return false;
	}
	return true;
}

static bool is_time(struct str s)
{
	static const char *const shapes[] = { "AAA _0 00:00:00",
					      "0000-00-00T00:00:00",
					      "0000/00/00 00:00:00",
					      "[0000-00-00T00:00:00",
					      "00/AAA/0000:00:00:00",
					      "0000-00-00 00:00",
					      "@400000",
					      "AAA AAA _0 00:00:00" };
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (fits(s, shapes[i]))
			return true;
	return false;
}

/* A line of a log begins with its time: syslog's, RFC 3339's, Exim's, or within brackets or JSON;
 * "<22>" of syslog may stand before it, "mail-1  | " of a container, a file's name of grep. */
static bool has_time(struct str line)
{
	for (size_t i = 0; i < line.len && i < TIME_WITHIN; i++)
		if ((!i || memchr(" \t:|>\"", line.p[i - 1], 6)) && is_time(str_cut(line, i, line.len)))
			return true;
	return str_istarts(line, "{\"") && str_ifind(str_cut(line, 0, 400), "time") < 400;
}

static bool is_exchange(struct str s)
{
	return str_istarts(s, "#Software: ") || str_istarts(s, "#Fields: ") || str_istarts(s, "#Version: ") ||
	       str_istarts(s, "date-time,") || str_istarts(s, "origin_timestamp_utc,");
}

/* journalctl -o json-pretty: times stand on few of its lines. */
static bool is_journal(struct str s)
{
	return str_istarts(s, "{\n\t\"") && str_ifind(s, "\n\t\"__REALTIME_TIMESTAMP\" : \"") < s.len;
}

/* What a program wrote of one session stands apart from a log of many. */
static bool is_dialogue(struct str line)
{
	static const char *const marks[] = { "SERVER -> CLIENT", "CLIENT -> SERVER",
					     "] S: ", "] C: ", "Connection: opening to " };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (str_ifind(line, marks[i]) < line.len)
			return true;
	return false;
}

static bool is_log(struct str s, bool whole)
{
	struct str line;
	unsigned lines = 0, timed = 0;
	char end = memchr(s.p, '\n', s.len) ? '\n' : '\r';
	if (is_exchange(s) || is_journal(s))
		return true;
	while (lines < LINES_LOOKED && next_ended(&s, &line, end)) {
		if (!str_trim(line).len || (!s.len && !whole))
			continue;
		if (whole && is_dialogue(line))
			return false;
		lines++;
		timed += has_time(line);
	}
	return timed >= LOG_LINES_MIN && timed * 2 >= lines;
}

static struct str without_blank_lines(struct str s)
{
	struct str rest = s, line;
	while (next_line(&rest, &line) && !str_trim(line).len)
		s = rest;
	return str_trim(s).len ? s : str_cut(s, s.len, s.len);
}

enum explain_kind explain_kind(struct str head, bool whole)
{
	if (str_istarts(head, "\xef\xbb\xbf"))
		head = str_cut(head, 3, head.len);
	head = without_blank_lines(head);
	if (!head.len)
		return EXPLAIN_BLANK;
	if (is_mbox(head, whole))
		return EXPLAIN_MBOX;
	if (is_header(head, whole))
		return EXPLAIN_MAIL;
	return is_log(head, whole) ? EXPLAIN_LOG : EXPLAIN_TEXT;
}
