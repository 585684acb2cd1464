/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/token.h"

#include <string.h>

enum { HOST_MAX = 253, LABEL_MAX = 63, ADDRESS_LOCAL_MAX = 128, IP_MAX = 45, BASE64_MIN = 4 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool token_starts(struct str s, size_t at)
{
	return at < s.len && token_is_word(s.p[at]) && (!at || !token_is_word(s.p[at - 1]));
}

struct str token_rest(struct str s, size_t at)
{
	return str_cut(s, at, s.len);
}

struct str token_line(struct str *rest)
{
	const char *end = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->len;
	struct str line = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n + (end ? 1 : 0), rest->len);
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

size_t token_host(struct str s)
{
	size_t n = 0, label = 0, dots = 0, letters = 0, last_letters = 0;
	for (; n < s.len && n < HOST_MAX; n++) {
		char c = s.p[n];
		if (c == '.') {
			if (!label || n + 1 >= s.len || !(is_digit(s.p[n + 1]) || is_letter(s.p[n + 1])))
				break;
			dots++;
			label = last_letters = 0;
			continue;
		}
		if (!is_digit(c) && !is_letter(c) && !(label && (c == '-' || c == '_')))
			break;
		label++;
		letters += is_letter(c);
		last_letters += is_letter(c);
		if (label > LABEL_MAX)
			return 0;
	}
	return dots && letters && last_letters >= 2 ? n : 0;
}

static size_t ip4(struct str s)
{
	size_t n = 0;
	for (size_t part = 0; part < 4; part++) {
		size_t digits = 0;
		unsigned value = 0;
		for (; n < s.len && is_digit(s.p[n]) && digits < 3; n++, digits++)
			value = value * 10 + (unsigned)(s.p[n] - '0');
		if (!digits || value > 255)
			return 0;
		if (part < 3 && (n >= s.len || s.p[n++] != '.'))
			return 0;
	}
	return n < s.len && (is_digit(s.p[n]) || is_letter(s.p[n])) ? 0 : n;
}

size_t token_ip(struct str s)
{
	size_t n = ip4(s), colons = 0;
	if (n)
		return n;
	for (; n < s.len && n < IP_MAX; n++) {
		char c = s.p[n];
		bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
		if (!hex && c != ':')
			break;
		colons += c == ':';
	}
	while (n && s.p[n - 1] == ':' && !(n >= 2 && s.p[n - 2] == ':')) {
		n--;
		colons--;
	}
	bool twice = n && memmem(s.p, n, "::", 2);
	return (colons >= 2 && twice) || colons == 7 ? n : 0;
}

static bool is_local(char c)
{
	return token_is_word(c) || (c && strchr("!#$%&*+-./?^_`{|}~", c));
}

size_t token_address(struct str s)
{
	size_t n = 0;
	while (n < s.len && n < ADDRESS_LOCAL_MAX && is_local(s.p[n]))
		n++;
	if (!n || n >= s.len || s.p[n] != '@')
		return 0;
	struct str domain = token_rest(s, n + 1);
	size_t d = token_host(domain);
	for (; !d && d < domain.len && token_is_word(domain.p[d]);)
		d++;
	if (!d && domain.len && domain.p[0] == '[') {
		size_t ip = token_ip(token_rest(domain, 1));
		d = ip && ip + 1 < domain.len && domain.p[ip + 1] == ']' ? ip + 2 : 0;
	}
	return d ? n + 1 + d : 0;
}

size_t token_base64(struct str s)
{
	size_t n = 0, pad = 0;
	while (n < s.len && (is_digit(s.p[n]) || is_letter(s.p[n]) || (s.p[n] && strchr("+/-_", s.p[n]))))
		n++;
	while (n + pad < s.len && pad < 2 && s.p[n + pad] == '=')
		pad++;
	return n >= BASE64_MIN ? n + pad : 0;
}
