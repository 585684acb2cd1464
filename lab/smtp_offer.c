/* SPDX-License-Identifier: Apache-2.0 */
/* lab/smtp_offer.c - what a pretend server says that it can do, and what its engine takes. */
#include "lab/smtp_talk.h"

static const char *const usual_keywords[] = {
	"PIPELINING", "SIZE 35882577", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8", "CHUNKING"
};

static const struct strlist *mechanisms(const struct talk *t)
{
	bool tls = t->wire && wire_has_tls(t->wire);
	const struct strlist *l = spec_list(t->srv->s, "mechanisms");
	if (!tls && t->srv->mode == MODE_STARTTLS)
		l = spec_list(t->srv->s, "mechanisms-plain");
	return l && l->n ? l : NULL;
}

/* The lines of EHLO's answer. */
static struct strlist ehlo_lines(struct talk *t)
{
	bool tls = wire_has_tls(t->wire);
	struct strlist lines = { 0 };
	const struct strlist usual = { (const char **)(uintptr_t)usual_keywords, ARRAY_LEN(usual_keywords),
				       0 };
	const struct strlist *l = tls ? spec_list(t->srv->s, "keywords-tls") : NULL;
	const struct strlist *mechs = mechanisms(t);
	l = l ? l : spec_list(t->srv->s, "keywords");
	l = l ? l : &usual;
	strlist_add(&lines, t->arena, "{name} greets {helo}");
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i][0])
			strlist_add(&lines, t->arena, l->v[i]);
	if (t->srv->mode == MODE_STARTTLS && !tls && spec_yes(t->srv->s, "starttls-offered", true))
		strlist_add(&lines, t->arena, "STARTTLS");
	if (mechs)
		strlist_add(&lines, t->arena,
			    arena_printf(t->arena, "AUTH %s", strlist_join(mechs, t->arena, " ")));
	return lines;
}

/* Rules for AUTH can refuse any mechanism where none is offered. */
static const char *accepted_mechanisms(struct talk *t)
{
	const struct strlist *offered = mechanisms(t);
	struct strlist all = { 0 };
	if (offered)
		return strlist_join(offered, t->arena, " ");
	for (enum sasl_mechanism m = SASL_NONE + 1; m < SASL_MECHANISMS && t->srv->rules[RULES_AUTH].n; m++)
		strlist_add(&all, t->arena, sasl_mechanism_name(m));
	return strlist_join(&all, t->arena, " ");
}

/* What EHLO says is what is taken, and STARTTLS where it is only hidden.  SIZE
 * is announced, but only rules refuse by it. */
void smtp_offer(struct talk *t)
{
	struct smtp_talk *s = t->state;
	struct strlist lines = ehlo_lines(t);
	struct str *v = arena_alloc(t->arena, lines.n * sizeof(*v));
	const char *auth = accepted_mechanisms(t);
	for (size_t i = 0; i < lines.n; i++)
		v[i] = str_of(lines.v[i]);
	const struct smtp_reply reply = { .code = 250, .nlines = lines.n, .lines = v };
	unsigned x = smtp_ehlo_read(&reply, t->arena)->extensions;
	if (t->srv->mode == MODE_STARTTLS)
		x |= SMTP_EXT_STARTTLS;
	if (*auth)
		x |= SMTP_EXT_AUTH;
	smtp_server_offer(s->engine, x, auth);
}

const char *smtp_offer_text(struct talk *t)
{
	struct strlist lines = ehlo_lines(t);
	return arena_printf(t->arena, "250 %s", strlist_join(&lines, t->arena, "\n"));
}
