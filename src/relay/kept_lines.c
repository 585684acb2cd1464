/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/kept_lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static bool write_file(const char *path, struct str text)
{
	CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return fd >= 0 && write(fd, text.p, text.len) == (ssize_t)text.len;
}

size_t kept_lines_read(const char *path, void (*fn)(void *user, struct str line), void *user)
{
	CLEANUP(mem_free) char *line = NULL;
	size_t room = 0, lines = 0;
	ssize_t n;
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	for (; f && (n = getline(&line, &room, f)) > 0; lines++)
		if (line[n - 1] == '\n') /* else it was cut */
			fn(user, (struct str){ line, (size_t)n - 1 });
	return lines;
}

void kept_lines_add(const char *path, struct str lines)
{
	struct stat st;
	CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st))
		return;
	ssize_t n = write(fd, lines.p, lines.len);
	if (n > 0 && n < (ssize_t)lines.len) /* the next one would be read with it, as one line */
		(void)!ftruncate(fd, st.st_size);
}

void kept_lines_replace(const char *path, struct str lines)
{
	CLEANUP(mem_free) char *fresh = mem_printf("%s.new", path);
	if (!write_file(fresh, lines) || rename(fresh, path))
		(void)unlink(fresh);
}
