/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a mailbox: its mails, and which of its folders is for spam. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/maildrop_inner.h"

enum { UIDS_A_CALL = 200, UID_DIGITS = 12 };

/* ---- IMAP ---- */

static void add_criteria(const struct maildrop *m, const struct maildrop_look *k, char *out, size_t room)
{
	char day[20];
	time_t t = (time_t)k->since_s;
	struct tm tm;
	size_t n = strlen(out);
	if (k->after && k->validity && k->validity == m->validity)
		n += (size_t)snprintf(out + n, room - n, " UID %lu:*", k->after + 1);
	if (k->since_s && gmtime_r(&t, &tm) && strftime(day, sizeof(day), "%d-%b-%Y", &tm))
		n += (size_t)snprintf(out + n, room - n, " SINCE %s", day);
	if (k->message_id && n + 40 < room) {
		strcpy(out + n, " HEADER Message-ID %22");
		maildrop_add_encoded(out, room - 4, k->message_id);
		strcat(out, "%22");
	}
}

/* Sizes and flags of v[from..to). */
static enum maildrop_result ask_sizes(struct maildrop *m, struct maildrop_mail *v, size_t n)
{
	CLEANUP(buf_clear) struct buf answer = { .max = MAILDROP_ANSWER_MAX };
	struct maildrop_call *c = maildrop_begin(m);
	size_t at = (size_t)snprintf(c->command, sizeof(c->command), "UID FETCH ");
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(c->command + at, sizeof(c->command) - at, "%s%lu", i ? "," : "",
				       v[i].number);
	snprintf(c->command + at, sizeof(c->command) - at, " (UID RFC822.SIZE FLAGS)");
	enum maildrop_result r = maildrop_call(m, &answer);
	if (r == MAILDROP_OK)
		maildrop_read_sizes(buf_str(&answer), v, n);
	return r;
}

_Static_assert(UIDS_A_CALL *UID_DIGITS < MAILDROP_COMMAND_MAX / 2, "a call's UIDs fit");

static enum maildrop_result search(struct maildrop *m, const struct maildrop_look *k, unsigned long *uids,
				   size_t *n)
{
	CLEANUP(buf_clear) struct buf answer = { .max = MAILDROP_ANSWER_MAX };
	struct maildrop_call *c = maildrop_begin(m);
	snprintf(c->command, sizeof(c->command), "UID SEARCH UNDELETED");
	add_criteria(m, k, c->command, sizeof(c->command));
	enum maildrop_result r = maildrop_call(m, &answer);
	if (r == MAILDROP_OK)
		*n = maildrop_read_search(buf_str(&answer), uids, MAILDROP_LIST_MAX + 1);
	return r;
}

/* Its UIDVALIDITY is known once the folder is open. */
static enum maildrop_result open_folder(struct maildrop *m)
{
	struct maildrop_call *c = maildrop_begin(m);
	if (m->validity)
		return MAILDROP_OK;
	snprintf(c->command, sizeof(c->command), "NOOP");
	return maildrop_call(m, NULL);
}

static int by_number(const void *x, const void *y)
{
	unsigned long a = *(const unsigned long *)x, b = *(const unsigned long *)y;
	return a < b ? -1 : a > b;
}

static enum maildrop_result list_imap(struct maildrop *m, const struct maildrop_look *k, struct arena *a,
				      struct maildrop_list *out)
{
	unsigned long *uids = arena_alloc(a, (MAILDROP_LIST_MAX + 1) * sizeof(*uids));
	size_t n = 0;
	enum maildrop_result r = open_folder(m);
	if (r == MAILDROP_OK)
		r = search(m, k, uids, &n);
	qsort(uids, n, sizeof(*uids), by_number);
	out->v = arena_alloc(a, (n + 1) * sizeof(*out->v));
	out->more = n > MAILDROP_LIST_MAX;
	bool above = k->after && k->validity == m->validity; /* "n:*" has always the last one (RFC 9051, 9) */
	for (size_t i = 0; i < n && out->n < MAILDROP_LIST_MAX; i++)
		if (!above || uids[i] > k->after)
			out->v[out->n++] =
				(struct maildrop_mail){ arena_printf(a, "%lu.%lu", m->validity, uids[i]),
							uids[i], 0, false };
	for (size_t i = 0; r == MAILDROP_OK && i < out->n; i += UIDS_A_CALL)
		r = ask_sizes(m, out->v + i, out->n - i < UIDS_A_CALL ? out->n - i : UIDS_A_CALL);
	return r;
}

/* ---- POP3 ---- */

static enum maildrop_result ask_pop3(struct maildrop *m, const char *command, struct buf *answer)
{
	struct maildrop_call *c = maildrop_begin(m);
	snprintf(c->command, sizeof(c->command), "%s", command);
	return maildrop_call(m, answer);
}

static enum maildrop_result list_pop3(struct maildrop *m, struct arena *a, struct maildrop_list *out)
{
	CLEANUP(buf_clear) struct buf sizes = { .max = MAILDROP_ANSWER_MAX };
	CLEANUP(buf_clear) struct buf names = { .max = MAILDROP_ANSWER_MAX };
	out->v = arena_alloc(a, (MAILDROP_LIST_MAX + 1) * sizeof(*out->v));
	enum maildrop_result r = ask_pop3(m, "UIDL", &names);
	if (r == MAILDROP_REFUSED) /* optional (RFC 1939, 7); the refusal cost the connection */
		m->connected = false;
	else if (r != MAILDROP_OK)
		return r;
	r = ask_pop3(m, "LIST", &sizes);
	if (r != MAILDROP_OK)
		return r;
	out->n = maildrop_read_pop3(buf_str(&sizes), false, a, out->v, 0, MAILDROP_LIST_MAX + 1);
	out->more = out->n > MAILDROP_LIST_MAX;
	out->n = out->more ? MAILDROP_LIST_MAX : out->n;
	maildrop_read_pop3(buf_str(&names), true, a, out->v, out->n, out->n);
	return r;
}

enum maildrop_result maildrop_list(struct maildrop *m, const struct maildrop_look *look, struct arena *a,
				   struct maildrop_list *out)
{
	*out = (struct maildrop_list){ 0 };
	return m->o.pop3 ? list_pop3(m, a, out) : list_imap(m, look, a, out);
}

/* ---- folders ---- */

static enum maildrop_result ask_folders(struct maildrop *m, const char *rest, struct arena *a,
					const char **out)
{
	CLEANUP(buf_clear) struct buf answer = { .max = MAILDROP_ANSWER_MAX };
	struct maildrop_call *c = maildrop_begin(m);
	snprintf(c->command, sizeof(c->command), "LIST %%22%%22 %%22*%%22%s", rest);
	enum maildrop_result r = maildrop_call(m, &answer);
	*out = r == MAILDROP_OK ? maildrop_read_junk(buf_str(&answer), a) : NULL;
	return r;
}

enum maildrop_result maildrop_junk(struct maildrop *m, struct arena *a, const char **out)
{
	*out = NULL;
	if (m->o.pop3)
		return MAILDROP_OK;
	enum maildrop_result r = ask_folders(m, " RETURN (SPECIAL-USE)", a, out);
	return r == MAILDROP_OK ? r : ask_folders(m, "", a, out); /* a server before RFC 6154 */
}
