/* SPDX-License-Identifier: Apache-2.0 */
/* Results as files and words. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json_line.h"
#include "base/text_time.h"
#include "batch/results.h"

struct writing {
	FILE *f;
	char separator;
	const struct results_user *also;
};

/* ---- for spreadsheets ---- */

/* What a spreadsheet would take for a formula if a cell began here. */
static bool is_formula(const char *s)
{
	s += strspn(s, " \"'");
	return *s && strchr("=+-@", *s);
}

/* Quoted where any table would need it, not only ours: a spreadsheet may part cells at another separator
 * than the file has, quotes or not.  Whatever might begin a cell then gets an apostrophe before it when it
 * would be a formula: a server's reply, or a recipient's address, is nobody's program. */
static void cell(struct writing *w, const char *s, char end)
{
	const char special[] = { ',', ';', '\t', '\r', '\n', '"', w->separator, 0 };
	size_t plain = strcspn(s, special);
	const char *quote = s[plain] ? "\"" : "";
	fputs(quote, w->f);
	for (bool first = true;; first = *s++ != '"') {
		if (first && is_formula(s))
			putc_unlocked('\'', w->f);
		plain = strcspn(s, special);
		fwrite(s, 1, plain, w->f);
		s += plain;
		if (!*s)
			break;
		if (*s == '"')
			putc_unlocked('"', w->f);
		putc_unlocked(*s, w->f);
	}
	fputs(quote, w->f);
	putc_unlocked(end, w->f);
}

static void number(struct writing *w, uint64_t n)
{
	char text[32];
	snprintf(text, sizeof(text), "%" PRIu64, n);
	cell(w, text, w->separator);
}

static void write_row(void *ctx, const struct result *r)
{
	struct writing *w = ctx;
	char at[TEXT_TIME_BYTES], next[TEXT_TIME_BYTES];
	number(w, r->row);
	const char *cells[] = { r->recipient,
				result_state(r),
				r->words,
				r->reply,
				r->finding,
				r->todo,
				r->next_ms ? text_time(r->next_ms / 1000, next) : "",
				r->host,
				r->remote_id,
				r->id,
				text_time(r->at_ms / 1000, at),
				r->key };
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		cell(w, cells[i], i + 1 < ARRAY_LEN(cells) ? w->separator : '\n');
	if (w->also && w->also->each)
		w->also->each(w->also->ctx, r);
}

static void write_header(struct writing *w)
{
	static const char *const names[] = { "row",     "recipient",  "state",    "meaning", "reply",
					     "finding", "what to do", "next try", "server",  "server's id",
					     "id",      "time",       "key" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		cell(w, names[i], i + 1 < ARRAY_LEN(names) ? w->separator : '\n');
}

static bool put_in_place(FILE *f, const char *draft, const char *path, struct err *e)
{
	if (fflush(f) || ferror(f) || fdatasync(fileno(f)))
		return ERR_FILL(e, ERR_SYS, errno, "write", "%s", draft);
	return !rename(draft, path) || ERR_FILL(e, ERR_SYS, errno, "write", "%s", path);
}

bool results_table(struct journal *j, struct store *s, FILE *f, const struct results_user *u,
		   struct results_summary *out, struct err *e)
{
	struct writing w = { f, journal_head(j)->separator, u };
	const struct results_user self = { write_row, &w, u && u->waits };
	write_header(&w);
	return results_make(j, s, &self, out, e);
}

bool results_write(struct journal *j, struct store *s, const char *path, const struct results_user *u,
		   struct results_summary *out, struct err *e)
{
	CLEANUP(mem_free) char *draft = mem_printf("%s.%ld", path, (long)getpid());
	FILE *f = fopen(draft, "wxe");
	if (!f)
		return ERR_FILL(e, ERR_SYS, errno, "write", "%s", draft);
	bool written = results_table(j, s, f, u, out, e) && put_in_place(f, draft, path, e);
	fclose(f);
	if (!written)
		unlink(draft);
	return written;
}

/* ---- for programs ---- */

void result_json(struct buf *out, const struct result *r)
{
	json_line_begin(out);
	json_line_number(out, "row", (long long)r->row);
	json_line_text(out, "recipient", str_of(r->recipient));
	json_line_text(out, "state", str_of(result_state(r)));
	json_line_text(out, "words", str_of(r->words));
	if (r->code)
		json_line_number(out, "code", r->code);
	json_line_text(out, "reply", str_of(r->reply));
	json_line_text(out, "finding", str_of(r->finding));
	json_line_given(out, "what_to_do", str_of(r->todo));
	json_line_text(out, "host", str_of(r->host));
	json_line_text(out, "remote_id", str_of(r->remote_id));
	json_line_text(out, "id", str_of(r->id));
	json_line_text(out, "key", str_of(r->key));
	json_line_time(out, "at", r->at_ms);
	if (r->next_ms)
		json_line_time(out, "next_try", r->next_ms);
	json_line_end(out);
}

/* ---- for people ---- */

static const struct {
	enum store_state state;
	const char *one, *many;
} order[] = {
	{ STORE_CONFIRMED, "arrived", "arrived" },
	{ STORE_HANDED_OVER, "handed over", "handed over" },
	{ STORE_SENDING, "is being sent", "are being sent" },
	{ STORE_QUEUED, "in the queue", "in the queue" },
	{ STORE_HELD, "held back", "held back" },
	{ STORE_DELAYED, "waits", "wait" },
	{ STORE_IN_DOUBT, "in doubt", "in doubt" },
	{ STORE_REFUSED, "refused", "refused" },
	{ STORE_BOUNCED, "came back", "came back" },
	{ STORE_EXPIRED, "given up", "given up" },
	{ STORE_SUPPRESSED, "not tried", "not tried" },
	{ STORE_CANCELLED, "withdrawn", "withdrawn" },
	{ STORE_NO_STATE, "not sent", "not sent" },
};

static void add_examples(struct buf *b, const struct results_summary *s, enum store_state state)
{
	size_t n = s->count[state];
	for (size_t i = 0; i < n && i < RESULTS_EXAMPLES; i++) {
		const struct results_example *x = &s->examples[state][i];
		if (!*x->recipient)
			return;
		buf_addf(b, "%s%s", i ? ", " : ": ", x->recipient);
		if (*x->why)
			buf_addf(b, " (%s)", x->why);
	}
	if (n > RESULTS_EXAMPLES && *s->examples[state][0].recipient)
		buf_addf(b, " and %zu more", n - RESULTS_EXAMPLES);
}

const char *results_words(const struct results_summary *s, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		size_t n = s->count[order[i].state];
		if (!n)
			continue;
		buf_addf(&b, "%s%zu %s", buf_waiting(&b) ? "; " : "", n,
			 n == 1 ? order[i].one : order[i].many);
		add_examples(&b, s, order[i].state);
	}
	if (s->gone)
		buf_addf(&b, "%s%zu not known any more", buf_waiting(&b) ? "; " : "", s->gone);
	if (s->count[STORE_IN_DOUBT])
		buf_adds(&b,
			 ". What is in doubt may have arrived already: ask the recipient, or look for that "
			 "time in the provider's message trace; postrider queue retry ID sends it again");
	return buf_waiting(&b) ? arena_str(a, buf_str(&b)).p : "nothing was sent yet";
}
