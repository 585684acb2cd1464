/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/line.h"

#include <string.h>

#include "catalog/reply_pattern.h"
#include "explain/token.h"

enum { MARK_MAX = 8, ROUNDS_MAX = 8, BRACKET_MAX = 100, CODE_DIGITS = 3, PROGRAM_MAX = 64 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t blanks(struct str s)
{
	size_t n = 0;
	while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	return n;
}

/* Fits s against a pattern: 9 a digit, A a letter, others themselves. */
static size_t shaped(struct str s, const char *shape)
{
	size_t n = 0;
	for (; shape[n]; n++) {
		if (n >= s.len)
			return 0;
		char c = s.p[n];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (shape[n] == '9' ? !is_digit(c) : shape[n] == 'A' ? !letter : shape[n] != c)
			return 0;
	}
	return n;
}

/* ".123", ",123", "Z", "+01:00", " UTC" after a time. */
static size_t time_tail(struct str s, size_t n)
{
	if (n < s.len && (s.p[n] == '.' || s.p[n] == ','))
		for (n++; n < s.len && is_digit(s.p[n]);)
			n++;
	if (n < s.len && s.p[n] == 'Z')
		return n + 1;
	size_t zone = shaped(token_rest(s, n), "+99:99") | shaped(token_rest(s, n), "-99:99") |
		      shaped(token_rest(s, n), "+9999") | shaped(token_rest(s, n), "-9999");
	return n + zone;
}

static size_t date_at(struct str s)
{
	static const char *const shapes[] = {
		"AAA 99 99:99:99",
		"AAA  9 99:99:99",
		"9999-99-99T99:99:99",
		"9999-99-99 99:99:99",
		"9999/99/99 99:99:99",
		"99-99 99:99:99",
		"99/99/9999 99:99:99",
		"99.99.9999 99:99:99",
		"99-AAA-9999 99:99:99",
		"AAA 99, 9999 99:99:99",
		"99:99:99",
	};
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		size_t n = shaped(s, shapes[i]);
		if (n)
			return time_tail(s, n);
	}
	return 0;
}

static size_t level_at(struct str s)
{
	static const char *const levels[] = { "ERROR",  "WARN",   "WARNING",  "INFO",   "DEBUG",    "TRACE",
					      "FATAL",  "SEVERE", "GRAVE",    "NOTICE", "CRITICAL", "error:",
					      "Error:", "fatal:", "warning:", "error" };
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		size_t n = strlen(levels[i]);
		if (s.len > n && !memcmp(s.p, levels[i], n) && strchr(" :\t", s.p[n]))
			return s.p[n] == ':' ? n + 1 : n;
	}
	return 0;
}

/* "mx1 postfix/smtp[123]: ": host and program of syslog, after a date. */
static size_t syslog_at(struct str s)
{
	size_t n = 0, words = 0;
	while (words < 2) {
		size_t from = n;
		if (n < s.len && !token_is_word(s.p[n]))
			return 0;
		while (n < s.len && (token_is_word(s.p[n]) || strchr("./_-[]@", s.p[n])) && s.p[n])
			n++;
		if (n == from || n - from > PROGRAM_MAX || level_at(token_rest(s, from)))
			return 0;
		words++;
		if (n < s.len && s.p[n] == ':' && s.p[n - 1] == ']')
			return n + 1;
		if (n < s.len && s.p[n] == ':' && words == 2)
			return n + 1;
		if (n >= s.len || s.p[n] != ' ')
			return 0;
		n++;
	}
	return 0;
}

/* "[error] ", "[23534]", "(12345)": short and closed. */
static size_t bracket_at(struct str s)
{
	if (!s.len || (s.p[0] != '['))
		return 0;
	const char *end = memchr(s.p, ']', s.len < BRACKET_MAX ? s.len : BRACKET_MAX);
	size_t n = end ? (size_t)(end - s.p) + 1 : 0;
	if (!n || token_ip(token_rest(s, 1)) || (n < s.len && !strchr(" :[\t", s.p[n])))
		return 0;
	return n < s.len && s.p[n] == ':' ? n + 1 : n;
}

struct str line_unlogged(struct str s)
{
	s = str_trim(s);
	bool dated = false;
	for (size_t round = 0; round < ROUNDS_MAX; round++) {
		size_t n = date_at(s);
		if (n)
			dated = true;
		else if (dated && (n = syslog_at(s)))
			dated = false;
		else if (!(n = bracket_at(s)))
			n = dated || round ? level_at(s) : 0;
		if (!n)
			break;
		s = token_rest(s, n);
		s = token_rest(s, blanks(s));
	}
	return s;
}

/* Words that say which side spoke. */
static const char *const sides[] = {
	"SERVER -> CLIENT: ",
	"CLIENT -> SERVER: ",
	"SERVER -> CLIENT:",
	"CLIENT -> SERVER:",
	"SMTP -> FROM SERVER:",
	"SMTP -> ",
	"FROM SERVER:",
	"DEBUG SMTP: ",
	"DEBUG SMTPS: ",
	"S: ",
	"C: ",
	"send: ",
	"reply: ",
	"Server: ",
	"Client: ",
	"RESPONSE: ",
	"Response: ",
	"COMMAND: ",
	"data: ",
	"SENT: ",
	"RECV: ",
	"Sent: ",
	"Received: ",
	"SMTP< ",
	"SMTP> ",
	"SMTP<< ",
	"SMTP>> ",
	"smtp: ",
	"b'",
	"b\"",
};

static size_t side_at(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		size_t n = strlen(sides[i]);
		if (s.len >= n && !memcmp(s.p, sides[i], n))
			return n;
	}
	return 0;
}

/* "<** ", " -> ", ">>> ", the frame of nodemailer's lines. */
static size_t mark_at(struct str s)
{
	size_t n = 0;
	while (n < s.len && n < MARK_MAX * 3 &&
	       ((s.p[n] && strchr("<>*~=-|", s.p[n])) || (unsigned char)s.p[n] >= 0xe2))
		n += (unsigned char)s.p[n] >= 0xe2 ? 3 : 1;
	if (!n || n > s.len)
		return 0;
	bool box = (unsigned char)s.p[0] == 0xe2 && (unsigned char)s.p[1] == 0x94;
	bool apart = n < s.len && (s.p[n] == ' ' || s.p[n] == '\t' || s.p[n] == '"');
	return box || apart ? n : 0;
}

static struct str unmarked(struct str s, bool *marked)
{
	for (size_t round = 0; round < ROUNDS_MAX; round++) {
		s = token_rest(s, blanks(s));
		size_t n = mark_at(s);
		if (!n)
			n = side_at(s);
		if (!n && *marked && s.len && strchr("\"'", s.p[0]))
			n = 1;
		if (!n)
			break;
		*marked = true;
		s = token_rest(s, n);
	}
	while (*marked && s.len && strchr("\"'", s.p[s.len - 1]))
		s.len--;
	return str_trim(s);
}

static const struct verb {
	const char *word;
	enum step step;
} verbs[] = {
	{ "EHLO", STEP_EHLO },         { "HELO", STEP_EHLO },  { "LHLO", STEP_EHLO },
	{ "STARTTLS", STEP_STARTTLS }, { "AUTH", STEP_AUTH },  { "MAIL FROM", STEP_MAIL_FROM },
	{ "RCPT TO", STEP_RCPT },      { "DATA", STEP_DATA },  { "BDAT", STEP_DATA },
	{ "QUIT", STEP_COUNT },        { "RSET", STEP_COUNT }, { "NOOP", STEP_COUNT },
	{ "VRFY", STEP_COUNT },        { "EXPN", STEP_COUNT }, { "HELP", STEP_COUNT },
	{ "XCLIENT", STEP_COUNT },
};

static bool read_command(struct line *l)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		size_t n = strlen(verbs[i].word);
		if (!str_istarts(l->s, verbs[i].word) || (l->s.len > n && !strchr(" :\r", l->s.p[n])))
			continue;
		bool shouted = !memcmp(l->s.p, verbs[i].word, 4);
		bool alone = verbs[i].step != STEP_DATA && verbs[i].step != STEP_COUNT;
		if (!l->marked && !shouted && !(alone && l->s.len > n))
			return false;
		bool bdat = !memcmp(verbs[i].word, "BDAT", 4);
		bool bare = (verbs[i].step == STEP_DATA && !bdat) || verbs[i].step == STEP_STARTTLS;
		if (bare && l->s.len > n && !is_digit(l->s.p[l->s.len - 1]) &&
		    str_trim(token_rest(l->s, n)).len)
			return false;
		l->kind = LINE_COMMAND;
		l->step = verbs[i].step;
		return true;
	}
	return false;
}

static bool read_reply(struct line *l)
{
	if (!reply_code_at(l->s.p, l->s.len))
		return false;
	char after = l->s.len > CODE_DIGITS ? l->s.p[CODE_DIGITS] : ' ';
	if (after != ' ' && after != '-')
		return false;
	l->kind = LINE_REPLY;
	l->more = after == '-';
	for (size_t i = 0; i < CODE_DIGITS; i++)
		l->code = l->code * 10 + (unsigned)(l->s.p[i] - '0');
	return true;
}

/* "#0 /path(1): f()" */
static bool is_php_frame(struct str s)
{
	size_t n = 1;
	while (n < s.len && is_digit(s.p[n]))
		n++;
	return s.len > n && s.p[0] == '#' && n > 1 && s.p[n] == ' ';
}

static bool is_frame(struct str s)
{
	static const char *const starts[] = { "file \"",
					      "... ",
					      "stack trace",
					      "--- end of",
					      "traceback (",
					      "nested exception is",
					      "goroutine ",
					      "during handling of",
					      "the above exception",
					      "thrown in ",
					      "backtrace",
					      "from /",
					      "[stacktrace]",
					      "caller:" };
	if (str_istarts(s, "at ") && s.len > 3 && memchr(s.p, '(', s.len) && !memchr(s.p, '@', s.len))
		return true;
	if (str_istarts(s, "at ") && (memchr(s.p, ':', s.len) || memchr(s.p, '.', s.len)) &&
	    !memchr(token_rest(s, 3).p, ' ', s.len - 3))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (token_begins(s, starts[i]))
			return true;
	return is_php_frame(s);
}

static bool read_trace(struct line *l)
{
	static const char *const causes[] = { "caused by: ", "---> ", "nested exception is: " };
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		if (!token_begins(l->s, causes[i]))
			continue;
		l->kind = LINE_CAUSE;
		l->s = token_rest(l->s, strlen(causes[i]));
		return true;
	}
	if (!is_frame(l->s))
		return false;
	l->kind = LINE_FRAME;
	return true;
}

struct line line_read(struct str raw)
{
	struct line l = { .kind = LINE_NOTE, .step = STEP_COUNT };
	l.s = line_unlogged(raw);
	if (!l.s.len) {
		l.kind = LINE_BLANK;
		return l;
	}
	if (read_trace(&l))
		return l;
	l.s = unmarked(l.s, &l.marked);
	if (l.s.len && !read_reply(&l) && l.s.len && read_command(&l))
		return l;
	return l;
}
