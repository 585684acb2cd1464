/* SPDX-License-Identifier: Apache-2.0 */
#include "web/tokens.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/hex.h"
#include "smtp/scram.h"

struct row {
	struct web_token token;
	struct scram_key hash;
};

struct web_tokens {
	struct arena *arena;
	struct row *v;
	size_t n;
};

static bool mistake(struct err *e, const char *path, unsigned line, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "use", "%s:%u", path, line);
	return err_detail(e, "%s", mend);
}

/* "sha256:" 64HEXDIG */
static bool read_hash(struct str s, struct scram_key *out)
{
	if (!str_istarts(s, "sha256:") || s.len != strlen("sha256:") + 2 * SCRAM_HASH_BYTES)
		return false;
	const char *p = s.p + strlen("sha256:");
	for (size_t i = 0; i < SCRAM_HASH_BYTES; i++) {
		int high = hex_value(p[2 * i]), low = hex_value(p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out->b[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* NAME ROLE HASH [ACCOUNT] */
static bool read_row(struct web_tokens *t, const char *path, unsigned number, struct str line, struct err *e)
{
	static const char form[] = "a line is NAME ROLE sha256:HASH [ACCOUNT]; the hash is of "
				   "printf %s TOKEN | sha256sum";
	struct str name, role, hash, account = { "", 0 }, more;
	struct row *r = &t->v[t->n];
	if (!str_next(&line, " \t", &name) || !str_next(&line, " \t", &role) ||
	    !str_next(&line, " \t", &hash))
		return mistake(e, path, number, form);
	if (str_next(&line, " \t", &account) && str_next(&line, " \t", &more))
		return mistake(e, path, number, form);
	if (!relay_role_of(role, &r->token.role))
		return mistake(e, path, number, "the role is one of read, operate, admin");
	if (!read_hash(hash, &r->hash))
		return mistake(e, path, number, form);
	r->token.name = arena_str(t->arena, name).p;
	r->token.account = arena_str(t->arena, account).p;
	t->n++;
	return true;
}

bool web_tokens_read(const char *path, struct str text, struct web_tokens **out, struct err *e)
{
	CLEANUP(web_tokens_free) struct web_tokens *t = mem_alloc(sizeof(*t));
	t->arena = arena_new();
	t->v = arena_alloc(t->arena, WEB_TOKENS_MAX * sizeof(*t->v));
	for (unsigned number = 1; text.len; number++) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;
		struct str line = str_trim(str_cut(text, 0, n));
		text = str_cut(text, n + 1, text.len);
		if (!line.len || *line.p == '#')
			continue;
		if (t->n == WEB_TOKENS_MAX)
			return mistake(e, path, number, "there are more than 1000 tokens");
		if (!read_row(t, path, number, line, e))
			return false;
	}
	*out = STEAL(t);
	return true;
}

bool web_tokens_load(const char *path, struct web_tokens **out, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { .max = WEB_TOKENS_FILE_MAX };
	char piece[4096];
	size_t n;
	if (!*path)
		return web_tokens_read(path, (struct str){ "", 0 }, out, e);
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f)
		return ERR_FILL(e, ERR_SYS, errno, "read the tokens in", "%s", path);
	while ((n = fread(piece, 1, sizeof(piece), f)))
		if (!buf_add(&b, piece, n))
			return ERR_FILL(e, ERR_LIMIT, 0, "read the tokens in", "%s: more than 256 KB", path);
	return web_tokens_read(path, buf_str(&b), out, e);
}

void web_tokens_free(struct web_tokens **t)
{
	if (!*t)
		return;
	arena_free(&(*t)->arena);
	mem_free(t);
}

const struct web_token *web_tokens_find(const struct web_tokens *t, const char *secret)
{
	struct scram_key k;
	const struct web_token *found = NULL;
	if (strlen(secret) < WEB_TOKEN_BYTES_MIN || !scram_hash(str_of(secret), &k))
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		if (scram_same(&t->v[i].hash, &k))
			found = &t->v[i].token;
	return found;
}
