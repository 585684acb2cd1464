/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that were heard and are not in the spool, found again in the store: a crash came between
 * the store's disk and ours, or ours was full. */
#include "base/mem.h"
#include "relay/log_line.h"
#include "relay/missed.h"
#include "web/hook_lines.h"
#include "web/hooks_inner.h"

static bool note_missed(void *user, struct store_id id, const struct store_mark *mark)
{
	return missed_add(user, id, mark);
}

/* ---- what is known already ---- */

static bool is_new(struct hook *k, struct str line)
{
	return !seen_put(&k->known, hook_line_mark(line), 1);
}

static void note_known(void *ctx, struct str line)
{
	(void)is_new(ctx, line);
}

bool hook_keep(struct hook *k, struct str lines, struct err *e)
{
	CLEANUP(buf_clear) struct buf fresh = { 0 };
	struct str rest = lines, line;
	if (!k->known.n)
		return spool_add(k->spool, lines, e);
	while (str_next(&rest, "\n", &line))
		if (is_new(k, line)) {
			buf_add(&fresh, line.p, line.len);
			buf_add(&fresh, "\n", 1);
		}
	return !buf_waiting(&fresh) || spool_add(k->spool, buf_str(&fresh), e);
}

/* ---- what is not ---- */

static void add_line(struct hook *k, struct buf *line, struct buf *out)
{
	struct str s = str_cut(buf_str(line), 0, buf_waiting(line) - 1);
	if (hook_line_wanted(s, k->states) && is_new(k, s))
		buf_add(out, buf_str(line).p, buf_waiting(line));
	buf_take(line, buf_waiting(line));
}

/* As the log would have said it. */
static void tell_missed(struct hook *k, const struct missed_change *c, struct missed_message *x,
			struct buf *out)
{
	CLEANUP(buf_clear) struct buf line = { 0 };
	struct store_message *m = &x->trail.message;
	if (!missed_look_up(x, k->all->relay->store, c->id))
		return;
	if (c->mark) {
		log_line_mark(&line, m, c->mark);
		add_line(k, &line, out);
		return;
	}
	missed_as_taken(m);
	for (size_t i = 0; i < m->nrcpts; i++) {
		log_line_taken(&line, m, c->id, i);
		add_line(k, &line, out);
	}
}

bool hook_catch_up(struct hook *k, struct err *e)
{
	CLEANUP(buf_clear) struct buf lines = { 0 };
	struct missed m = { 0 };
	struct missed_message x = { 0 };
	seen_clear(&k->known);
	bool ok = spool_each(k->spool, note_known, k, e) &&
		  store_changes(k->all->relay->store, spool_place(k->spool), note_missed, &m, e);
	for (size_t i = 0; i < m.n; i++)
		tell_missed(k, &m.v[i], &x, &lines);
	ok = ok && (!buf_waiting(&lines) || spool_add(k->spool, buf_str(&lines), e));
	arena_free(&x.arena);
	missed_clear(&m);
	return ok;
}
