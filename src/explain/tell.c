/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/tell.h"

#include <string.h>

#include "catalog/reply_match.h"
#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

enum { REFUSAL_MIN = 400 };

/* Worth a look for names with values. */
static bool looks_dumped(struct str s)
{
	static const char *const signs[] = { "\":", "': ", "=>", ": '", ": \"", "=\"" };
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (memmem(s.p, s.len, signs[i], strlen(signs[i])))
			return true;
	return false;
}

/* Where the first reply of refusal begins a line; s.len: nowhere. */
static size_t refusal_begins(struct str s)
{
	for (struct str rest = s; rest.len;) {
		struct line l = line_read(token_line(&rest));
		if (l.kind == LINE_REPLY && l.code >= REFUSAL_MIN)
			return (size_t)(l.s.p - s.p);
	}
	return s.len;
}

/* A paragraph that leads over to a reply: from there on. */
static struct str from_reply(struct str s)
{
	size_t at = refusal_begins(s);
	return at < s.len ? token_rest(s, at) : s;
}

static bool may_be_trace(struct str s, bool lines)
{
	return lines || str_ifind(s, "--->") < s.len || str_ifind(s, "stack trace:") < s.len;
}

void tell(struct arena *a, struct str clean, struct told *out)
{
	*out = (struct told){ .text = clean, .whole = clean, .step = "" };
	if (!clean.len)
		return;
	bool lines = memchr(clean.p, '\n', clean.len) != NULL;
	if (lines && tell_dialogue(a, clean, out))
		return;
	if (looks_dumped(clean) && tell_object(clean, out))
		lines = memchr(out->text.p, '\n', out->text.len) != NULL;
	if (may_be_trace(out->text, lines))
		tell_trace(a, out->text, out);
	lines = memchr(out->text.p, '\n', out->text.len) != NULL;
	out->text = lines ? from_reply(out->text) : line_read(out->text).s;
	struct str line = out->text;
	out->spoken = tell_mail_log(line, out);
	out->spoken |= tell_program(a, line, out);
	if (!*out->step && out->text.len < clean.len)
		out->step = reply_step_told(arena_dup(a, clean.p, clean.len));
}
