/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/spf_macro.h"

#include <string.h>

#include "base/buf.h"
#include "mail/dns_view.h"

enum { PARTS_MAX = 128 }; /* labels of one macro's value; the rest stay joined */

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* One "%{...}" taken apart. */
struct macro {
	char letter;
	bool escape; /* upper case: URL-escaped */
	unsigned keep;
	bool reversed;
	struct str delimiters;
};

static size_t no_macro(const char **why, const char *words)
{
	*why = words;
	return 0;
}

/* Reads "%{...}" at s; its length, or 0 with *why. */
static size_t read_macro(struct str s, enum spf_macro_place place, struct macro *m, const char **why)
{
	const char *letters = place == SPF_IN_DOMAIN ? "slodipvh" : "slodipvhcrt";
	size_t i = 3;
	*m = (struct macro){ 0 };
	if (s.len < 4 || !is_alpha(s.p[2]) || !strchr(letters, lower(s.p[2])))
		return no_macro(why, "unknown macro letter");
	m->letter = lower(s.p[2]);
	m->escape = s.p[2] != m->letter;
	for (; i < s.len && is_digit(s.p[i]); i++)
		m->keep = m->keep < 1000 ? m->keep * 10 + (unsigned)(s.p[i] - '0') : m->keep;
	if (i > 3 && !m->keep)
		return no_macro(why, "a macro that keeps 0 parts");
	if (i < s.len && lower(s.p[i]) == 'r') {
		m->reversed = true;
		i++;
	}
	size_t from = i;
	while (i < s.len && s.p[i] && strchr(".-+,/_=", s.p[i]))
		i++;
	m->delimiters = str_cut(s, from, i);
	if (i >= s.len || s.p[i] != '}')
		return no_macro(why, "a macro without its closing brace");
	return i + 1;
}

/* Length of the macro-expand or literal at s, or 0 with *why. */
static size_t read_piece(struct str s, enum spf_macro_place place, struct macro *m, const char **why)
{
	unsigned char c = (unsigned char)s.p[0];
	m->letter = 0;
	if (c != '%') {
		if (c == ' ' && place == SPF_IN_EXPLANATION)
			return 1;
		*why = c >= 0x80 ? "a byte outside ASCII" : "a control character or blank";
		return c > 0x20 && c < 0x7f;
	}
	if (s.len > 1 && (s.p[1] == '%' || s.p[1] == '_' || s.p[1] == '-'))
		return 2;
	if (s.len > 1 && s.p[1] == '{')
		return read_macro(s, place, m, why);
	*why = "a % that begins no macro";
	return 0;
}

const char *spf_macro_fault(struct str s, enum spf_macro_place place)
{
	struct macro m;
	const char *why = NULL;
	for (size_t i = 0, n; i < s.len; i += n) {
		n = read_piece(str_cut(s, i, s.len), place, &m, &why);
		if (!n)
			return why;
	}
	return NULL;
}

/* toplabel = *alphanum ALPHA *alphanum / 1*alphanum "-" *( alphanum / "-" ) alphanum */
static bool is_toplabel(struct str s)
{
	bool digits_only = true;
	if (!s.len || s.p[0] == '-' || s.p[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alpha(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-')
			return false;
		digits_only = digits_only && is_digit(s.p[i]);
	}
	return !digits_only;
}

const char *spf_domain_fault(struct str s)
{
	struct macro m;
	const char *why = NULL;
	size_t literal = 0; /* where the literal text at the end begins */
	if (!s.len)
		return "no domain given";
	for (size_t i = 0, n; i < s.len; i += n) {
		n = read_piece(str_cut(s, i, s.len), SPF_IN_DOMAIN, &m, &why);
		if (!n)
			return why;
		if (n > 1)
			literal = i + n;
	}
	if (literal == s.len)
		return NULL;
	struct str end = str_cut(s, literal, s.p[s.len - 1] == '.' ? s.len - 1 : s.len);
	size_t dot = end.len;
	while (dot && end.p[dot - 1] != '.')
		dot--;
	if (!dot)
		return "not a full domain name";
	return is_toplabel(str_cut(end, dot, end.len)) ? NULL : "does not end like a domain name";
}

bool spf_macro_needs_p(const char *s)
{
	for (; (s = strstr(s, "%")); s += 2)
		if (!s[1])
			return false;
		else if (s[1] == '{' && (s[2] == 'p' || s[2] == 'P'))
			return true;
	return false;
}

bool spf_macro_any(const char *s)
{
	return strchr(s, '%') != NULL;
}

static const char *letter_value(struct arena *a, char letter, const struct spf_macro_values *v)
{
	switch (letter) {
	case 's':
		return v->sender;
	case 'l':
		return v->local;
	case 'o':
		return v->sender_domain;
	case 'd':
		return v->domain;
	case 'i':
		return v->ip_dotted;
	case 'p':
		return v->validated ? v->validated : "unknown";
	case 'v':
		return v->ip_kind;
	case 'h':
		return v->helo;
	case 'c':
		return v->ip_text;
	case 'r':
		return v->receiver;
	default:
		return arena_printf(a, "%lld", v->now_s);
	}
}

static void add_escaped(struct buf *b, struct str s, bool escape)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (!escape || is_alpha(s.p[i]) || is_digit(s.p[i]) || strchr("-._~", c))
			buf_add(b, &s.p[i], 1);
		else
			buf_addf(b, "%%%02X", c);
	}
}

static bool is_delimiter(const struct macro *m, char c)
{
	return m->delimiters.len ? memchr(m->delimiters.p, c, m->delimiters.len) != NULL : c == '.';
}

/* Splits, reverses, keeps the right-hand parts, joins with dots (RFC 7208, 7.3). */
static void add_transformed(struct buf *b, struct str value, const struct macro *m)
{
	struct str parts[PARTS_MAX];
	size_t n = 0, from = 0;
	for (size_t i = 0; i <= value.len; i++)
		if (i == value.len || (is_delimiter(m, value.p[i]) && n + 1 < PARTS_MAX)) {
			parts[n++] = str_cut(value, from, i);
			from = i + 1;
		}
	size_t first = m->keep && m->keep < n ? n - m->keep : 0;
	for (size_t i = first; i < n; i++) {
		if (i > first)
			buf_adds(b, ".");
		add_escaped(b, parts[m->reversed ? n - 1 - i : i], m->escape);
	}
}

static void add_piece(struct arena *a, struct buf *b, struct str piece, const struct macro *m,
		      const struct spf_macro_values *v)
{
	if (m->letter) {
		struct str value = str_of(letter_value(a, m->letter, v));
		if (m->keep || m->reversed || m->delimiters.len)
			add_transformed(b, value, m);
		else
			add_escaped(b, value, m->escape);
	} else if (piece.len == 1) {
		buf_add(b, piece.p, 1);
	} else {
		buf_adds(b, piece.p[1] == '%' ? "%" : piece.p[1] == '_' ? " " : "%20");
	}
}

const char *spf_macro_expand(struct arena *a, const char *s, const struct spf_macro_values *v)
{
	struct str rest = str_of(s);
	struct buf b = { 0 };
	struct macro m;
	const char *why = NULL, *out = NULL;
	size_t n = 0;
	for (; rest.len && buf_waiting(&b) <= SPF_EXPANSION_BYTES_MAX; rest = str_cut(rest, n, rest.len)) {
		n = read_piece(rest, SPF_IN_EXPLANATION, &m, &why);
		if (!n)
			break;
		add_piece(a, &b, str_cut(rest, 0, n), &m, v);
	}
	if (!rest.len && buf_waiting(&b) <= SPF_EXPANSION_BYTES_MAX)
		out = arena_dup(a, buf_str(&b).p, buf_str(&b).len);
	buf_clear(&b);
	return out;
}

const char *spf_domain_expand(struct arena *a, const char *s, const struct spf_macro_values *v)
{
	const char *name = spf_macro_expand(a, s, v);
	if (!name)
		return NULL;
	name = dns_name_plain(a, name);
	while (strlen(name) > DNS_NAME_BYTES_MAX && strchr(name, '.'))
		name = strchr(name, '.') + 1;
	return name;
}
