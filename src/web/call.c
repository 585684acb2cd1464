/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: their headers, documents and problems. */
#include "web/call.h"

#include <jansson.h>
#include <stdio.h>

#include "catalog/cause_json.h"
#include "show/trail_json.h"
#include "web/mhd_side_inner.h"

const char *web_header(const struct web_call *c, const char *name)
{
	const char *v = MHD_lookup_connection_value(c->side->conn, MHD_HEADER_KIND, name);
	return v ? v : "";
}

struct last {
	const char *name, *value;
};

static enum MHD_Result on_last(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct last *l = ctx;
	(void)kind;
	if (value && str_ieq(str_of(name), l->name))
		l->value = value;
	return MHD_YES;
}

const char *web_header_last(const struct web_call *c, const char *name)
{
	struct last l = { name, "" };
	MHD_get_connection_values(c->side->conn, MHD_HEADER_KIND, on_last, &l);
	return l.value;
}

const char *web_parameter(const struct web_call *c, const char *name)
{
	return MHD_lookup_connection_value(c->side->conn, MHD_GET_ARGUMENT_KIND, name);
}

const char *web_cookie(const struct web_call *c, const char *name)
{
	const char *v = MHD_lookup_connection_value(c->side->conn, MHD_COOKIE_KIND, name);
	return v ? v : "";
}

struct each {
	const char *name;
	void (*each)(void *ctx, const char *value);
	void *ctx;
};

static enum MHD_Result on_each(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	const struct each *e = ctx;
	(void)kind;
	if (value && !strcmp(name, e->name))
		e->each(e->ctx, value);
	return MHD_YES;
}

void web_each_parameter(const struct web_call *c, const char *name,
			void (*each)(void *ctx, const char *value), void *ctx)
{
	struct each e = { name, each, ctx };
	MHD_get_connection_values(c->side->conn, MHD_GET_ARGUMENT_KIND, on_each, &e);
}

const char *web_hostname(struct web_call *c)
{
	pthread_rwlock_rdlock(&c->web->lock);
	const char *name = arena_strdup(c->arena, c->web->access.settings->hostname);
	pthread_rwlock_unlock(&c->web->lock);
	return name;
}

const char *web_data_folder(struct web_call *c)
{
	pthread_rwlock_rdlock(&c->web->lock);
	const char *path = arena_strdup(c->arena, c->web->access.settings->data);
	pthread_rwlock_unlock(&c->web->lock);
	return path;
}

const char web_sandbox[] = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
			   "frame-ancestors 'none'";

void web_add_header(struct web_call *c, const char *name, const char *value)
{
	struct mhd_side *s = c->side;
	if (s->nheaders == WEB_HEADERS_MAX)
		return;
	s->headers[s->nheaders][0] = name;
	s->headers[s->nheaders++][1] = arena_strdup(c->arena, value);
}

/* What holds for every answer.  The page gets its own policy (page.c). */
static const char *const always[][2] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

static bool has_header(const struct web_call *c, const char *name)
{
	for (size_t i = 0; i < c->side->nheaders; i++)
		if (!strcmp(c->side->headers[i][0], name))
			return true;
	return false;
}

void mhd_answer(struct web_call *c, unsigned status, const char *type, struct MHD_Response *r)
{
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		MHD_add_response_header(r, always[i][0], always[i][1]);
	for (size_t i = 0; i < c->side->nheaders; i++)
		MHD_add_response_header(r, c->side->headers[i][0], c->side->headers[i][1]);
	if (!has_header(c, "Cache-Control"))
		MHD_add_response_header(r, "Cache-Control", "no-store");
	if (!has_header(c, "Content-Security-Policy"))
		MHD_add_response_header(r, "Content-Security-Policy",
					"default-src 'none'; frame-ancestors 'none'");
	if (type)
		MHD_add_response_header(r, "Content-Type", type);
	c->side->response = r;
	c->status = status;
}

static void answer(struct web_call *c, unsigned status, const char *type, struct str bytes,
		   enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(bytes.len, (void *)(uintptr_t)bytes.p, mode);
	if (!r)
		mem_out();
	mhd_answer(c, status, type, r);
}

void web_answer(struct web_call *c, unsigned status, const char *type, struct str bytes)
{
	answer(c, status, type, bytes, MHD_RESPMEM_MUST_COPY);
}

void web_answer_given(struct web_call *c, unsigned status, const char *type, struct str bytes)
{
	answer(c, status, type, bytes, MHD_RESPMEM_MUST_FREE);
}

void web_answer_static(struct web_call *c, unsigned status, const char *type, struct str bytes)
{
	answer(c, status, type, bytes, MHD_RESPMEM_PERSISTENT);
}

void web_answer_empty(struct web_call *c, unsigned status)
{
	web_answer_static(c, status, NULL, (struct str){ "", 0 });
}

static void answer_document(struct web_call *c, unsigned status, const char *type, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(SHOW_JSON_DIGITS));
	json_decref(o);
	if (!text)
		mem_out();
	answer(c, status, type, str_of(text), MHD_RESPMEM_MUST_FREE);
}

void web_answer_json(struct web_call *c, unsigned status, json_t *o)
{
	answer_document(c, status, "application/json", o);
}

void web_answer_problem(struct web_call *c, unsigned status, json_t *o)
{
	answer_document(c, status, "application/problem+json", o);
}

/* "There is no such message" -> "urn:postrider:problem:there-is-no-such-message": a name for programs. */
static const char *type_of(struct arena *a, const char *title)
{
	char *s = arena_printf(a, "urn:postrider:problem:%s", title);
	for (char *p = s + strlen("urn:postrider:problem:"); *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : (*p >= 'a' && *p <= 'z') ? *p : '-';
	return s;
}

json_t *web_problem_json(struct web_call *c, unsigned status, const char *title, const char *detail)
{
	json_t *o = json_object();
	json_object_set_new(o, "type", json_string(type_of(c->arena, title)));
	json_object_set_new(o, "title", text_json(title));
	json_object_set_new(o, "status", json_integer(status));
	json_object_set_new(o, "detail", text_json(detail));
	return o;
}

static void problem(struct web_call *c, unsigned status, const char *title, const char *detail)
{
	web_answer_problem(c, status, web_problem_json(c, status, title, detail));
}

void web_problem(struct web_call *c, unsigned status, const char *title, const char *detail, ...)
{
	char text[1000];
	va_list ap;
	va_start(ap, detail);
	vsnprintf(text, sizeof(text), detail, ap);
	va_end(ap);
	problem(c, status, title, text);
}

void web_problem_err(struct web_call *c, const struct err *e)
{
	char text[600];
	bool wrong = e->kind == ERR_USAGE || e->kind == ERR_SYNTAX;
	problem(c, wrong ? 400 : 503, wrong ? "This cannot be asked so" : "It could not be done now",
		err_text(e, text, sizeof(text)));
}

bool web_body_json(struct web_call *c, json_t **o)
{
	json_error_t wrong;
	struct str s = buf_str(&c->body);
	*o = json_loadb(s.p, s.len, JSON_REJECT_DUPLICATES, &wrong);
	if (json_is_object(*o))
		return true;
	if (*o)
		web_problem(c, 400, "The body must be a JSON object", "It is another kind of value.");
	else
		web_problem(c, 400, "The body is no JSON", "Line %d, column %d: %s.", wrong.line,
			    wrong.column, wrong.text);
	json_decref(*o);
	*o = NULL;
	return false;
}
