/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/intake.h"

#include <string.h>

#include "base/text.h"
#include "mail/header.h"
#include "mail/mime.h"

struct intake {
	struct store_body *body;
	struct buf head; /* up to the empty line, or the limit */
	bool head_done, failed;
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

static void keep_head(struct intake *i, struct str bytes)
{
	if (i->head_done)
		return;
	struct str room = str_cut(bytes, 0, INTAKE_HEAD_BYTES - buf_waiting(&i->head));
	size_t before = buf_waiting(&i->head);
	buf_add(&i->head, room.p, room.len);
	struct str all = buf_str(&i->head);
	size_t from = before > 3 ? before - 3 : 0;
	i->head_done = all.len == INTAKE_HEAD_BYTES || str_istarts(all, "\r\n") ||
		       memmem(all.p + from, all.len - from, "\r\n\r\n", 4);
}

bool intake_add(struct intake *i, struct str bytes)
{
	if (i->failed)
		return false;
	keep_head(i, bytes);
	i->failed = !store_body_append(i->body, bytes, &i->err);
	return !i->failed;
}

static const struct smtp_answer *answer(struct arena *a, unsigned code, const char *enhanced,
					const char *text)
{
	struct smtp_answer *x = arena_alloc(a, sizeof(*x));
	*x = (struct smtp_answer){ code, enhanced, text };
	return x;
}

static const struct smtp_answer *cannot_keep(struct arena *a, const struct err *e)
{
	char text[500];
	return answer(a, 452, "4.3.1",
		      arena_printf(a, "Not taken, nothing is lost: %s", err_text(e, text, sizeof(text))));
}

/* What every later hop would trip over is said now, while the sender listens. */
static const struct smtp_answer *judge(const struct header *h, const struct intake_origin *o, struct arena *a)
{
	if (header_count(h, "Received") > INTAKE_HOPS_MAX)
		return answer(a, 554, "5.4.6", "Mail loop: this message has come through too many servers");
	if (o->submission && !header_find(h, "From", 0))
		return answer(
			a, 550, "5.6.0",
			"The message has no From field in its header: the next servers would refuse it");
	if (header_count(h, "From") > 1 && o->submission)
		return answer(a, 550, "5.6.0", "The message has more than one From field in its header");
	return NULL;
}

static void add_trace(struct buf *out, const struct intake_origin *o)
{
	char date[TEXT_MAIL_DATE_BYTES];
	buf_addf(out, "Received: from %s ([%s%s])\r\n\tby %s with %s (Postrider)",
		 *o->helo ? o->helo : "unknown", strchr(o->address, ':') ? "IPv6:" : "", o->address,
		 o->hostname, o->protocol);
	if (*o->tls)
		buf_addf(out, "\r\n\t(%s)", o->tls);
	if (*o->recipient)
		buf_addf(out, "\r\n\tfor <%s>", o->recipient);
	buf_addf(out, ";\r\n\t%s\r\n", text_mail_date(o->now_s, date));
}

static void add_missing(struct buf *out, const struct header *h, const struct intake_origin *o,
			struct arena *a, struct intake_facts *facts)
{
	char date[TEXT_MAIL_DATE_BYTES];
	if (!o->submission)
		return;
	if (!header_find(h, "Date", 0))
		buf_addf(out, "Date: %s\r\n", text_mail_date(o->now_s, date));
	if (header_find(h, "Message-ID", 0))
		return;
	facts->message_id =
		arena_printf(a, "<%llx.%llx@%s>", (unsigned long long)o->now_s, o->nonce, o->hostname);
	buf_addf(out, "Message-ID: %s\r\n", facts->message_id);
}

static const char *shown(struct arena *a, const struct header *h, const char *name)
{
	bool coded;
	struct str value = header_get(a, h, name);
	const char *text = mime_words(a, arena_str(a, value).p, &coded);
	return text_printable(a, str_cut(str_of(text), 0, SMTP_SERVER_LINE_BYTES_MAX));
}

const struct smtp_answer *intake_finish(struct intake *i, const struct intake_origin *o, struct arena *a,
					struct intake_facts *facts, struct store_body **body)
{
	struct header h;
	struct buf more = { 0 };
	if (i->failed)
		return cannot_keep(a, &i->err);
	header_read(a, buf_str(&i->head), &h);
	const struct smtp_answer *no = judge(&h, o, a);
	if (no)
		return no;
	*facts = (struct intake_facts){ shown(a, &h, "Message-ID"), shown(a, &h, "Subject"),
					shown(a, &h, "From") };
	add_trace(&more, o);
	add_missing(&more, &h, o, a, facts);
	bool kept = store_body_prepend(i->body, buf_str(&more), &i->err);
	buf_clear(&more);
	if (!kept)
		return cannot_keep(a, &i->err);
	*body = STEAL(i->body);
	return NULL;
}
