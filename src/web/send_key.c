/* SPDX-License-Identifier: Apache-2.0 */
#include "web/send_key.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "smtp/scram.h"

enum {
	KEY_MAX = 255,
	PRINT_BYTES = 16, /* of SHA-256, as a print of the content */
};

static const char *said(const struct web_call *c)
{
	return web_header(c, "Idempotency-Key");
}

static bool wrong(struct web_call *c, const char *what, const char *mend)
{
	web_problem(c, 400, "The message cannot be taken so", "%s: %s.", what, mend);
	return false;
}

bool send_key_judge(struct web_call *c)
{
	const char *key = said(c);
	if (text_has_control(str_of(key)))
		return wrong(c, "The Idempotency-Key has control bytes", "give a UUID");
	return strlen(key) <= KEY_MAX ||
	       wrong(c, "The Idempotency-Key is too long", "give at most 255 bytes, such as a UUID");
}

struct str send_key_of_json(struct web_call *c, const json_t *o)
{
	if (!*said(c))
		return STR_LIT("");
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		mem_out();
	struct str own = arena_str(c->arena, str_of(text));
	free(text);
	return own;
}

/* Of a long content only its hash is copied. */
static struct scram_key print_of(const struct parts *p, struct str content)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct scram_key k;
	if (!scram_hash(content, &k))
		mem_out();
	buf_add(&b, (const char *)k.b, sizeof(k.b));
	buf_add(&b, p->sender, strlen(p->sender) + 1);
	for (size_t i = 0; i < p->rcpts.n; i++)
		buf_add(&b, p->rcpts.v[i], strlen(p->rcpts.v[i]) + 1);
	if (!scram_hash(buf_str(&b), &k))
		mem_out();
	return k;
}

/* No header of a mail can make it: there control bytes are written \x1f. */
struct str send_key(struct web_call *c, const struct parts *p, struct str content)
{
	const char *kind = c->who.session ? "person" : *c->who.name ? "token" : "open";
	char print[2 * PRINT_BYTES + 1];
	if (!*said(c))
		return STR_LIT("");
	struct scram_key k = print_of(p, content);
	for (size_t i = 0; i < PRINT_BYTES; i++)
		snprintf(print + 2 * i, 3, "%02x", k.b[i]);
	return str_of(arena_printf(c->arena, "http\x1f%s\x1f%s\x1f%s%c%s", kind, c->who.name, said(c),
				   STORE_KEY_PRINT, print));
}

void send_key_explain(json_t *problem, struct store_id first)
{
	char id[STORE_ID_TEXT];
	store_id_text(first, id);
	json_object_set_new(problem, "id", json_string(id));
	json_object_set_new(
		problem, "detail",
		json_sprintf(
			"The key was used for message %s, and what came with it now is not the same: its "
			"sender, its recipients or its text are others. Nothing was sent.",
			id));
	json_object_set_new(
		problem, "fixes",
		json_pack("[{s:s,s:s},{s:s,s:s}]", "actor", "user", "text",
			  "To send this message, give it a key of its own; a key is forgotten a week "
			  "after its message, unless the configuration says otherwise.",
			  "actor", "user", "text",
			  "To ask again what became of the first one, send it as it was, or look at "
			  "/api/v1/messages/ID."));
}
