/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "web/route.h"

static const struct web_route *route_of(struct arena *a, const char *method, const char *path)
{
	struct web_call call = { .arena = a, .method = method, .path = path };
	const char *allow = "";
	return web_route_find(&call, &allow);
}

/* What a stranger may send is small. */
static void check_described(struct arena *a, const char *method, const char *path)
{
	char *upper = arena_strdup(a, method);
	for (char *p = upper; *p; p++)
		*p = (char)toupper(*p);
	const struct web_route *r = route_of(a, upper, path);
	if (!r)
		fail_msg("%s %s is described, and not there", method, path);
	if (r->role == RELAY_ROLE_NONE && r->body != WEB_NO_BODY && r->body != WEB_JSON_SMALL)
		fail_msg("%s %s takes a big body of everybody", r->method, r->path);
}

static void test_bodies_of_strangers(void **state)
{
	(void)state;
	json_error_t why;
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_t *api = json_load_file(SOURCE_DIR "/src/web/openapi.json", 0, &why), *methods, *one;
	const char *path, *method;
	assert_non_null(api);
	assert_true(json_object_size(json_object_get(api, "paths")) > 20);
	json_object_foreach(json_object_get(api, "paths"), path, methods)
		json_object_foreach(methods, method, one) check_described(a, method, path);
	json_decref(api);
}

static const struct route_case {
	const char *method, *path, *route, *part;
} route_cases[] = {
	{ "GET", "/api/v1/messages", "/api/v1/messages", NULL },
	{ "GET", "/api/v1/messages/x", "/api/v1/messages/*", "x" },
	{ "POST", "/api/v1/messages/x/hold", "/api/v1/messages/*/*", "x" },
	{ "HEAD", "/api/v1/queue", "/api/v1/queue", NULL },
	{ "PUT", "/api/v1/queue", NULL, NULL },
	{ "GET", "/api/v1/messages/", NULL, NULL },
	{ "GET", "/api/v1/messages/x/y/z", NULL, NULL },
	{ "GET", "/api/v2/messages", NULL, NULL },
	{ "GET", "//api//v1/messages//x", "/api/v1/messages/*", "x" },
	{ "GET", "/api/v1/queuex", NULL, NULL },
	{ "GET", "/api/v1/que", NULL, NULL },
	{ "GET", "/app.js", "*", NULL },
	{ "GET", "/", "*", NULL },
	{ "POST", "/", NULL, NULL },
	{ "GET", "", "*", NULL },
};

static void test_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(route_cases); i++) {
		const struct route_case *c = &route_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct web_call call = { .arena = a, .method = c->method, .path = c->path };
		const char *allow = "";
		const struct web_route *r = web_route_find(&call, &allow);
		if ((r ? !z_eq(r->path, c->route ? c->route : "") : c->route != NULL) ||
		    (c->part && strcmp(call.parts[0], c->part) != 0))
			fail_msg("%s %s: %s", c->method, c->path, r ? r->path : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies_of_strangers),
		cmocka_unit_test(test_routes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
