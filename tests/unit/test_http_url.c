/* SPDX-License-Identifier: Apache-2.0 */
/* net/http: the name that is judged is the name that is asked for, and no address but its own is called. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "net/http_inner.h"

static const struct url_case {
	const char *url, *host, *want; /* host NULL: not taken */
} url_cases[] = {
	{ "https://example.com/a?b", "example.com", "https://example.com/a?b" },
	{ "https://b\xc3\xbc"
	  "cher.example/x?y=1",
	  "xn--bcher-kva.example", "https://xn--bcher-kva.example/x?y=1" },
	{ "https://b%C3%BCcher.example:8443/x", "xn--bcher-kva.example",
	  "https://xn--bcher-kva.example:8443/x" },
	{ "https://EXAMPLE.com./x", "example.com", "https://example.com/x" },
	{ "https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/", "127.0.0.1", "https://127.0.0.1/" },
	{ "https://[::1]:25/", "[::1]", "https://[::1]:25/" },
	{ "https://192.0.2.7/", "192.0.2.7", "https://192.0.2.7/" },
	{ "https://a..b/", NULL, NULL },
	{ "ftp://example.com/", NULL, NULL },
};

static void test_host(void **state)
{
	(void)state;
	if (!http_fetch_prepare())
		skip();
	for (size_t i = 0; i < ARRAY_LEN(url_cases); i++) {
		const struct url_case *c = &url_cases[i];
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct http_request r = { .arena = a, .url = c->url };
		if (http_take_url(&r) != (c->host != NULL))
			fail_msg("%s", c->url);
		if (c->host && (strcmp(r.host, c->host) != 0 || strcmp(r.url, c->want) != 0))
			fail_msg("%s: %s of %s", c->url, r.host, r.url);
	}
}

static bool may_open(const struct http_request *r, const char *address)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		return http_may_open(r, (const struct sockaddr *)&four);
	assert_int_equal(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
	return http_may_open(r, (const struct sockaddr *)&six);
}

static void test_addresses(void **state)
{
	(void)state;
	static const struct net_guard guard = { 0 };
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct http_request r = { .arena = a, .guard = &guard };
	strlist_add(&r.permitted, a, "192.0.2.7");
	strlist_add(&r.permitted, a, "2001:DB8:0::7");
	assert_true(may_open(&r, "192.0.2.7") && may_open(&r, "2001:db8::7"));
	assert_false(may_open(&r, "192.0.2.8") || may_open(&r, "2001:db8::8") || may_open(&r, "::1"));
	assert_false(http_may_open(&r, &(struct sockaddr){ .sa_family = AF_UNIX }));
	r.guard = NULL;
	assert_true(may_open(&r, "192.0.2.8")); /* a proxy's, for one */
	r.loopback = true;
	assert_false(may_open(&r, "192.0.2.8"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_host), cmocka_unit_test(test_addresses) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
