/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/bounce_report.h"

#include <string.h>

#include "mail/header.h"
#include "mail/mailbox.h"
#include "relay/bounce/return_path.h"

enum { FIELD_MAX = 4000, ID_MAX = 200 };

static void add_signed(struct bounce_report *out, const struct scram_key *key, struct str address)
{
	struct bounce_ref ref;
	if (out->nsigned == BOUNCE_SIGNED_MAX ||
	    return_path_read(key, address, &ref.id, &ref.rcpt) != RETURN_PATH_GOOD)
		return;
	for (size_t i = 0; i < out->nsigned; i++)
		if (out->signed_for[i].id.seq == ref.id.seq && out->signed_for[i].rcpt == ref.rcpt)
			return;
	out->signed_for[out->nsigned++] = ref;
}

/* Who put it into the mailbox says for which address; a signature cannot be invented. */
static void read_header(struct arena *a, struct str mail, const struct bounce_reader *r,
			struct bounce_report *out)
{
	static const char *const fields[] = { "Delivered-To",      "X-Original-To",  "Envelope-To",
					      "X-Envelope-To",     "X-Forwarded-To", "To",
					      "Original-Recipient" };
	struct header h;
	header_read(a, mail, &h);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		for (size_t k = 0; k < BOUNCE_ADDRESSES_MAX; k++) {
			const struct header_field *f = header_find(&h, fields[i], k);
			struct mailbox_list l = { 0 };
			if (!f)
				break;
			struct str value = header_unfold(a, str_cut(f->value, 0, FIELD_MAX));
			(void)!mailbox_parse(a, value, &l); /* what was understood before a fault */
			for (size_t n = 0; n < l.n && n < BOUNCE_ADDRESSES_MAX; n++)
				add_signed(out, r->key, str_of(l.v[n].address));
		}
}

/* ---- names of the original ---- */

static struct str bare(struct str id)
{
	id = str_trim(id);
	if (id.len > 2 && *id.p == '<' && id.p[id.len - 1] == '>')
		id = str_cut(id, 1, id.len - 1);
	return id;
}

static void add_name(struct arena *a, struct strlist *l, struct str name)
{
	if (!name.len || name.len > ID_MAX || l->n == BOUNCE_IDS_MAX)
		return;
	const char *z = arena_str(a, name).p;
	for (size_t i = 0; i < l->n; i++)
		if (z_eq(l->v[i], z))
			return;
	strlist_add(l, a, z);
}

/* "... by HOST with ESMTP id NAME for <...>; date" */
static struct str id_of_received(struct str field)
{
	static const char *const words[] = { " id ", "\tid " };
	struct str word;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t at = str_ifind(field, words[i]);
		struct str rest = str_cut(field, at + strlen(words[i]), field.len);
		if (at < field.len && str_next(&rest, " ;()<>\t", &word))
			return word;
	}
	return (struct str){ "", 0 };
}

static void read_received(struct arena *a, struct bounce_report *out)
{
	const struct strlist *l = &out->dsn.original.received;
	for (size_t i = 0; i < l->n; i++) {
		struct str name = id_of_received(str_of(l->v[i]));
		if (name.len == STORE_ID_TEXT - 1 && out->nown < BOUNCE_OWN_MAX &&
		    store_id_read(name, &out->own[out->nown]))
			out->nown++;
		add_name(a, &out->remote_ids, name);
	}
}

/* Where the parts of a report are torn: the first field of that name behind the report's own header. */
static struct str id_in_text(struct str mail)
{
	const char *gap = memmem(mail.p, mail.len, "\n\n", 2),
		   *crlf = memmem(mail.p, mail.len, "\r\n\r\n", 4);
	const char *end = crlf && (!gap || crlf < gap) ? crlf : gap;
	struct str rest = str_cut(mail, end ? (size_t)(end - mail.p) : mail.len, mail.len), line, word;
	while (str_next(&rest, "\r\n", &line)) {
		while (line.len && (*line.p == '>' || *line.p == ' '))
			line = str_cut(line, 1, line.len);
		if (!str_istarts(line, "Message-ID:"))
			continue;
		line = str_cut(line, strlen("Message-ID:"), line.len);
		return str_next(&line, " \t<>", &word) && memchr(word.p, '@', word.len)
			       ? word
			       : (struct str){ "", 0 };
	}
	return (struct str){ "", 0 };
}

static void read_names(struct arena *a, struct str mail, const struct bounce_reader *r,
		       struct bounce_report *out)
{
	const struct dsn *d = &out->dsn;
	add_name(a, &out->message_ids, bare(str_of(d->original.message_id)));
	/* What a machine answers; a report's own References may name anything. */
	for (size_t i = 0; i < d->answers.n && d->kind != DSN_REPORT && d->kind != DSN_FEEDBACK; i++)
		add_name(a, &out->message_ids, bare(str_of(d->answers.v[i])));
	if (!out->message_ids.n && d->kind == DSN_REPORT)
		add_name(a, &out->message_ids, id_in_text(mail));
	add_name(a, &out->remote_ids, str_of(d->queue_id));
	for (size_t i = 0; i < d->n && i < BOUNCE_IDS_MAX; i++)
		add_name(a, &out->remote_ids, str_of(d->v[i].final_log_id));
	read_received(a, out);
	add_signed(out, r->key, bare(str_of(d->original.return_path)));
}

void bounce_report_read(struct arena *a, struct str mail, const struct bounce_reader *r,
			struct bounce_report *out)
{
	*out = (struct bounce_report){ .at_ms = r->now_ms };
	dsn_read(a, mail, &out->dsn);
	for (size_t i = 0; i < r->addresses.n; i++)
		add_signed(out, r->key, str_of(r->addresses.v[i]));
	if (r->from_mailbox)
		read_header(a, mail, r, out);
	read_names(a, mail, r, out);
}
