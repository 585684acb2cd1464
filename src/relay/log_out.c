/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MODE = 0600,
	KEEP_BYTES = 256 * 1024,
};

static uint64_t bytes_of(int fd)
{
	struct stat st;
	return fstat(fd, &st) ? 0 : (uint64_t)st.st_size;
}

static bool ends_in_a_line(int fd, uint64_t bytes)
{
	char last = '\n';
	return bytes && pread(fd, &last, 1, (off_t)bytes - 1) == 1 && last != '\n';
}

int log_out_open(struct log_out *o, const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (fd < 0)
		return errno;
	if (o->fd >= 0)
		close(o->fd);
	o->fd = fd;
	o->bytes = bytes_of(fd);
	o->part = 0;
	o->torn = ends_in_a_line(fd, o->bytes);
	return 0;
}

void log_out_close(struct log_out *o)
{
	close(o->fd);
	o->fd = -1;
	buf_clear(&o->back);
}

static bool add(struct log_out *o, struct str s, size_t *written)
{
	ssize_t n;
	do
		n = write(o->fd, s.p, s.len);
	while (n < 0 && errno == EINTR);
	*written = n > 0 ? (size_t)n : 0;
	o->bytes += *written;
	return n > 0;
}

static void take_whole_lines(struct log_out *o)
{
	const char *p = buf_str(&o->back).p;
	const char *end = memrchr(p, '\n', o->part);
	size_t whole = end ? (size_t)(end - p) + 1 : 0;
	buf_take(&o->back, whole);
	o->part -= whole;
}

bool log_out_write(struct log_out *o)
{
	size_t n;
	while (buf_waiting(&o->back)) {
		if (o->torn && !add(o, STR_LIT("\n"), &n))
			return false;
		o->torn = false;
		struct str s = buf_str(&o->back);
		if (!add(o, str_cut(s, o->part, s.len), &n))
			return false;
		o->part += n;
		take_whole_lines(o);
	}
	if (o->back.room > KEEP_BYTES) /* a burst is over */
		buf_clear(&o->back);
	return true;
}

bool log_out_note(int fd, const char *note)
{
	char line[LOG_NOTE_BYTES + 1];
	snprintf(line, sizeof(line), "%-*s\n", LOG_NOTE_BYTES - 1, note);
	return pwrite(fd, line, LOG_NOTE_BYTES, 0) == LOG_NOTE_BYTES;
}
