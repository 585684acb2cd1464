/* SPDX-License-Identifier: Apache-2.0 */
/* POST /api/v1/explain: what `postrider explain --json` says of a text, or of a mail. */
#include <jansson.h>

#include "base/memory_file.h"
#include "explain/kind.h"
#include "explain/render.h"
#include "web/endpoints.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s && *s ? s : NULL;
}

static struct explain_hint hint_of(const json_t *o)
{
	return (struct explain_hint){ .provider = text_of(o, "provider"),
				      .host = text_of(o, "host"),
				      .recipient = text_of(o, "recipient"),
				      .sender = text_of(o, "sender") };
}

static void answer_any(struct web_call *c, struct str text, const struct explain_hint *hint, struct answer *x)
{
	enum explain_kind kind =
		explain_kind(str_cut(text, 0, EXPLAIN_KIND_BYTES), text.len <= EXPLAIN_KIND_BYTES);
	if (kind == EXPLAIN_MAIL || kind == EXPLAIN_MBOX)
		answer_mail(c->arena, "", text, hint, x);
	else
		answer_text(c->arena, "", text, hint, x);
}

static bool render(struct web_call *c, const struct answer *x, struct err *e)
{
	static const struct explain_show show = { 0 };
	CLEANUP(memory_file_clear) struct memory_file m;
	memory_file_open(&m);
	struct explain_renderer *r = explain_renderer_new(RENDER_JSON, &show, m.file);
	explain_render_answer(r, x);
	bool ok = explain_renderer_end(&r, e);
	ok = memory_file_whole(&m, e) && ok;
	if (ok)
		web_answer(c, 200, "application/json", (struct str){ m.text, m.n });
	return ok;
}

void explain_post(struct web_call *c)
{
	json_t *o;
	struct answer x;
	struct err e = { 0 };
	if (!web_body_json(c, &o))
		return;
	const json_t *given = json_object_get(o, "text");
	struct str text = { json_string_value(given), json_string_length(given) };
	struct explain_hint hint = hint_of(o);
	if (!text.p || !str_trim(text).len) {
		web_problem(c, 400, "There is nothing to explain", "Send {\"text\": \"550 5.1.1 ...\"}.");
	} else {
		answer_any(c, text, &hint, &x);
		if (!render(c, &x, &e))
			web_problem_err(c, &e);
	}
	json_decref(o);
}
