/* SPDX-License-Identifier: Apache-2.0 */
#include "web/route.h"

#include "web/endpoints.h"

#define READ    RELAY_ROLE_READ
#define OPERATE RELAY_ROLE_OPERATE
#define NOBODY  RELAY_ROLE_NONE

static const struct web_route routes[] = {
	{ "GET", "/healthz", NOBODY, WEB_NO_BODY, well_alive, NULL },
	{ "GET", "/readyz", NOBODY, WEB_NO_BODY, well_ready, NULL },
	{ "GET", "/metrics", READ, WEB_NO_BODY, well_metrics, NULL },
	{ "GET", "/api/v1/session", NOBODY, WEB_NO_BODY, session_show, "" },
	{ "POST", "/api/v1/session", NOBODY, WEB_JSON_SMALL, session_begin, "" },
	{ "DELETE", "/api/v1/session", NOBODY, WEB_NO_BODY, session_end, "" },
	{ "POST", "/api/v1/check", READ, WEB_JSON, check_post, "" },
	{ "GET", "/api/v1/check", READ, WEB_NO_BODY, check_list, "" },
	{ "GET", "/api/v1/profiles", READ, WEB_NO_BODY, check_profiles, "" },
	{ "GET", "/api/v1/check/*", READ, WEB_NO_BODY, check_show, "format" },
	{ "DELETE", "/api/v1/check/*", READ, WEB_NO_BODY, check_cancel, "" },
	{ "GET", "/api/v1/check/*/events", READ, WEB_NO_BODY, check_events, "" },
	{ "GET", "/api/v1/check/*/evidence", READ, WEB_NO_BODY, check_evidence, "" },
	{ "GET", "/api/v1/check/*/report", READ, WEB_NO_BODY, report_of_check, "format mask subject" },
	{ "POST", "/api/v1/explain", READ, WEB_JSON, explain_post, "" },
	{ "POST", "/api/v1/messages", OPERATE, WEB_MAIL, messages_send, "sender recipient" },
	{ "GET", "/api/v1/messages", READ, WEB_NO_BODY, messages_find,
	  "q recipient sender message_id subject remote_id account lane finding state since until limit "
	  "cursor" },
	{ "GET", "/api/v1/messages/*", READ, WEB_NO_BODY, messages_show, "" },
	{ "GET", "/api/v1/messages/*/report", READ, WEB_NO_BODY, report_of_message,
	  "rcpt format mask subject" },
	{ "POST", "/api/v1/messages/*/*", OPERATE, WEB_JSON, act_on_message, "dry" },
	{ "POST", "/api/v1/queue/*", OPERATE, WEB_JSON, act_on_queue, "dry" },
	{ "GET", "/api/v1/suppressions", READ, WEB_NO_BODY, suppressions_list, "q all limit cursor" },
	{ "POST", "/api/v1/suppressions", OPERATE, WEB_JSON, suppressions_add, "" },
	{ "DELETE", "/api/v1/suppressions", OPERATE, WEB_NO_BODY, suppressions_remove, "address" },
	{ "GET", "/api/v1/report", READ, WEB_NO_BODY, report_of_period, "since until format mask subject" },
	{ "GET", "/api/v1/batches", READ, WEB_NO_BODY, batches_list, "" },
	{ "GET", "/api/v1/batches/*", READ, WEB_NO_BODY, batches_show, "" },
	{ "GET", "/api/v1/batches/*/results", READ, WEB_NO_BODY, batches_results, "" },
	{ "GET", "/api/v1/events", READ, WEB_NO_BODY, events_watch, "" },
	{ "GET", "/api/v1/health", READ, WEB_NO_BODY, health_show, "since points monitor" },
	{ "GET", "/api/v1/monitors/*/*", READ, WEB_NO_BODY, monitor_show, "" },
	{ "POST", "/api/v1/monitors/*/run", OPERATE, WEB_NO_BODY, monitor_run, "" },
	{ "GET", "/api/v1/openapi.json", NOBODY, WEB_NO_BODY, openapi_show, "" },
	{ "GET", "/api/v1/queue", READ, WEB_NO_BODY, queue_show_all, "" },
	{ "GET", "*", NOBODY, WEB_NO_BODY, page_show, NULL }, /* last: the page's files */
};

/* What stands before the first * must be there as it is: most routes end here. */
static bool begins(const char *path, const char *pattern)
{
	for (; *pattern && *pattern != '*'; pattern++, path++) {
		while (path[0] == '/' && path[1] == '/')
			path++;
		if (*path != *pattern)
			return false;
	}
	return true;
}

/* Part by part; "*" takes one that is not empty. */
static bool fits(struct web_call *c, const char *pattern)
{
	struct str want = str_of(pattern), have = str_of(c->path), w, h;
	size_t n = 0;
	c->parts[0] = c->parts[1] = NULL;
	if (!strcmp(pattern, "*"))
		return strncmp(c->path, "/api/", 5) != 0;
	if (!begins(c->path, pattern) || (have.len && have.p[have.len - 1] == '/'))
		return false;
	while (str_next(&want, "/", &w)) {
		if (!str_next(&have, "/", &h))
			return false;
		if (str_eq(w, "*") && n < ARRAY_LEN(c->parts))
			c->parts[n++] = arena_dup(c->arena, h.p, h.len);
		else if (!str_equal(w, h))
			return false;
	}
	return !str_next(&have, "/", &h);
}

/* HEAD is GET without the bytes (RFC 9110, 9.3.2); the library leaves them out. */
static bool is_method(const struct web_call *c, const char *method)
{
	return !strcmp(c->method, method) || (!strcmp(c->method, "HEAD") && !strcmp(method, "GET"));
}

static const char *methods_of(struct web_call *c)
{
	struct strlist methods = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (fits(c, routes[i].path))
			strlist_add(&methods, c->arena, routes[i].method);
	return strlist_join(&methods, c->arena, ", ");
}

const struct web_route *web_route_find(struct web_call *c, const char **allow)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (is_method(c, routes[i].method) && fits(c, routes[i].path))
			return &routes[i];
	*allow = methods_of(c);
	return NULL;
}
