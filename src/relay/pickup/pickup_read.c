/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/pickup/pickup_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "mail/compose.h"
#include "mail/dropped.h"
#include "mail/filetype.h"
#include "net/plain_address.h"
#include "relay/pickup/pickup_scan.h"
#include "smtp/scram.h"

enum { PIECE = 64 * 1024, STAMP_BYTES = 64 };

struct reading {
	const struct pickup_rules *r;
	struct arena *a;
	struct err *e;
	struct scram_key sum; /* over all that was read so far */
	long long mtime_ns, mtime_s;
	size_t left; /* bytes that may still be read */
};

/* sum = HMAC(sum, bytes): a chain over everything that makes the mail */
static bool stir(struct reading *x, struct str bytes)
{
	struct scram_key before = x->sum;
	return scram_hmac(&before, bytes, &x->sum) ||
	       ERR_FILL(x->e, ERR_SYS, 0, "make a key of", "the file's contents");
}

static bool read_open(struct reading *x, int fd, const char *name, struct buf *out)
{
	char piece[PIECE];
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		ERR_FILL(x->e, ERR_SYNTAX, 0, "read", "\"%s\"", name);
		return err_detail(x->e, "it is no ordinary file");
	}
	x->mtime_s = st.st_mtim.tv_sec;
	x->mtime_ns = st.st_mtim.tv_nsec;
	for (ssize_t n; (n = read(fd, piece, sizeof(piece)));) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_FILL(x->e, ERR_SYS, errno, "read", "\"%s\"", name);
		if ((size_t)n > x->left) {
			ERR_FILL(x->e, ERR_LIMIT, 0, "take", "\"%s\"", name);
			return err_detail(x->e, "the mail is bigger than %zu bytes (max-size)",
					  x->r->size_max);
		}
		x->left -= (size_t)n;
		buf_add(out, piece, (size_t)n);
	}
	return stir(x, buf_str(out));
}

/* ---- attachments ---- */

int pickup_open_beneath(const char *folder, struct str path)
{
	struct str part;
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), next = -1;
	while (dir >= 0 && str_next(&path, "/", &part)) {
		char name[NAME_MAX + 1];
		bool last = !path.len,
		     good = part.len <= NAME_MAX && !str_eq(part, "..") && !str_eq(part, ".");
		snprintf(name, sizeof(name), STR_FMT, STR_ARG(part));
		next = !good ? -1
			     : openat(dir, name,
				      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
					      (last ? 0 : O_DIRECTORY));
		close(dir);
		if (last)
			return next;
		dir = next;
	}
	if (dir >= 0)
		close(dir);
	return -1;
}

struct str pickup_path_in(const char *folder, struct str path)
{
	size_t n = strlen(folder);
	return path.len > n && !strncmp(path.p, folder, n) && path.p[n] == '/'
		       ? str_cut(path, n + 1, path.len)
		       : path;
}

/* Behind the folder's own name where that stands in front; of a Windows path the last part. */
static struct str path_in(const char *folder, struct str named)
{
	const char *backslash = memrchr(named.p, '\\', named.len);
	if (backslash)
		return str_cut(named, (size_t)(backslash - named.p) + 1, named.len);
	return pickup_path_in(folder, named);
}

static bool is_below(struct str path)
{
	return path.len && *path.p != '/';
}

static bool read_attachment(struct reading *x, const char *named, struct buf *out)
{
	const char *const folders[] = { x->r->attachments, x->r->folder };
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		struct str path = path_in(folders[i], str_of(named));
		if (!*folders[i] || !is_below(path))
			continue;
		CLEANUP(close_fd) int fd = pickup_open_beneath(folders[i], path);
		if (fd >= 0)
			return read_open(x, fd, named, out);
	}
	ERR_FILL(x->e, ERR_SYNTAX, 0, "attach", "\"%s\"", named);
	return err_detail(x->e, "there is no such file in %s%s%s; attachments are read from there only",
			  x->r->folder, *x->r->attachments ? " or " : "", x->r->attachments);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *backslash = strrchr(path, '\\');
	return backslash ? backslash + 1 : slash ? slash + 1 : path;
}

/* ---- the mail ---- */

static void key_text(const struct reading *x, char out[PICKUP_KEY_BYTES])
{
	for (size_t i = 0; i < sizeof(x->sum.b); i++)
		snprintf(out + 2 * i, 3, "%02x", (unsigned)x->sum.b[i]);
}

static bool compose(struct reading *x, const struct dropped *d, struct buf *files, struct pickup_mail *out)
{
	struct compose_attachment *v = arena_alloc(x->a, (d->attachments.n + 1) * sizeof(*v));
	long long date = x->mtime_s;
	for (size_t i = 0; i < d->attachments.n; i++) {
		const char *name = base_name(d->attachments.v[i]);
		if (!read_attachment(x, d->attachments.v[i], &files[i]))
			return false;
		v[i] = (struct compose_attachment){ name, filetype_of(x->a, name, buf_str(&files[i])),
						    buf_str(&files[i]) };
	}
	key_text(x, out->key);
	const struct compose c = { .from = d->sender,
				   .from_name = d->from_name,
				   .subject = d->subject,
				   .text = d->text,
				   .to = d->to,
				   .cc = d->cc,
				   .reply_to = d->reply_to,
				   .date_s = date,
				   .message_id =
					   arena_printf(x->a, "%.32s.pickup@%s", out->key, x->r->hostname),
				   .attachments = v,
				   .nattachments = d->attachments.n };
	return compose_message(&c, &out->bytes, x->e);
}

static bool make(struct reading *x, struct dropped *d, struct pickup_mail *out)
{
	if (d->is_text) {
		struct buf *files = arena_alloc(x->a, (d->attachments.n + 1) * sizeof(*files));
		bool ok = compose(x, d, files, out);
		for (size_t i = 0; i < d->attachments.n; i++)
			buf_clear(&files[i]);
		return ok;
	}
	key_text(x, out->key);
	out->bytes = d->message;
	d->message = (struct buf){ 0 };
	out->eightbit = !text_is_ascii(buf_str(&out->bytes));
	return true;
}

static bool open_and_read(struct reading *x, const char *name, struct buf *raw)
{
	const char *path = arena_printf(x->a, PICKUP_TAKEN "/%s", name);
	char stamp[STAMP_BYTES];
	CLEANUP(close_fd) int fd = pickup_open_beneath(x->r->folder, str_of(path));
	if (fd < 0)
		return ERR_FILL(x->e, errno == ELOOP ? ERR_SYNTAX : ERR_SYS, errno, "open", "%s/%s",
				x->r->folder, path);
	if (!stir(x, str_of(name)) || !read_open(x, fd, name, raw))
		return false;
	/* The same file written again is another mail; the same file after a crash is not. */
	snprintf(stamp, sizeof(stamp), "%lld.%09lld", x->mtime_s, x->mtime_ns);
	return stir(x, str_of(stamp));
}

bool pickup_read(const struct pickup_rules *r, const char *name, struct arena *a, struct pickup_mail *out,
		 struct err *e)
{
	struct reading x = { .r = r, .a = a, .e = e, .left = r->size_max };
	CLEANUP(buf_clear) struct buf raw = { 0 };
	struct dropped d = { 0 };
	const struct dropped_options o = {
		.eml = pickup_name_kind(name) == 1, .home = "", .sender = r->sender, .plain = plain_address
	};
	*out = (struct pickup_mail){ .sender = "" };
	bool ok = open_and_read(&x, name, &raw) && dropped_read(a, buf_str(&raw), &o, &d, e) &&
		  make(&x, &d, out);
	buf_clear(&d.message);
	out->sender = ok ? d.sender : "";
	out->rcpts = d.rcpts;
	if (!ok)
		buf_clear(&out->bytes);
	return ok;
}
