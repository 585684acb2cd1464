/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "mail/filetype.h"

enum { HEAD_BYTES = 4096, PIECE_BYTES = 64 * 1024, PATH_SHOWN_MAX = 120 };

/* ---- what it is ---- */

/* What most attachments are; libmagic, which takes a tenth of a millisecond, is asked for the rest. */
static const char *known_type(const char *name, struct str head)
{
	static const struct {
		const char *end, *begins, *type;
	} all[] = {
		{ ".pdf", "%PDF-", "application/pdf" },
		{ ".png", "\x89PNG\r\n", "image/png" },
		{ ".jpg", "\xff\xd8\xff", "image/jpeg" },
		{ ".jpeg", "\xff\xd8\xff", "image/jpeg" },
		{ ".zip", "PK\3\4", "application/zip" },
		{ ".docx", "PK\3\4",
		  "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
		{ ".xlsx", "PK\3\4", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
		{ ".xml", "<?xml", "application/xml" },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (z_iends(name, all[i].end) && head.len >= strlen(all[i].begins) &&
		    !memcmp(head.p, all[i].begins, strlen(all[i].begins)))
			return all[i].type;
	return NULL;
}

static const char *type_of(struct arena *a, const char *name, struct str head)
{
	const char *known = known_type(name, head);
	return known ? known : filetype_of(a, name, head);
}

/* ---- its content ---- */

size_t attachment_read(int fd, char *to, size_t room)
{
	size_t got = 0;
	for (ssize_t n; got < room; got += (size_t)n) {
		n = read(fd, to + got, room - got);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	return got;
}

/* All of it into l->held.  False: it is not as long as it was just now. */
static bool take(struct letter *l, int fd, uint64_t bytes)
{
	char piece[PIECE_BYTES];
	size_t before = buf_waiting(&l->held), n = sizeof(piece);
	while (n == sizeof(piece) && buf_waiting(&l->held) <= before + bytes) {
		n = attachment_read(fd, piece, sizeof(piece));
		buf_add(&l->held, piece, n);
	}
	return buf_waiting(&l->held) == before + bytes;
}

static void take_short(struct letter *l, int fd, struct letter_file *f)
{
	f->from = buf_waiting(&l->held);
	if (f->from + f->bytes > LETTER_HELD_MAX)
		return;
	f->is_held = take(l, fd, f->bytes);
	if (!f->is_held) /* it is read again when it is sent, and told then */
		l->held.len = l->held.start + f->from;
}

static struct str head_of(const struct letter *l, int fd, const struct letter_file *f, char room[HEAD_BYTES])
{
	if (f->is_held)
		return str_cut(buf_str(&l->held), f->from, f->from + HEAD_BYTES);
	ssize_t n = pread(fd, room, HEAD_BYTES, 0);
	return (struct str){ room, n > 0 ? (size_t)n : 0 };
}

/* ---- all of it ---- */

static const char *cannot(const struct letter *l, const char *path, const char *why)
{
	return arena_printf(l->arena, "attachment \"%s\": %s",
			    text_printable(l->arena, str_cut(str_of(path), 0, PATH_SHOWN_MAX)), why);
}

static const char *add_open(struct letter *l, int fd, const char *path, const char *typed,
			    enum attachment_use use)
{
	char head[HEAD_BYTES];
	struct stat st;
	const char *slash = strrchr(path, '/');
	if (fstat(fd, &st))
		return cannot(l, typed, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cannot(l, typed, S_ISDIR(st.st_mode) ? "it is a folder" : "it is no file");
	if (!st.st_size)
		return cannot(l, typed, "it is empty");
	struct letter_file *f = &l->files[l->nfiles++];
	*f = (struct letter_file){ .path = path,
				   .name = slash ? slash + 1 : path,
				   .bytes = (uint64_t)st.st_size };
	if (use == ATTACHMENT_TAKE)
		take_short(l, fd, f);
	f->type = type_of(l->arena, f->name, head_of(l, fd, f, head));
	return NULL;
}

/* A table from Windows has \ between folders. */
static int open_file(struct letter *l, const char **path)
{
	enum { HOW = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };
	int fd = open(*path, HOW);
	if (fd >= 0 || errno != ENOENT || !strchr(*path, '\\'))
		return fd;
	char *other = arena_strdup(l->arena, *path);
	for (char *c = other; *c; c++)
		*c = *c == '\\' ? '/' : *c;
	fd = open(other, HOW);
	if (fd >= 0)
		*path = other;
	return fd;
}

static const char *not_there(const char *typed)
{
	bool drive = typed[0] && typed[1] == ':' && typed[2] == '\\';
	return drive || !strncmp(typed, "\\\\", 2) ? "that is a place on a computer with Windows: put the "
						     "files beside the table, and name them "
						     "from there"
						   : "there is no such file";
}

const char *attachment_add(struct letter *l, const char *folder, const char *typed, enum attachment_use use)
{
	const char *path = *typed == '/' ? typed : arena_printf(l->arena, "%s/%s", folder, typed);
	if (l->nfiles == LETTER_FILES_MAX)
		return "more than 20 attachments";
	if (!text_is_utf8(str_of(typed)) || strpbrk(typed, "\r\n"))
		return cannot(l, typed, "its name cannot stand in a mail");
	CLEANUP(close_fd) int fd = open_file(l, &path);
	return fd < 0 ? cannot(l, typed, errno == ENOENT ? not_there(typed) : strerror(errno))
		      : add_open(l, fd, path, typed, use);
}
