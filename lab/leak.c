/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/leak.h"

#include <string.h>

#include "base/base64.h"

static bool begins_a_login(struct str bytes)
{
	struct str rest = bytes, line;
	while (str_next(&rest, "\r\n", &line))
		if (str_istarts(line, "AUTH "))
			return true;
	return false;
}

static bool holds(struct str bytes, struct str secret)
{
	return secret.len && memmem(bytes.p, bytes.len, secret.p, secret.len) != NULL;
}

static bool holds_password(const struct talk *t, struct str bytes)
{
	struct str password = str_of(spec_text(&t->srv->w->spec->top, "password", "correct horse"));
	CLEANUP(buf_wipe) struct buf coded = { 0 };
	base64_encode(&coded, password);
	return holds(bytes, password) || holds(bytes, buf_str(&coded));
}

void leak_watch(struct talk *t, struct str bytes)
{
	struct world *w = t->srv->w;
	const char *title = t->srv->s->title;
	if (!begins_a_login(bytes) && !holds_password(t, bytes))
		return;
	bool tls = t->wire && wire_has_tls(t->wire);
	const char *login = tls ? title : arena_printf(w->arena, "%s, in clear", title);
	if (!strlist_has(&w->logins, login))
		strlist_add(&w->logins, w->arena, login);
}

const char *leak_judge(struct world *w)
{
	const struct strlist *allowed = spec_list(&w->spec->top, "password-to");
	for (size_t i = 0; i < w->logins.n; i++)
		if (!allowed || !strlist_has(allowed, w->logins.v[i]))
			return arena_printf(w->arena, "a login was sent to %s", w->logins.v[i]);
	for (size_t i = 0; allowed && i < allowed->n; i++)
		if (!strlist_has(&w->logins, allowed->v[i]))
			return arena_printf(w->arena, "no login was sent to %s", allowed->v[i]);
	return NULL;
}
