/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to resolvers that do as a name says (resolver_server.h). */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/dns_exchange.h"
#include "net/dns_keys.h"
#include "tests/flow/resolver_server.h"

static struct net_loop *loop;
static struct resolver main_resolver;

static struct dns *new_dns(const char *hosts)
{
	struct err e = { 0 };
	struct dns *d =
		dns_new(loop, &(struct dns_options){ .resolver = main_resolver.text, .hosts_file = hosts },
			&e);
	assert_non_null(d);
	return d;
}

static const struct dns_answer *wait_for(struct dns *d, const char *name, const char *type, unsigned flags)
{
	const struct dns_answer *a =
		dns_wait(d, dns_ask(d, name, type, flags, NULL), net_loop_now_ms(loop) + 15000);
	assert_non_null(a);
	return a;
}

static const struct {
	const char *name;
	unsigned flags;
	enum dns_status_code status;
	const char *record, *cname, *via;
	int rcode, ede;
} cases[] = {
	{ "good.example", 0, DNS_ANSWER_OK, "192.0.2.7", "", "udp", 0, -1 },
	{ "Good.Example.", DNS_TCP, DNS_ANSWER_OK, "192.0.2.7", "", "tcp", 0, -1 },
	{ "nodata.example", 0, DNS_ANSWER_NODATA, NULL, "", "udp", 0, -1 },
	{ "nxdomain.example", 0, DNS_ANSWER_NXDOMAIN, NULL, "", "udp", 3, -1 },
	{ "servfail.example", 0, DNS_ANSWER_SERVFAIL, NULL, "", "udp", 2, 22 },
	{ "refused.example", 0, DNS_ANSWER_REFUSED, NULL, "", "udp", 5, -1 },
	{ "spoof.example", 0, DNS_ANSWER_OK, "192.0.2.7", "", "udp", 0, -1 },
	{ "big.example", 0, DNS_ANSWER_OK, "192.0.2.7", "", "tcp", 0, -1 },
	{ "cut.example", 0, DNS_ANSWER_TIMEOUT, NULL, "", "tcp", -1, -1 },
	{ "plain.example", 0, DNS_ANSWER_OK, "192.0.2.7", "", "udp", 0, -1 },
	{ "garbage.example", 0, DNS_ANSWER_MALFORMED, NULL, "", "udp", 0, -1 },
	{ "alias.example", 0, DNS_ANSWER_OK, "192.0.2.7", "target.example", "udp", 0, -1 },
	{ "ring.example", 0, DNS_ANSWER_MALFORMED, NULL, "ring.example", "udp", 0, -1 },
	{ "silent.example", DNS_ONE_TRY, DNS_ANSWER_TIMEOUT, NULL, "", "udp", -1, -1 },
	{ "a..example", 0, DNS_ANSWER_LOCAL_ERROR, NULL, "", "", -1, -1 },
};

static void test_statuses(void **state)
{
	(void)state;
	CLEANUP(dns_free) struct dns *d = new_dns("");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) /* all at once */
		(void)dns_ask(d, cases[i].name, "A", cases[i].flags, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct dns_answer *a = wait_for(d, cases[i].name, "A", cases[i].flags);
		print_message("  %s: %s %s\n", cases[i].name, dns_status_name(a->status), a->error);
		assert_string_equal(dns_status_name(a->status), dns_status_name(cases[i].status));
		assert_int_equal(a->records.n, cases[i].record ? 1 : 0);
		if (cases[i].record)
			assert_string_equal(a->records.v[0], cases[i].record);
		assert_string_equal(a->cname, cases[i].cname);
		assert_string_equal(a->via, cases[i].via);
		assert_int_equal(a->rcode, cases[i].rcode);
		assert_int_equal(a->ede, cases[i].ede);
	}
	assert_true(wait_for(d, "big.example", "A", 0)->truncated);
	assert_true(wait_for(d, "cut.example", "A", 0)->truncated);
	assert_string_equal(wait_for(d, "servfail.example", "A", 0)->ede_text, "down");
}

static void test_asked_once(void **state)
{
	(void)state;
	CLEANUP(dns_free) struct dns *d = new_dns("");
	(void)wait_for(d, "one.example", "A", 0);
	unsigned before = atomic_load(&main_resolver.asked);
	(void)wait_for(d, "ONE.example.", "A", 0);
	assert_int_equal(atomic_load(&main_resolver.asked), before);
	(void)wait_for(d, "one.example", "A", 0);
	assert_int_equal(atomic_load(&main_resolver.asked), before);
}

/* The first try is lost; the second is answered. */
static void test_second_try(void **state)
{
	(void)state;
	struct resolver lossy;
	resolver_start(&lossy);
	CLEANUP(dns_free) struct dns *d = new_dns("");
	struct dns_question *q = dns_ask(d, "late.example", "A", 0, lossy.text);
	const struct dns_answer *a = dns_wait(d, q, net_loop_now_ms(loop) + 5000);
	assert_non_null(a);
	assert_int_equal(a->status, DNS_ANSWER_OK);
	assert_true(a->elapsed_ms >= DNS_TRY_MS && a->elapsed_ms < DNS_TRY_MS + 1000);
	assert_string_equal(a->resolver, lossy.text);
	resolver_stop(&lossy);
}

static void test_nobody_there(void **state)
{
	(void)state;
	struct resolver gone;
	resolver_start(&gone);
	resolver_stop(&gone);
	CLEANUP(dns_free) struct dns *d = new_dns("");
	struct dns_question *q = dns_ask(d, "good.example", "A", 0, gone.text);
	const struct dns_answer *a = dns_wait(d, q, net_loop_now_ms(loop) + 5000);
	assert_non_null(a);
	assert_int_equal(a->status, DNS_ANSWER_TIMEOUT);
	assert_true(a->elapsed_ms < DNS_TRY_MS);
	assert_true(z_ihas(a->error, "refused"));
}

static void mark_done(void *ctx)
{
	*(bool *)ctx = true;
}

static bool is_marked(void *ctx)
{
	return *(bool *)ctx;
}

static const struct {
	const char *name;
	enum dns_status_code status;
	bool by_second;
	long least_ms, most_ms;
} pair_cases[] = {
	{ "good", DNS_ANSWER_OK, false, 0, 500 },
	{ "silent", DNS_ANSWER_OK, true, DNS_TRY_MS, DNS_TRY_MS + 1000 },
	{ "refused", DNS_ANSWER_OK, true, 0, 500 },
	{ "servfail", DNS_ANSWER_OK, true, 0, 500 },
	{ "nxdomain", DNS_ANSWER_NXDOMAIN, false, 0, 500 },
	{ "both", DNS_ANSWER_SERVFAIL, false, 0, 500 },
};

/* Of two resolvers the second answers everything but "both": it is asked when the first
 * is silent or will not, and never otherwise. */
static void test_two_resolvers(void **state)
{
	(void)state;
	struct resolver willing;
	resolver_start(&willing);
	atomic_store(&willing.willing, true);
	struct dns_server servers[2];
	assert_true(dns_server_read(main_resolver.text, &servers[0]));
	assert_true(dns_server_read(willing.text, &servers[1]));
	for (size_t i = 0; i < ARRAY_LEN(pair_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		bool done = false;
		uint64_t from = net_loop_now_ms(loop);
		struct dns_exchange_options o = {
			.servers = servers, .nservers = 2, .type = "A", .arena = a
		};
		o.name = arena_printf(a, "%s.example", pair_cases[i].name);
		o.done = mark_done;
		o.ctx = &done;
		struct dns_exchange *x = dns_exchange_start(loop, &o);
		assert_true(net_loop_wait(loop, is_marked, &done, from + 8000));
		const struct dns_exchange_result *r = dns_exchange_result(x);
		long took = (long)(net_loop_now_ms(loop) - from);
		print_message("  %s: %s by %s\n", o.name, dns_status_name(r->status), r->server->text);
		assert_string_equal(dns_status_name(r->status), dns_status_name(pair_cases[i].status));
		assert_ptr_equal(r->server, &servers[pair_cases[i].by_second ? 1 : 0]);
		assert_true(took >= pair_cases[i].least_ms && took < pair_cases[i].most_ms);
		dns_exchange_free(&x);
	}
	resolver_stop(&willing);
}

static void test_limit(void **state)
{
	(void)state;
	CLEANUP(dns_free) struct dns *d = new_dns("");
	char name[40];
	for (int i = 0; i < DNS_QUESTIONS_MAX; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		(void)dns_ask(d, name, "A", 0, NULL);
	}
	struct dns_question *q = dns_ask(d, "one-more.example", "A", 0, NULL);
	assert_true(dns_done(q));
	assert_int_equal(dns_answer_of(q)->status, DNS_ANSWER_LOCAL_ERROR);
	assert_int_equal(wait_for(d, name, "A", 0)->status, DNS_ANSWER_OK); /* the queued ones are asked */
}

static void test_hosts(void **state)
{
	(void)state;
	char path[] = "/tmp/postrider-hosts-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(write(fd, "192.0.2.99 good.example\n", 24) == 24);
	close(fd);
	CLEANUP(dns_free) struct dns *d = new_dns(path);
	const struct dns_answer *a = wait_for(d, "good.example", "A", 0);
	assert_string_equal(a->via, "hosts");
	assert_string_equal(a->records.v[0], "192.0.2.99");
	assert_int_equal(wait_for(d, "good.example", "AAAA", 0)->status, DNS_ANSWER_NODATA);
	assert_string_equal(wait_for(d, "good.example", "A", DNS_NO_HOSTS)->records.v[0], "192.0.2.7");
	assert_string_equal(wait_for(d, "localhost", "A", 0)->records.v[0], "127.0.0.1");
	unlink(path);
}

/* Without an anchor nothing is proven, and that is said; the answer stands. */
static void test_no_anchor(void **state)
{
	(void)state;
	struct err e = { 0 };
	CLEANUP(dns_free)
	struct dns *d = dns_new(loop,
				&(struct dns_options){ .resolver = main_resolver.text,
						       .trust_anchor = "/nonexistent/root.key" },
				&e);
	const struct dns_answer *a = wait_for(d, "good.example", "A", DNS_VALIDATE);
	assert_int_equal(a->status, DNS_ANSWER_OK);
	assert_false(a->secure);
	assert_true(z_ihas(a->error, "root.key"));
}

/* A resolver without signatures must not make good names look forged. */
static void test_stripped(void **state)
{
	(void)state;
	struct err e = { 0 };
	char path[] = "/tmp/postrider-anchor-XXXXXX";
	static const char ds[] = ". IN DS 20326 8 2 "
				 "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_true(write(fd, ds, sizeof(ds) - 1) == sizeof(ds) - 1);
	close(fd);
	CLEANUP(dns_free)
	struct dns *d =
		dns_new(loop, &(struct dns_options){ .resolver = main_resolver.text, .trust_anchor = path },
			&e);
	const struct dns_answer *a = wait_for(d, "good.example", "A", DNS_VALIDATE);
	assert_int_equal(a->status, DNS_ANSWER_OK);
	assert_false(a->secure);
	assert_true(z_ihas(a->error, "signatures"));
	unlink(path);
}

static enum dns_keys_word look(struct dns_keys *k, const struct dns_server *s, bool *told)
{
	struct dns_keys_wait w = { .told = mark_done, .ctx = told };
	const struct dns_keys_ask ask = { s, 1, ".", "good.example", false };
	*told = false;
	enum dns_keys_word word = dns_keys_look(k, &ask, &w);
	if (dns_keys_asking(k)) {
		assert_true(net_loop_wait(loop, is_marked, told, net_loop_now_ms(loop) + 15000));
		word = dns_keys_word(k);
	}
	dns_keys_leave(k, &w);
	return word;
}

/* Once for all who ask; of other resolvers anew; and a line that is down says nothing. */
static void test_keys_remembered(void **state)
{
	(void)state;
	bool told;
	struct resolver gone;
	struct dns_server servers[2];
	resolver_start(&gone);
	resolver_stop(&gone);
	assert_true(dns_server_read(main_resolver.text, &servers[0]));
	assert_true(dns_server_read(gone.text, &servers[1]));
	struct dns_keys *k = dns_keys_new(loop);
	assert_int_equal(look(k, &servers[0], &told), DNS_KEYS_STRIPPED);
	assert_true(told);
	unsigned before = atomic_load(&main_resolver.asked);
	assert_int_equal(look(k, &servers[0], &told), DNS_KEYS_STRIPPED);
	assert_false(told);
	assert_int_equal(atomic_load(&main_resolver.asked), before);
	assert_int_equal(look(k, &servers[1], &told), DNS_KEYS_UNTOLD);
	assert_true(told);
	assert_int_equal(look(k, &servers[0], &told), DNS_KEYS_STRIPPED);
	assert_true(told && atomic_load(&main_resolver.asked) > before);
	dns_keys_free(&k);
}

static void test_refuses_resolver(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_null(dns_new(loop, &(struct dns_options){ .resolver = "dns.example" }, &e));
	assert_int_equal(e.kind, ERR_USAGE);
}

static int set_up(void **state)
{
	(void)state;
	loop = net_loop_new();
	resolver_start(&main_resolver);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	resolver_stop(&main_resolver);
	net_loop_free(&loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_asked_once),
		cmocka_unit_test(test_second_try),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_two_resolvers),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_no_anchor),
		cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_keys_remembered),
		cmocka_unit_test(test_refuses_resolver),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
