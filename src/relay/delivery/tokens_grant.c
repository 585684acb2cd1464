/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/tokens_grant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "relay/secret_file.h"
#include "smtp/scram.h"
#include "store/names.h"

enum { DIGEST_TEXT = 2 * sizeof(struct scram_key) + 1 };

struct grant {
	struct named named; /* first; its file in the settings */
	bool busy;
	char began[DIGEST_TEXT]; /* of the token in that file, as it was last read */
	struct buf unkept;       /* the newest, with a NUL, where the disk did not take it */
	char unkept_began[DIGEST_TEXT];
};

struct grants {
	struct names names;
};

struct grants *grants_new(void)
{
	return mem_alloc(sizeof(struct grants));
}

static void grant_clear(struct named *x)
{
	buf_wipe(&((struct grant *)x)->unkept);
}

void grants_free(struct grants **gp)
{
	if (!*gp)
		return;
	names_drop(&(*gp)->names, grant_clear);
	mem_free(gp);
}

static bool is_free(void *ctx)
{
	return !((struct grant *)ctx)->busy;
}

struct grant *grant_take(struct grants *g, struct net_loop *l, const char *file, uint64_t until_ms)
{
	struct grant *x = (struct grant *)names_find(&g->names, str_of(file));
	if (!x)
		x = names_use(&g->names, str_of(file), sizeof(*x));
	while (x->busy)
		if (!net_loop_wait(l, is_free, x, until_ms))
			return NULL;
	x->busy = true;
	return x;
}

void grant_leave(struct grant *x)
{
	if (x)
		x->busy = false;
}

static void digest_of(struct str s, char out[DIGEST_TEXT])
{
	struct scram_key sum;
	if (!scram_hash(s, &sum))
		abort(); /* out of memory */
	for (size_t i = 0; i < sizeof(sum.b); i++)
		snprintf(out + 2 * i, 3, "%02x", sum.b[i]);
}

/* DATA/tokens/DIGEST-OF-THE-FILE'S-NAME */
static char *path_of(const struct grant *x, const char *data, const char *more)
{
	char name[DIGEST_TEXT];
	digest_of(str_of(x->named.name), name);
	return mem_printf("%s/tokens/%s%s", data, name, more);
}

/* ---- the file: "began DIGEST", then the token, each with its line's end ---- */

/* Whether text is whole and of this beginning; *token is its part. */
static bool token_in(struct str text, const char *began, struct str *token)
{
	struct str word, digest, line;
	return text.len && text.p[text.len - 1] == '\n' && str_next(&text, "\n", &line) &&
	       str_next(&line, " ", &word) && str_eq(word, "began") && str_next(&line, " ", &digest) &&
	       str_eq(digest, began) && str_next(&text, "\n", token) && token->len;
}

static bool read_kept(const struct grant *x, const char *data, struct buf *out)
{
	char text[SECRET_BYTES_MAX + DIGEST_TEXT + sizeof("began \n\n")];
	CLEANUP(mem_free) char *path = path_of(x, data, "");
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	struct str token;
	if (!f)
		return false;
	setvbuf(f, NULL, _IONBF, 0); /* no copy of it stays behind */
	struct str all = { text, fread(text, 1, sizeof(text), f) };
	bool ok = token_in(all, x->began, &token) && buf_add(out, token.p, token.len) && buf_add(out, "", 1);
	mem_wipe(text, sizeof(text));
	return ok;
}

bool grant_read(struct grant *x, const char *data, struct buf *out, struct err *e)
{
	CLEANUP(buf_wipe) struct buf begin = { 0 };
	if (!secret_read(x->named.name, &begin, e))
		return false;
	digest_of(buf_str(&begin), x->began);
	if (buf_waiting(&x->unkept) && !strcmp(x->unkept_began, x->began))
		return buf_add(out, buf_str(&x->unkept).p, buf_waiting(&x->unkept));
	return read_kept(x, data, out) || buf_add(out, buf_str(&begin).p, buf_waiting(&begin));
}

static bool sync_folder(const char *folder)
{
	CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && !fsync(fd);
}

static bool write_fresh(const char *path, struct str text)
{
	CLEANUP(close_fd)
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd >= 0 && write_whole(fd, text) && !fdatasync(fd);
}

static bool keep(const struct grant *x, const char *data, struct str token, struct err *e)
{
	CLEANUP(mem_free) char *folder = mem_printf("%s/tokens", data);
	CLEANUP(mem_free) char *path = path_of(x, data, "");
	CLEANUP(mem_free) char *fresh = path_of(x, data, ".new");
	CLEANUP(buf_wipe) struct buf text = { 0 };
	buf_addf(&text, "began %s\n", x->began);
	buf_add(&text, token.p, token.len);
	buf_add(&text, "\n", 1);
	bool made = !mkdir(folder, 0700);
	if ((made || errno == EEXIST) && (!made || sync_folder(data)) && write_fresh(fresh, buf_str(&text)) &&
	    !rename(fresh, path) && sync_folder(folder))
		return true;
	ERR_FILL(e, ERR_SYS, errno, "keep the refresh token that came in the place of", "%s", x->named.name);
	return err_detail(e, "it is in memory only, and lost when the relay ends");
}

bool grant_renew(struct grant *x, const char *data, struct str token, struct err *e)
{
	buf_wipe(&x->unkept);
	if (keep(x, data, token, e))
		return true;
	memcpy(x->unkept_began, x->began, sizeof(x->began));
	buf_add(&x->unkept, token.p, token.len);
	buf_add(&x->unkept, "", 1);
	return false;
}
