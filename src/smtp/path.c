/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/path.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"

/* One reading of one address. */
struct reading {
	struct str s;
	unsigned options;
	struct smtp_path_problem why;
	bool utf8;
};

static bool offence(struct reading *r, const char *word, size_t at)
{
	if (!r->why.word)
		r->why = (struct smtp_path_problem){ word, at };
	return false;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* atext of RFC 5322, 3.2.3 */
static bool is_atext(char c)
{
	return is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* What a byte that may not stand here is called. */
static const char *word_of(char c)
{
	switch (c) {
	case ' ':
	case '\t':
		return "blank";
	case '\r':
	case '\n':
		return "line-break";
	case ',':
	case ';':
		return "comma";
	case '<':
	case '>':
		return "display-name";
	case '"':
		return "unbalanced-quote";
	case '@':
		return "two-ats";
	default:
		return "bad-character";
	}
}

/* Length of the UTF-8 sequence at i when it may stand; 0 with the offence noted. */
static size_t take_utf8(struct reading *r, size_t i)
{
	unsigned char c = (unsigned char)r->s.p[i];
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	struct str seq = str_cut(r->s, i, i + n);
	if (!text_is_utf8(seq)) {
		offence(r, "bad-character", i);
		return 0;
	}
	if (!(r->options & SMTP_PATH_UTF8)) {
		offence(r, "non-ascii", i);
		return 0;
	}
	r->utf8 = true;
	return n;
}

static bool is_8bit(char c)
{
	return (unsigned char)c >= 0x80;
}

/* Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE.
 * Sets *end behind the closing quote. */
static bool read_quoted(struct reading *r, size_t *end)
{
	size_t i = 1, n;
	while (i < r->s.len && r->s.p[i] != '"') {
		if (is_8bit(r->s.p[i])) {
			n = take_utf8(r, i);
			if (!n)
				return false;
			i += n;
			continue;
		}
		if (r->s.p[i] == '\\' && i + 1 < r->s.len)
			i++;
		if (r->s.p[i] < ' ' || r->s.p[i] == 0x7f)
			return offence(r,
				       strchr("\r\n", r->s.p[i]) && r->s.p[i] ? "line-break"
									      : "bad-character",
				       i);
		i++;
	}
	if (i >= r->s.len)
		return offence(r, "unbalanced-quote", 0);
	*end = i + 1;
	return true;
}

/* Dot-string = Atom *("." Atom).  Sets *end at the "@" or the end. */
static bool read_dot_string(struct reading *r, size_t *end)
{
	size_t i = 0, n;
	bool atom = false;
	while (i < r->s.len && r->s.p[i] != '@') {
		char c = r->s.p[i];
		n = 1;
		if (c == '.' && !atom)
			return offence(r, "dot", i);
		if (is_8bit(c))
			n = take_utf8(r, i);
		else if (c != '.' && !is_atext(c))
			return offence(r, word_of(c), i);
		if (!n)
			return false;
		atom = c != '.';
		i += n;
	}
	if (i && !atom)
		return offence(r, "dot", i - 1);
	*end = i;
	return true;
}

static bool read_local(struct reading *r, size_t *end)
{
	size_t most = r->options & SMTP_PATH_LONG_LOCAL ? SMTP_LONG_LOCAL_BYTES_MAX : SMTP_LOCAL_BYTES_MAX;
	bool quoted = r->s.len && r->s.p[0] == '"';
	if (!(quoted ? read_quoted(r, end) : read_dot_string(r, end)))
		return false;
	if (*end == 0)
		return r->s.len ? offence(r, "no-local", 0) : offence(r, "empty", 0);
	if (*end < r->s.len && r->s.p[*end] != '@')
		return offence(r, word_of(r->s.p[*end]), *end);
	if (*end > most)
		return offence(r, "too-long", most);
	return *end < r->s.len || offence(r, "no-at", *end);
}

/* sub-domain = Let-dig [Ldh-str], from `at` to its end. */
static bool read_label(struct reading *r, size_t at, size_t *end)
{
	size_t i = at, n;
	while (i < r->s.len && r->s.p[i] != '.') {
		char c = r->s.p[i];
		n = 1;
		if (is_8bit(c))
			n = take_utf8(r, i);
		else if (!is_alnum(c) && c != '-')
			return offence(r, word_of(c), i);
		if (!n)
			return false;
		i += n;
	}
	if (i == at)
		return offence(r, "dot", at ? at - (r->s.p[at - 1] == '.') : 0);
	if (r->s.p[at] == '-' || r->s.p[i - 1] == '-')
		return offence(r, "bad-label", r->s.p[at] == '-' ? at : i - 1);
	if (i - at > SMTP_LABEL_BYTES_MAX)
		return offence(r, "bad-label", at + SMTP_LABEL_BYTES_MAX);
	*end = i;
	return true;
}

static bool read_labels(struct reading *r, size_t at)
{
	for (size_t i = at, end;; i = end + 1) {
		if (i < r->s.len && i == at && r->s.p[i] == '.')
			return offence(r, "dot", i);
		if (!read_label(r, i, &end))
			return false;
		if (end == r->s.len)
			return true;
	}
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]"; no other tag was ever registered. */
static bool read_literal(struct reading *r, size_t at)
{
	char z[INET6_ADDRSTRLEN];
	struct str in = str_cut(r->s, at + 1, r->s.len);
	unsigned char address[sizeof(struct in6_addr)];
	if (!in.len || in.p[in.len - 1] != ']')
		return offence(r, "bad-literal", at);
	in.len--;
	int family = AF_INET;
	if (str_istarts(in, "IPv6:")) {
		family = AF_INET6;
		in = str_cut(in, strlen("IPv6:"), in.len);
	}
	if (in.len >= sizeof(z) || !in.len || memchr(in.p, '\0', in.len))
		return offence(r, "bad-literal", at);
	memcpy(z, in.p, in.len);
	z[in.len] = '\0';
	return inet_pton(family, z, address) == 1 || offence(r, "bad-literal", at);
}

static bool read_domain(struct reading *r, size_t at)
{
	if (at == r->s.len)
		return offence(r, "no-domain", at);
	if (r->s.len - at > SMTP_DOMAIN_BYTES_MAX)
		return offence(r, "too-long", at + SMTP_DOMAIN_BYTES_MAX);
	return r->s.p[at] == '[' ? read_literal(r, at) : read_labels(r, at);
}

/* "Bob Example <bob@example.com>": then the blank is not what is wrong. */
static void name_display(struct reading *r)
{
	static const char *const words[] = { "blank", "unbalanced-quote", "bad-character",
					     "comma", "no-local",         "dot" };
	const char *open = memchr(r->s.p, '<', r->s.len);
	if (!open || !memchr(open, '@', r->s.len - (size_t)(open - r->s.p)))
		return;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(r->why.word, words[i]) && r->why.at < (size_t)(open - r->s.p)) {
			r->why = (struct smtp_path_problem){ "display-name", (size_t)(open - r->s.p) };
			return;
		}
}

bool smtp_mailbox_read(struct str s, unsigned options, struct smtp_mailbox *out,
		       struct smtp_path_problem *why)
{
	struct reading r = { .s = s, .options = options };
	size_t end = 0;
	bool good = read_local(&r, &end) && read_domain(&r, end + 1);
	size_t most = options & SMTP_PATH_LONG_LOCAL ? SMTP_LONG_LOCAL_BYTES_MAX + 1 + SMTP_DOMAIN_BYTES_MAX
						     : SMTP_MAILBOX_BYTES_MAX;
	if (good && s.len > most)
		good = offence(&r, "too-long", most);
	if (!good && s.len)
		name_display(&r);
	if (why)
		*why = r.why;
	if (!good)
		return false;
	*out = (struct smtp_mailbox){
		.whole = s,
		.local = str_cut(s, 0, end),
		.domain = str_cut(s, end + 1, s.len),
		.quoted = s.p[0] == '"',
		.literal = s.p[end + 1] == '[',
		.utf8 = r.utf8,
	};
	return true;
}

/* Where the ">" of a path stands, quotes respected; s.len when there is none. */
static size_t find_close(struct str s)
{
	bool quoted = false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] == '>')
			return i;
	}
	return s.len;
}

/* A-d-l = At-domain *( "," At-domain ) ":": its length, 0 for none, and
 * s.len + 1 when it is wrong. */
static size_t route_length(struct str s)
{
	if (!s.len || s.p[0] != '@')
		return 0;
	const char *colon = memchr(s.p, ':', s.len);
	if (!colon)
		return s.len + 1;
	struct str rest = { s.p, (size_t)(colon - s.p) }, hop;
	while (str_next(&rest, ",", &hop)) {
		struct reading r = { .s = hop };
		if (hop.len < 2 || hop.p[0] != '@' || !read_domain(&r, 1))
			return s.len + 1;
	}
	return (size_t)(colon - s.p) + 1;
}

static bool path_offence(struct smtp_path_problem *why, const char *word, size_t at)
{
	if (why)
		*why = (struct smtp_path_problem){ word, at };
	return false;
}

static bool read_address(struct str in, size_t at, unsigned options, struct smtp_path *out,
			 struct smtp_path_problem *why)
{
	size_t route = route_length(in);
	if (route > in.len)
		return path_offence(why, "bad-route", at);
	out->odd |= route ? SMTP_PATH_ROUTE : 0;
	in = str_cut(in, route, in.len);
	out->address = in;
	if ((!in.len && !route) || str_ieq(in, "postmaster"))
		return true;
	if (smtp_mailbox_read(in, options, &out->mailbox, why))
		return true;
	if (why)
		why->at += at + route;
	return false;
}

bool smtp_path_read(struct str s, unsigned options, struct smtp_path *out, struct str *rest,
		    struct smtp_path_problem *why)
{
	size_t at = 0;
	*out = (struct smtp_path){ .address = STR_LIT("") };
	while (at < s.len && (s.p[at] == ' ' || s.p[at] == '\t'))
		at++;
	out->odd = at ? SMTP_PATH_BLANK : 0;
	struct str in = str_cut(s, at, s.len);
	if (!in.len)
		return path_offence(why, "empty", at);
	bool open = in.p[0] == '<';
	if (!open) {
		out->odd |= SMTP_PATH_NO_BRACKETS;
		size_t end = 0;
		while (end < in.len && in.p[end] != ' ' && in.p[end] != '\t')
			end++;
		*rest = str_cut(in, end, in.len);
		return read_address(str_cut(in, 0, end), at, options, out, why);
	}
	in = str_cut(in, 1, in.len);
	size_t close = find_close(in);
	if (close == in.len)
		return path_offence(why, "no-bracket", s.len);
	*rest = str_cut(in, close + 1, in.len);
	if (rest->len && rest->p[0] != ' ' && rest->p[0] != '\t')
		return path_offence(why, "bad-parameter", at + close + 2);
	return read_address(str_cut(in, 0, close), at + 1, options, out, why);
}
