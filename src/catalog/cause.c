/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/cause.h"

#include <string.h>

#include "base/shell_word.h"
#include "catalog/words.h"

static int percent(double confidence)
{
	return (int)(confidence * 100 + 0.5);
}

static const struct finding_fix *filled_fixes(struct arena *a, const struct finding_entry *e,
					      const struct cause_fill *fill)
{
	struct finding_fix *v = arena_alloc(a, (e->nfixes + 1) * sizeof(*v));
	for (size_t i = 0; i < e->nfixes; i++) {
		const struct finding_fix *x = &e->fixes[i];
		bool command = x->command && *x->command;
		v[i] = (struct finding_fix){ x->actor, fill->sentence(fill->source, a, x->text),
					     command ? fill->command(fill->source, a, x->command) : "" };
	}
	return v;
}

struct cause cause_of(struct arena *a, const struct finding_entry *e, double confidence,
		      const struct cause_fill *fill)
{
	return (struct cause){
		.entry = e,
		.confidence = confidence,
		.title = fill->sentence(fill->source, a, e->title),
		.why = fill->sentence(fill->source, a, e->why),
		.tell = fill->sentence(fill->source, a, e->tell),
		.actor = e->actor,
		.fixes = filled_fixes(a, e, fill),
		.nfixes = e->nfixes,
	};
}

void cause_instead(struct cause *c, const struct finding_entry *e, const char *title, double confidence)
{
	if (c->ninstead < CAUSE_INSTEAD_MAX)
		c->instead[c->ninstead++] = (struct cause_other){ e, title, confidence };
}

const struct finding_entry *cause_outlasted(const struct finding_entry *e)
{
	return strcmp(e->class, "greylisted") != 0 ? e : finding_entry_find("ph-expired");
}

void cause_guessed(struct arena *a, struct cause *c)
{
	if (words_is_guess(c->confidence) && strcmp(c->entry->class, "unknown") != 0)
		c->why = arena_printf(
			a,
			"The answer says too little to be sure of anything; this is what such a one "
			"may mean. %s",
			c->why);
}

static bool says_send_again(const char *words)
{
	static const char *const again[] = { "ry again", "ry once more", "end it again", "end again",
					     "end the failed mails again" };
	for (size_t i = 0; i < ARRAY_LEN(again) && !strstr(words, "not send it again"); i++)
		if (strstr(words, again[i]))
			return true;
	return false;
}

/* What that actor is told becomes words for who sent the mail.  Where there is a rest, what he can do besides
 * holds, and the rest stands for what says to send again. */
static void tell_instead(struct arena *a, struct cause *c, enum finding_actor of, const char *words,
			 const char *rest)
{
	size_t n = c->nfixes;
	struct finding_fix *v = arena_alloc(a, (n + 1) * sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		v[i] = c->fixes[i];
		if (v[i].actor != of)
			continue;
		const char *more = rest && !says_send_again(v[i].text) ? v[i].text : rest;
		v[i] = (struct finding_fix){ ACTOR_USER, more ? arena_printf(a, "%s %s", words, more) : words,
					     "" };
	}
	c->fixes = v;
	if (c->actor == of)
		c->actor = ACTOR_USER;
}

/* What that actor is told of sending again becomes these words; the rest stays. */
static void calm(struct arena *a, struct cause *c, enum finding_actor of, const char *words)
{
	size_t n = c->nfixes;
	struct finding_fix *v = arena_alloc(a, (n + 1) * sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		bool again = c->fixes[i].actor == of && says_send_again(c->fixes[i].text);
		v[i] = again ? (struct finding_fix){ of, words, "" } : c->fixes[i];
	}
	c->fixes = v;
}

/* Our words at the end of what a user is told, where no mail server tries again: others stand for them. */
static void unsay_own_tries(struct arena *a, struct cause *c, const char *words)
{
	size_t n = c->nfixes;
	struct finding_fix *v = arena_alloc(a, (n + 1) * sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		const char *text = c->fixes[i].text, *at = strstr(text, "ail servers try again on their own");
		v[i] = c->fixes[i];
		if (!at)
			continue;
		size_t len = (size_t)(at - text) - 1; /* "M" or "m" */
		while (len && strchr(" ;.", text[len - 1]))
			len--;
		v[i].text = arena_printf(a, "%.*s. %s", (int)len, text, words);
	}
	c->fixes = v;
}

static bool has_fix_for(const struct cause *c, enum finding_actor of)
{
	for (size_t i = 0; i < c->nfixes; i++)
		if (c->fixes[i].actor == of)
			return true;
	return false;
}

static struct finding_fix route_fix(struct arena *a, const struct cause_route *r)
{
	const char *to = *r->host ? arena_printf(a, " to %s", r->host) : "";
	return (struct finding_fix){
		ACTOR_IT_PROVIDER,
		arena_printf(
			a,
			"This is about route \"%s\" of the relay%s, the same for all who send by it. Put "
			"right what it stands on: its lines in the relay's configuration (smarthost, "
			"security, user, password-file or oauth), or the account there. Then let go what "
			"waits:",
			r->name, to),
		arena_printf(a, "postrider queue retry --destination %s --yes", shell_word(a, r->lane)),
	};
}

void cause_of_route(struct arena *a, struct cause *c, const struct cause_route *r)
{
	struct finding_fix *v = arena_alloc(a, (c->nfixes + 2) * sizeof(*v));
	const bool known = has_fix_for(c, ACTOR_IT_PROVIDER);
	size_t n = 0;
	v[n++] = route_fix(a, r);
	for (size_t i = 0; i < c->nfixes; i++) {
		struct finding_fix x = c->fixes[i];
		if (x.actor == ACTOR_USER && known)
			continue; /* IT is told what it means for a program */
		if (x.actor == ACTOR_USER)
			x.actor = ACTOR_IT_PROVIDER;
		v[n++] = x;
	}
	v[n++] = (struct finding_fix){ ACTOR_USER,
				       "There is nothing that you can set right: your mail and your own "
				       "settings are in order. Give this text to your IT provider.",
				       "" };
	c->fixes = v;
	c->nfixes = n;
	c->of_route = true;
	if (c->actor == ACTOR_USER)
		c->actor = ACTOR_IT_PROVIDER;
}

void cause_given_up(struct arena *a, struct cause *c)
{
	if (c->of_route)
		tell_instead(a, c, ACTOR_USER, "It is not tried any more: send it again once that is mended.",
			     "");
	tell_instead(a, c, ACTOR_NOBODY, "It is not tried any more: send it again once the cause is gone.",
		     NULL);
	unsay_own_tries(a, c, "It is not tried any more: send it again once that is mended.");
}

void cause_not_taken(struct arena *a, struct cause *c)
{
	tell_instead(a, c, ACTOR_NOBODY, "It was not taken, and nothing keeps it: send it again later.",
		     NULL);
	unsay_own_tries(a, c, "It was not taken, and nothing keeps it: send it again once that is mended.");
}

void cause_under_way(struct arena *a, struct cause *c)
{
	const struct class_entry *class = finding_class_find(c->entry->class);
	if (!c->of_route && (!class || class->retry == RETRY_NEVER))
		return;
	calm(a, c, ACTOR_NOBODY, "It is tried again by itself.");
	tell_instead(a, c, ACTOR_USER,
		     "Do not send it again, it would arrive twice: it is tried again by itself.",
		     "If it stays so, give this text to your IT provider.");
}

void cause_in_doubt(struct arena *a, struct cause *c)
{
	tell_instead(a, c, ACTOR_USER,
		     "Do not send it again before you have asked the recipient: it may be there already.",
		     NULL);
	calm(a, c, ACTOR_IT_PROVIDER,
	     "Look in the other server's log, or ask its administrator, whether it took the mail before it is "
	     "sent again.");
}

void cause_ended_in_doubt(struct arena *a, struct cause *c)
{
	cause_in_doubt(a, c);
	tell_instead(a, c, ACTOR_NOBODY,
		     "It is not tried any more. Ask the recipient before you send it again: it may be there "
		     "already.",
		     NULL);
}

const struct finding_fix *cause_fix(const struct cause *c, size_t i)
{
	return words_fix_of(c->fixes, c->nfixes, c->actor, i);
}

const char *cause_sure(struct arena *a, double confidence)
{
	return arena_printf(a, "%s (%d %%)", words_sure(confidence), percent(confidence));
}

const char *cause_other_line(struct arena *a, const struct cause_other *o)
{
	return arena_printf(a, "%s (%d %%)", o->title, percent(o->confidence));
}
