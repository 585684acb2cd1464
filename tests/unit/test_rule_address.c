/* SPDX-License-Identifier: Apache-2.0 */
/* The address that mail comes from: its name, and the lists that it may be on. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

static void ptr(struct evidence *ev, const char *ip, const char *result, const char *helo, bool matches)
{
	struct fact *f = evidence_add(ev, FACT_PTR, 0, 0);
	f->ptr.ip = ip;
	f->ptr.result = result;
	f->ptr.helo = helo;
	f->ptr.helo_matches = matches;
	if (strcmp(result, "none") != 0)
		strlist_add(&f->ptr.names, ev->arena, "mail.example.net");
}

static void list(struct evidence *ev, const char *result, const char *answer, bool proven)
{
	struct fact *f = evidence_add(ev, FACT_DNSBL, 0, 0);
	f->dnsbl.zone = "bl.example.org";
	f->dnsbl.subject = "198.51.100.17";
	f->dnsbl.result = result;
	f->dnsbl.proven = proven;
	if (*answer)
		strlist_add(&f->dnsbl.answers, ev->arena, answer);
}

static void healthy(struct evidence *ev)
{
	ptr(ev, "198.51.100.17", "ok", "", false);
	list(ev, "clear", "", true);
	list(ev, "clear", "", false);
}

static void list_silent(struct evidence *ev)
{
	healthy(ev);
	list(ev, "temperror", "", false);
}

static void ptr_unknown(struct evidence *ev)
{
	ptr(ev, "198.51.100.17", "temperror", "", false);
}

static void none_known(struct evidence *ev)
{
	ptr_unknown(ev);
	list(ev, "temperror", "", false);
}

static void ptr_mismatch(struct evidence *ev)
{
	ptr(ev, "198.51.100.17", "mismatch", "", false);
}

static void ptr_other_helo(struct evidence *ev)
{
	ptr(ev, "198.51.100.17", "ok", "other.example.net", false);
}

static void ptr_generic(struct evidence *ev)
{
	ptr(ev, "198.51.100.17", "generic", "", false);
}

static void ptr_none(struct evidence *ev)
{
	ptr(ev, "198.51.100.17", "none", "", false);
}

static void ptr_none_inside(struct evidence *ev)
{
	ptr(ev, "127.0.0.9", "none", "", false);
}

static void listed(struct evidence *ev)
{
	list(ev, "listed", "127.0.0.2", true);
}

static void list_refuses(struct evidence *ev)
{
	list(ev, "refused", "127.255.255.254", false);
}

static void list_answers_all(struct evidence *ev)
{
	built_dns(ev, "random", "nx-1.example.com", "A", "nxdomain", NULL);
	list(ev, "wildcard", "203.0.113.9", false);
}

static void resolver_answers_all(struct evidence *ev)
{
	built_dns(ev, "random", "nx-1.example.com", "A", "ok", "203.0.113.9");
	list(ev, "wildcard", "203.0.113.9", false);
}

static const struct address_case {
	const char *name;
	void (*build)(struct evidence *ev);
	const char *findings; /* the same when a domain and when a server is checked */
} cases[] = {
	{ "a healthy address", healthy, "" },
	{ "name leads elsewhere", ptr_mismatch, "dp-fcrdns-mismatch:f" },
	{ "greets with another name", ptr_other_helo, "dp-fcrdns-mismatch:w" },
	{ "pool name", ptr_generic, "dp-generic-ptr:w" },
	{ "no name", ptr_none, "rcpt-ptr-missing:w" },
	{ "no name of an inner address", ptr_none_inside, "" },
	{ "name not known", ptr_unknown, "dns-ptr-lookup-failed:w" },
	{ "list gives no answer", list_silent, "dp-dnsbl-lookup-failed:n" },
	{ "neither gives an answer", none_known, "dns-ptr-lookup-failed:w dp-dnsbl-lookup-failed:n" },
	{ "listed", listed, "dp-ip-blocklisted:f" },
	{ "list refuses us", list_refuses, "dp-dnsbl-query-refused:n" },
	{ "list answers everything", list_answers_all, "dp-dnsbl-query-refused:n" },
	{ "resolver answers everything", resolver_answers_all, "dns-nxdomain-rewritten:w" },
};

static void expect(const struct address_case *c, const char *form, const char *what)
{
	CLEANUP(evidence_free) struct evidence *ev = built_for(form, what);
	if (!strcmp(form, "host"))
		built_target(ev)->domain = "example.net";
	c->build(ev);
	built_expect(ev, c->name, c->findings);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		expect(&cases[i], "domain", "example.net");
		expect(&cases[i], "host", "smtp.example.net");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
