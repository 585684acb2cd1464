/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void talk_tracef(const struct talk *t, const char *fmt, ...)
{
	va_list ap;
	if (!t->srv->w->trace)
		return;
	fprintf(stderr, "%s: ", t->srv->s->title);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* A turn's output is one write, so that what belongs together arrives together. */
void talk_write(struct talk *t, const char *p, size_t n)
{
	buf_add(&t->out, p, n);
}

void talk_flush(struct talk *t)
{
	if (t->wire)
		wire_write(t->wire, buf_str(&t->out));
	buf_take(&t->out, buf_waiting(&t->out));
}

/* ---- filling in */

const char *talk_fill(struct talk *t, const char *text)
{
	if (!strchr(text, '{'))
		return text;
	char id[32];
	snprintf(id, sizeof(id), "LAB%04lu", t->srv->messages + 1);
	const struct {
		const char *place, *value;
	} all[] = {
		{ "{from}", t->m.from }, { "{to}", t->m.to },     { "{client}", t->m.client },
		{ "{helo}", t->m.name }, { "{user}", t->m.user }, { "{name}", t->srv->name },
		{ "{mech}", t->m.mech }, { "{path}", t->m.path }, { "{host}", t->m.host },
		{ "{id}", id },
	};
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (const char *p = text; *p;) {
		size_t i = 0;
		while (i < ARRAY_LEN(all) && strncmp(p, all[i].place, strlen(all[i].place)) != 0)
			i++;
		buf_add(&b, i < ARRAY_LEN(all) ? "" : p, i < ARRAY_LEN(all) ? 0 : 1);
		if (i < ARRAY_LEN(all) && all[i].value)
			buf_adds(&b, all[i].value);
		p += i < ARRAY_LEN(all) ? strlen(all[i].place) : 1;
	}
	return arena_dup(t->arena, buf_str(&b).p, buf_str(&b).len);
}

/* ---- queueing */

void talk_queue(struct talk *t, enum lab_act act, const char *text)
{
	t->queue = mem_grow(t->queue, t->nqueue + 1, sizeof(*t->queue));
	t->queue[t->nqueue++] = (struct lab_action){ .act = act, .text = text ? text : "" };
}

static void queue_action(struct talk *t, const struct lab_action *a)
{
	talk_queue(t, a->act, a->text);
	t->queue[t->nqueue - 1].ms = a->ms;
	if (a->act == ACT_CHALLENGE)
		talk_queue(t, ACT_EXPECT, "*");
}

void talk_interrupt(struct talk *t)
{
	uv_timer_stop(&t->timer);
	t->sleeping = false;
	t->at = t->nqueue = t->progress = 0;
}

/* The code that begins the text of an action of one of these kinds; else `before`. */
static unsigned code_of(const struct lab_action *a, bool is_kind, unsigned before)
{
	unsigned long code;
	return is_kind && str_number(str_cut(str_of(a->text), 0, 3), 999, &code) ? (unsigned)code : before;
}

static unsigned queue_rule(struct talk *t, const struct lab_rule *r, const struct lab_rule *otherwise)
{
	unsigned reply = 0, sent = 0;
	for (size_t i = 0; i < r->nactions; i++) {
		const struct lab_action *a = &r->actions[i];
		if (a->act == ACT_DEFAULT && otherwise) {
			reply = queue_rule(t, otherwise, NULL);
			continue;
		}
		queue_action(t, a);
		reply = code_of(a, a->act == ACT_REPLY, reply);
		if (!sent)
			sent = code_of(a, a->act == ACT_SEND || a->act == ACT_LINE || a->act == ACT_DRIP, 0);
	}
	return reply ? reply : sent;
}

void talk_count(struct talk *t, enum server_rules step)
{
	t->m.count = ++t->counts[step];
	t->m.total = ++t->srv->totals[step];
	t->m.connections = t->srv->connections;
	t->m.age_ms = (long long)(uv_now(&t->srv->w->loop) - t->srv->started_ms);
	t->m.tls = t->wire && wire_has_tls(t->wire);
}

unsigned talk_answer(struct talk *t, enum server_rules step, const char *otherwise)
{
	const char *v[] = { otherwise ? otherwise : "default" };
	const struct strlist one = { v, 1, 1 };
	struct lab_rules fallback = lab_rules_read(&one, t->arena);
	talk_count(t, step);
	const struct lab_rule *r = lab_rules_pick(&t->srv->rules[step], &t->m, false);
	return queue_rule(t, r ? r : &fallback.v[0], otherwise ? &fallback.v[0] : NULL);
}

bool talk_answer_start(struct talk *t, enum server_rules step, unsigned *code)
{
	t->m.tls = t->wire && wire_has_tls(t->wire);
	const struct lab_rule *r = lab_rules_pick(&t->srv->rules[step], &t->m, true);
	if (!r)
		return false;
	*code = queue_rule(t, r, NULL);
	return true;
}

char *talk_line(struct talk *t)
{
	struct str s = buf_str(&t->in);
	const char *lf = s.len ? memchr(s.p, '\n', s.len) : NULL;
	if (!lf) {
		if (s.len > TALK_LINE_BYTES_MAX)
			talk_end(t, ACT_CLOSE);
		return NULL;
	}
	size_t n = (size_t)(lf - s.p);
	char *line = arena_dup(t->arena, s.p, n && s.p[n - 1] == '\r' ? n - 1 : n);
	buf_take(&t->in, n + 1);
	talk_tracef(t, "< %s", line);
	t->m.line = line;
	return line;
}

/* ---- the end */

static void on_timer_closed(uv_handle_t *h)
{
	struct talk *t = h->data;
	buf_clear(&t->in);
	buf_clear(&t->out);
	free(t->queue);
	arena_free(&t->arena);
	free(t);
}

void talk_end(struct talk *t, enum lab_act how)
{
	if (t->over)
		return;
	t->over = true;
	talk_flush(t);
	if (t->wire && how == ACT_RESET)
		wire_reset(t->wire);
	else if (t->wire)
		wire_close(t->wire);
	t->wire = NULL;
	if (t->srv->speaker->close)
		t->srv->speaker->close(t);
	*(t->prev ? &t->prev->next : &t->srv->open) = t->next;
	if (t->next)
		t->next->prev = t->prev;
	uv_close((uv_handle_t *)&t->timer, on_timer_closed);
}
