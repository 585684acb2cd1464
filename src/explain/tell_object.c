/* SPDX-License-Identifier: Apache-2.0 */
/* An error as a program prints its own: JSON, a dumped object, name=value pairs of a log. */
#include <string.h>

#include "catalog/reply_pattern.h"
#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

enum { NAME_MAX_BYTES = 24, CODE_MIN = 200, CODE_MAX = 599 };

/* What a name's value is, the most telling first. */
enum slot { SAID, DETAIL, CAUSE, MESSAGE, CODE, STATUS, COMMAND, SLOTS };

static const struct {
	const char *name;
	enum slot slot;
} names[] = {
	{ "response", SAID },
	{ "smtp_response", SAID },
	{ "smtpresponse", SAID },
	{ "smtp-response", SAID },
	{ "diagnosticcode", SAID },
	{ "diagnostic_code", SAID },
	{ "diagnostic-code", SAID },
	{ "bounce_reason", SAID },
	{ "smtpreply", SAID },
	{ "serverresponse", SAID },
	{ "data", SAID },
	{ "err", CAUSE },
	{ "error", CAUSE },
	{ "cause", CAUSE },
	{ "exception", CAUSE },
	{ "reason", CAUSE },
	{ "details", DETAIL },
	{ "detail", DETAIL },
	{ "errormessage", CAUSE },
	{ "error_message", CAUSE },
	{ "errmsg", CAUSE },
	{ "message", MESSAGE },
	{ "msg", MESSAGE },
	{ "description", MESSAGE },
	{ "responsecode", CODE },
	{ "smtp_code", CODE },
	{ "smtpcode", CODE },
	{ "code", CODE },
	{ "status", STATUS },
	{ "enhancedcode", STATUS },
	{ "smtp_status", STATUS },
	{ "command", COMMAND },
	{ "stage", COMMAND },
};

static const struct {
	const char *command, *step;
} commands[] = {
	{ "auth", "auth" },    { "mail", "mail-from" }, { "rcpt", "rcpt" },       { "data", "data" },
	{ "conn", "connect" }, { "ehlo", "ehlo" },      { "helo", "ehlo" },       { "starttls", "starttls" },
	{ "api", "" },         { "init", "connect" },   { "greeting", "banner" },
};

struct object {
	struct str values[SLOTS];
	size_t found; /* slots with a value */
};

static bool is_name(char c)
{
	return (token_is_word(c) && (unsigned char)c < 0x80) || c == '_' || c == '-';
}

static size_t blanks(struct str s, size_t at)
{
	while (at < s.len && strchr(" \t\n", s.p[at]) && s.p[at])
		at++;
	return at;
}

/* "...", '...', `...`, or up to the next comma, blank or bracket; prose up to the line's end. */
static struct str value_at(struct str s, size_t at, bool prose, size_t *end)
{
	const char *stops = prose ? "}\n" : ",}\n) \t]";
	if (at < s.len && s.p[at] == '[')
		at = blanks(s, at + 1);
	char quote = at < s.len && s.p[at] && strchr("\"'`", s.p[at]) ? s.p[at] : 0;
	size_t from = at + (quote != 0), to = from;
	while (to < s.len && (quote ? s.p[to] != quote || (to + 1 < s.len && token_is_word(s.p[to + 1]))
				    : !strchr(stops, s.p[to]) || !s.p[to]))
		to++;
	*end = to + (quote && to < s.len);
	return str_cut(s, from, to);
}

/* Where the value of the name [at, end) begins, 0: it has none. */
static size_t value_begins(struct str s, size_t at, size_t end)
{
	bool quoted =
		at && end < s.len && (s.p[at - 1] == '"' || s.p[at - 1] == '\'') && s.p[end] == s.p[at - 1];
	end = blanks(s, end + quoted);
	if (end + 1 >= s.len)
		return 0;
	if (s.p[end] == '=' && s.p[end + 1] == '>')
		return blanks(s, end + 2);
	if (s.p[end] == '=')
		return s.p[end + 1] == '"' ? end + 1 : 0;
	return s.p[end] == ':' && (quoted || strchr(" \"'", s.p[end + 1])) ? blanks(s, end + 1) : 0;
}

static bool fits(enum slot slot, struct str v)
{
	unsigned long n;
	if (slot == CODE)
		return str_number(v, CODE_MAX, &n) && n >= CODE_MIN;
	if (slot == STATUS)
		return reply_status_at(v.p, v.len) == v.len;
	return v.len > 0 && !str_ieq(v, "null") && !str_ieq(v, "error");
}

static size_t take_name(struct object *o, struct str s, size_t at)
{
	size_t end = at;
	while (end < s.len && end - at <= NAME_MAX_BYTES && is_name(s.p[end]))
		end++;
	struct str name = str_cut(s, at, end);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!str_ieq(name, names[i].name))
			continue;
		size_t from = value_begins(s, at, end), after;
		if (!from)
			return end;
		enum slot slot = names[i].slot;
		struct str v = value_at(s, from, slot == CAUSE && name.p[0] == 'E', &after);
		if (!v.len || !fits(slot, v) || o->values[slot].len)
			return end;
		o->values[slot] = v;
		o->found++;
		return after;
	}
	return end > at ? end : at + 1;
}

static const char *step_of_command(struct str command)
{
	for (size_t i = 0; command.len && i < ARRAY_LEN(commands); i++)
		if (str_istarts(command, commands[i].command))
			return commands[i].step;
	return "";
}

static unsigned code_of(const struct object *o)
{
	unsigned long n;
	return str_number(o->values[CODE], CODE_MAX, &n) ? (unsigned)n : 0;
}

bool tell_object(struct str s, struct told *out)
{
	struct object o = { .found = 0 };
	for (size_t at = 0; at < s.len;)
		at = token_starts(s, at) ? take_name(&o, s, at) : at + 1;
	struct str bare = line_unlogged(s); /* "[2026-11-21 08:00:00]" is no array */
	bool dumped = (bare.len && (bare.p[0] == '{' || bare.p[0] == '[')) || o.found >= 2;
	for (enum slot slot = SAID; dumped && slot <= MESSAGE; slot++) {
		if (!o.values[slot].len)
			continue;
		out->text = o.values[slot];
		out->code = code_of(&o);
		out->step = step_of_command(o.values[COMMAND]);
		return true;
	}
	return false;
}
