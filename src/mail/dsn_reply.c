/* SPDX-License-Identifier: Apache-2.0 */
/* One recipient's reply: what it says of status, step and host; addresses without their wrapping. */
#include <stdint.h>
#include <string.h>

#include "base/eight.h"

#include "mail/dsn_job.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "5.1.1" at s; its length. */
static size_t status_length(struct str s)
{
	size_t n = 2;
	if (s.len < 5 || !strchr("245", s.p[0]) || s.p[1] != '.')
		return 0;
	for (int group = 0; group < 2; group++) {
		size_t from = n;
		while (n < s.len && is_digit(s.p[n]) && n - from < 3)
			n++;
		if (n == from)
			return 0;
		if (group == 0 && (n >= s.len || s.p[n++] != '.'))
			return 0;
	}
	return n < s.len && (is_digit(s.p[n]) || (s.p[n] == '.' && n + 1 < s.len && is_digit(s.p[n + 1])))
		       ? 0
		       : n;
}

static bool is_word(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '.' || c == '@' || c == '_';
}

/* What an SMTP code at s has right behind it: "5.1.1", or nothing. */
static struct str status_behind(struct str s)
{
	size_t n = 3;
	while (n < s.len && n < 8 && s.p[n] && strchr(" -':;#([", s.p[n]))
		n++;
	struct str rest = str_cut(s, n, s.len);
	return str_cut(rest, 0, n > 3 ? status_length(rest) : 0);
}

/* The next '4' or '5' from i on; s.len: there is none. */
static size_t next_code(struct str s, size_t i)
{
	for (; i + sizeof(uint64_t) <= s.len; i += sizeof(uint64_t)) {
		uint64_t found = eight_between(eight_at(s.p + i), '4', '5');
		if (found)
			return i + eight_first(found);
	}
	while (i < s.len && s.p[i] != '4' && s.p[i] != '5')
		i++;
	return i;
}

size_t dsn_reply_at(struct str s)
{
	for (size_t i = next_code(s, 0); i + 3 <= s.len; i = next_code(s, i + 1)) {
		if (!is_digit(s.p[i + 1]) || !is_digit(s.p[i + 2]))
			continue;
		if (s.p[i + 1] > '7' || (i && (is_word(s.p[i - 1]) || strchr("/-=+", s.p[i - 1]))))
			continue;
		char after = i + 3 < s.len ? s.p[i + 3] : ' ';
		bool status = status_behind(str_cut(s, i, s.len)).len > 0;
		bool led = !i || (i > 1 && strchr(":<'\"([>", s.p[i - 1 - (s.p[i - 1] == ' ')]));
		if ((after == ' ' || after == '-' || after == ':' || after == ';') && (status || led))
			return i;
	}
	return s.len;
}

static bool is_vague_str(struct str status)
{
	return str_iends(status, ".0.0") || status.len < 5;
}

static bool is_vague(const char *status)
{
	return is_vague_str(str_of(status));
}

static bool is_expiry(struct str status)
{
	return str_iends(status, ".4.7");
}

bool dsn_is_poor(const char *reply)
{
	size_t letters = 0;
	for (const char *p = reply; *p && letters < 6; p++)
		letters += (*p | 32) >= 'a' || (unsigned char)*p > 127;
	return letters < 6;
}

static bool ends_address(char c)
{
	return c == ' ' || c == '\t' || c == '(' || c == ',' || c == ';' || !c;
}

struct str dsn_address(struct str s)
{
	size_t n = 0;
	s = str_trim(s);
	while (n < s.len && n < 20 && s.p[n] != ';' && s.p[n] != '@' && s.p[n] != '<')
		n++;
	if (n < s.len && s.p[n] == ';')
		s = str_trim(str_cut(s, n + 1, s.len));
	if (str_istarts(s, "rfc822;")) /* said twice */
		s = str_trim(str_cut(s, 7, s.len));
	const char *lt = memchr(s.p, '<', s.len), *gt = memchr(s.p, '>', s.len);
	if (lt && gt && gt > lt + 1)
		s = (struct str){ lt + 1, (size_t)(gt - lt) - 1 };
	const char *at = memchr(s.p, '@', s.len);
	for (size_t i = at ? (size_t)(at - s.p) : s.len; i < s.len; i++)
		if (ends_address(s.p[i]))
			return str_trim(str_cut(s, 0, i));
	while (s.len && strchr("<>\"'", s.p[0]) && s.p[s.len - 1] == s.p[0])
		s = str_trim(str_cut(s, 1, s.len - 1));
	return s;
}

/* The status right behind an SMTP code: "550 5.1.1", "550-'5.7.1". */
static struct str status_of_code(struct str s)
{
	for (size_t from = 0; from < s.len;) {
		struct str rest = str_cut(s, from, s.len);
		size_t at = dsn_reply_at(rest);
		struct str found = status_behind(str_cut(rest, at, rest.len));
		if (at < rest.len && found.len && !is_vague_str(found) && !is_expiry(found))
			return found;
		from += at + 3;
	}
	return (struct str){ "", 0 };
}

static struct str any_status(struct str s)
{
	const char *dot;
	for (size_t i = 0; i + 5 <= s.len && (dot = memchr(s.p + i + 1, '.', s.len - i - 1)); i++) {
		i = (size_t)(dot - s.p) - 1;
		struct str rest = str_cut(s, i, s.len);
		struct str found = str_cut(rest, 0, i && is_word(s.p[i - 1]) ? 0 : status_length(rest));
		if (found.len && !is_vague_str(found))
			return found;
	}
	return (struct str){ "", 0 };
}

bool dsn_has_status(struct str s)
{
	return any_status(s).len > 0;
}

bool dsn_status_tells(const char *status)
{
	static const char *const telling[] = { "5.1.1", "5.1.2", "5.1.10", "5.2.2", "5.2.3", "5.3.4" };
	for (size_t i = 0; i < ARRAY_LEN(telling); i++)
		if (!strcmp(status, telling[i]))
			return true;
	return false;
}

/* The server's own code beats the reporter's; a code that only says "expired" or
 * nothing at all gives way to any. */
static void status_from_reply(struct dsn_job *j, struct dsn_recipient *r)
{
	struct str found = status_of_code(str_of(r->reply));
	if (!found.len && is_vague(r->status))
		found = any_status(str_of(r->reply));
	if (found.len && (*found.p != '2' || is_vague(r->status)))
		r->status = arena_dup(j->a, found.p, found.len);
}

static void step_from_text(struct dsn_recipient *r, struct str text)
{
	struct dsn_hit hits[DSN_HITS_MAX];
	char low[DSN_REPLY_MAX];
	size_t n = text.len < sizeof(low) ? text.len : sizeof(low);
	for (size_t i = 0; i < n; i++)
		low[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] + 32 : text.p[i]);
	unsigned nhits = dsn_match(str_cut(text, 0, n), (struct str){ low, n }, DSN_WANT_STEP, hits);
	for (unsigned i = 0; i < nhits && !*r->step; i++)
		if (hits[i].pattern->role == BOUNCE_STEP)
			r->step = hits[i].pattern->step;
}

void dsn_host_read(struct dsn_job *j, struct dsn_recipient *r, struct str s)
{
	size_t lead = str_istarts(s, "host ") ? 5 : str_istarts(s, "host: ") ? 6 : 0, n = lead;
	while (lead && n < s.len && !strchr("[( ,;", s.p[n]))
		n++;
	if (!lead || !memchr(s.p + lead, '.', n - lead))
		return;
	if (!*r->remote)
		r->remote = dsn_text(j->a, str_cut(s, lead, n), DSN_FIELD_MAX);
	while (n < s.len && strchr("[( ", s.p[n]))
		n++;
	size_t end = n;
	while (end < s.len && s.p[end] && strchr("0123456789abcdefABCDEF.:", s.p[end]))
		end++;
	if (!*r->remote_ip && end > n + 2)
		r->remote_ip = dsn_text(j->a, str_cut(s, n, end), DSN_FIELD_MAX);
}

/* "host mx.example.com[192.0.2.1] said: 550 ...": what is said, and who says it. */
static void strip_host(struct dsn_job *j, struct dsn_recipient *r)
{
	struct str s = str_of(r->reply);
	size_t said = str_ifind(s, " said: ");
	if (!str_istarts(s, "host ") || said == s.len)
		return;
	dsn_host_read(j, r, s);
	r->reply = arena_strdup(j->a, r->reply + said + 7);
}

static enum dsn_action action_by_words(const struct dsn_job *j, const struct dsn_recipient *r)
{
	if (*r->status == '2')
		return DSN_DELIVERED;
	if (j->delayed && !(j->failed && *r->status == '5'))
		return DSN_DELAYED;
	if (j->failed || *r->status || *r->reply)
		return DSN_FAILED;
	return j->delivered ? DSN_DELIVERED : DSN_ACTION_UNKNOWN;
}

void dsn_finish(struct dsn_job *j, struct dsn_recipient *r)
{
	step_from_text(r, str_of(r->reply));
	strip_host(j, r);
	if (!*r->reply_type && dsn_reply_at(str_of(r->reply)) < strlen(r->reply))
		r->reply_type = "smtp";
	status_from_reply(j, r);
	if ((!*r->address || *r->address == '@') && *r->original) /* "@gate:user@host": an old route */
		r->address = r->original;
	if (!strcmp(r->address, r->original))
		r->original = "";
	if (r->action == DSN_ACTION_UNKNOWN)
		r->action = action_by_words(j, r);
}
