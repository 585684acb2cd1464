/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/client_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { RAW_SHOWN_BYTES_MAX = 4096 }; /* of what was no reply */

void spoken_list_clear(struct spoken_list *l)
{
	for (size_t i = l->first; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	*l = (struct spoken_list){ 0 };
}

/* Takes text. */
static void add(struct spoken_list *l, struct spoken_line line)
{
	if (l->first == l->n)
		l->first = l->n = 0;
	if (l->n == l->room && l->first) {
		memmove(l->v, l->v + l->first, (l->n - l->first) * sizeof(*l->v));
		l->n -= l->first;
		l->first = 0;
	}
	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : 16;
		l->v = mem_grow(l->v, l->room, sizeof(*l->v));
	}
	l->v[l->n++] = line;
}

static size_t count(const struct spoken_list *l)
{
	return l->n - l->first;
}

static void add_spoken(struct smtp_client *c, struct spoken_line line)
{
	if (count(&c->spoken) < SMTP_SPOKEN_LINES_MAX) {
		add(&c->spoken, line);
		return;
	}
	c->unspoken++;
	free(line.text);
}

void client_say(struct smtp_client *c, const char *text)
{
	if (count(&c->unsaid) >= SMTP_SPOKEN_LINES_MAX) {
		c->unspoken++;
		return;
	}
	add(&c->unsaid, (struct spoken_line){ c->queued, '>', mem_strdup(text) });
}

void client_said(struct smtp_client *c)
{
	struct spoken_list *l = &c->unsaid;
	while (l->first < l->n && l->v[l->first].end <= c->sent)
		add_spoken(c, l->v[l->first++]);
}

static void hear_text(struct smtp_client *c, struct str text)
{
	char *shown = text_printable_new(text);
	if (buf_waiting(&c->auth.said)) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		CLEANUP(mem_free) char *whole = shown;
		shown = mem_strdup(smtp_client_hide(c, a, whole));
	}
	add_spoken(c, (struct spoken_line){ 0, '<', shown });
}

/* With SCRAM's salt and signature a password can be guessed offline (RFC 5802, 9). */
static bool hides_challenge(const struct smtp_client *c, const struct smtp_reply *r)
{
	return r->code == 334 && c->auth.mech && c->auth.mechanism == SASL_SCRAM_SHA_256;
}

void client_hear(struct smtp_client *c, const struct smtp_reply *r)
{
	struct str raw = smtp_reply_parser_raw(c->parser);
	if (hides_challenge(c, r)) {
		hear_text(c, STR_LIT("334 [hidden]"));
		return;
	}
	while (raw.len) {
		const char *lf = memchr(raw.p, '\n', raw.len);
		size_t n = lf ? (size_t)(lf - raw.p) : raw.len;
		size_t text = n && raw.p[n - 1] == '\r' ? n - 1 : n;
		hear_text(c, str_cut(raw, 0, text));
		raw = str_cut(raw, n + 1, raw.len);
	}
}

void client_hear_raw(struct smtp_client *c)
{
	hear_text(c, str_cut(smtp_reply_parser_raw(c->parser), 0, RAW_SHOWN_BYTES_MAX));
}

char *smtp_client_take_spoken(struct smtp_client *c, char *dir)
{
	struct spoken_list *l = &c->spoken;
	if (l->first < l->n) {
		*dir = l->v[l->first].dir;
		return l->v[l->first++].text;
	}
	if (!c->unspoken)
		return NULL;
	*dir = '*';
	char *text = mem_printf("[%zu more lines were said]", c->unspoken);
	c->unspoken = 0;
	return text;
}

/* One pass: what was put in is not searched again. */
static const char *without(struct arena *a, const char *text, const char *secret)
{
	CLEANUP(buf_wipe) struct buf out = { 0 };
	const char *from = text, *at;
	while ((at = strstr(from, secret)) != NULL) {
		buf_add(&out, from, (size_t)(at - from));
		buf_adds(&out, "[hidden]");
		from = at + strlen(secret);
	}
	if (from == text)
		return text;
	buf_adds(&out, from);
	return arena_dup(a, buf_str(&out).p, buf_waiting(&out));
}

const char *smtp_client_hide(const struct smtp_client *c, struct arena *a, const char *text)
{
	struct str rest = buf_str(&c->auth.said), one;
	while (str_next(&rest, "\n", &one))
		text = without(a, text, arena_dup(a, one.p, one.len));
	return text;
}
