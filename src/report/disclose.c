/* SPDX-License-Identifier: Apache-2.0 */
/* What a report gives away: looked for in its own text, so that nothing is forgotten. */
#include <string.h>

#include "mail/ipaddr.h"
#include "mail/suffix.h"
#include "report/report.h"

enum { FOUND_MAX = 500, NAME_BYTES_MAX = 253 };

struct looking {
	struct arena *arena;
	struct report_disclosure *out;
};

static void each_line(const struct report_lines *l, void (*fn)(void *ctx, const char *text), void *ctx)
{
	for (size_t i = 0; i < l->n; i++) {
		fn(ctx, l->v[i].name);
		fn(ctx, l->v[i].text);
	}
}

static void each_of(const struct strlist *l, void (*fn)(void *ctx, const char *text), void *ctx)
{
	for (size_t i = 0; i < l->n; i++)
		fn(ctx, l->v[i]);
}

static void each_of_cause(const struct cause *c, void (*fn)(void *ctx, const char *text), void *ctx)
{
	const char *const texts[] = { c->title, c->why, c->tell };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		fn(ctx, texts[i]);
	for (size_t i = 0; i < c->nfixes; i++) {
		fn(ctx, c->fixes[i].text);
		fn(ctx, c->fixes[i].command);
	}
	for (size_t i = 0; i < c->ninstead; i++)
		fn(ctx, c->instead[i].title);
}

void report_each_text(const struct report *r, void (*fn)(void *ctx, const char *text), void *ctx)
{
	const char *const texts[] = { r->about, r->summary, r->transcript, r->ask_whom };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		fn(ctx, texts[i]);
	if (r->cause)
		each_of_cause(r->cause, fn, ctx);
	each_line(&r->facts, fn, ctx);
	each_line(&r->proof, fn, ctx);
	each_line(&r->dns, fn, ctx);
	each_of(&r->tried, fn, ctx);
	each_of(&r->question, fn, ctx);
	each_of(&r->letter, fn, ctx);
	for (size_t i = 0; i < r->npoints; i++)
		fn(ctx, r->points[i].says);
	for (size_t i = 0; i < r->ncauses; i++)
		each_of(&r->causes[i].examples, fn, ctx);
}

/* ---- what a word is */

static void add(struct looking *k, struct strlist *to, const char *word)
{
	if (to->n < FOUND_MAX && !strlist_has(to, word))
		strlist_add(to, k->arena, word);
}

/* A name of a machine, not "5.7.1", "SMTP.SendAsApp" or "case.json". */
static bool is_host(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	const char *dot = strchr(word, '.');
	return dot && dot != word && strlen(word) <= NAME_BYTES_MAX && word[strspn(word, plain)] == '\0' &&
	       suffix_is_there(word);
}

static void look_at(struct looking *k, struct str s)
{
	struct ipaddr ip;
	unsigned long code;
	while (s.len && strchr(".,:;!?'\"-", s.p[s.len - 1]))
		s.len--;
	if (s.len > 4 && s.p[3] == '-' && str_number(str_cut(s, 0, 3), 999, &code))
		s = str_cut(s, 4, s.len); /* "250-mail.example.com" */
	if (s.len < 3)
		return;
	const char *word = arena_dup(k->arena, s.p, s.len);
	const char *at = strrchr(word, '@');
	if (at && at != word && at[1])
		add(k, &k->out->addresses, word);
	else if (ipaddr_read(s, &ip))
		add(k, &k->out->ips, word);
	else if (is_host(word))
		add(k, &k->out->hosts, word);
}

static void look(void *ctx, const char *text)
{
	struct str rest = str_of(text), word;
	while (str_next(&rest, " \t\r\n<>()[]{}\"',;=|*/", &word))
		look_at(ctx, word);
}

void report_disclosed(const struct report *r, struct arena *a, struct report_disclosure *out)
{
	struct looking k = { .arena = a, .out = out };
	*out = (struct report_disclosure){ .transcript = *r->transcript != '\0' };
	for (size_t i = 0; i < r->facts.n; i++)
		out->subject = out->subject || !strcmp(r->facts.v[i].name, "Subject");
	report_each_text(r, look, &k);
}
