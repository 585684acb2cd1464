/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/lane/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/write.h"

enum { JOURNAL_BYTES = 1 << 20 /* more than was there at its beginning: then it is written anew */ };

struct ledger {
	struct names names;
	char *path;
	int fd;
	size_t written;
	struct err err; /* the first one not told yet */
	bool troubled;
};

/* ---- rows ---- */

static struct ledger_row *row_of(struct ledger *l, struct str name)
{
	struct ledger_row *r = (struct ledger_row *)names_find(&l->names, name);
	return r ? r : names_use(&l->names, name, sizeof(*r));
}

struct ledger_row *ledger_row(struct ledger *l, const char *kind, const char *name)
{
	CLEANUP(mem_free) char *text = mem_printf("%s %s", kind, name);
	for (char *c = text; *c; c++) /* one line is one entry */
		if ((unsigned char)*c < ' ')
			*c = '?';
	return row_of(l, str_of(text));
}

static void row_clear(struct named *x)
{
	caps_log_clear(&((struct ledger_row *)x)->log);
}

/* ---- writing: VERB NUMBER... NAME LF ---- */

static void failed(struct ledger *l, const char *doing)
{
	if (l->troubled)
		return;
	l->troubled = true;
	l->err = (struct err){ 0 };
	ERR_FILL(&l->err, ERR_SYS, errno, doing, "%s", l->path);
}

bool ledger_trouble(struct ledger *l, struct err *e)
{
	bool was = l->troubled;
	if (was)
		*e = l->err;
	l->troubled = false;
	return was;
}

static void add_row(struct buf *out, const struct ledger_row *r)
{
	for (size_t i = 0; i < r->log.n; i++)
		buf_addf(out, "S %lld %u %u %s\n", (long long)r->log.v[i].at_ms, r->log.v[i].messages,
			 r->log.v[i].recipients, r->named.name);
	for (unsigned i = 0; i < r->log.open_messages; i++)
		buf_addf(out, "B %lld %u %s\n", (long long)r->log.begun_ms, i ? 0 : r->log.open_recipients,
			 r->named.name);
	if (r->ramp.stage || r->ramp.days)
		buf_addf(out, "R %lld %u %u %u %s\n", (long long)r->ramp.day, r->ramp.days,
			 (unsigned)r->ramp.stage, r->ramp.handed, r->named.name);
}

/* The whole state in a new file, in the place of the old one once it is on disk. */
static bool write_anew(struct ledger *l)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	CLEANUP(mem_free) char *path = mem_printf("%s.new", l->path);
	for (size_t i = 0; i < l->names.room; i++)
		if (l->names.v[i])
			add_row(&b, (const struct ledger_row *)l->names.v[i]);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || !write_whole(fd, buf_str(&b)) || fdatasync(fd) || rename(path, l->path)) {
		failed(l, "write");
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (l->fd >= 0)
		close(l->fd);
	l->fd = fd;
	l->written = 0;
	return true;
}

static void put_line(struct ledger *l, const char *text)
{
	if (l->fd < 0)
		return;
	if (!write_whole(l->fd, str_of(text)))
		failed(l, "write");
	l->written += strlen(text);
	if (l->written > JOURNAL_BYTES)
		(void)write_anew(l);
}

/* ---- reading ---- */

static bool number(struct str *rest, unsigned long long most, unsigned long long *out)
{
	struct str word;
	unsigned long n;
	if (!str_next(rest, " ", &word) || !str_number(word, most, &n))
		return false;
	*out = n;
	return true;
}

/* What a line of that verb has before its name. */
static size_t numbers_of(char verb)
{
	return verb == 'S' ? 3 : verb == 'B' ? 2 : verb == 'E' || verb == 'R' ? 4 : 0;
}

static void take_ramp(struct ledger_row *r, const unsigned long long *v)
{
	r->ramp = (struct ramp){ .stage = v[2] < RAMP_STAGES ? (enum ramp_stage)v[2] : RAMP_ONE,
				 .handed = v[3] < RAMP_TEN_MAILS ? (unsigned)v[3] : 0,
				 .days = (unsigned)v[1],
				 .day = (int64_t)v[0] };
}

static void take_line(struct ledger *l, struct str line)
{
	unsigned long long v[4] = { 0 };
	struct str rest = line, verb;
	size_t n = str_next(&rest, " ", &verb) && verb.len == 1 ? numbers_of(*verb.p) : 0;
	for (size_t i = 0; i < n; i++)
		if (!number(&rest, i ? 1000000000UL : INT64_MAX, &v[i]))
			return;
	rest = str_trim(rest);
	if (!n || !rest.len)
		return;
	struct ledger_row *r = row_of(l, rest);
	if (*verb.p == 'S')
		caps_note(&r->log, (unsigned)v[1], (unsigned)v[2], (int64_t)v[0]);
	else if (*verb.p == 'B')
		caps_begin(&r->log, (unsigned)v[1], (int64_t)v[0]);
	else if (*verb.p == 'E')
		caps_end(&r->log, (unsigned)v[1], (unsigned)v[2], (int64_t)v[0]);
	else
		take_ramp(r, v);
}

static bool read_all(struct ledger *l, struct err *e)
{
	char *line = NULL;
	size_t room = 0;
	CLEANUP(close_file) FILE *f = fopen(l->path, "re");
	if (!f)
		return errno == ENOENT || ERR_FILL(e, ERR_SYS, errno, "open", "%s", l->path);
	for (ssize_t n; (n = getline(&line, &room, f)) > 0;)
		if (line[n - 1] == '\n') /* else it was being written when the relay died */
			take_line(l, (struct str){ line, (size_t)n - 1 });
	free(line);
	return true;
}

/* Nobody knows how far these came. */
static void end_all(struct ledger *l, int64_t now_ms)
{
	for (size_t i = 0; i < l->names.room; i++) {
		struct ledger_row *r = (struct ledger_row *)l->names.v[i];
		if (!r)
			continue;
		caps_log_mend(&r->log, now_ms);
		caps_log_end_all(&r->log, now_ms);
	}
}

bool ledger_look(const char *path, int64_t now_ms, struct ledger **out, struct err *e)
{
	struct ledger *l = mem_alloc(sizeof(*l));
	l->path = mem_strdup(path);
	l->fd = -1;
	bool ok = read_all(l, e);
	end_all(l, now_ms);
	if (ok)
		*out = l;
	else
		ledger_close(&l);
	return ok;
}

bool ledger_open(const char *path, int64_t now_ms, struct ledger **out, struct err *e)
{
	struct ledger *l = NULL;
	if (!ledger_look(path, now_ms, &l, e))
		return false;
	if (!write_anew(l)) /* a full disk: the old one grows on, and where it cannot, memory has to do */
		l->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	*out = l;
	return true;
}

void ledger_close(struct ledger **lp)
{
	struct ledger *l = *lp;
	if (!l)
		return;
	if (l->fd >= 0) {
		(void)write_anew(l);
		close(l->fd);
	}
	names_drop(&l->names, row_clear);
	free(l->path);
	mem_free(lp);
}

/* ---- what happens ---- */

void ledger_begin(struct ledger *l, struct ledger_row *r, unsigned recipients, int64_t now_ms)
{
	CLEANUP(mem_free)
	char *text = mem_printf("B %lld %u %s\n", (long long)now_ms, recipients, r->named.name);
	caps_begin(&r->log, recipients, now_ms);
	put_line(l, text);
}

static void put_ramp(struct ledger *l, const struct ledger_row *r)
{
	CLEANUP(mem_free)
	char *text = mem_printf("R %lld %u %u %u %s\n", (long long)r->ramp.day, r->ramp.days,
				(unsigned)r->ramp.stage, r->ramp.handed, r->named.name);
	put_line(l, text);
}

void ledger_end(struct ledger *l, struct ledger_row *r, unsigned begun, unsigned sent, bool handed_over,
		int64_t now_ms)
{
	CLEANUP(mem_free)
	char *text = mem_printf("E %lld %u %u %u %s\n", (long long)now_ms, begun, sent, (unsigned)handed_over,
				r->named.name);
	caps_end(&r->log, begun, sent, now_ms);
	put_line(l, text);
	if (handed_over && ramp_handed_over(&r->ramp, now_ms))
		put_ramp(l, r);
}

void ledger_failed(struct ledger *l, struct ledger_row *r, bool blocked)
{
	if (ramp_failed(&r->ramp, blocked))
		put_ramp(l, r);
}

void ledger_shift(struct ledger *l, int64_t leap_ms, int64_t now_ms)
{
	for (size_t i = 0; i < l->names.room; i++)
		if (l->names.v[i])
			caps_log_shift(&((struct ledger_row *)l->names.v[i])->log, leap_ms, now_ms);
	(void)write_anew(l); /* told as any trouble of it */
}
