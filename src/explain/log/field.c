/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/field.h"

#include "catalog/finding.h"

size_t log_find(struct str s, struct str needle)
{
	const char *p = needle.len <= s.len ? memmem(s.p, s.len, needle.p, needle.len) : NULL;
	return p ? (size_t)(p - s.p) : s.len;
}

size_t log_rfind(struct str s, struct str needle)
{
	for (size_t i = s.len >= needle.len ? s.len - needle.len + 1 : 0; i > 0; i--)
		if (!memcmp(s.p + i - 1, needle.p, needle.len))
			return i - 1;
	return s.len;
}

bool log_has(struct str s, struct str needle)
{
	return needle.len <= s.len && memmem(s.p, s.len, needle.p, needle.len);
}

struct str log_to(struct str s, const char *seps)
{
	size_t n = 0;
	while (n < s.len && !strchr(seps, s.p[n] ? s.p[n] : ' '))
		n++;
	return str_cut(s, 0, n);
}

struct str log_address(struct str s)
{
	s = str_trim(s);
	if (!s.len || s.p[0] != '<')
		return s;
	const char *end = memrchr(s.p, '>', s.len);
	return str_cut(s, 1, end ? (size_t)(end - s.p) : s.len);
}

static struct str value_at(struct str s, const char *end)
{
	if (!s.len)
		return s;
	char close = s.p[0] == '"' ? '"' : s.p[0] == '<' ? '>' : s.p[0] == '\'' ? '\'' : '\0';
	const char *p = close && s.len > 1 ? memchr(s.p + 1, close, s.len - 1) : NULL;
	return p ? str_cut(s, 1, (size_t)(p - s.p)) : log_to(s, end);
}

struct str log_value(struct str s, struct str key, const char *end)
{
	for (size_t at = 0; at < s.len;) {
		size_t i = at + log_find(log_from(s, at), key);
		if (i >= s.len)
			break;
		if (!i || strchr(" ,\t;(", s.p[i - 1] ? s.p[i - 1] : 'x'))
			return value_at(log_from(s, i + key.len), end);
		at = i + key.len;
	}
	return (struct str){ "", 0 };
}

static struct str without_dot(struct str s)
{
	return s.len && s.p[s.len - 1] == '.' ? str_cut(s, 0, s.len - 1) : s;
}

static struct str without_ipv6_tag(struct str ip)
{
	return ip.len > 5 && ip.p[4] == ':' && str_istarts(ip, "ipv6:") ? log_from(ip, 5) : ip;
}

struct log_host log_host_of(struct str s)
{
	struct log_host h = { .name = { "", 0 }, .ip = { "", 0 }, .port = { "", 0 } };
	s = str_trim(s);
	const char *open = s.len ? memchr(s.p, '[', s.len) : NULL;
	const char *close = open ? memchr(open, ']', (size_t)(s.p + s.len - open)) : NULL;
	if (close) {
		h.name = without_dot(str_trim(str_cut(s, 0, (size_t)(open - s.p))));
		h.ip = without_ipv6_tag((struct str){ open + 1, (size_t)(close - open - 1) });
		struct str rest = log_from(s, (size_t)(close + 1 - s.p));
		if (rest.len > 1 && rest.p[0] == ':')
			h.port = log_to(log_from(rest, 1), " ,;)");
		return h;
	}
	struct str first = log_to(s, " ("), second = log_from(s, first.len);
	if (second.len > 2 && log_starts(str_trim(second), STR_LIT("("))) { /* OpenSMTPD: the address leads */
		h.ip = without_ipv6_tag(first);
		h.name = without_dot(log_to(log_from(str_trim(second), 1), ")"));
	} else {
		h.name = without_dot(first);
	}
	return h;
}

bool log_is_loopback(struct str ip)
{
	return log_starts(ip, STR_LIT("127.")) || str_eq(ip, "::1");
}

static size_t digits(struct str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.len && s.p[at + n] >= '0' && s.p[at + n] <= '9')
		n++;
	return n;
}

size_t log_enhanced(struct str s)
{
	if (s.len < 5 || !strchr("245", s.p[0] ? s.p[0] : 'x') || s.p[1] != '.')
		return 0;
	size_t subject = digits(s, 2);
	if (subject < 1 || subject > 3 || 2 + subject >= s.len || s.p[2 + subject] != '.')
		return 0;
	size_t detail = digits(s, 3 + subject), n = 3 + subject + detail;
	return detail < 1 || detail > 3 || (n < s.len && s.p[n] == '.') ? 0 : n;
}

unsigned log_code(struct str reply, struct str *enhanced)
{
	unsigned code = 0;
	*enhanced = (struct str){ "", 0 };
	if (reply.len >= 3 && reply.p[0] >= '2' && reply.p[0] <= '5' && digits(reply, 0) == 3 &&
	    (reply.len == 3 || reply.p[3] == ' ' || reply.p[3] == '-')) {
		code = (unsigned)(reply.p[0] - '0') * 100 + (unsigned)(reply.p[1] - '0') * 10 +
		       (unsigned)(reply.p[2] - '0');
		reply = log_from(reply, 4);
	}
	if (reply.len && reply.p[0] == '#') /* "#5.1.1", older Exchange and Cisco */
		reply = log_from(reply, 1);
	*enhanced = str_cut(reply, 0, log_enhanced(reply));
	return code;
}

/* The first that a command begins with. */
static const struct {
	const char *lead;
	enum step step;
} command_steps[] = {
	{ "rcpt", STEP_RCPT },
	{ "mail from", STEP_MAIL_FROM },
	{ "mail", STEP_MAIL_FROM },
	{ "end of data", STEP_DATA },
	{ "end-of-message", STEP_DATA },
	{ "data", STEP_DATA },
	{ "bdat", STEP_DATA },
	{ "dot", STEP_DATA },
	{ "header", STEP_DATA },
	{ "body", STEP_DATA },
	{ "ehlo", STEP_EHLO },
	{ "helo", STEP_EHLO },
	{ "lhlo", STEP_EHLO },
	{ "starttls", STEP_STARTTLS },
	{ "auth", STEP_AUTH },
	{ "connect", STEP_BANNER },
	{ "eom", STEP_DATA },
	{ ".", STEP_DATA },
};

const char *log_step_of_command(struct str c)
{
	for (size_t i = 0; i < ARRAY_LEN(command_steps); i++)
		if (str_istarts(c, command_steps[i].lead))
			return step_name(command_steps[i].step);
	return "";
}
