/* SPDX-License-Identifier: Apache-2.0 */
/* One mail of a mailbox: read, marked, put away. */
#include <stdio.h>
#include <string.h>

#include "net/maildrop_inner.h"

enum { TOP_LINES = 4000 };

enum maildrop_result maildrop_fetch(struct maildrop *m, const struct maildrop_mail *mail, size_t most,
				    struct buf *out)
{
	struct maildrop_call *c = maildrop_begin(m);
	size_t n = strlen(c->path);
	most = most < MAILDROP_FETCH_MAX ? most : MAILDROP_FETCH_MAX;
	c->most = MAILDROP_FETCH_MAX;
	if (!m->o.pop3) {
		snprintf(c->path + n, sizeof(c->path) - n, "/;UID=%lu/;PARTIAL=0.%zu", mail->number, most);
		return maildrop_call(m, out);
	}
	bool big = mail->bytes > most;
	if (big)
		snprintf(c->command, sizeof(c->command), "TOP");
	snprintf(c->path, sizeof(c->path), big ? "%lu%%20%d" : "%lu", mail->number, TOP_LINES);
	return maildrop_call(m, out);
}

/* An IMAP command about one mail: "UID STORE N +FLAGS.SILENT (\Seen)". */
static enum maildrop_result about(struct maildrop *m, const char *verb, const struct maildrop_mail *mail,
				  const char *rest)
{
	struct maildrop_call *c = maildrop_begin(m);
	snprintf(c->command, sizeof(c->command), "UID %s %lu%s", verb, mail->number, rest);
	return maildrop_call(m, NULL);
}

enum maildrop_result maildrop_delete(struct maildrop *m, const struct maildrop_mail *mail)
{
	struct maildrop_call *c = maildrop_begin(m);
	if (!m->o.pop3) {
		enum maildrop_result r = about(m, "STORE", mail, " +FLAGS.SILENT (%5CDeleted)");
		/* Only this one, never what others have marked (RFC 4315); without that it stays marked. */
		if (r == MAILDROP_OK)
			r = about(m, "EXPUNGE", mail, "");
		return r == MAILDROP_REFUSED ? MAILDROP_OK : r;
	}
	snprintf(c->command, sizeof(c->command), "DELE");
	snprintf(c->path, sizeof(c->path), "%lu", mail->number);
	c->no_body = true;
	return maildrop_call(m, NULL);
}

enum maildrop_result maildrop_flag(struct maildrop *m, const struct maildrop_mail *mail, bool seen)
{
	return about(m, "STORE", mail, seen ? " +FLAGS.SILENT (%5CSeen)" : " -FLAGS.SILENT (%5CSeen)");
}

static enum maildrop_result create(struct maildrop *m, const char *quoted)
{
	struct maildrop_call *c = maildrop_begin(m);
	snprintf(c->command, sizeof(c->command), "CREATE%s", quoted);
	return maildrop_call(m, NULL);
}

/* MOVE (RFC 6851), or what it stands for where a server has none. */
static enum maildrop_result move(struct maildrop *m, const struct maildrop_mail *mail, const char *quoted)
{
	enum maildrop_result r = about(m, "MOVE", mail, quoted);
	if (r == MAILDROP_REFUSED)
		r = about(m, "COPY", mail, quoted);
	else
		return r;
	return r == MAILDROP_OK ? maildrop_delete(m, mail) : r;
}

enum maildrop_result maildrop_move(struct maildrop *m, const struct maildrop_mail *mail, const char *folder)
{
	char quoted[MAILDROP_URL_MAX] = " %22";
	maildrop_add_encoded(quoted, sizeof(quoted) - 4, folder);
	strcat(quoted, "%22");
	enum maildrop_result r = move(m, mail, quoted);
	if (r == MAILDROP_REFUSED && create(m, quoted) == MAILDROP_OK)
		r = move(m, mail, quoted);
	return r;
}
