/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/hook.h"
#include "web/order.h"
#include "web/parts.h"
#include "web/route.h"
#include "web/sessions.h"
#include "web/spool.h"
#include "web/tokens.h"
#include "web/tries.h"

/* ---- tokens ---- */

#define HASH "sha256:d9b5f58f0b38198293971865a14074f59eba3e82595becbe86ae51f1d9f1f65e"

static const struct tokens_case {
	const char *name, *text, *mend; /* mend NULL: fine */
	size_t n;
} tokens_cases[] = {
	{ "empty", "", NULL, 0 },
	{ "comments", "# a\n\n  # b\n", NULL, 0 },
	{ "two", "a read " HASH "\n\tb\tadmin " HASH " x@example.com\r\n", NULL, 2 },
	{ "no hash", "a read\n", "sha256sum", 0 },
	{ "in clear", "a read 0123456789012345678901234567890\n", "sha256sum", 0 },
	{ "short hash", "a read sha256:00ff\n", "sha256sum", 0 },
	{ "bad digit", "a read sha256:g9b5f58f0b38198293971865a14074f59eba3e82595becbe86ae51f1d9f1f65e\n",
	  "sha256sum", 0 },
	{ "bad role", "a root " HASH "\n", "one of read", 0 },
	{ "too much", "a read " HASH " x y\n", "sha256sum", 0 },
};

static void test_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tokens_cases); i++) {
		const struct tokens_case *c = &tokens_cases[i];
		struct err e = { 0 };
		CLEANUP(web_tokens_free) struct web_tokens *t = NULL;
		bool ok = web_tokens_read("tokens", str_of(c->text), &t, &e);
		if (ok != !c->mend || (!ok && !strstr(e.detail, c->mend)) ||
		    (ok && web_tokens_count(t) != c->n))
			fail_msg("%s: %s (%s)", c->name, e.what, e.detail);
	}
}

static void test_token_is_found(void **state)
{
	(void)state;
	/* printf %s aaaaaaaaaaaaaaaaaaaaaaaa | sha256sum */
	static const char text[] =
		"shop operate sha256:09f61f8d9cd65e6a0c258087c485b6293541364e42bd97b2d7936580c8aa3c54 "
		"app@example.com\nother read " HASH "\n";
	struct err e = { 0 };
	CLEANUP(web_tokens_free) struct web_tokens *t = NULL;
	assert_true(web_tokens_read("tokens", str_of(text), &t, &e));
	const struct web_token *found = web_tokens_find(t, "aaaaaaaaaaaaaaaaaaaaaaaa");
	assert_non_null(found);
	assert_string_equal(found->account, "app@example.com");
	assert_null(web_tokens_find(t, "aaaaaaaaaaaaaaaaaaaaaaab"));
	assert_null(web_tokens_find(t, ""));
}

/* ---- sessions ---- */

static void test_sessions(void **state)
{
	(void)state;
	char one[SESSION_SECRET_BYTES], two[SESSION_SECRET_BYTES];
	struct session_view v;
	CLEANUP(sessions_free) struct sessions *s = sessions_new();
	assert_true(sessions_begin(s, "anna", 7, 1000, one));
	assert_true(sessions_begin(s, "anna", 7, 1000, two));
	assert_string_not_equal(one, two);
	assert_true(sessions_find(s, one, 2000, &v));
	assert_string_equal(v.name, "anna");
	assert_int_equal(v.stamp, 7);
	assert_int_equal(strlen(v.csrf), 64);
	assert_false(sessions_find(s, "", 2000, &v));
	assert_false(sessions_find(s, v.csrf, 2000, &v)); /* the one is no key to the other */
	assert_false(sessions_find(s, two, 1000 + SESSION_IDLE_MS + 1, &v));
	assert_true(sessions_find(s, one, 2000 + SESSION_IDLE_MS, &v)); /* it was used meanwhile */
	sessions_end(s, one);
	assert_false(sessions_find(s, one, 2000, &v));
	for (int i = 0; i < 3; i++) /* who uses it all day long logs in again the next */
		(void)sessions_find(s, two, 1000, &v);
	assert_false(sessions_find(s, two, 1000 + SESSION_MS + 1LL, &v));
	assert_false(
		sessions_begin(s,
			       "a name that is far longer than any name of a person could ever be, by which "
			       "somebody would like to see what is done with a hundred and thirty bytes",
			       1, 1, one));
}

static void test_sessions_have_an_end(void **state)
{
	(void)state;
	char secret[SESSION_SECRET_BYTES];
	CLEANUP(sessions_free) struct sessions *s = sessions_new();
	for (int i = 0; i < SESSIONS_MAX + 10; i++)
		assert_true(sessions_begin(s, "anna", 1, 1000 + i, secret));
	assert_int_equal(sessions_count(s), SESSIONS_MAX);
}

/* ---- wrong passwords ---- */

enum { NOW = 1000000 };

static uint64_t try_once(struct tries *t, const char *place, const char *person, enum tries_end how)
{
	struct tries_ticket x;
	uint64_t wait = tries_begin(t, place, person, NOW, &x);
	if (!wait)
		assert_true(tries_end(t, &x, how, NOW));
	return wait;
}

static void test_tries_are_counted_at_their_begin(void **state)
{
	(void)state;
	CLEANUP(tries_free) struct tries *t = tries_new();
	struct tries_ticket x[TRIES_PLACE_MAX], more;
	for (int i = 0; i < TRIES_PLACE_MAX; i++)
		assert_int_equal(tries_begin(t, "192.0.2.1", i % 2 ? "anna" : "ralf", NOW, &x[i]), 0);
	assert_int_equal(tries_begin(t, "192.0.2.1", "anna", NOW, &more), TRIES_BUSY_MS);
	assert_int_equal(tries_begin(t, "192.0.2.2", "anna", NOW, &more), 0);
	assert_true(tries_end(t, &more, TRIES_UNTRIED, NOW));
	for (int i = 0; i < TRIES_PLACE_MAX; i++)
		assert_true(tries_end(t, &x[i], TRIES_WRONG, NOW));
	assert_int_equal(try_once(t, "192.0.2.1", "anna", TRIES_RIGHT), TRIES_BARRED_MS);
	assert_int_equal(try_once(t, "::ffff:192.0.2.1", "otto", TRIES_RIGHT), TRIES_BARRED_MS);
	assert_int_equal(tries_begin(t, "192.0.2.1", "anna", NOW + TRIES_BARRED_MS, &more), 0);
}

/* Who has a login of his own does not guess another's without end. */
static void test_tries_of_another_are_not_forgiven(void **state)
{
	(void)state;
	CLEANUP(tries_free) struct tries *t = tries_new();
	for (int i = 0; i < TRIES_PLACE_MAX; i++) {
		assert_int_equal(try_once(t, "2001:db8::1", "anna", TRIES_WRONG), 0);
		if (i < TRIES_PLACE_MAX - 1)
			assert_int_equal(try_once(t, "2001:db8::2", "ralf", TRIES_RIGHT), 0);
	}
	assert_int_equal(try_once(t, "2001:db8::3", "ralf", TRIES_RIGHT), TRIES_BARRED_MS);
	for (int i = 0; i < 3 * TRIES_PLACE_MAX; i++) { /* one's own are */
		assert_int_equal(try_once(t, "2001:db8:1::1", "ralf", TRIES_WRONG), 0);
		if (i % 3 == 2)
			assert_int_equal(try_once(t, "2001:db8:1::1", "ralf", TRIES_RIGHT), 0);
	}
}

static void test_tries_from_everywhere_end(void **state)
{
	(void)state;
	CLEANUP(tries_free) struct tries *t = tries_new();
	char place[32];
	assert_int_equal(try_once(t, "192.0.2.1", "anna", TRIES_RIGHT), 0);
	for (int i = 0; i < TRIES_PERSON_MAX; i++) {
		snprintf(place, sizeof(place), "198.51.100.%d", i);
		assert_int_equal(try_once(t, place, "anna", TRIES_WRONG), 0);
	}
	assert_int_equal(try_once(t, "203.0.113.1", "anna", TRIES_RIGHT), TRIES_BARRED_MS);
	assert_int_equal(try_once(t, "203.0.113.1", "ralf", TRIES_RIGHT), 0);
	assert_int_equal(try_once(t, "192.0.2.1", "anna", TRIES_RIGHT), 0); /* she was here before */
}

/* ---- routes ---- */

/* What a stranger may send is small. */
static void test_bodies_of_strangers(void **state)
{
	(void)state;
	const struct web_route *r;
	for (size_t i = 0; (r = web_route_at(i)); i++)
		if (r->role == RELAY_ROLE_NONE && r->body != WEB_NO_BODY && r->body != WEB_JSON_SMALL)
			fail_msg("%s %s takes a big body of everybody", r->method, r->path);
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

/* ---- orders ---- */

static const struct order_case {
	const char *json, *mend; /* mend NULL: fine */
} order_cases[] = {
	{ "{\"target\":\"mail.example.com:587\",\"security\":\"ssl\",\"to\":\"a@b.example\"}", NULL },
	{ "{\"target\":\"a@b.example\",\"oauth\":null,\"user\":null}", NULL },
	{ "{}", "an address, a server" },
	{ "{\"target\":\"a.example\",\"ca_file\":\"/etc/passwd\"}", "nobody knows" },
	{ "{\"target\":\"a.example\",\"attach\":[\"/etc/passwd\"]}", "nobody knows" },
	{ "{\"target\":\"a.example\",\"bind\":\"127.0.0.1\"}", "nobody knows" },
	{ "{\"target\":\"a.example\",\"password\":\"a\\u0000b\"}", "a text" },
	{ "{\"target\":\"a.example\",\"user\":\"a\\r\\nb\"}", "control" },
	{ "{\"target\":\"a.example\",\"oauth\":{\"token_url\":\"file:///etc/passwd\"}}", "https://" },
	{ "{\"target\":\"a.example\",\"oauth\":[]}", "an object" },
	{ "{\"target\":\"a.example\",\"family\":5}", "4 or 6" },
	{ "{\"target\":\"a.example\",\"timeout_s\":0}", "1 to 180" },
	{ "{\"target\":\"a.example\",\"sending_ip\":\"x\"}", "IP address" },
};

static void test_orders(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(order_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct check_request r;
		struct err e = { 0 };
		json_error_t wrong;
		json_t *o = json_loads(order_cases[i].json, JSON_ALLOW_NUL, &wrong);
		assert_non_null(o);
		bool ok = order_read(o, a, &r, &e);
		if (ok != !order_cases[i].mend || (!ok && !strstr(e.detail, order_cases[i].mend)))
			fail_msg("%s: %s (%s)", order_cases[i].json, e.what, e.detail);
		json_decref(o);
	}
}

/* ---- the spool ---- */

static struct spool *open_spool(const char *folder, bool *fresh)
{
	struct spool *s = NULL;
	struct err e = { 0 };
	assert_true(spool_open(folder, "shop", &s, fresh, &e));
	return s;
}

static void check_first(struct spool *s, size_t lines, const char *want)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	size_t n = spool_read(s, lines, &b);
	if (!str_eq(buf_str(&b), want))
		fail_msg("%zu lines: \"" STR_FMT "\"", n, STR_ARG(buf_str(&b)));
}

static void test_spool(void **state)
{
	(void)state;
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	assert_non_null(mkdtemp(folder));
	struct spool *s = open_spool(folder, &fresh);
	assert_true(fresh && !spool_waiting(s));
	assert_true(spool_add(s, STR_LIT("a\nbb\nccc\n"), &e));
	assert_true(spool_stand(s, (struct store_place){ 3, 77 }, 0, &e));
	check_first(s, 2, "a\nbb\n");
	uint64_t number = spool_number(s);
	assert_true(spool_delivered(s, 2, &e));
	assert_true(spool_number(s) > number);
	spool_close(&s);
	s = open_spool(folder, &fresh); /* a restart */
	assert_false(fresh);
	assert_int_equal(spool_place(s).segment, 3);
	assert_int_equal(spool_place(s).offset, 77);
	check_first(s, 100, "bb\nccc\n");
	assert_true(spool_add(s, STR_LIT("torn"), &e));
	spool_close(&s);
	s = open_spool(folder, &fresh); /* a line that a crash cut off is gone */
	check_first(s, 100, "bb\nccc\n");
	number = spool_number(s);
	assert_true(spool_delivered(s, 7, &e));
	assert_int_equal(spool_waiting(s), 0);
	assert_true(spool_number(s) == number + 7);
	assert_true(spool_add(s, STR_LIT("d\n"), &e));
	spool_close(&s);
	s = open_spool(folder, &fresh);
	check_first(s, 100, "d\n");
	spool_close(&s);
	CLEANUP(mem_free) char *command = mem_printf("rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void drop_folder(const char *folder)
{
	CLEANUP(mem_free) char *command = mem_printf("rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void add_known(void *ctx, struct str line)
{
	buf_addf(ctx, STR_FMT "|", STR_ARG(line));
}

static void check_known(struct spool *s, const char *want)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct err e = { 0 };
	assert_true(spool_each(s, add_known, &b, &e));
	if (!str_eq(buf_str(&b), want))
		fail_msg("\"" STR_FMT "\", not \"%s\"", STR_ARG(buf_str(&b)), want);
}

/* What was delivered is known until the place in the store is behind it, over a restart too. */
static void test_spool_known(void **state)
{
	(void)state;
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	assert_non_null(mkdtemp(folder));
	struct spool *s = open_spool(folder, &fresh);
	assert_true(spool_add(s, STR_LIT("a\nbb\n"), &e));
	uint64_t end = spool_end(s);
	assert_true(spool_add(s, STR_LIT("ccc\n"), &e));
	assert_true(spool_delivered(s, 9, &e));
	assert_int_equal(spool_waiting(s), 0);
	check_known(s, "a|bb|ccc|");
	assert_true(spool_stand(s, (struct store_place){ 1, 2 }, end, &e));
	check_known(s, "ccc|");
	spool_close(&s);
	s = open_spool(folder, &fresh);
	assert_int_equal(spool_number(s), 9);
	check_known(s, "a|bb|ccc|"); /* rather too many */
	assert_true(spool_add(s, STR_LIT("d\n"), &e));
	check_first(s, 9, "d\n");
	assert_true(spool_stand(s, (struct store_place){ 1, 3 }, spool_end(s), &e));
	check_known(s, "d|");
	assert_true(spool_delivered(s, 2, &e));
	check_known(s, "");
	assert_int_equal(spool_number(s), 11);
	assert_int_equal(spool_end(s), 11);
	spool_close(&s);
	drop_folder(folder);
}

/* The disk is full within a line: none of the lines stays, and the next one is whole. */
static void test_spool_full_disk(void **state)
{
	(void)state;
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	struct rlimit old, few;
	assert_non_null(mkdtemp(folder));
	struct spool *s = open_spool(folder, &fresh);
	assert_true(spool_add(s, STR_LIT("a\n"), &e));
	assert_true(spool_stand(s, (struct store_place){ 1, 2 }, 0, &e));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	few = (struct rlimit){ 6, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	bool added = spool_add(s, STR_LIT("bb\nccc\n"), &e);
	bool stands = spool_stand(s, (struct store_place){ 3, 4 }, 0, &e);
	bool delivered = spool_delivered(s, 2, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(added || stands || delivered);
	assert_int_equal(spool_waiting(s), 2);
	assert_int_equal(spool_place(s).segment, 1);
	assert_int_equal(spool_number(s), 0);
	assert_true(spool_add(s, STR_LIT("d\n"), &e));
	check_first(s, 9, "a\nd\n");
	assert_true(spool_delivered(s, 2, &e));
	spool_close(&s);
	s = open_spool(folder, &fresh);
	check_first(s, 9, "d\n");
	spool_close(&s);
	drop_folder(folder);
}

static void write_at(const char *folder, const char *text)
{
	CLEANUP(mem_free) char *path = mem_printf("%s/webhooks/shop.at", folder);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A receiver that is always a little late: what was delivered takes no room, and nothing of it comes again.
 */
static void test_spool_backlog(void **state)
{
	(void)state;
	enum { LINE_BYTES = 64 * 1024, LINES = 600 };
	char folder[] = "/tmp/postrider-spool-XXXXXX";
	bool fresh;
	struct err e = { 0 };
	struct stat st;
	assert_non_null(mkdtemp(folder));
	CLEANUP(mem_free) char *line = mem_grow(NULL, LINE_BYTES, 1);
	CLEANUP(mem_free) char *path = mem_printf("%s/webhooks/shop.spool", folder);
	memset(line, 'x', LINE_BYTES - 1);
	line[LINE_BYTES - 1] = '\n';
	struct spool *s = open_spool(folder, &fresh);
	assert_true(spool_add(s, STR_LIT("a\n"), &e));
	for (size_t i = 0; i < LINES; i++) {
		assert_true(spool_add(s, (struct str){ line, LINE_BYTES }, &e));
		assert_true(spool_delivered(s, i ? LINE_BYTES : 2, &e));
		assert_true(spool_stand(s, (struct store_place){ 1, i }, spool_end(s), &e));
		assert_int_equal(spool_waiting(s), LINE_BYTES);
	}
	assert_true(spool_add(s, STR_LIT("z\n"), &e));
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 2 * SPOOL_DONE_BYTES_MAX);
	assert_true(st.st_blocks * 512 < 2 * SPOOL_DONE_BYTES_MAX); /* wants holes: ext4, xfs, btrfs, tmpfs */
	spool_close(&s);
	write_at(folder, "77 0 1 1\n"); /* older than the hole, as after a loss of power */
	s = open_spool(folder, &fresh);
	CLEANUP(buf_clear) struct buf b = { 0 };
	assert_int_equal(spool_read(s, 1, &b), 1);
	assert_int_equal(buf_waiting(&b), LINE_BYTES);
	spool_close(&s);
	drop_folder(folder);
}

static void test_spool_names(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "..", ".x", "a/b", "../x" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct spool *s = NULL;
		struct err e = { 0 };
		bool fresh;
		assert_false(spool_open("/tmp", bad[i], &s, &fresh, &e));
	}
}

/* printf %s '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret */
static void test_signature(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	assert_string_equal(
		hook_signature(a, STR_LIT("secret"), 1700000000, "{\"a\":1}"),
		"t=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_token_is_found),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_sessions_have_an_end),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_spool_full_disk),
		cmocka_unit_test(test_spool_known),
		cmocka_unit_test(test_spool_backlog),
		cmocka_unit_test(test_spool),
		cmocka_unit_test(test_spool_names),
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_bodies_of_strangers),
		cmocka_unit_test(test_tries_are_counted_at_their_begin),
		cmocka_unit_test(test_tries_of_another_are_not_forgiven),
		cmocka_unit_test(test_tries_from_everywhere_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
