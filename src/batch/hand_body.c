/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a letter: whole in memory, or as they come from its files. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "batch/attachment.h"
#include "batch/hand_inner.h"
#include "mail/base64_lines.h"

enum {
	FILE_PIECE = 1024 * BASE64_LINE_BYTES, /* read and coded at a time */
	WHOLE_MAX = 256 * 1024,                /* bytes of a letter that goes out in one piece */
};

/* ---- whole ---- */

bool line_is_whole(const struct line *x)
{
	const struct letter *l = &x->letter;
	const struct smtp_ehlo *server = smtp_client_ehlo_answer(session_client(x->session));
	struct str bytes = buf_str(&l->bytes);
	bool ends = bytes.len > 2 && !memcmp(bytes.p + bytes.len - 2, "\r\n", 2);
	bool whole = ends && server && server->extensions & SMTP_EXT_CHUNKING && letter_size(l) <= WHOLE_MAX;
	for (size_t i = 0; whole && i < l->nfiles; i++)
		whole = l->files[i].is_held;
	return whole;
}

struct str line_whole(struct line *x)
{
	struct letter *l = &x->letter;
	struct buf *out = &l->scratch;
	struct str bytes = buf_str(&l->bytes), held = buf_str(&l->held);
	size_t at = 0;
	buf_take(out, buf_waiting(out));
	for (size_t i = 0; i < l->nfiles; i++) {
		const struct letter_file *f = &l->files[i];
		buf_add(out, bytes.p + at, f->at - at);
		base64_lines(out, str_cut(held, f->from, f->from + f->bytes));
		at = f->at;
	}
	buf_add(out, bytes.p + at, bytes.len - at);
	return buf_str(out);
}

/* ---- in pieces ---- */

static bool body_piece(struct line *x, struct str s)
{
	struct smtp_client *c = session_client(x->session);
	struct err e = { 0 };
	for (size_t took = 0; s.len; s = str_cut(s, took, s.len)) {
		if (!smtp_client_body(c, s, &took, &e))
			return false;
		if (took < s.len && !session_flush(x->session, 0))
			return false;
	}
	return true;
}

/* False: the connection broke, or *x->why says what is wrong with the file. */
static bool body_file(struct line *x, const struct letter_file *f)
{
	char piece[FILE_PIECE];
	struct buf *coded = &x->letter.scratch;
	uint64_t done = 0;
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool same = fd >= 0, sent = true;
	while (same && sent && done < f->bytes) {
		size_t n = attachment_read(fd, piece, sizeof(piece));
		done += n;
		same = n && done <= f->bytes && (n == sizeof(piece) || done == f->bytes);
		buf_take(coded, buf_waiting(coded));
		base64_lines(coded, (struct str){ piece, n });
		sent = same && body_piece(x, buf_str(coded));
	}
	close_fd(&fd);
	if (!same)
		snprintf(x->why, sizeof(x->why), "attachment \"%s\" changed while it was sent", f->name);
	return same && sent;
}

bool line_body(struct line *x)
{
	struct err e = { 0 };
	struct letter *l = &x->letter;
	struct str bytes = buf_str(&l->bytes);
	size_t at = 0;
	for (size_t i = 0; i < l->nfiles; i++) {
		if (!body_piece(x, str_cut(bytes, at, l->files[i].at)) || !body_file(x, &l->files[i]))
			return false;
		at = l->files[i].at;
	}
	return body_piece(x, str_cut(bytes, at, bytes.len)) &&
	       smtp_client_body_end(session_client(x->session), &e);
}
