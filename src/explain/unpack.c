/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "explain/unpack_codec.h"

enum { MAGIC_MAX = 8 };

struct unpack {
	const volatile sig_atomic_t *stop; /* borrowed; NULL none */
	char path[160];                    /* for the err */
	int fd;
	enum unpack_kind kind;
	const struct unpack_codec *codec;
	void *state;
	struct unpack_progress progress;
	unsigned char in[UNPACK_PIECE_MAX], out[UNPACK_PIECE_MAX];
	size_t from, have; /* of in: bytes that wait */
	bool eof;          /* of the file */
	bool in_member;    /* the codec has had bytes of a member that is not complete */
	bool full;         /* the last step filled out: it may hold more back */
	int ended;         /* 0 not yet, 1 at the end, -1 broken */
	struct err why;    /* of -1 */
};

/* Magic numbers: gzip RFC 1952 2.3.1, zstd RFC 8878 3.1.1, .xz 1.1 2.1.1.1. */
static const struct {
	struct str magic;
	enum unpack_kind kind;
	const struct unpack_codec *codec;
	const char *mend; /* packed in a way that is not read here */
} kinds[] = {
	{ { "\x1f\x8b", 2 }, UNPACK_GZIP, &unpack_gzip, NULL },
	{ { "\xfd"
	    "7zXZ\0",
	    6 },
	  UNPACK_XZ,
	  &unpack_xz,
	  NULL },
	{ { "\x28\xb5\x2f\xfd", 4 }, UNPACK_ZSTD, &unpack_zstd, NULL },
	{ { "BZh", 3 }, UNPACK_PLAIN, NULL, "it is packed by bzip2; pipe it in: bzcat FILE | ..." },
	{ { "\x04\x22\x4d\x18", 4 },
	  UNPACK_PLAIN,
	  NULL,
	  "it is packed by lz4; pipe it in: lz4cat FILE | ..." },
	{ { "PK\x03\x04", 4 }, UNPACK_PLAIN, NULL, "it is a ZIP archive; pipe it in: unzip -p FILE | ..." },
	{ { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8 },
	  UNPACK_PLAIN,
	  NULL,
	  "it is a file of Outlook (.msg) or Office; save the mail as .eml, or copy its text and paste "
	  "that" },
	{ { "%PDF-", 5 },
	  UNPACK_PLAIN,
	  NULL,
	  "it is a PDF; copy the error's words out of it and paste them" },
	{ { "\x89PNG", 4 },
	  UNPACK_PLAIN,
	  NULL,
	  "it is a picture; type the error's words, above all the numbers" },
	{ { "\xff\xd8\xff", 3 },
	  UNPACK_PLAIN,
	  NULL,
	  "it is a picture; type the error's words, above all the numbers" },
};

static bool magic_is(const struct unpack *u, struct str magic)
{
	return u->have - u->from >= magic.len && !memcmp(u->in + u->from, magic.p, magic.len);
}

/* Reads until `least` bytes wait or the file ends. */
static bool fill(struct unpack *u, size_t least, struct err *e)
{
	if (u->from) {
		memmove(u->in, u->in + u->from, u->have - u->from);
		u->have -= u->from;
		u->from = 0;
	}
	while (!u->eof && u->have < least) {
		ssize_t n = read(u->fd, u->in + u->have, sizeof(u->in) - u->have);
		if (n < 0 && errno == EINTR) {
			u->eof = u->stop && *u->stop;
			if (u->eof)
				break;
			continue;
		}
		if (n < 0)
			return ERR_FILL(e, ERR_SYS, errno, "read", "%s", u->path);
		u->eof = n == 0;
		u->have += (size_t)n;
		u->progress.read += (unsigned long long)n;
	}
	return true;
}

static bool find_kind(struct unpack *u, struct err *e)
{
	if (!fill(u, MAGIC_MAX, e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!magic_is(u, kinds[i].magic))
			continue;
		if (kinds[i].mend) {
			ERR_FILL(e, ERR_SYNTAX, 0, "read", "%s", u->path);
			return err_detail(e, "%s", kinds[i].mend);
		}
		u->kind = kinds[i].kind;
		u->codec = kinds[i].codec;
		u->state = u->codec->new ();
		return u->state || ERR_FILL(e, ERR_LIMIT, 0, "unpack", "%s", u->path);
	}
	return true;
}

static bool open_file(struct unpack *u, const char *path, struct err *e)
{
	struct stat st;
	bool standard = !strcmp(path, "-");
	u->fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (u->fd < 0 || fstat(u->fd, &st) != 0)
		return ERR_FILL(e, ERR_SYS, errno, "open", "%s", u->path);
	if (S_ISDIR(st.st_mode))
		return ERR_FILL(e, ERR_SYS, EISDIR, "read", "%s", u->path);
	if (!S_ISREG(st.st_mode))
		return true;
	u->progress.size = (unsigned long long)st.st_size;
	u->progress.changed_s = st.st_mtim.tv_sec;
	posix_fadvise(u->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return true;
}

static void name_copy(struct unpack *u, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	size_t n = strnlen(name, sizeof(u->path) - 1);
	memcpy(u->path, name, n);
}

struct unpack *unpack_open(const char *path, struct err *e)
{
	CLEANUP(unpack_close) struct unpack *u = mem_alloc(sizeof(*u));
	u->fd = -1;
	name_copy(u, path);
	if (!open_file(u, path, e) || !find_kind(u, e))
		return NULL;
	return STEAL(u);
}

void unpack_close(struct unpack **u)
{
	if (!*u)
		return;
	if ((*u)->state)
		(*u)->codec->free((*u)->state);
	close_fd(&(*u)->fd);
	mem_free(u);
}

static void stop(struct unpack *u, const char *mend)
{
	ERR_FILL(&u->why, ERR_SYNTAX, (long)u->progress.read, "unpack", "%s", u->path);
	err_detail(&u->why, "%s", mend);
	u->ended = -1;
}

static int plain_next(struct unpack *u, struct str *piece)
{
	if (u->from == u->have && !fill(u, 1, &u->why))
		return u->ended = -1;
	*piece = (struct str){ (const char *)u->in + u->from, u->have - u->from };
	u->from = u->have;
	if (!piece->len)
		u->ended = 1;
	return piece->len > 0;
}

/* After a member: nothing, padding of NULs (tapes, disks that filled up), or another one. */
static void next_member(struct unpack *u)
{
	do {
		while (u->from < u->have && !u->in[u->from])
			u->from++;
	} while (u->from == u->have && !u->eof && fill(u, 1, &u->why));
	if (u->why.kind != ERR_NONE) {
		u->ended = -1;
		return;
	}
	if (u->from == u->have)
		u->ended = 1;
	else if (!u->codec->again(u->state))
		stop(u, "no memory for the next member");
}

/* One step of the codec; how many bytes it gave. */
static size_t step(struct unpack *u)
{
	const char *why = "";
	struct unpack_io io = { u->in + u->from, u->have - u->from, u->out, sizeof(u->out) };
	enum unpack_step s = u->codec->step(u->state, &io, &why);
	u->from = u->have - io.nin;
	u->full = io.nout == 0;
	if (s == UNPACK_STEP_TOO_BIG)
		stop(u, "it asks for more than 128 MB of memory");
	else if (s == UNPACK_STEP_BROKEN)
		stop(u, why);
	u->in_member = s == UNPACK_STEP_MORE;
	if (s == UNPACK_STEP_END)
		next_member(u);
	return sizeof(u->out) - io.nout;
}

static int packed_next(struct unpack *u, struct str *piece)
{
	size_t n = 0;
	while (!n && !u->ended) {
		if (u->from == u->have && !u->full && !u->eof && !fill(u, 1, &u->why)) {
			u->ended = -1;
			break;
		}
		bool dry = u->from == u->have && u->eof;
		n = step(u);
		if (!n && dry && u->in_member && !u->ended)
			stop(u, "the archive is cut off; what could be read was read");
	}
	*piece = (struct str){ (const char *)u->out, n };
	u->progress.out += n;
	return n > 0;
}

void unpack_stop_when(struct unpack *u, const volatile sig_atomic_t *stop)
{
	u->stop = stop;
}

int unpack_next(struct unpack *u, struct str *piece, struct err *e)
{
	*piece = (struct str){ "", 0 };
	if (!u->ended) {
		int r = u->codec ? packed_next(u, piece) : plain_next(u, piece);
		if (!u->codec)
			u->progress.out += piece->len;
		if (r > 0)
			return r;
	}
	if (u->ended < 0 && e)
		*e = u->why;
	return u->ended < 0 ? -1 : 0;
}

void unpack_progress(const struct unpack *u, struct unpack_progress *out)
{
	*out = u->progress;
}

enum unpack_kind unpack_kind(const struct unpack *u)
{
	return u->kind;
}
