/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_known.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "relay/log_line.h"

static uint64_t print_of(const struct log_known *k, struct str what)
{
	struct sip s;
	sip_begin(&s, k->key);
	sip_add(&s, what);
	return sip_end(&s, NULL);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void add(struct log_known *k, struct str s)
{
	if (k->n == k->room) {
		k->room = k->room ? k->room * 2 : 256;
		k->v = mem_grow(k->v, k->room, sizeof(*k->v));
	}
	k->v[k->n++] = print_of(k, s);
}

/* "id":"..." of whom a line tells. */
static struct str id_of(struct str whom)
{
	const char *end = memchr(whom.p, ',', whom.len);
	return str_cut(whom, 0, end ? (size_t)(end - whom.p) : whom.len);
}

static void add_lines(struct log_known *k, struct str text)
{
	struct str line;
	while (str_next(&text, "\n", &line)) {
		struct str head = log_line_head(line), whom = log_line_whom(head);
		if (!head.len)
			continue;
		add(k, head);
		add(k, whom);
		k->last = print_of(k, id_of(whom));
	}
}

/* Of the file's end; its first line may be a part of one, which is the head of none. */
static void read_end(struct log_known *k, int fd, uint64_t bytes)
{
	size_t most = bytes < LOG_KNOWN_BYTES ? (size_t)bytes : LOG_KNOWN_BYTES;
	char *text = mem_alloc(most + 1);
	size_t n = 0;
	for (ssize_t got = 1; got > 0 && n < most; n += got > 0 ? (size_t)got : 0)
		got = pread(fd, text + n, most - n, (off_t)(bytes - most + n));
	add_lines(k, (struct str){ text, n });
	free(text);
}

void log_known_read(struct log_known *k, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (!k->n && getrandom(&k->key, sizeof(k->key), 0) != (ssize_t)sizeof(k->key))
		k->key = (struct sip_key){ { 0, 0 } }; /* lines of ours alone stand there */
	if (fd >= 0 && fstat(fd, &st) == 0)
		read_end(k, fd, (uint64_t)st.st_size);
	if (fd >= 0)
		close(fd);
}

void log_known_sort(struct log_known *k)
{
	if (k->n)
		qsort(k->v, k->n, sizeof(*k->v), compare);
}

bool log_known_has(const struct log_known *k, struct str what)
{
	uint64_t print = print_of(k, what);
	return k->n && bsearch(&print, k->v, k->n, sizeof(*k->v), compare);
}

bool log_known_is_last(const struct log_known *k, struct str whom)
{
	return k->n && print_of(k, id_of(whom)) == k->last;
}

void log_known_clear(struct log_known *k)
{
	free(k->v);
	*k = (struct log_known){ 0 };
}
