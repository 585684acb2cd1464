/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that a peer echoes are taken out of every text before it is kept. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "check/evidence_hide.h"

enum { SECRET_BYTES_MIN = 4 };

static const char mask[] = "[hidden]";

/* A password such as "wrong" is no secret, and taking it out would blind the rules. */
static const char *const refusal_words[] = { "password", "wrong",   "invalid", "incorrect", "failed",
					     "failure",  "refused", "denied",  "error",     "user",
					     "login",    "mail",    "smtp",    "account" };

static void add(struct evidence *ev, struct str form, bool base64)
{
	if (form.len < SECRET_BYTES_MIN || ev->nhidden == EVIDENCE_SECRETS_MAX)
		return;
	ev->hidden[ev->nhidden++] = (struct evidence_form){ arena_str(ev->arena, form), base64 };
}

static bool is_open(const struct evidence *ev, const char *secret)
{
	if (str_is_among(str_of(secret), refusal_words, ARRAY_LEN(refusal_words)))
		return true;
	for (size_t i = 0; i < ev->open.n; i++)
		if (z_ihas(ev->open.v[i], secret))
			return true;
	return false;
}

/* As it stands in the form of a token request (RFC 3986, 2.3). */
static void add_percent(struct evidence *ev, const char *secret)
{
	CLEANUP(buf_wipe) struct buf coded = { 0 };
	for (const char *c = secret; *c; c++)
		if (isalnum((unsigned char)*c) || strchr("-._~", *c))
			buf_add(&coded, c, 1);
		else
			buf_addf(&coded, "%%%02X", (unsigned char)*c);
	if (buf_waiting(&coded) != strlen(secret))
		add(ev, buf_str(&coded), false);
}

/* The base64 of the secret as it looks inside a longer text (AUTH PLAIN's blob),
 * when it begins `shift` bytes into a group of three: only the characters that
 * the secret alone decides. */
static void add_base64(struct evidence *ev, const char *secret, size_t shift)
{
	struct buf plain = { 0 }, coded = { 0 };
	buf_add(&plain, "\0\0", shift);
	buf_adds(&plain, secret);
	base64_encode(&coded, buf_str(&plain));
	size_t first = shift ? shift + 1 : 0;
	size_t whole = buf_waiting(&plain) / 3 * 4;
	add(ev, str_cut(buf_str(&coded), first, whole), true);
	buf_wipe(&plain);
	buf_wipe(&coded);
}

void evidence_show(struct evidence *ev, const char *text)
{
	if (text && *text)
		strlist_add(&ev->open, ev->arena, text);
}

void evidence_hide(struct evidence *ev, const char *secret)
{
	if (!secret)
		return;
	if (!is_open(ev, secret)) {
		add(ev, str_of(secret), false);
		add_percent(ev, secret);
	}
	for (size_t shift = 0; shift < 3; shift++)
		add_base64(ev, secret, shift);
}

static const struct evidence_form *secret_at(const struct evidence *ev, struct str rest)
{
	for (size_t i = 0; i < ev->nhidden; i++) {
		const struct evidence_form *form = &ev->hidden[i];
		struct str head = str_cut(rest, 0, form->text.len);
		if (head.len == form->text.len &&
		    (form->base64 ? !memcmp(head.p, form->text.p, head.len)
				  : !strncasecmp(head.p, form->text.p, head.len)))
			return form;
	}
	return NULL;
}

static bool is_base64(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

/* The characters around a secret's base64 hold its first and last bits. */
static size_t hide_run(struct str s, size_t at, struct buf *out)
{
	while (buf_waiting(out) && is_base64(out->data[out->len - 1]))
		out->len--;
	while (at < s.len && is_base64(s.p[at]))
		at++;
	return at;
}

static void mask_all(const struct evidence *ev, struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.len;) {
		const struct evidence_form *form = secret_at(ev, str_cut(s, i, s.len));
		if (!form) {
			buf_add(out, s.p + i++, 1);
			continue;
		}
		i += form->text.len;
		if (form->base64)
			i = hide_run(s, i, out);
		buf_adds(out, mask);
	}
}

struct str evidence_masked(struct evidence *ev, struct str s)
{
	CLEANUP(buf_wipe) struct buf out = { 0 };
	bool found = false;
	for (size_t i = 0; ev->nhidden && !found && i < s.len; i++)
		found = secret_at(ev, str_cut(s, i, s.len)) != NULL;
	if (!found)
		return s;
	mask_all(ev, s, &out);
	return arena_str(ev->arena, buf_str(&out));
}
