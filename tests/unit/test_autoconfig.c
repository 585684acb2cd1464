/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include "base/buf.h"
#include "mail/autoconfig.h"

#define PROVIDER(servers)                                                                                    \
	"<clientConfig version=\"1.1\"><emailProvider id=\"x\">" servers "</emailProvider></clientConfig>"
#define SERVER(host, port, socket, user)                                                                     \
	"<outgoingServer type=\"smtp\"><hostname>" host "</hostname><port>" port                             \
	"</port><socketType>" socket "</socketType><username>" user "</username></outgoingServer>"
#define PROTOCOL(rest)                                                                                       \
	"<Autodiscover xmlns=\"a\"><Response "                                                               \
	"xmlns=\"b\"><Account><Protocol><Type>SMTP</Type><Server>out.x.example"                              \
	"</Server>" rest "</Protocol></Account></Response></Autodiscover>"

/* all: "host:port security user" of each server, with blanks between. */
static const struct {
	const char *name, *file, *address, *all, *problem;
} cases[] = {
	{ "usual", PROVIDER(SERVER("smtp.x.example", "465", "SSL", "%EMAILADDRESS%")), "me@x.example",
	  "smtp.x.example:465 tls me@x.example", NULL },
	{ "places",
	  PROVIDER(SERVER("out.%EMAILDOMAIN%", "587", "STARTTLS", "%EMAILLOCALPART%+%EMAILDOMAIN%")),
	  "me@x.example", "out.x.example:587 starttls me+x.example", NULL },
	{ "a bare domain has no local part",
	  PROVIDER(SERVER("out.%EMAILDOMAIN%", "587", "STARTTLS", "%EMAILLOCALPART%")), "x.example",
	  "out.x.example:587 starttls ", NULL },
	{ "two, and an unencrypted one",
	  PROVIDER(SERVER("a.example", "25", "plain", "u") SERVER("b.example", "465", "SSL", "u")),
	  "me@x.example", "a.example:25 none u b.example:465 tls u", NULL },
	{ "incoming servers and other kinds are passed over",
	  PROVIDER("<incomingServer type=\"imap\"><hostname>i.example</hostname></incomingServer>"
		   "<outgoingServer "
		   "type=\"exchange\"><hostname>e.example</hostname><port>443</port><socketType>SSL"
		   "</socketType></outgoingServer>" SERVER("b.example", "465", "SSL", "u")),
	  "me@x.example", "b.example:465 tls u", NULL },
	{ "port out of range", PROVIDER(SERVER("b.example", "65536", "SSL", "u")), "me@x.example", "",
	  "it names no server for sending" },
	{ "no port", PROVIDER(SERVER("b.example", "", "SSL", "u")), "me@x.example", "",
	  "it names no server for sending" },
	{ "unknown mode", PROVIDER(SERVER("b.example", "465", "magic", "u")), "me@x.example", "",
	  "it names no server for sending" },
	{ "a host that is none", PROVIDER(SERVER("b.example/x", "465", "SSL", "u")), "me@x.example", "",
	  "it names no server for sending" },
	{ "a login with a control character", PROVIDER(SERVER("b.example", "465", "SSL", "u&#10;x")),
	  "me@x.example", "b.example:465 tls ", NULL },
	{ "a server outside of its place",
	  "<clientConfig><outgoingServer "
	  "type=\"smtp\"><hostname>b.example</hostname><port>465</port><socketType>SSL"
	  "</socketType></outgoingServer></clientConfig>",
	  "me@x.example", "", "it names no server for sending" },
	{ "Autodiscover", PROTOCOL("<Port>587</Port><LoginName>me</LoginName><Encryption>TLS</Encryption>"),
	  "me@x.example", "out.x.example:587 starttls me", NULL },
	{ "Autodiscover, SSL on 465", PROTOCOL("<Port>465</Port><SSL>on</SSL>"), "me@x.example",
	  "out.x.example:465 tls ", NULL },
	{ "Autodiscover, SSL on 587", PROTOCOL("<Port>587</Port><SSL>on</SSL>"), "me@x.example",
	  "out.x.example:587 starttls ", NULL },
	{ "Autodiscover, off", PROTOCOL("<Port>25</Port><SSL>off</SSL>"), "me@x.example",
	  "out.x.example:25 none ", NULL },
	{ "entities",
	  "<!DOCTYPE c [<!ENTITY h \"evil.example\">]>" PROVIDER(SERVER("&h;", "465", "SSL", "u")),
	  "me@x.example", "", "it has a document type definition, which is not read" },
	{ "an entity nobody defined", PROVIDER(SERVER("&h;", "465", "SSL", "u")), "me@x.example", "",
	  "line 1: undefined entity" },
	{ "a page", "<!DOCTYPE html><html></html>", "me@x.example", "",
	  "it has a document type definition, which is not read" },
	{ "another root", "<html/>", "me@x.example", "", "it is no file of mail settings" },
	{ "half a file", "<clientConfig><emailProvider>" SERVER("b.example", "465", "SSL", "u"),
	  "me@x.example", "", "line 1: no element found" },
	{ "nothing", "", "me@x.example", "", "line 1: no element found" },
	{ "deep", "<clientConfig><a><a><a><a><a><a><a><a><a><a><a><a/>", "me@x.example", "",
	  "its elements are nested too deep, or too many" },
};

static const char *all_of(struct arena *a, const struct autoconfig *x)
{
	struct strlist l = { 0 };
	for (size_t i = 0; i < x->n; i++)
		strlist_add(&l, a,
			    arena_printf(a, "%s:%u %s %s", x->v[i].host, x->v[i].port, x->v[i].security,
					 x->v[i].user));
	return strlist_join(&l, a, " ");
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct autoconfig x;
		autoconfig_read(a, str_of(cases[i].file), cases[i].address, &x);
		if ((x.problem != NULL) != (cases[i].problem != NULL))
			print_error("%s: %s\n", cases[i].name, x.problem ? x.problem : "no problem");
		assert_string_equal(x.problem ? x.problem : "", cases[i].problem ? cases[i].problem : "");
		assert_string_equal(all_of(a, &x), cases[i].all);
	}
}

/* More servers, longer values and longer files than anybody needs. */
static void test_limits(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf b = { 0 };
	struct autoconfig x;
	buf_adds(&b, "<clientConfig><emailProvider>");
	for (int i = 0; i < 20; i++)
		buf_adds(&b, SERVER("b.example", "465", "SSL", "u"));
	buf_adds(&b, "</emailProvider></clientConfig>");
	autoconfig_read(a, buf_str(&b), "me@x.example", &x);
	assert_null(x.problem);
	assert_int_equal(x.n, AUTOCONFIG_SERVERS_MAX);
	while (buf_waiting(&b) <= AUTOCONFIG_BYTES_MAX)
		buf_adds(&b, "                                                                ");
	autoconfig_read(a, buf_str(&b), "me@x.example", &x);
	assert_string_equal(x.problem, "it is far too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_limits) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
