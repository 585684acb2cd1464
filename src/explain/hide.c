/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/hide.h"

#include <string.h>

#include "base/buf.h"
#include "base/base64.h"
#include "catalog/token_note.h"
#include "explain/hide_answer.h"
#include "explain/token.h"

static const char hidden[] = "[hidden]";

enum { PAIR_MIN = 12, DECODE_MAX = 4096, SETTING_BLANKS = 4 };

/* A stretch to be replaced. */
struct stretch {
	size_t from, to;
};

static bool at_blank(struct str s, size_t at)
{
	return at < s.len && (s.p[at] == ' ' || s.p[at] == '\t');
}

static size_t skip_blanks(struct str s, size_t at)
{
	while (at_blank(s, at))
		at++;
	return at;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t to_blank(struct str s, size_t at)
{
	while (at < s.len && !is_space(s.p[at]))
		at++;
	return at;
}

static size_t is_at(struct str s, size_t at, const char *word)
{
	return token_begins(token_rest(s, at), word) ? strlen(word) : 0;
}

/* "AUTH PLAIN AGZ...", "AUTH LOGIN dXNl...": all but the mechanism. */
static bool after_auth(struct str s, size_t at, struct stretch *out)
{
	static const char *const mechanisms[] = { "plain",      "login",  "xoauth2",     "oauthbearer",
						  "cram-md5",   "ntlm",   "gssapi",      "scram-sha-256",
						  "digest-md5", "xoauth", "scram-sha-1", "external" };
	size_t n = is_at(s, at, "auth ");
	if (!n)
		return false;
	n = skip_blanks(s, at + n);
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
		size_t m = is_at(s, n, mechanisms[i]);
		if (!m || !at_blank(s, n + m))
			continue;
		size_t from = skip_blanks(s, n + m), len = token_base64(token_rest(s, from));
		bool mechanism_follows = false; /* "250 AUTH PLAIN LOGIN": what a server offers */
		for (size_t k = 0; k < ARRAY_LEN(mechanisms); k++)
			mechanism_follows = mechanism_follows || is_at(s, from, mechanisms[k]);
		*out = (struct stretch){ from, from + len };
		return len && !mechanism_follows && len > 4;
	}
	return false;
}

/* "://user:secret@host" */
static bool in_url(struct str s, size_t at, struct stretch *out)
{
	if (!is_at(s, at, "://"))
		return false;
	size_t end = to_blank(s, at + 3), colon = 0, last_at = 0;
	for (size_t i = at + 3; i < end && s.p[i] != '/' && s.p[i] != '"' && s.p[i] != '\''; i++) {
		if (s.p[i] == ':' && !colon)
			colon = i;
		if (s.p[i] == '@')
			last_at = i;
	}
	*out = (struct stretch){ colon + 1, last_at };
	return colon && last_at > colon + 1;
}

static bool word_is_told(struct str word)
{
	static const char *const told[] = {
		"incorrect", "wrong",     "invalid",  "expired",  "required", "rejected",
		"missing",   "failed",    "mismatch", "is",       "not",      "authentication",
		"command",   "error",     "refused",  "and",      "or",       "null",
		"none",      "true",      "false",    "yes",      "no",       "must",
		"response",  "undefined", "[hidden]", "password", "login"
	};
	while (word.len && strchr(".,;:!)]}", word.p[word.len - 1]))
		word.len--;
	return str_is_among(word, told, ARRAY_LEN(told));
}

/* Where the value ends that begins at *from; a quotation mark there is passed over. */
static size_t value_end(struct str s, size_t *from)
{
	bool quoted = *from < s.len && strchr("\"'`", s.p[*from]);
	char quote = quoted ? s.p[(*from)++] : 0;
	size_t end = quoted ? *from : to_blank(s, *from);
	while (quoted && end < s.len && s.p[end] != quote && s.p[end] != '\n')
		end++;
	while (end > *from && strchr(quoted ? "\\" : ",;&)}>\"'", s.p[end - 1]))
		end--;
	return end;
}

/* The value after "password=", "pass: '...'", "\"password\": \"...\"", "--password x". */
static bool setting_value(struct str s, size_t at, struct stretch *out)
{
	bool quoted_name = at < s.len && strchr("\"'\\]", s.p[at]);
	while (at < s.len && strchr("\"'\\]", s.p[at]))
		at++;
	size_t gap = skip_blanks(s, at);
	if (gap > at + SETTING_BLANKS || gap >= s.len)
		return false;
	size_t mark = is_at(s, gap, "=>") ? 2 : strchr("=:", s.p[gap]) ? 1 : 0;
	if (!mark)
		return false;
	size_t from = skip_blanks(s, gap + mark);
	while (from < s.len && s.p[from] == '\\')
		from++;
	size_t end = value_end(s, &from);
	const char *amp = mark == 1 && s.p[gap] == '=' ? memchr(s.p + from, '&', end - from) : NULL;
	if (amp)
		end = (size_t)(amp - s.p);
	*out = (struct stretch){ from, end };
	return end > from && (quoted_name || !word_is_told(str_cut(s, from, end)));
}

static bool in_setting(struct str s, size_t at, struct stretch *out)
{
	static const char *const names[] = {
		"password",     "passwd",        "passphrase",   "pass",          "pwd",
		"secret",       "client_secret", "clientsecret", "refresh_token", "refreshtoken",
		"access_token", "accesstoken",   "api_key",      "apikey",        "api-key",
		"token",        "assertion",     "passwort",     "kennwort",      "contrase\303\261a"
	};
	/* "MAIL_PASSWORD", "smtpPass", "auth-password": the name may be the end of a longer one. */
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = is_at(s, at, names[i]);
		if (n && (at + n >= s.len || !token_is_word(s.p[at + n])) && setting_value(s, at + n, out))
			return true;
	}
	return false;
}

/* The argument of an option: "--auth-password x", "-ap x", "--user name:secret". */
static bool in_option(struct str s, size_t at, struct stretch *out)
{
	static const char *const options[] = { "--auth-password", "--password",  "--pass", "-ap", "-xp",
					       "--oauth2-bearer", "--passphrase" };
	static const char *const pairs[] = { "--user", "-u", "--proxy-user" };
	for (size_t i = 0; i < ARRAY_LEN(options) + ARRAY_LEN(pairs); i++) {
		bool pair = i >= ARRAY_LEN(options);
		size_t n = is_at(s, at, pair ? pairs[i - ARRAY_LEN(options)] : options[i]);
		if (!n || !(at_blank(s, at + n) || (at + n < s.len && s.p[at + n] == '=')))
			continue;
		size_t from = skip_blanks(s, at + n + 1), end = to_blank(s, from);
		if (pair) {
			const char *colon = memchr(s.p + from, ':', end - from);
			from = colon ? (size_t)(colon - s.p) + 1 : end;
		}
		*out = (struct stretch){ from, end };
		return end > from && s.p[from] != '-';
	}
	return false;
}

/* A key, not a word of prose: "Basic authentication is disabled". */
static bool is_mixed(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'Z'))
			return true;
	return false;
}

static size_t without_marks(struct str s, size_t from, size_t end)
{
	while (end > from && strchr("\"',;}])", s.p[end - 1]))
		end--;
	return end;
}

/* "Authorization: Bearer x": all after the scheme; anywhere "Bearer x" and "Basic x". */
static bool in_header(struct str s, size_t at, struct stretch *out)
{
	static const char *const headers[] = { "authorization:", "proxy-authorization:", "cookie:",
					       "set-cookie:", "x-api-key:" };
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		size_t n = is_at(s, at, headers[i]);
		if (!n)
			continue;
		size_t from = skip_blanks(s, at + n);
		if (is_at(s, from, "bearer ") || is_at(s, from, "basic "))
			from = skip_blanks(s, to_blank(s, from));
		*out = (struct stretch){ from, without_marks(s, from, to_blank(s, from)) };
		return true;
	}
	size_t n = is_at(s, at, "bearer ") | is_at(s, at, "basic ");
	size_t from = skip_blanks(s, at + n), end = n ? without_marks(s, from, to_blank(s, from)) : 0;
	*out = (struct stretch){ from, end };
	return n && end >= from + PAIR_MIN && is_mixed(str_cut(s, from, end));
}

static bool is_word_shaped(struct str w)
{
	static const struct {
		const char *start;
		size_t least;
	} shapes[] = { { "ya29.", 20 },  { "SG.", 30 },    { "xsmtpsib-", 20 }, { "xkeysib-", 20 },
		       { "eyJ", 40 },    { "dXNlcj", 12 }, { "key-", 24 },      { "re_", 20 },
		       { "1//0", 30 },   { "EwB", 60 },    { "0.A", 60 },       { "M.C", 60 },
		       { "bixhPX", 12 }, { "YXV0aD", 16 } };
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (w.len >= shapes[i].least &&
		    str_eq(str_cut(w, 0, strlen(shapes[i].start)), shapes[i].start))
			return true;
	return false;
}

/* Base64 of "\0user\0password", of "user=...^Aauth=Bearer". */
static bool is_login_pair(struct str w)
{
	if (w.len < PAIR_MIN || w.len > DECODE_MAX || w.len % 4)
		return false;
	struct buf plain = { .max = DECODE_MAX };
	bool pair = false;
	if (base64_decode(&plain, w)) {
		struct str p = buf_str(&plain);
		const char *first = memchr(p.p, '\0', p.len);
		const char *second =
			first ? memchr(first + 1, '\0', p.len - (size_t)(first - p.p) - 1) : NULL;
		pair = (second && second > first + 1) || memchr(p.p, '\1', p.len);
	}
	buf_wipe(&plain);
	return pair;
}

static bool is_key_char(char c)
{
	return token_is_word(c) || (c && strchr("+/._-", c));
}

/* *run_end remembers where the run of such bytes ends, so that each is passed once. */
static bool in_shape(struct str s, size_t at, size_t *run_end, struct stretch *out)
{
	bool first = at >= *run_end;
	if (first)
		for (*run_end = at; *run_end < s.len && is_key_char(s.p[*run_end]);)
			++*run_end;
	size_t end = *run_end;
	while (end < s.len && end < *run_end + 2 && s.p[end] == '=')
		end++;
	struct str w = str_cut(s, at, end);
	*out = (struct stretch){ at, end };
	return w.len >= PAIR_MIN && (is_word_shaped(w) || (first && is_login_pair(w))) &&
	       !token_note_is_coded(w);
}

/* One look at a place where a word or a mark begins. */
static bool find_here(struct str s, size_t at, struct stretch *out)
{
	char c = (char)(s.p[at] | 0x20);
	if (s.p[at] == ':')
		return in_url(s, at, out);
	if (s.p[at] == '-')
		return in_option(s, at, out);
	if (s.p[at] == '3' && hide_answer(s, at, &out->from, &out->to))
		return true;
	if (strchr("acpsbx", c) && (after_auth(s, at, out) || in_header(s, at, out)))
		return true;
	return strchr("apcsrtk", c) && in_setting(s, at, out);
}

/* Inside a word "Pass" and "_PASSWORD" may still begin a name. */
static bool may_begin(struct str s, size_t at)
{
	char c = s.p[at];
	if (c == ':' || c == '-')
		return true;
	if (!token_is_word(c))
		return false;
	if (!at)
		return true;
	char before = s.p[at - 1];
	return !token_is_word(before) || before == '_' ||
	       (c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z');
}

struct str explain_hide(struct arena *a, struct str s)
{
	struct buf out = { 0 };
	size_t done = 0, run_end = 0;
	for (size_t at = 0; at < s.len; at++) {
		struct stretch x;
		if (!may_begin(s, at))
			continue;
		bool start = token_starts(s, at);
		if (!find_here(s, at, &x) && !(start && in_shape(s, at, &run_end, &x)))
			continue;
		if (x.from < done || x.to <= x.from)
			continue;
		buf_add(&out, s.p + done, x.from - done);
		buf_adds(&out, hidden);
		done = x.to;
		at = x.to > at ? x.to - 1 : at;
	}
	if (!done)
		return s;
	buf_add(&out, s.p + done, s.len - done);
	struct str copy = arena_str(a, buf_str(&out));
	buf_clear(&out);
	return copy;
}
