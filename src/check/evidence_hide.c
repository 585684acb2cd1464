/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets that a peer echoes are taken out of every text before it is kept. */
#include <string.h>

#include "base/text.h"
#include "check/evidence_hide.h"

enum { SECRET_BYTES_MIN = 4 };

static const char mask[] = "[hidden]";

static void add(struct evidence *ev, struct str form)
{
	if (form.len < SECRET_BYTES_MIN || ev->nhidden == EVIDENCE_SECRETS_MAX)
		return;
	ev->hidden[ev->nhidden++] = arena_str(ev->arena, form);
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
	add(ev, str_cut(buf_str(&coded), first, whole));
	buf_wipe(&plain);
	buf_wipe(&coded);
}

void evidence_hide(struct evidence *ev, const char *secret)
{
	if (!secret)
		return;
	add(ev, str_of(secret));
	for (size_t shift = 0; shift < 3; shift++)
		add_base64(ev, secret, shift);
}

static const struct str *secret_at(const struct evidence *ev, struct str rest)
{
	for (size_t i = 0; i < ev->nhidden; i++)
		if (rest.len >= ev->hidden[i].len && !memcmp(rest.p, ev->hidden[i].p, ev->hidden[i].len))
			return &ev->hidden[i];
	return NULL;
}

struct str evidence_masked(struct evidence *ev, struct str s)
{
	struct buf out = { 0 };
	bool found = false;
	for (size_t i = 0; ev->nhidden && i < s.len; i++)
		if (secret_at(ev, str_cut(s, i, s.len)))
			found = true;
	for (size_t i = 0; found && i < s.len;) {
		const struct str *secret = secret_at(ev, str_cut(s, i, s.len));
		if (secret)
			buf_adds(&out, mask);
		else
			buf_add(&out, s.p + i, 1);
		i += secret ? secret->len : 1;
	}
	if (!found)
		return s;
	struct str masked = arena_str(ev->arena, buf_str(&out));
	buf_wipe(&out);
	return masked;
}
