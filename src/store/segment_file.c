/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/crc.h"
#include "store/fault.h"
#include "store/segment_file.h"

static const char magic[8] = "PRSEG01\n";
/* magic 8, number 4, crc of the rest 4, salt 8, before 8, made_ms 8 */
enum { AT_NO = 8, AT_CRC = 12, AT_SALT = 16, AT_BEFORE = 24, AT_MADE = 32, HEAD_USED = 40 };
enum { LESS = 8 }; /* of what the disk has not; the index needs some of the rest */

const char *segment_name(uint32_t no, char out[SEGMENT_NAME_BYTES])
{
	snprintf(out, SEGMENT_NAME_BYTES, "%010u.seg", no);
	return out;
}

void segment_head_write(const struct segment *g, unsigned char out[SEGMENT_HEAD])
{
	memset(out, 0, SEGMENT_HEAD);
	memcpy(out, magic, sizeof(magic));
	put_le32(out + AT_NO, g->no);
	put_le64(out + AT_SALT, g->salt);
	put_le64(out + AT_BEFORE, g->before);
	put_le64(out + AT_MADE, (uint64_t)g->made_ms);
	put_le32(out + AT_CRC, store_crc(g->no, out + AT_SALT, HEAD_USED - AT_SALT));
}

static bool head_read(struct segment *g, const unsigned char in[HEAD_USED])
{
	if (memcmp(in, magic, sizeof(magic)) != 0 || get_le32(in + AT_NO) != g->no ||
	    get_le32(in + AT_CRC) != store_crc(g->no, in + AT_SALT, HEAD_USED - AT_SALT))
		return false;
	g->salt = get_le64(in + AT_SALT);
	g->before = get_le64(in + AT_BEFORE);
	g->made_ms = (int64_t)get_le64(in + AT_MADE);
	return true;
}

bool segment_blank(const struct segments *s, uint32_t no)
{
	char name[SEGMENT_NAME_BYTES];
	unsigned char head[HEAD_USED] = { 0 }, behind[HEAD_USED] = { 0 }, none[HEAD_USED] = { 0 };
	CLEANUP(close_fd) int fd = openat(s->dir, segment_name(no, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, head, sizeof(head), 0) < 0 ||
	    pread(fd, behind, sizeof(behind), SEGMENT_HEAD) < 0)
		return false;
	if (!memcmp(head, none, sizeof(none))) /* with a record behind it, the disk lost the header */
		return !memcmp(behind, none, sizeof(none));
	struct segment other = { .no = get_le32(head + AT_NO) };
	return other.no != no && head_read(&other, head);
}

int segment_open(const struct segments *s, uint32_t no, struct err *e)
{
	char name[SEGMENT_NAME_BYTES];
	int fd = openat(s->dir, segment_name(no, name), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		store_fault(e, errno, "open bodies", name);
	return fd;
}

bool segment_head_fault(uint32_t no, struct err *e)
{
	char name[SEGMENT_NAME_BYTES], what[64];
	snprintf(what, sizeof(what), "bodies/%s", segment_name(no, name));
	return store_fault(e, EIO, "read the header of", what);
}

bool segment_missing_fault(const struct segments *s, uint32_t no, struct err *e)
{
	CLEANUP(close_fd) int fd = segment_open(s, no, NULL);
	if (fd < 0 && store_fault_of_disk(errno))
		return segment_head_fault(no, e);
	ERR_FILL(e, ERR_LIMIT, (long)no, "read the message", "segment %u", no);
	return err_detail(
		e, fd < 0 ? "its text has been dropped by age; the trail is what remains"
			  : "the header of that file is damaged: the disk changed it; look at `dmesg`, "
			    "ask the sender for that message again");
}

struct segment *segment_load(const struct segments *s, uint32_t no, struct err *e)
{
	char name[SEGMENT_NAME_BYTES];
	unsigned char head[HEAD_USED];
	struct stat st = { 0 };
	CLEANUP(close_fd) int fd = openat(s->dir, segment_name(no, name), O_RDONLY | O_CLOEXEC);
	/* Of what length nobody knows, records could be taken for read that never were. */
	bool there = fd >= 0 && !fstat(fd, &st), read = there && pread(fd, head, sizeof(head), 0) >= 0;
	if (!read && (!there || !store_fault_of_disk(errno))) {
		store_fault(e, errno, "read the header of", name);
		return NULL;
	}
	CLEANUP(mem_free) struct segment *g = mem_alloc(sizeof(*g));
	*g = (struct segment){ .no = no,
			       .fd = -1,
			       .bytes = (uint64_t)st.st_size,
			       .end = (uint64_t)st.st_size,
			       .headless = !read };
	if (read && (st.st_size < SEGMENT_HEAD || !head_read(g, head)))
		return NULL;
	return STEAL(g);
}

/* New mail leaves the reserve alone, and of what is left to what waits each segment takes a part: so there is
 * another one for long, and the index has room, too.  The smallest is always tried. */
static bool may_take(const struct segments *s, uint64_t room)
{
	struct statvfs v;
	if (room / LESS < SEGMENT_BYTES_MIN || fstatvfs(s->dir, &v))
		return true;
	uint64_t free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	return (free_bytes > s->reserve && room <= free_bytes - s->reserve) || room <= free_bytes / LESS;
}

/* An errno. */
static int make_room(const struct segments *s, int fd, uint64_t least)
{
	int code = ENOSPC;
	for (uint64_t room = s->plan; room >= least; room /= LESS) {
		if (!may_take(s, room))
			continue;
		code = fallocate(fd, 0, 0, (off_t)room) ? errno : 0;
		if ((code != ENOSPC && code != EDQUOT) || ftruncate(fd, 0))
			break;
	}
	return code == EOPNOTSUPP || code == ENOSYS ? 0 : code;
}

int segment_file_new(const struct segments *s, const char *name, uint64_t least, struct err *e)
{
	/* Asked before: one that is made in vain behind each batch costs the disk's journal as much. */
	if (!may_take(s, least)) {
		store_fault(e, ENOSPC, "make room for bodies", name);
		return -1;
	}
	int fd = openat(s->dir, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		store_fault(e, errno, "make a file for bodies", name);
		return -1;
	}
	/* Room first: within a segment the disk can't be full. */
	int code = make_room(s, fd, least);
	if (code) {
		store_fault(e, code, "make room for bodies", name);
		close(fd);
		unlinkat(s->dir, name, 0);
		return -1;
	}
	return fd;
}
