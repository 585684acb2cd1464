/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/fill.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "lab/address.h"
#include "lab/folder.h"
#include "lab/token.h"

static const struct spec_section *section_of(const struct world *w, enum spec_kind kind, const char *title)
{
	for (size_t i = 0; i < w->spec->n; i++)
		if (w->spec->sections[i].kind == kind && !strcmp(w->spec->sections[i].title, title))
			return &w->spec->sections[i];
	return NULL;
}

/* Now and an offset ("+3d"), as mail dates or RFC 3339 have it. */
static const char *date_of(struct world *w, const char *format, const char *offset)
{
	long long ms = 0;
	if (*offset == '+')
		offset++;
	if (*offset && !spec_duration(str_of(offset), &ms))
		return NULL;
	time_t at = time(NULL) + ms / 1000;
	struct tm tm;
	char *out = arena_alloc(w->arena, 64);
	strftime(out, 64, format, gmtime_r(&at, &tm));
	return out;
}

static const char *token_of(struct world *w, const char *name, bool as_file)
{
	const struct spec_section *s = section_of(w, SPEC_TOKEN, name);
	if (!s)
		return NULL;
	const char *token = lab_token_make(s, w->arena);
	if (!as_file)
		return token;
	const char *file = arena_printf(w->arena, "%s.token", name);
	return folder_write(w->dir, file, str_of(token), NULL) ? arena_printf(w->arena, "%s/%s", w->dir, file)
							       : NULL;
}

/* The value of "key:argument"; NULL: not a place of ours. */
static const char *place_of(struct world *w, struct str key, const char *arg)
{
	if (str_eq(key, "token") || str_eq(key, "token-file"))
		return token_of(w, arg, str_eq(key, "token-file"));
	if (str_eq(key, "cert"))
		return arena_printf(w->arena, "%s/%s.pem", w->dir, arg);
	if (str_eq(key, "file"))
		return arena_printf(w->arena, "%s/%s", w->dir, arg);
	if (str_eq(key, "address"))
		return address_here(w, arg);
	if (str_eq(key, "dkim"))
		return lab_pki_dkim(w->pki, arg, w->arena);
	if (str_eq(key, "tlsa"))
		return lab_pki_tlsa(w->pki, arg, "3 1 1 ", w->arena);
	if (str_eq(key, "tlsa2"))
		return lab_pki_tlsa(w->pki, arg, "2 1 1 ", w->arena);
	return NULL;
}

/* The value of "key" or "key:argument"; NULL: not a place of ours. */
static const char *place(struct world *w, const char *text)
{
	size_t n = strcspn(text, ":");
	struct str key = { text, n };
	const char *arg = text[n] ? text + n + 1 : "";
	if (str_eq(key, "dir"))
		return w->dir;
	if (str_eq(key, "ca"))
		return arena_printf(w->arena, "%s/ca.pem", w->dir);
	if (str_eq(key, "password"))
		return arena_printf(w->arena, "%s/password", w->dir);
	if (str_eq(key, "resolver"))
		return w->resolver;
	if (str_eq(key, "date"))
		return date_of(w, "%a, %d %b %Y %H:%M:%S +0000", arg);
	if (str_eq(key, "now"))
		return date_of(w, "%Y-%m-%dT%H:%M:%SZ", arg);
	return text[n] ? place_of(w, key, arg) : NULL;
}

const char *fill_text(struct world *w, const char *text)
{
	if (!strchr(text, '{'))
		return text;
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (const char *p = text; *p;) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const char *value = NULL;
		if (end) {
			CLEANUP(mem_free) char *key = mem_dup(p + 1, (size_t)(end - p) - 1);
			value = place(w, key);
		}
		if (value)
			buf_adds(&b, value);
		else
			buf_add(&b, p, 1);
		p = value ? end + 1 : p + 1;
	}
	return arena_dup(w->arena, b.data ? b.data : "", b.len);
}

void fill_section(struct world *w, struct spec_section *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct strlist *l = &s->settings[i].list;
		struct strlist out = { 0 };
		for (size_t k = 0; k < l->n; k++)
			strlist_add(&out, w->arena, fill_text(w, l->v[k]));
		*l = out;
	}
}
