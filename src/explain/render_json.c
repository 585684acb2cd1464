/* SPDX-License-Identifier: Apache-2.0 */
/* The contract's JSON of an explanation: one document, or one object a line where answers stream. */
#include <jansson.h>

#include "catalog/cause_json.h"
#include "explain/hide.h"
#include "explain/render_inner.h"
#include "explain/render_json.h"

static void put(json_t *o, const char *key, const char *s)
{
	explain_json_put(o, key, s);
}

static json_t *item_json(const char *input, const struct answer_item *item)
{
	json_t *o = json_object();
	put(o, "input", input);
	explain_json_cause(o, &item->x, &item->cause);
	return o;
}

static json_t *recipient_json(const struct answer *a, size_t i)
{
	const struct dsn_recipient *r = &a->mail->v[i];
	const struct answer_item *item = a->item_of && a->item_of[i] < a->n ? &a->items[a->item_of[i]] : NULL;
	if (a->mail->kind != DSN_REPORT) /* a complaint says nothing of the delivery */
		item = &a->items[0];
	json_t *o = json_object();
	put(o, "address", r->address);
	put(o, "action", dsn_action_name(r->action));
	put(o, "status", r->status);
	put(o, "remote", r->remote);
	put(o, "class", item ? item->cause.entry->class : "not-a-bounce");
	put(o, "id", item ? item->cause.entry->id : "report-delivered");
	put(o, "original", r->original);
	struct str reply = explain_hide(a->arena, str_of(r->reply));
	put(o, "reply", arena_dup(a->arena, reply.p, reply.len));
	put(o, "retry", item ? item->x.retry : "never");
	put(o, "last_attempt", r->last_attempt);
	put(o, "will_retry_until", r->will_retry_until);
	json_object_set_new(o, "confidence", json_real(item ? cause_rounded(item->cause.confidence) : 0.95));
	return o;
}

static json_t *original_json(const struct dsn *d)
{
	json_t *o = json_object();
	put(o, "message_id", d->original.message_id);
	put(o, "subject", d->original.subject);
	put(o, "from", d->original.from);
	put(o, "to", d->original.to);
	put(o, "date", d->original.date);
	return o;
}

static json_t *also_json(const struct answer *a)
{
	json_t *list = json_array();
	for (size_t i = 1; i < a->n; i++) {
		json_t *o = item_json(a->items[i].x.input, &a->items[i]);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *quoted_json(const struct answer *a);

static void add_mail(json_t *o, const struct answer *a)
{
	const struct dsn *d = a->mail;
	json_t *list = json_array();
	for (size_t i = 0; i < d->n; i++)
		json_array_append_new(list, recipient_json(a, i));
	put(o, "kind", d->kind == DSN_NONE ? "mail" : dsn_kind_name(d->kind));
	json_object_set_new(o, "bounce", json_boolean(d->kind == DSN_REPORT && a->items[0].x.refusal));
	json_object_set_new(o, "recipients", list);
	json_object_set_new(o, "original", original_json(d));
	put(o, "reporter", d->reporter);
	if (d->kind == DSN_FEEDBACK)
		put(o, "feedback", d->feedback);
	json_object_set_new(o, "more", json_boolean(d->more));
	if (a->quoted)
		json_object_set_new(o, "quoted", quoted_json(a->quoted));
}

/* The same document as of the bounce itself, as far as the quotation tells it. */
static json_t *quoted_json(const struct answer *a)
{
	json_t *o = item_json(a->items[0].x.input, &a->items[0]);
	add_mail(o, a);
	json_object_set_new(o, "also", also_json(a));
	return o;
}

static void answer(struct explain_renderer *r, const struct answer *a)
{
	json_t *o = item_json(a->input, &a->items[0]);
	if (a->mail)
		add_mail(o, a);
	else
		put(o, "kind", "text");
	if (a->line)
		json_object_set_new(o, "line", json_integer((json_int_t)a->line));
	json_object_set_new(o, "also", also_json(a));
	json_object_set_new(o, "schema", json_integer(1));
	explain_json_write(r, o);
}

static void end(struct explain_renderer *r)
{
	(void)r;
}

const struct explain_form explain_form_json = { answer, explain_json_event, explain_json_log, end };
