/* SPDX-License-Identifier: Apache-2.0 */
/* What became of the mail, for people and for programs. */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/paper.h"
#include "base/text_time.h"
#include "base/write.h"
#include "catalog/cause_json.h"
#include "catalog/write_json.h"
#include "cli/send.h"
#include "cli/terminal.h"
#include "explain/render.h"

static const struct {
	const char *name;  /* JSON */
	const char *words; /* before the recipient's address */
	enum paper_style style;
} looks[STORE_STATES] = {
	[STORE_NO_STATE] = { "not-handed-over", "Not handed over", PAPER_BAD },
	[STORE_QUEUED] = { "queued", "Queued", PAPER_GOOD },
	[STORE_HELD] = { "held", "Held", PAPER_ODD },
	[STORE_SENDING] = { "sending", "On its way", PAPER_ODD },
	[STORE_IN_DOUBT] = { "in-doubt", "In doubt", PAPER_BAD },
	[STORE_DELAYED] = { "delayed", "Delayed", PAPER_ODD },
	[STORE_HANDED_OVER] = { "handed-over", "Handed over", PAPER_GOOD },
	[STORE_REFUSED] = { "refused", "Refused", PAPER_BAD },
	[STORE_EXPIRED] = { "expired", "Given up", PAPER_BAD },
	[STORE_SUPPRESSED] = { "suppressed", "Not tried", PAPER_BAD },
	[STORE_CANCELLED] = { "cancelled", "Withdrawn", PAPER_BAD },
	[STORE_BOUNCED] = { "bounced", "Came back", PAPER_BAD },
	[STORE_CONFIRMED] = { "confirmed", "Arrived", PAPER_GOOD },
};

static bool is_good(const struct send_mail *m, const struct send_fate *f)
{
	return f->state == STORE_HANDED_OVER || f->state == STORE_CONFIRMED ||
	       (f->state == STORE_QUEUED && !m->o->wait);
}

bool send_is_well(const struct send_mail *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!is_good(m, &m->fates[i]))
			return false;
	return m->n > 0;
}

void send_progress(const struct send_options *o, const char *text)
{
	static bool drawn;
	unsigned columns = terminal_columns(STDERR_FILENO);
	if (o->quiet || o->verbose || !terminal_can_move(STDERR_FILENO) || (!text && !drawn))
		return;
	fputs("\r\033[K", stderr);
	if (text) {
		for (const char *c = text; *c; c++) /* one line, nothing that steers */
			if ((unsigned char)*c >= ' ' && (unsigned char)*c < 0x7f &&
			    (size_t)(c - text) + 2 < (columns ? columns : PAPER_WIDTH))
				fputc(*c, stderr);
	}
	drawn = text != NULL;
	fflush(stderr);
}

/* "550 5.1.1 No such user" */
static const char *said(struct arena *a, const struct send_fate *f)
{
	return f->code ? arena_printf(a, "%03u %s", f->code, f->reply) : f->reply;
}

static const char *server(struct arena *a, const struct send_fate *f)
{
	const char *at = *f->host_address && strcmp(f->host, f->host_address) != 0
				 ? arena_printf(a, "%s [%s]", f->host, f->host_address)
				 : f->host;
	return *f->tls ? arena_printf(a, "%s, %s", at, f->tls) : at;
}

/* No queue has it, so nothing goes on by itself. */
static void settle(const struct send_mail *m, const struct send_fate *f, struct answer_item *item)
{
	if (!item->x.port)
		item->x.port = m->port; /* what a person types to look further */
	item->x.not_taken = f->state != STORE_IN_DOUBT;
	item->cause = answer_cause(m->arena, &item->x);
	if (item->x.not_taken)
		cause_not_taken(m->arena, &item->cause);
	else
		cause_ended_in_doubt(m->arena, &item->cause);
}

/* By its trail, where the relay has one; else by what the server said. */
static void explain(const struct send_mail *m, const struct send_fate *f, struct answer *out)
{
	if (f->told) {
		struct answer_item *item = arena_alloc(m->arena, sizeof(*item));
		*item = *f->told;
		*out = (struct answer){ m->arena, .input = item->x.input, .name = "", .items = item, .n = 1 };
		return;
	}
	const struct explain_hint hint = { .host = *f->host ? f->host : NULL,
					   .recipient = f->address,
					   .sender = m->from,
					   .step = *f->step ? f->step : NULL,
					   .code = f->code };
	answer_text(m->arena, "", str_of(said(m->arena, f)), &hint, out);
	for (size_t i = 0; i < out->n; i++)
		settle(m, f, &out->items[i]);
}

/* Our own relay not being there is no riddle. */
static bool is_relay_missing(const struct send_mail *m, const struct send_fate *f)
{
	return f->state == STORE_NO_STATE && !f->code && z_eq(m->via, "queue");
}

static bool wants_words(const struct send_mail *m, const struct send_fate *f)
{
	bool spoken = f->kept ? f->told != NULL : *f->reply && !is_relay_missing(m, f);
	return !is_good(m, f) && spoken;
}

static bool same_words(const struct send_fate *a, const struct send_fate *b)
{
	return a->state == b->state && a->code == b->code && !strcmp(a->reply, b->reply) &&
	       !strcmp(a->finding, b->finding);
}

static bool told_before(const struct send_mail *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_words(&m->fates[k], &m->fates[i]))
			return true;
	return false;
}

/* Each cause once, in full, as `postrider explain` tells it. */
static bool explain_all(const struct send_mail *m, const struct explain_show *show, struct err *e)
{
	struct explain_renderer *r = NULL;
	for (size_t i = 0; i < m->n; i++) {
		const struct send_fate *f = &m->fates[i];
		struct answer x;
		if (!wants_words(m, f) || told_before(m, i))
			continue;
		if (!r) {
			fputc('\n', stdout);
			r = explain_renderer_new(RENDER_TEXT, show, stdout);
		}
		explain(m, f, &x);
		explain_render_answer(r, &x);
	}
	return !r || explain_renderer_end(&r, e);
}

static void show_fate(struct paper *p, const struct send_mail *m, const struct send_fate *f)
{
	struct paper_lead lead = { looks[f->state].words, 17, looks[f->state].style };
	paper_item(p, 0, lead, f->address);
	if (*f->host && f->state != STORE_QUEUED)
		paper_text(p, 17, PAPER_DIM, server(m->arena, f));
	if (*f->reply && f->state != STORE_QUEUED)
		paper_text(p, 17, PAPER_DIM, said(m->arena, f));
	if (f->next_ms) {
		char at[TEXT_TIME_BYTES];
		paper_text(p, 17, PAPER_PLAIN,
			   arena_printf(m->arena, "next try: %s", text_time(f->next_ms / 1000, at)));
	}
}

static const char *closing(const struct send_mail *m)
{
	bool handed = false;
	for (size_t i = 0; i < m->n; i++)
		handed = handed || m->fates[i].state == STORE_HANDED_OVER;
	if (is_relay_missing(m, &m->fates[0]))
		return "The relay does not answer. Is it running? Start it with: postrider serve";
	if (m->late)
		return arena_printf(
			m->arena,
			"The waiting has ended, the trying has not. What becomes of it: postrider "
			"trace %s",
			m->id);
	if (*m->id && !m->o->wait)
		return arena_printf(m->arena, "Queued as %s. What becomes of it: postrider trace %s", m->id,
				    m->id);
	return handed ? "Handed over is not delivered: should that server not be able to deliver it, a "
			"bounce "
			"mail to the sender says so."
		      : "";
}

static bool show_text(const struct send_mail *m, struct err *e)
{
	const struct send_options *o = m->o;
	struct explain_show show = { .color = !o->no_color && terminal_color(STDOUT_FILENO),
				     .ascii = !terminal_is_utf8(),
				     .width = terminal_columns(STDOUT_FILENO),
				     .brief = o->quiet };
	struct paper p = paper_of(stdout, show.width, show.color, show.ascii);
	if (o->quiet && send_is_well(m)) {
		puts(*m->id ? m->id : m->message_id);
		return true;
	}
	for (size_t i = 0; i < m->n; i++)
		show_fate(&p, m, &m->fates[i]);
	const char *end = m->outcome ? m->outcome : closing(m);
	if (*end) {
		paper_space(&p);
		paper_text(&p, 0, PAPER_PLAIN, end);
	}
	return explain_all(m, &show, e);
}

static void put(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, text_json(s));
}

static json_t *cause_json(const struct answer *x)
{
	const struct cause *c = &x->items[0].cause;
	json_t *o = json_object();
	put(o, "id", c->entry->id);
	put(o, "class", c->entry->class);
	put(o, "title", c->title);
	put(o, "why", c->why);
	put(o, "actor", actor_name(c->actor));
	json_object_set_new(o, "fixes", cause_fixes_json(c));
	put(o, "retry", x->items[0].x.retry);
	json_object_set_new(o, "confidence", json_real(cause_rounded(c->confidence)));
	json_object_set_new(o, "instead", cause_instead_json(c));
	return o;
}

static json_t *fate_json(const struct send_mail *m, const struct send_fate *f)
{
	json_t *o = json_object();
	char at[TEXT_TIME_BYTES];
	struct answer x;
	put(o, "address", f->address);
	put(o, "state", looks[f->state].name);
	json_object_set_new(o, "code", f->code ? json_integer(f->code) : json_null());
	put(o, "reply", f->reply);
	put(o, "step", f->step);
	put(o, "host", f->host);
	put(o, "host_address", f->host_address);
	put(o, "tls", f->tls);
	put(o, "remote_id", f->remote_id);
	put(o, "finding", f->finding);
	json_object_set_new(o, "next_try",
			    f->next_ms ? json_string(text_time(f->next_ms / 1000, at)) : json_null());
	if (!wants_words(m, f))
		return o;
	explain(m, f, &x);
	put(o, "finding", x.items[0].cause.entry->id);
	json_object_set_new(o, "explanation", cause_json(&x));
	return o;
}

static bool show_json(const struct send_mail *m, struct err *e)
{
	json_t *o = json_object(), *list = json_array();
	json_object_set_new(o, "schema", json_integer(1));
	put(o, "tool", "postrider " POSTRIDER_VERSION);
	put(o, "id", m->id);
	put(o, "message_id", m->message_id);
	put(o, "from", m->from);
	put(o, "via", m->via);
	put(o, "server", m->host);
	json_object_set_new(o, "port", json_integer(m->port));
	json_object_set_new(o, "well", json_boolean(send_is_well(m)));
	json_object_set_new(o, "waiting_ended", json_boolean(m->late));
	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(list, fate_json(m, &m->fates[i]));
	json_object_set_new(o, "recipients", list);
	if (m->o->test)
		json_object_set_new(o, "test",
				    json_pack("{s:s,s:b,s:s}", "profile", m->o->test, "passed", m->passed,
					      "says", m->outcome ? m->outcome : ""));
	write_json(stdout, o, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	return write_end(stdout, "the answer", e);
}

bool send_show(const struct send_mail *m, struct err *e)
{
	return m->o->json ? show_json(m, e) : show_text(m, e);
}
