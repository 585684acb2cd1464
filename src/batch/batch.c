/* SPDX-License-Identifier: Apache-2.0 */
/* A batch opened, and its first pass. */
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "batch/batch_inner.h"

enum { TICK_ROWS = 64, TICK_MS = 200 };

/* ---- opening ---- */

/* NULL with *e: it is none to read, or a folder.  Which it is was typed. */
static FILE *open_typed(const char *path, struct err *e)
{
	struct stat st;
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	int no = f ? 0 : errno;
	if (f && !fstat(fileno(f), &st) && S_ISDIR(st.st_mode))
		no = EISDIR;
	if (!no)
		return STEAL(f);
	ERR_FILL(e, ERR_USAGE, 0, "read", "%s", path);
	err_detail(e, "%s", strerror(no));
	return NULL;
}

static bool read_whole(const char *path, struct buf *out, struct err *e)
{
	char piece[65536];
	CLEANUP(close_file) FILE *f = open_typed(path, e);
	if (!f)
		return false;
	out->max = TEMPLATE_BYTES_MAX;
	for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		if (!buf_add(out, piece, n)) {
			ERR_FILL(e, ERR_USAGE, 0, "read", "%s", path);
			return err_detail(e, "a template has 10 MB at most: big files go with --attach");
		}
	return !ferror(f) || ERR_FILL(e, ERR_SYS, errno, "read", "%s", path);
}

static void new_id(struct journal_head *h)
{
	uint64_t random = 0;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint64_t)h->began_ms;
	snprintf(h->id, sizeof(h->id), "%016" PRIx64, random);
}

static bool take_template(struct batch *b, struct strlist *faults, struct err *e)
{
	CLEANUP(buf_clear) struct buf raw = { 0 };
	const struct batch_options *o = &b->o;
	struct journal_head nonce = { .began_ms = o->now_ms };
	if (!read_whole(o->template, &raw, e))
		return false;
	struct str bytes = buf_str(&raw);
	new_id(&nonce);
	const struct template_options t = { .columns = csv_columns(b->table),
					    .from = o->from,
					    .from_name = o->from_name,
					    .to_column = o->to_column,
					    .fields = o->fields,
					    .nonce = nonce.id };
	b->head.template = seen_mark(&bytes, 1);
	b->head.separator = csv_separator(b->table);
	b->template = template_read(bytes, &t, faults, b->arena);
	return true;
}

/* The named column, or the usual one where none is named; HOLE_NONE. */
static size_t column(struct batch *b, const char *named, const char *option, const char *const *usual,
		     struct strlist *faults)
{
	const struct strlist *c = csv_columns(b->table);
	size_t at = named ? csv_column(c, str_of(named)) : c->n;
	for (; !named && *usual && at == c->n; usual++)
		at = csv_column(c, str_of(*usual));
	if (at < c->n)
		return at;
	if (named)
		strlist_add(faults, b->arena,
			    arena_printf(b->arena, "%s: the table has no column \"%s\"; its columns are: %s",
					 option, named, strlist_join(c, b->arena, ", ")));
	return HOLE_NONE;
}

static void set_rules(struct batch *b, struct strlist *faults)
{
	static const char *const attach[] = {
		"attachment",   "attachments",  "anhang",         "anhänge",      "anlage",        "anlagen",
		"pièce jointe", "piece jointe", "pièces jointes", "pièce-jointe", "fichier joint", "adjunto",
		"adjuntos",     "allegato",     "allegati",       "bijlage",      "bijlagen",      NULL
	};
	static const char *const key[] = { "key", NULL };
	CLEANUP(mem_free) char *copy = mem_strdup(b->o.table);
	b->rules = (struct row_rules){
		.template = b->template,
		.columns = csv_columns(b->table),
		.folder = arena_strdup(b->arena, dirname(copy)),
		.attach_column = column(b, b->o.attach_column, "--attach-column", attach, faults),
		.key_column = column(b, b->o.key_column, "--key-column", key, faults),
		.batch = b->head.id,
		.size_max = b->o.size_max,
		.attach_all = b->o.attach_all,
	};
}

static bool remember(void *ctx, const struct journal_line *l, long offset)
{
	struct batch *b = ctx;
	(void)offset;
	b->run = l->run > b->run ? l->run : b->run;
	if (l->id.len)
		seen_put(&b->sent, l->mark, 1);
	return true;
}

/* A batch that was sent before, whole or in part: what of it the relay has. */
static bool take_journal(struct batch *b, struct err *e)
{
	int found = journal_open(b->o.journal, b->o.look ? JOURNAL_LOOK : JOURNAL_SEND, &b->journal, e);
	if (found < 0)
		return false;
	if (!found) {
		b->head.began_ms = b->o.now_ms;
		new_id(&b->head);
		if (b->o.again)
			b->head.id[0] = ROW_AGAIN;
		return true;
	}
	const struct journal_head *h = journal_head(b->journal);
	bool same = h->template.high == b->head.template.high && h->template.low == b->head.template.low;
	memcpy(b->head.id, h->id, sizeof(b->head.id));
	b->head.began_ms = h->began_ms;
	if (!journal_each(b->journal, remember, b, e))
		return false;
	if (same || b->o.resume || !b->sent.n)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "go on with", "%s", b->o.table);
	return err_detail(e,
			  "%zu %s of it left with another text of %s: --resume goes on with the new text "
			  "(nobody gets two), --again sends all anew",
			  b->sent.n, b->sent.n == 1 ? "mail" : "mails", b->o.template);
}

bool batch_open(const struct batch_options *o, struct arena *a, struct batch **out, struct strlist *faults,
		struct err *e)
{
	CLEANUP(batch_free) struct batch *b = mem_alloc(sizeof(*b));
	b->o = *o;
	b->arena = arena_new();
	struct strlist found = { 0 };
	FILE *f = open_typed(o->table, e);
	if (!f)
		return false;
	if (!csv_open(f, o->table, &b->table, e) || !take_template(b, &found, e))
		return false;
	set_rules(b, &found);
	for (size_t i = 0; i < found.n; i++)
		strlist_add(faults, a, found.v[i]);
	*out = NULL;
	if (found.n)
		return true;
	if (!take_journal(b, e))
		return false;
	*out = STEAL(b);
	return true;
}

void batch_free(struct batch **bp)
{
	struct batch *b = *bp;
	if (!b)
		return;
	journal_free(&b->journal);
	csv_free(&b->table);
	template_free(&b->template);
	seen_clear(&b->met);
	seen_clear(&b->sent);
	seen_clear(&b->changed);
	arena_free(&b->arena);
	mem_free(bp);
}

bool batch_is_windows(const struct batch *b)
{
	return csv_is_windows(b->table);
}

uint64_t batch_size(const struct batch *b)
{
	return csv_size(b->table);
}

const char *batch_id(const struct batch *b)
{
	return b->head.id;
}

int64_t batch_began_ms(const struct batch *b)
{
	return b->head.began_ms;
}

bool batch_has_begun(const struct batch *b)
{
	return b->journal != NULL;
}

void batch_on_each(struct batch *b, const struct batch_each *each)
{
	b->each = *each;
}

/* ---- the first pass ---- */

static int64_t monotonic_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

bool batch_tick(struct batch *b, const struct batch_watch *w, const struct batch_at *at)
{
	int64_t now = monotonic_ms();
	if (!w->tick || now < b->tick_ms + TICK_MS)
		return true;
	b->tick_ms = now;
	return w->tick(w->ctx, at);
}

static void check_row(struct batch *b, const struct csv_row *row, struct letter *l, struct arena *a,
		      struct batch_checked *out)
{
	const char *words = "";
	enum batch_row is = batch_row(b, row, l, &words);
	out->rows++;
	if (is == BATCH_ROW_BAD) {
		batch_problem_add(a, out, row->number, words);
		return;
	}
	out->good++;
	out->before += is == BATCH_ROW_BEFORE;
	out->bytes += letter_size(l);
	out->files += l->nfiles > 0;
	if (is == BATCH_ROW_GOOD && b->each.mail)
		b->each.mail(b->each.ctx, l);
}

bool batch_check(struct batch *b, const struct batch_watch *w, struct arena *a, struct batch_checked *out,
		 struct err *e)
{
	CLEANUP(letter_clear) struct letter l = { 0 };
	const struct csv_row *row;
	int got = 1;
	*out = (struct batch_checked){ 0 };
	out->problems = arena_alloc(a, BATCH_PROBLEMS_SHOWN * sizeof(*out->problems));
	if (!csv_rewind(b->table, e))
		return false;
	while (!out->stopped && (got = csv_next(b->table, &row, e)) > 0) {
		check_row(b, row, &l, a, out);
		const struct batch_at at = { .rows = out->rows, .bytes = row->offset };
		out->stopped = out->rows % TICK_ROWS == 0 && !batch_tick(b, w, &at);
	}
	return got >= 0 && (out->stopped || batch_changed(b, a, out, e));
}
