/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalog/finding_status.h"
#include "explain/explain.h"
#include "relay/notice/notice_words.h"
#include "relay/steer.h"
#include "smtp/xtext.h"

enum { NOTICE_SUBJECT_MAX = 300 /* bytes of the original's */ };

static const char *one_line(struct arena *a, struct str s)
{
	char *out = arena_dup(a, s.p, s.len);
	for (char *c = out; *c; c++)
		*c = *c == '\r' || *c == '\n' || *c == '\t' ? ' ' : *c;
	return text_printable(a, str_trim(str_of(out)));
}

static bool begins_with_code(const char *text, unsigned code)
{
	char digits[16];
	snprintf(digits, sizeof(digits), "%03u", code);
	return !strncmp(text, digits, 3) && (text[3] == ' ' || text[3] == '-' || !text[3]);
}

bool notice_is_own_copy(const struct store_mark *k)
{
	return !k->code && str_eq(k->finding, FINDING_OWN_COPY) && !steer_wrote(k->why);
}

/* Without what it tells who runs the relay to do. */
static struct str seen(struct str why)
{
	const char *mend = why.len ? memchr(why.p, ';', why.len) : NULL;
	return mend ? str_cut(why, 0, (size_t)(mend - why.p)) : why;
}

const char *notice_reply(struct arena *a, const struct store_mark *k)
{
	const char *text = one_line(a, k->reply.len            ? k->reply
				       : notice_is_own_copy(k) ? seen(k->why)
							       : k->why);
	if (!k->code || begins_with_code(text, k->code))
		return text;
	return arena_printf(a, "%03u %s", k->code, text);
}

const char *notice_server(struct arena *a, const struct store_mark *k)
{
	const char *host = one_line(a, k->host), *address = one_line(a, k->address);
	if (!k->code)
		return "";
	return *host && *address ? arena_printf(a, "%s [%s]", host, address) : *host ? host : address;
}

const char *notice_fill(const void *source, struct arena *a, const char *text)
{
	return explain_fill(a, source, text);
}

const char *notice_fill_command(const void *source, struct arena *a, const char *text)
{
	return explain_fill_command(a, source, text);
}

/* digit "." 1*3digit "." 1*3digit at the front of s, or behind the code there; "" none. */
static const char *enhanced(struct arena *a, const char *s)
{
	unsigned d[3];
	int n = 0;
	if (isdigit((unsigned char)s[0]) && isdigit((unsigned char)s[1]) && isdigit((unsigned char)s[2]))
		s += 3 + strspn(s + 3, " -");
	if (strchr("245", *s) && *s && sscanf(s, "%1u.%3u.%3u%n", &d[0], &d[1], &d[2], &n) == 3 && n &&
	    (!s[n] || strchr(" :;", s[n])))
		return arena_printf(a, "%u.%u.%u", d[0], d[1], d[2]);
	return "";
}

bool notice_is_given_up(const struct store_mark *k)
{
	return k->state == STORE_EXPIRED && steer_wrote(k->why);
}

/* Where no server said it: by what was found; of a server's number without one nothing is known. */
static const char *own_status(struct arena *a, const struct store_mark *k, enum status_class as)
{
	return finding_status(a, k->code ? str_of("") : k->finding, as);
}

/* RFC 3463; what the server said where that fits the outcome, which is a person's where he gave it up. */
static const char *status(struct arena *a, enum notice_kind kind, const struct store_mark *k)
{
	const char *said = enhanced(a, notice_reply(a, k));
	if (kind == NOTICE_RELAYED)
		return *said == '2' ? said : "2.0.0";
	if (kind == NOTICE_DELAYED)
		return *said == '4' ? said : own_status(a, k, STATUS_LATER);
	if (kind == NOTICE_DOUBT)
		return *said == '4' ? said : "4.4.2";
	if (notice_is_given_up(k))
		return "5.0.0";
	if (*said && *said != '2')
		return said;
	if (k->state != STORE_EXPIRED || notice_is_own_copy(k))
		return own_status(a, k, STATUS_FOR_GOOD);
	return !k->code && finding_is_security(k->finding) ? own_status(a, k, STATUS_LATER) : "4.4.7";
}

/* "rfc822;you@example.com", the address as xtext (RFC 3461, 4.2). */
static void original(struct arena *a, struct str orcpt, struct report_recipient *out)
{
	const char *semicolon = orcpt.len ? memchr(orcpt.p, ';', orcpt.len) : NULL;
	out->original_type = out->original = "";
	if (!semicolon)
		return;
	size_t n = (size_t)(semicolon - orcpt.p);
	out->original_type = one_line(a, str_cut(orcpt, 0, n));
	CLEANUP(buf_clear) struct buf plain = { 0 };
	struct str coded = str_cut(orcpt, n + 1, orcpt.len);
	bool sound = smtp_xtext_decode(&plain, coded);
	out->original = one_line(a, sound ? buf_str(&plain) : coded);
}

/* What a server said before a person gave it up is not why it failed: the words have it. */
static void diagnose(struct arena *a, const struct store_mark *k, struct report_recipient *out)
{
	bool ended = notice_is_given_up(k), theirs = k->code && !ended;
	out->remote = theirs ? one_line(a, k->host) : "";
	out->remote_ip = theirs ? one_line(a, k->address) : "";
	out->reply = ended ? one_line(a, k->why) : notice_reply(a, k);
	out->reply_type = theirs ? "smtp" : "x-postrider";
}

struct report_recipient *notice_recipients(const struct notice_about *x, struct arena *a)
{
	static const enum dsn_action actions[NOTICE_KINDS] = {
		[NOTICE_FAILED] = DSN_FAILED,
		[NOTICE_DELAYED] = DSN_DELAYED,
		[NOTICE_DOUBT] = DSN_DELAYED,
		[NOTICE_RELAYED] = DSN_RELAYED,
	};
	struct report_recipient *v = arena_alloc(a, (x->n + 1) * sizeof(*v));
	for (size_t i = 0; i < x->n; i++) {
		const struct store_mark *k = x->marks[i];
		const struct store_rcpt *r = &x->m->rcpts[k->rcpt];
		original(a, r->orcpt, &v[i]);
		v[i].final = arena_str(a, r->address).p;
		v[i].action = actions[x->kind];
		v[i].status = status(a, x->kind, k);
		diagnose(a, k, &v[i]);
		v[i].last_attempt_s = k->at_ms / 1000;
		bool tried = x->kind != NOTICE_DOUBT && r->expires_ms != STORE_NEVER;
		v[i].retry_until_s = !tried ? 0 : r->expires_ms / 1000;
	}
	return v;
}

unsigned notice_copies(const struct notice_about *x, size_t i)
{
	return x->kind == NOTICE_FAILED && x->copies ? x->copies[i] : 0;
}

/* Where it is so of all of them, nobody is told that it did not arrive. */
static enum notice_kind kind_told(const struct notice_about *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (!notice_copies(x, i))
			return x->kind;
	return NOTICE_DOUBT;
}

const char *notice_subject(const struct notice_about *x, struct arena *a)
{
	static const char *const begin[NOTICE_KINDS] = { [NOTICE_FAILED] = "Not delivered",
							 [NOTICE_DELAYED] = "Delayed, still trying",
							 [NOTICE_DOUBT] = "May have arrived, or not",
							 [NOTICE_RELAYED] = "Handed over" };
	struct str subject = str_cut(x->m->subject, 0, NOTICE_SUBJECT_MAX);
	while (subject.len && !text_is_utf8(subject)) /* a character cut in two */
		subject.len--;
	return subject.len ? arena_printf(a, "%s: " STR_FMT, begin[kind_told(x)], STR_ARG(subject))
			   : begin[kind_told(x)];
}
