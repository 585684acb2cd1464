/* SPDX-License-Identifier: Apache-2.0 */
/* Which file a mail came from, kept beside the store as long as its trail is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "relay/pickup/pickup_result.h"

enum { NOTE_MAX = 1 << 20, REFUSED_MAX = 1000 };

static const char first[] = "postrider pickup 1";

/* A file's name may hold anything but '/' and NUL: what would end a line is no name of ours. */
static bool is_line(const char *s)
{
	return !strpbrk(s, "\n\t");
}

bool pickup_note_save(const char *data, struct store_id id, const struct pickup_note *n, struct err *e)
{
	char text[STORE_ID_TEXT];
	CLEANUP(mem_free) char *folder = mem_printf("%s/pickup", data);
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", folder, store_id_text(id, text));
	CLEANUP(mem_free) char *fresh = mem_printf("%s.new", path);
	if (mkdir(folder, 0700) && errno != EEXIST)
		return ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", folder);
	CLEANUP(close_file) FILE *f = fopen(fresh, "we");
	if (f) {
		fprintf(f, "%s\n%s\n%s\n%s\n", first, is_line(n->folder) ? n->folder : "",
			is_line(n->name) ? n->name : "", n->json ? "json" : "-");
		for (size_t i = 0; i < n->nrefused; i++)
			if (is_line(n->refused[i].address) && is_line(n->refused[i].reply))
				fprintf(f, "%s\t%s\n", n->refused[i].address, n->refused[i].reply);
	}
	if (f && !fflush(f) && !fdatasync(fileno(f)) && !rename(fresh, path))
		return true;
	return ERR_FILL(e, ERR_SYS, errno, "remember the file of a mail", "%s", path);
}

/* A line, also an empty one. */
static struct str take_line(struct str *rest)
{
	const char *lf = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
	size_t n = lf ? (size_t)(lf - rest->p) : rest->len;
	struct str line = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n + 1, rest->len);
	return line;
}

bool pickup_note_read(struct str text, struct arena *a, struct pickup_note *out)
{
	struct pickup_refused *v = NULL;
	*out = (struct pickup_note){ 0 };
	if (!text.p || memchr(text.p, '\0', text.len) || !str_eq(take_line(&text), first))
		return false;
	out->folder = arena_str(a, take_line(&text)).p;
	out->name = arena_str(a, take_line(&text)).p;
	out->json = str_eq(take_line(&text), "json");
	while (text.len && out->nrefused < REFUSED_MAX) {
		struct str line = take_line(&text);
		const char *tab = line.len ? memchr(line.p, '\t', line.len) : NULL;
		if (!tab)
			continue;
		size_t at = (size_t)(tab - line.p);
		if (!v)
			v = arena_alloc(a, REFUSED_MAX * sizeof(*v));
		v[out->nrefused++] =
			(struct pickup_refused){ arena_str(a, str_cut(line, 0, at)).p,
						 arena_str(a, str_cut(line, at + 1, line.len)).p };
	}
	out->refused = v;
	return *out->folder == '/' && *out->name && !strchr(out->name, '/');
}

bool pickup_note_load(const char *data, struct store_id id, struct arena *a, struct pickup_note *out)
{
	char name[STORE_ID_TEXT];
	CLEANUP(mem_free) char *path = mem_printf("%s/pickup/%s", data, store_id_text(id, name));
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	CLEANUP(buf_clear) struct buf text = { .max = NOTE_MAX };
	char piece[4096];
	for (size_t n; f && (n = fread(piece, 1, sizeof(piece), f)) && buf_add(&text, piece, n);)
		;
	return f && pickup_note_read(buf_str(&text), a, out);
}
