/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/line.h"

#include "explain/log/chars.h"
#include "explain/log/field.h"

enum { CONTAINER_MAX = 48, TAG_MAX = 80, HOST_MAX = 255, HEADS_MAX = 2 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The word at the front, up to a blank. */
static struct str word(struct str s)
{
	const char *p = s.len ? memchr(s.p, ' ', s.len) : NULL;
	return p ? (struct str){ s.p, (size_t)(p - s.p) } : s;
}

/* "<22>", and "1 " of RFC 5424 behind it. */
static struct str skip_priority(struct str s, bool *rfc5424)
{
	size_t i = 1;
	*rfc5424 = false;
	if (!s.len || s.p[0] != '<')
		return s;
	while (i < s.len && i < 4 && is_digit(s.p[i]))
		i++;
	if (i < 2 || i >= s.len || s.p[i] != '>')
		return s;
	s = log_from(s, i + 1);
	*rfc5424 = log_starts(s, STR_LIT("1 "));
	return *rfc5424 ? log_from(s, 2) : s;
}

/* "mail_1  | " of docker compose. */
static struct str skip_container(struct str s)
{
	size_t i = 0;
	while (i < s.len && i < CONTAINER_MAX && (is_alnum(s.p[i]) || memchr("-_.", s.p[i], 3)))
		i++;
	size_t blanks = i;
	while (blanks < s.len && blanks < CONTAINER_MAX && s.p[blanks] == ' ')
		blanks++;
	bool is = i > 0 && blanks + 1 < s.len && s.p[blanks] == '|' && s.p[blanks + 1] == ' ';
	return is ? log_from(s, blanks + 2) : s;
}

/* "postfix/smtp[812]:", "sendmail:"; "postfix/smtp[812]" of loggers that write no colon. */
static bool tag_take(struct str w, struct log_line *l)
{
	if (w.len < 2 || w.len > TAG_MAX || (w.p[w.len - 1] != ':' && w.p[w.len - 1] != ']') ||
	    is_digit(w.p[0]) || !(is_alnum(w.p[0]) || w.p[0] == '('))
		return false;
	bool colon = w.p[w.len - 1] == ':';
	w.len -= colon;
	const char *open = memchr(w.p, '[', w.len);
	l->tag = open ? (struct str){ w.p, (size_t)(open - w.p) } : w;
	if (!colon && (!open || !is_digit(open[1])))
		return false;
	if (memchr(l->tag.p, '@', l->tag.len) || memchr(l->tag.p, '=', l->tag.len) ||
	    memchr(l->tag.p, ':', l->tag.len))
		return false;
	if (open && w.p[w.len - 1] == ']')
		l->pid = (struct str){ open + 1, (size_t)(w.p + w.len - 1 - (open + 1)) };
	return l->tag.len > 0;
}

static bool is_host(struct str w)
{
	static const uint64_t host[] = { CHARS_DIGITS | UINT64_C(0x0400e00000000000),    /* - . / : */
					 CHARS_LETTERS | UINT64_C(0x00000000a8000000) }; /* [ ] _ */
	if (!w.len || w.len > HOST_MAX)
		return false;
	for (size_t i = 0; i < w.len; i++)
		if (!chars_has(host, w.p[i]))
			return false;
	return true;
}

static void nothing_said(struct log_line *l)
{
	l->host = l->tag = l->pid = (struct str){ "", 0 };
}

/* "host tag[pid]: text" or "tag[pid]: text" in s. */
static bool host_and_tag(struct str s, struct log_line *l)
{
	struct str first = word(s);
	if (tag_take(first, l)) {
		l->host = (struct str){ "", 0 };
		l->text = log_behind_blanks(log_from(s, first.len));
		return true;
	}
	struct str rest = log_behind_blanks(log_from(s, first.len)), second = word(rest);
	if (!is_host(first) || !tag_take(second, l)) {
		nothing_said(l);
		return false;
	}
	l->host = first;
	l->text = log_behind_blanks(log_from(rest, second.len));
	return true;
}

/* RFC 5424, 6: HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG. */
static bool rfc5424_rest(struct str s, struct log_line *l)
{
	struct str w[4];
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		w[i] = word(s);
		s = log_behind_blanks(log_from(s, w[i].len));
	}
	if (!w[3].len || !s.len)
		return false;
	l->host = w[0];
	l->tag = w[1];
	l->pid = str_eq(w[2], "-") ? (struct str){ "", 0 } : w[2];
	size_t end = s.p[0] == '[' ? log_find(s, STR_LIT("] ")) + 1 : 1;
	l->text = log_behind_blanks(log_from(s, end));
	if (log_starts(l->text, STR_LIT("\xef\xbb\xbf")))
		l->text = log_from(l->text, 3);
	return true;
}

/* "[ID 197553 mail.info] " of Solaris. */
static void skip_solaris_id(struct log_line *l)
{
	if (!log_starts(l->text, STR_LIT("[ID ")))
		return;
	size_t end = log_find(l->text, STR_LIT("] "));
	l->text = log_from(l->text, end + 2);
}

void log_line_parse(struct log_clock *c, struct str whole, struct log_line *l)
{
	bool rfc5424 = false;
	struct str s = whole;
	l->whole = l->text = whole;
	l->time_s = 0;
	l->in_csv = false;
	nothing_said(l);
	for (int heads = 0; heads < HEADS_MAX; heads++) {
		size_t n = log_time_stamp(c, s, &l->time_s);
		if (!n && !heads) {
			struct str inner = skip_priority(skip_container(s), &rfc5424);
			n = log_time_any(c, inner, &l->time_s);
			s = n || inner.len < s.len ? inner : s;
		} else if (!n) {
			n = log_time_iso(c, s, &l->time_s);
		}
		if (!n)
			break;
		s = log_behind_blanks(log_from(s, n));
		l->text = s;
	}
	if (rfc5424 ? rfc5424_rest(s, l) : host_and_tag(s, l))
		skip_solaris_id(l);
}
