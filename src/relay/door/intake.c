/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/intake.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/text_time.h"
#include "mail/header.h"
#include "mail/header_drop.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "relay/access.h"
#include "relay/door/intake_judge.h"
#include "smtp/scram.h"

enum { HELO_SHOWN_MAX = 255 };

struct intake {
	struct store_body *body;
	struct buf head; /* up to the empty line and with it, or the limit */
	bool head_done, failed;
	bool head_stored; /* too long to be changed: the store has it already */
	bool endless;     /* cut at the limit: fields stand behind what was read */
	struct err err;
};

struct intake *intake_new(struct store *s)
{
	struct intake *i = mem_alloc(sizeof(*i));
	i->body = store_body_begin(s);
	i->head.max = INTAKE_HEAD_BYTES;
	return i;
}

void intake_free(struct intake **ip)
{
	struct intake *i = *ip;
	if (!i)
		return;
	store_body_free(&i->body);
	buf_clear(&i->head);
	mem_free(ip);
}

static bool append(struct intake *i, struct str bytes)
{
	i->failed = bytes.len && !store_body_append(i->body, bytes, &i->err);
	return !i->failed;
}

/* Where the header ends, behind its empty line; 0: not yet. */
static size_t end_of(struct str all, size_t from)
{
	if (str_istarts(all, "\r\n"))
		return 2;
	const char *end = memmem(all.p + from, all.len - from, "\r\n\r\n", 4);
	return end ? (size_t)(end - all.p) + 4 : 0;
}

/* ftext ":" (RFC 5322, 2.2), or the empty line that ends a header without fields */
static bool begins_with_field(struct str head)
{
	size_t n = 0;
	while (n < head.len && head.p[n] > ' ' && head.p[n] != 127 && head.p[n] != ':')
		n++;
	size_t colon = n;
	while (colon < head.len && (head.p[colon] == ' ' || head.p[colon] == '\t'))
		colon++;
	return str_istarts(head, "\r\n") || (n && colon < head.len && head.p[colon] == ':');
}

/* A first line that is no field begins the body: what stands behind it only looks like fields. */
static void read_fields(struct arena *a, struct str head, struct header *h)
{
	header_read(a, head, h);
	if (!begins_with_field(head) && !header_has_divider(head))
		*h = (struct header){ .has_body = true };
}

/* What nobody is to see, however it came in; again, where more fields stood there than are read at once. */
static void drop_fields(struct intake *i, struct arena *a, struct header *h)
{
	struct buf fresh = { 0 };
	while (header_drop(h, buf_str(&i->head), &fresh)) {
		buf_clear(&i->head);
		i->head = fresh;
		fresh = (struct buf){ 0 };
		read_fields(a, buf_str(&i->head), h); /* its first line may be another one now */
	}
}

/* Too long to be changed later. */
static bool store_head(struct intake *i)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct header h;
	read_fields(a, buf_str(&i->head), &h);
	i->endless = i->endless && !h.has_body; /* text alone may be as long as it likes */
	drop_fields(i, a, &h);
	return append(i, buf_str(&i->head));
}

/* The header waits here until its end: it may have to change.  The rest of the bytes is the body's. */
static bool keep_head(struct intake *i, struct str bytes)
{
	struct str room = str_cut(bytes, 0, INTAKE_HEAD_BYTES - buf_waiting(&i->head));
	size_t before = buf_waiting(&i->head);
	const char *empty = before ? NULL : memmem(room.p, room.len, "\r\n\r\n", 4);
	if (empty) /* what most messages come with at once */
		room.len = (size_t)(empty - room.p) + 4;
	buf_add(&i->head, room.p, room.len);
	struct str all = buf_str(&i->head);
	size_t end = end_of(all, before > 3 ? before - 3 : 0);
	i->head_done = end || all.len == INTAKE_HEAD_BYTES;
	if (!i->head_done)
		return true;
	i->endless = !end;
	end = end ? end : all.len;
	bytes = str_cut(bytes, end - before, bytes.len);
	i->head.len = i->head.start + end;
	i->head_stored = end > INTAKE_PROFILE_BYTES;
	if (i->head_stored && !store_head(i))
		return false;
	return append(i, bytes);
}

bool intake_add(struct intake *i, struct str bytes)
{
	if (i->failed)
		return false;
	return i->head_done ? append(i, bytes) : keep_head(i, bytes);
}

const char *intake_refusal(const struct err *e, char out[INTAKE_REFUSAL_BYTES])
{
	snprintf(out, INTAKE_REFUSAL_BYTES,
		 "Not taken, nothing is lost: this server cannot keep it now (%s); try again later",
		 e->kind == ERR_SYS && e->code ? strerror((int)e->code) : "its log says why");
	return out;
}

static const struct smtp_answer *cannot_keep(struct arena *a, const struct err *e, struct intake_facts *facts)
{
	char text[INTAKE_REFUSAL_BYTES];
	struct err *kept = arena_alloc(a, sizeof(*kept));
	*kept = *e;
	facts->trouble = kept;
	return access_answer(a, 452, "4.3.1", arena_strdup(a, intake_refusal(e, text)));
}

/* What a client calls itself is put into a comment-free place: only what names are made of. */
static void add_name(struct buf *out, const char *helo)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
	if (!*helo)
		helo = "unknown";
	for (const char *c = helo; *c && c - helo < HELO_SHOWN_MAX; c++)
		buf_add(out, strchr(fine, *c) ? c : "?", 1);
}

static void add_between(struct buf *out, const char *before, const char *text, const char *after)
{
	buf_adds(out, before);
	buf_adds(out, text);
	buf_adds(out, after);
}

static void add_trace(struct buf *out, const struct intake_origin *o, struct store_id id)
{
	char date[TEXT_MAIL_DATE_BYTES], text[STORE_ID_TEXT];
	buf_adds(out, "Received: from ");
	add_name(out, o->helo);
	add_between(out, strchr(o->address, ':') ? " ([IPv6:" : " ([", o->address, "])");
	add_between(out, "\r\n\tby ", o->hostname, " with ");
	buf_adds(out, o->protocol);
	if (*o->tls)
		add_between(out, " (", o->tls, ")");
	add_between(out, "\r\n\tid ", store_id_text(id, text), "");
	if (*o->recipient)
		add_between(out, "\r\n\tfor <", o->recipient, ">");
	add_between(out, ";\r\n\t", text_mail_date(o->now_ms / 1000, date), "\r\n");
}

static void add_missing(struct buf *out, const struct header *h, const struct intake_origin *o,
			struct arena *a, struct intake_facts *facts)
{
	char date[TEXT_MAIL_DATE_BYTES];
	if (!o->submission)
		return;
	if (!header_find(h, "Date", 0))
		buf_addf(out, "Date: %s\r\n", text_mail_date(o->now_ms / 1000, date));
	if (!header_find(h, "From", 0)) {
		facts->from = arena_printf(a, "<" STR_FMT ">", STR_ARG(o->sender));
		buf_addf(out, "From: %s\r\n", facts->from);
	}
	if (header_find(h, "Message-ID", 0))
		return;
	facts->message_id =
		arena_printf(a, "<%llx.%llx@%s>", (unsigned long long)o->now_ms, o->nonce, o->hostname);
	buf_addf(out, "Message-ID: %s\r\n", facts->message_id);
}

static const char *shown(struct arena *a, const struct header *h, const char *name)
{
	bool coded;
	struct str value = header_get(a, h, name);
	const char *text = mime_words(a, arena_str(a, value).p, &coded);
	return text_printable(a, str_cut(str_of(text), 0, INTAKE_SHOWN_MAX));
}

/* What a message is known again by: two long ones may differ behind what is shown. */
static const char *known_by(struct arena *a, const struct header *h, const char *name)
{
	struct str value = header_get(a, h, name);
	struct scram_key hash;
	if (value.len <= INTAKE_SHOWN_MAX)
		return shown(a, h, name);
	if (!scram_hash(value, &hash))
		return "";
	char hex[2 * sizeof(hash.b) + 1];
	for (size_t i = 0; i < sizeof(hash.b); i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned)hash.b[i]);
	return arena_printf(a, "hash %s", hex);
}

static const char *address_of(struct arena *a, struct str from, const struct intake_origin *o)
{
	if (!from.len)
		return o->submission ? arena_str(a, o->sender).p : "";
	return mailbox_author(a, from);
}

/* Nobody sends by a profile in a name that is not his. */
static const char *not_yours(const struct intake_origin *o, const struct profile_choice *c, struct arena *a)
{
	const struct relay_account *who = o->account;
	if (!who || !who->senders.n || !*c->address || relay_fits(&who->senders, str_of(c->address)))
		return NULL;
	return arena_printf(a, "%s may not send as %s, the sender of profile %s", who->name, c->address,
			    c->profile->name);
}

/* What the profile it names makes of its header.  NULL: in order. */
static const char *apply_profile(struct intake *i, const struct intake_origin *o, struct arena *a,
				 struct header *h, struct profile_choice *c)
{
	const char *no = NULL;
	*c = (struct profile_choice){ .from = "", .reply_to = "", .address = "" };
	if (!o->settings)
		return NULL;
	if (!profile_choose(o->settings, h, a, c, &no) || (no = not_yours(o, c, a)))
		return no;
	if (!profile_touches(c, h))
		return NULL;
	if (i->head_stored)
		return "Its header is too long to be sent by a profile";
	struct str all = buf_str(&i->head);
	struct buf fresh = { 0 };
	profile_rewrite(c, str_cut(all, 0, all.len - (h->has_body ? strlen("\r\n") : 0)), a, &fresh);
	if (h->has_body)
		buf_adds(&fresh, "\r\n");
	buf_clear(&i->head);
	i->head = fresh;
	header_read(a, buf_str(&i->head), h);
	return NULL;
}

/* Fields as add_trace() writes them. */
static unsigned passes_of(const struct header *h, const char *hostname, struct arena *a)
{
	const char *by = arena_printf(a, "by %s with ", hostname);
	const struct header_field *f;
	unsigned n = 0;
	for (size_t i = 0; (f = header_find(h, "Received", i)); i++)
		n += str_ifind(f->value, by) < f->value.len;
	return n;
}

bool intake_waives_tls(const struct header *h, struct arena *a)
{
	return header_count(h, "TLS-Required") == 1 && str_ieq(header_get(a, h, "TLS-Required"), "No");
}

static struct intake_facts facts_of(const struct header *h, const struct intake_origin *o,
				    const struct profile_choice *c, struct arena *a)
{
	return (struct intake_facts){ .message_id = shown(a, h, "Message-ID"),
				      .known_by = known_by(a, h, "Message-ID"),
				      .subject = shown(a, h, "Subject"),
				      .from = shown(a, h, "From"),
				      .key = known_by(a, h, "X-Postrider-Key"),
				      .passes = passes_of(h, o->hostname, a),
				      .tls_waived = intake_waives_tls(h, a),
				      .choice = *c };
}

const struct smtp_answer *intake_finish(struct intake *i, const struct intake_origin *o, struct arena *a,
					struct intake_facts *facts, struct store_body **body)
{
	struct header h;
	struct profile_choice choice;
	struct buf more = { 0 };
	facts->trouble = NULL;
	if (i->failed)
		return cannot_keep(a, &i->err, facts);
	read_fields(a, buf_str(&i->head), &h);
	if (!i->head_stored)
		drop_fields(i, a, &h);
	const struct smtp_answer *no = intake_judge(&h, o, buf_str(&i->head), i->endless, a);
	if (no)
		return no;
	const char *why = apply_profile(i, o, a, &h, &choice);
	if (why)
		return access_answer(a, 550, "5.7.1", why);
	no = intake_judge_author(&h, o, a);
	if (no)
		return no;
	*facts = facts_of(&h, o, &choice, a);
	facts->from_address = address_of(a, header_get(a, &h, "From"), o);
	add_trace(&more, o, store_body_id(i->body, o->now_ms));
	add_missing(&more, &h, o, a, facts);
	struct str head = buf_str(&i->head);
	if (!begins_with_field(head))
		buf_adds(&more, "\r\n"); /* it is all body */
	if (!i->head_stored)
		buf_add(&more, head.p, head.len);
	bool kept = store_body_prepend(i->body, buf_str(&more), &i->err);
	buf_clear(&more);
	if (!kept)
		return cannot_keep(a, &i->err, facts);
	*body = STEAL(i->body);
	return NULL;
}
