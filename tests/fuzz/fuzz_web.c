/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP API is given: a message in parts, a check's order, a path, a file of tokens. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "web/order.h"
#include "web/parts.h"
#include "web/route.h"
#include "web/tokens.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static bool is_clean(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ')
			return false;
	return true;
}

static void check_parts(const json_t *o, struct arena *a)
{
	struct parts p;
	struct err e = { 0 };
	const struct parts_place at = { .now_s = 1763726400, .hostname = "relay.example.com" };
	if (parts_read(o, &at, a, &p, &e)) {
		must(p.rcpts.n >= 1 && p.rcpts.n <= PARTS_RCPTS_MAX && buf_waiting(&p.message) > 0);
		must(is_clean(p.sender));
		for (size_t i = 0; i < p.rcpts.n; i++)
			must(is_clean(p.rcpts.v[i]) && strchr(p.rcpts.v[i], '@'));
		struct str m = buf_str(&p.message);
		must(!memchr(m.p, 0, m.len) && str_ifind(m, "\r\nBcc:") == m.len);
	} else {
		must(e.kind == ERR_USAGE || e.kind == ERR_SYNTAX);
	}
	buf_clear(&p.message);
}

static void check_order(const json_t *o, struct arena *a)
{
	struct check_request r;
	struct err e = { 0 };
	if (!order_read(o, a, &r, &e)) {
		must(e.kind == ERR_USAGE && e.detail[0]);
		return;
	}
	must(*r.input && is_clean(r.input) && is_clean(r.user) && is_clean(r.password) && is_clean(r.from));
	must(!r.resolver || !*r.resolver);
	must(!r.ca_file && !r.message_file && !r.attach.n && (!r.bind || !*r.bind));
	must(r.timeout_s <= ORDER_TIMEOUT_MAX_S);
}

static void check_path(struct str text, struct arena *a)
{
	struct web_call c = { .arena = a, .method = "GET", .path = arena_str(a, text).p };
	const char *allow = NULL;
	const struct web_route *r = web_route_find(&c, &allow);
	must(r || allow);
	for (size_t i = 0; r && i < ARRAY_LEN(c.parts); i++)
		must(!c.parts[i] || !strchr(c.parts[i], '/'));
}

static void check_tokens(struct str text)
{
	CLEANUP(web_tokens_free) struct web_tokens *t = NULL;
	struct err e = { 0 };
	if (web_tokens_read("tokens", text, &t, &e))
		must(!web_tokens_find(t, "short"));
	else
		must(e.kind == ERR_USAGE && e.detail[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str text = { (const char *)data, size };
	json_error_t wrong;
	json_t *o = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, &wrong);
	if (json_is_object(o)) {
		check_parts(o, a);
		check_order(o, a);
	}
	json_decref(o);
	check_path(text, a);
	check_tokens(text);
	return 0;
}
