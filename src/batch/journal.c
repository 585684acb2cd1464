/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/write.h"

#define MAGIC "postrider-batch"

enum { VERSION = 1, FIELDS = 9, HEAD_FIELDS = 6, JOURNAL_PIECE = 2 * JOURNAL_LINE_MAX };

struct journal {
	char *path;
	FILE *f;  /* reading */
	int fd;   /* appending; -1 look only */
	int copy; /* appending the same; -1 none */
	struct journal_head head;
	long first; /* offset behind the head */
	char line[JOURNAL_LINE_MAX];
	char piece[JOURNAL_PIECE]; /* of the file, for journal_at() */
	long piece_at;
	size_t piece_len;
};

static bool no_journal(const struct journal *j, const char *why, struct err *e)
{
	ERR_FILL(e, ERR_SYNTAX, 0, "read", "%s", j->path);
	return err_detail(e, "%s", why);
}

/* ---- reading ---- */

static size_t split(char *line, struct str *v, size_t max)
{
	size_t n = 0;
	for (char *at = line; at && n < max;) {
		char *tab = strchr(at, '\t');
		v[n++] = (struct str){ at, tab ? (size_t)(tab - at) : strlen(at) };
		at = tab ? tab + 1 : NULL;
	}
	return n;
}

static bool mark_of(struct str s, struct seen_mark *m)
{
	return s.len == 32 && sscanf(s.p, "%16" SCNx64 "%16" SCNx64, &m->high, &m->low) == 2;
}

/* A whole line, its end taken off.  False at the end, or at half a line. */
static bool get_line(struct journal *j)
{
	if (!fgets(j->line, sizeof(j->line), j->f))
		return false;
	size_t n = strlen(j->line);
	if (!n || j->line[n - 1] != '\n')
		return false;
	j->line[n - 1] = 0;
	return true;
}

static bool read_head(struct journal *j, struct err *e)
{
	struct str v[HEAD_FIELDS];
	unsigned long version;
	if (!get_line(j) || split(j->line, v, HEAD_FIELDS) != HEAD_FIELDS || !str_eq(v[0], MAGIC))
		return no_journal(j,
				  "it is no journal of a batch; move it away, or name another with --results",
				  e);
	if (!str_number(v[1], 1000, &version) || version != VERSION)
		return no_journal(j, "another version of postrider wrote it", e);
	if (v[2].len >= sizeof(j->head.id) || !mark_of(v[4], &j->head.template))
		return no_journal(j, "its first line is damaged", e);
	memcpy(j->head.id, v[2].p, v[2].len);
	j->head.id[v[2].len] = 0;
	j->head.began_ms = strtoll(v[3].p, NULL, 10);
	unsigned long separator;
	j->head.separator = str_number(v[5], 127, &separator) ? (char)separator : ',';
	j->first = ftell(j->f);
	return true;
}

static bool parse(struct journal *j, struct journal_line *l)
{
	struct str v[FIELDS];
	if (split(j->line, v, FIELDS) != FIELDS || !mark_of(v[2], &l->mark))
		return false;
	l->run = (unsigned)strtoul(v[0].p, NULL, 10);
	l->row = strtoull(v[1].p, NULL, 10);
	l->id = str_eq(v[3], "-") ? STR_LIT("") : v[3];
	l->code = (unsigned)strtoul(v[4].p, NULL, 10);
	l->at_ms = strtoll(v[5].p, NULL, 10);
	l->recipient = v[6];
	l->key = v[7];
	l->words = v[8];
	return true;
}

bool journal_each(struct journal *j, bool (*fn)(void *ctx, const struct journal_line *l, long offset),
		  void *ctx, struct err *e)
{
	struct journal_line l;
	if (fseek(j->f, j->first, SEEK_SET))
		return ERR_FILL(e, ERR_SYS, errno, "read", "%s", j->path);
	for (long at = j->first; get_line(j); at = ftell(j->f))
		if (parse(j, &l) && !fn(ctx, &l, at))
			break;
	return !ferror(j->f) || ERR_FILL(e, ERR_SYS, errno, "read", "%s", j->path);
}

/* The whole line at offset, of what was read last. */
static bool get_line_of_piece(struct journal *j, long offset)
{
	if (offset < j->piece_at || offset >= j->piece_at + (long)j->piece_len)
		return false;
	const char *from = j->piece + (offset - j->piece_at);
	const char *lf = memchr(from, '\n', j->piece_len - (size_t)(from - j->piece));
	size_t n = lf ? (size_t)(lf - from) : JOURNAL_LINE_MAX;
	if (n >= JOURNAL_LINE_MAX)
		return false;
	memcpy(j->line, from, n);
	j->line[n] = 0;
	return true;
}

static bool read_piece(struct journal *j, long offset)
{
	ssize_t n = pread(fileno(j->f), j->piece, sizeof(j->piece), offset);
	j->piece_at = offset;
	j->piece_len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

bool journal_at(struct journal *j, long offset, struct journal_line *out, struct err *e)
{
	bool got = get_line_of_piece(j, offset) || (read_piece(j, offset) && get_line_of_piece(j, offset));
	return (got && parse(j, out)) || no_journal(j, "a line that was there is gone", e);
}

/* ---- opening ---- */

/* What follows the last line end was being written when the sender died. */
static bool cut_tail(struct journal *j, struct err *e)
{
	char piece[4096];
	struct stat st;
	if (fstat(j->fd, &st))
		return ERR_FILL(e, ERR_SYS, errno, "read", "%s", j->path);
	for (off_t end = st.st_size; end > 0;) {
		off_t from = end > (off_t)sizeof(piece) ? end - (off_t)sizeof(piece) : 0;
		ssize_t n = pread(j->fd, piece, (size_t)(end - from), from);
		const char *lf = n > 0 ? memrchr(piece, '\n', (size_t)n) : NULL;
		if (n <= 0)
			break;
		end = lf ? from + (lf - piece) + 1 : from;
		if (!lf)
			continue;
		return end == st.st_size || !ftruncate(j->fd, end) ||
		       ERR_FILL(e, ERR_SYS, errno, "write", "%s", j->path);
	}
	return true;
}

static bool lock(struct journal *j, struct err *e)
{
	if (!flock(j->fd, LOCK_EX | LOCK_NB))
		return true;
	if (errno != EWOULDBLOCK)
		return ERR_FILL(e, ERR_SYS, errno, "lock", "%s", j->path);
	ERR_FILL(e, ERR_USAGE, 0, "send", "the batch of %s", j->path);
	return err_detail(e, "another postrider is sending it just now");
}

static struct journal *journal_new(const char *path)
{
	struct journal *j = mem_alloc(sizeof(*j));
	j->path = mem_strdup(path);
	j->fd = -1;
	j->copy = -1;
	return j;
}

static bool open_files(struct journal *j, enum journal_mode mode, struct err *e)
{
	if (mode == JOURNAL_SEND) {
		j->fd = open(j->path, O_RDWR | O_APPEND | O_CLOEXEC);
		if (j->fd < 0)
			return ERR_FILL(e, ERR_SYS, errno, "open", "%s", j->path);
		if (!lock(j, e) || !cut_tail(j, e))
			return false;
	}
	j->f = fopen(j->path, "re");
	return j->f ? read_head(j, e) : ERR_FILL(e, ERR_SYS, errno, "open", "%s", j->path);
}

int journal_open(const char *path, enum journal_mode mode, struct journal **out, struct err *e)
{
	CLEANUP(journal_free) struct journal *j = journal_new(path);
	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	if (!open_files(j, mode, e))
		return -1;
	*out = STEAL(j);
	return 1;
}

static void sync_folder(const char *path)
{
	CLEANUP(mem_free) char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
	close_fd(&fd);
}

/* Half of it would tell wrong numbers: it is emptied. */
static void end_copy(struct journal *j)
{
	if (j->copy >= 0 && ftruncate(j->copy, 0)) {
		/* a pipe or a device: nobody counts by it */
	}
	close_fd(&j->copy);
	j->copy = -1;
}

static void write_copy(struct journal *j, struct str s)
{
	if (j->copy >= 0 && !write_whole(j->copy, s))
		end_copy(j);
}

static bool write_all(struct journal *j, struct str s, struct err *e)
{
	if (!write_whole(j->fd, s))
		return ERR_FILL(e, ERR_SYS, errno, "write", "%s", j->path);
	write_copy(j, s);
	return true;
}

void journal_copy(struct journal *j, int fd)
{
	char piece[65536];
	ssize_t n = 0;
	close_fd(&j->copy);
	j->copy = fd;
	for (off_t at = 0; j->copy >= 0 && (n = pread(j->fd, piece, sizeof(piece), at)) > 0; at += n)
		write_copy(j, (struct str){ piece, (size_t)n });
	if (n < 0)
		end_copy(j);
}

/* Under another name until it is whole: a journal without its head would be refused for ever. */
bool journal_begin(const char *path, const struct journal_head *head, struct journal **out, struct err *e)
{
	CLEANUP(journal_free) struct journal *j = journal_new(path);
	CLEANUP(mem_free) char *draft = mem_printf("%s.%ld", path, (long)getpid());
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_addf(&b, MAGIC "\t%d\t%s\t%" PRId64 "\t%016" PRIx64 "%016" PRIx64 "\t%d\n", VERSION, head->id,
		 head->began_ms, head->template.high, head->template.low, head->separator);
	j->fd = open(draft, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (j->fd < 0)
		return ERR_FILL(e, ERR_SYS, errno, "create", "%s", draft);
	bool made = lock(j, e) && write_all(j, buf_str(&b), e) && journal_sync(j, e);
	if (made && rename(draft, path))
		made = ERR_FILL(e, ERR_SYS, errno, "create", "%s", path);
	if (!made) {
		unlink(draft);
		return false;
	}
	sync_folder(path);
	j->f = fopen(path, "re");
	if (!j->f)
		return ERR_FILL(e, ERR_SYS, errno, "open", "%s", path);
	if (!read_head(j, e))
		return false;
	*out = STEAL(j);
	return true;
}

void journal_free(struct journal **jp)
{
	struct journal *j = *jp;
	if (!j)
		return;
	close_file(&j->f);
	close_fd(&j->fd);
	close_fd(&j->copy);
	mem_free(&j->path);
	mem_free(jp);
}

const struct journal_head *journal_head(const struct journal *j)
{
	return &j->head;
}

/* ---- writing ---- */

static void add_field(struct buf *b, struct str s, char end)
{
	for (size_t i = 0; i < s.len; i++)
		buf_add(b, (unsigned char)s.p[i] < ' ' ? " " : s.p + i, 1);
	buf_add(b, &end, 1);
}

enum { WORDS_MAX = 2000, FIELD_MAX = 1000 };

bool journal_add(struct journal *j, const struct journal_line *v, size_t n, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (size_t i = 0; i < n; i++) {
		const struct journal_line *l = &v[i];
		buf_addf(&b, "%u\t%" PRIu64 "\t%016" PRIx64 "%016" PRIx64 "\t", l->run, l->row, l->mark.high,
			 l->mark.low);
		add_field(&b, l->id.len ? l->id : STR_LIT("-"), '\t');
		buf_addf(&b, "%u\t%" PRId64 "\t", l->code, l->at_ms);
		add_field(&b, str_cut(l->recipient, 0, FIELD_MAX), '\t');
		add_field(&b, str_cut(l->key, 0, FIELD_MAX), '\t');
		add_field(&b, str_cut(l->words, 0, WORDS_MAX), '\n');
	}
	return write_all(j, buf_str(&b), e);
}

bool journal_sync(struct journal *j, struct err *e)
{
	return !fdatasync(j->fd) || ERR_FILL(e, ERR_SYS, errno, "write", "%s", j->path);
}
