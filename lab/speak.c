/* SPDX-License-Identifier: Apache-2.0 */
/* lab/speak.c - the small kinds of server: a script, an echo, and one that never says a word. */

#include "lab/talk.h"

/* Every line of the script is run in order, as one rule without conditions. */
static void script_open(struct talk *t)
{
	const struct lab_rules *r = &t->srv->rules[RULES_SCRIPT];
	talk_count(t, RULES_SCRIPT);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->v[i].nactions; k++) {
			const struct lab_action *a = &r->v[i].actions[k];
			talk_queue(t, a->act, a->text);
			t->queue[t->nqueue - 1].ms = a->ms;
		}
}

static bool discard(struct talk *t)
{
	buf_clear(&t->in);
	return false;
}

static void nothing(struct talk *t)
{
	(void)t;
}

static bool echo(struct talk *t)
{
	struct str s = buf_str(&t->in);
	talk_write(t, s.p, s.len);
	return discard(t);
}

const struct speaker speaker_script = { .word = "script", .open = script_open, .take = discard };
const struct speaker speaker_echo = { .word = "echo", .open = nothing, .take = echo };
const struct speaker speaker_silent = { .word = "silent", .open = nothing, .take = discard };
