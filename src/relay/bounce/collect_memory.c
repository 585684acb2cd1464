/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/collect_memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { FILE_MAX = 2 << 20, NAME_MAX_BYTES = 100 };

/* "imap VALIDITY UID", "pop3 NAME" lines */
void collect_memory_read(struct str text, struct arena *a, struct collect_memory *m)
{
	struct str line, word, number;
	*m = (struct collect_memory){ 0 };
	while (str_next(&text, "\n", &line)) {
		struct str rest = line;
		if (!str_next(&rest, " ", &word) || !str_next(&rest, " ", &number))
			continue;
		if (str_eq(word, "pop3") && number.len < NAME_MAX_BYTES)
			collect_memory_add(m, a, arena_str(a, number).p);
		else if (str_eq(word, "imap") && str_number(number, 0xffffffffUL, &m->validity))
			m->uid = str_next(&rest, " ", &word) && str_number(word, 0xffffffffUL, &m->uid)
					 ? m->uid
					 : 0;
	}
	m->changed = false;
}

/* Letters and digits stand for themselves. */
static char *path_of(const char *data, const char *mailbox, const char *more)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (const char *c = mailbox; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
		buf_addf(&b, plain ? "%c" : "_%02x", (unsigned char)*c);
	}
	buf_add(&b, "", 1);
	return mem_printf("%s/mailbox/%s%s", data, buf_str(&b).p, more);
}

void collect_memory_load(const char *data, const char *mailbox, struct arena *a, struct collect_memory *m)
{
	CLEANUP(mem_free) char *path = path_of(data, mailbox, "");
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	char *text = arena_alloc(a, FILE_MAX);
	size_t n = f ? fread(text, 1, FILE_MAX, f) : 0;
	collect_memory_read((struct str){ text, n }, a, m);
}

static bool write_file(const char *path, const struct collect_memory *m)
{
	CLEANUP(close_file) FILE *f = fopen(path, "we");
	if (!f)
		return false;
	if (m->validity)
		fprintf(f, "imap %lu %lu\n", m->validity, m->uid);
	for (size_t i = 0; i < m->names.n; i++)
		fprintf(f, "pop3 %s\n", m->names.v[i]);
	return !fflush(f) && !fdatasync(fileno(f));
}

bool collect_memory_save(const char *data, const char *mailbox, const struct collect_memory *m, struct err *e)
{
	CLEANUP(mem_free) char *folder = mem_printf("%s/mailbox", data);
	CLEANUP(mem_free) char *path = path_of(data, mailbox, "");
	CLEANUP(mem_free) char *fresh = path_of(data, mailbox, ".new");
	if (mkdir(folder, 0700) && errno != EEXIST)
		return ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", folder);
	if (write_file(fresh, m) && !rename(fresh, path))
		return true;
	return ERR_FILL(e, ERR_SYS, errno, "remember what was read", "%s", path);
}

/* Where name stands, or would. */
static size_t place_of(const struct strlist *l, const char *name)
{
	size_t from = 0, to = l->n;
	while (from < to) {
		size_t mid = (from + to) / 2;
		if (strcmp(l->v[mid], name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

bool collect_memory_has(const struct collect_memory *m, const char *name)
{
	size_t at = place_of(&m->names, name);
	return at < m->names.n && !strcmp(m->names.v[at], name);
}

void collect_memory_add(struct collect_memory *m, struct arena *a, const char *name)
{
	size_t at = place_of(&m->names, name);
	if (m->names.n == COLLECT_NAMES_MAX || collect_memory_has(m, name))
		return;
	strlist_add(&m->names, a, name);
	const char *own = m->names.v[m->names.n - 1];
	memmove(m->names.v + at + 1, m->names.v + at, (m->names.n - 1 - at) * sizeof(*m->names.v));
	m->names.v[at] = own;
	m->changed = true;
}
