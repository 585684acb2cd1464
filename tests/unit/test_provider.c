/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "catalog/provider.h"

#define PROVIDERS SOURCE_DIR "/catalog/providers/"

enum look { HOST, DOMAIN, MX, NAME };

static const struct {
	enum look by;
	const char *asked, *name; /* "" : nobody's */
} look_cases[] = {
	{ HOST, "smtp.office365.com", "microsoft365" },
	{ HOST, "SMTP.Office365.com.", "microsoft365" },
	{ HOST, "contoso-com.mail.protection.outlook.com", "microsoft365" },
	{ HOST, "smtp-mail.outlook.com", "outlook" },
	{ HOST, "smtp.gmail.com", "google" },
	{ HOST, "smtp-relay.gmail.com", "google" },
	{ HOST, "smtp.mail.yahoo.com", "yahoo" },
	{ HOST, "smtp.mail.me.com", "icloud" },
	{ HOST, "email-smtp.eu-central-1.amazonaws.com", "ses" },
	{ HOST, "smtp.sendgrid.net", "sendgrid" },
	{ HOST, "smtp.1und1.de", "ionos" },
	{ HOST, "w0123456.kasserver.com", "all-inkl" },
	{ HOST, "kasserver.com", "" },
	{ HOST, "evilkasserver.com", "" },
	{ HOST, "smtp.vodamail.co.za", "vodamail.co.za" },
	{ HOST, "mail.tpg.com.au", "tpg.com.au" },
	{ HOST, "mail.inbox.lv", "inbox.lv" },
	{ HOST, "smtp.example.com", "" },
	{ HOST, "", "" },
	{ HOST, ".", "" },
	{ DOMAIN, "gmail.com", "google" },
	{ DOMAIN, "googlemail.com", "google" },
	{ DOMAIN, "hotmail.com", "outlook" },
	{ DOMAIN, "Outlook.de", "outlook" },
	{ DOMAIN, "contoso.onmicrosoft.com", "microsoft365" },
	{ DOMAIN, "yahoo.co.uk", "yahoo" },
	{ DOMAIN, "verizon.net", "aol" },
	{ DOMAIN, "me.com", "icloud" },
	{ DOMAIN, "gmx.at", "gmx" },
	{ DOMAIN, "web.de", "webde" },
	{ DOMAIN, "t-online.de", "t-online" },
	{ DOMAIN, "163.com", "netease" },
	{ DOMAIN, "ya.ru", "yandex" },
	{ DOMAIN, "btinternet.com", "btinternet.com" },
	{ DOMAIN, "talk21.com", "btinternet.com" },
	{ DOMAIN, "bigpond.com", "bigpond.com" },
	{ DOMAIN, "example.com", "" },
	{ MX, "contoso-com.mail.protection.outlook.com", "microsoft365" },
	{ MX, "outlook-com.olc.protection.outlook.com.", "outlook" },
	{ MX, "ASPMX.L.GOOGLE.COM", "google" },
	{ MX, "smtp.google.com", "google" },
	{ MX, "mta7.am0.yahoodns.net", "yahoo" },
	{ MX, "mx01.mail.icloud.com", "icloud" },
	{ MX, "eu-smtp-inbound-1.mimecast.com", "mimecast" },
	{ MX, "mx1-us1.ppe-hosted.com", "proofpoint" },
	{ MX, "mx00.kundenserver.de", "ionos" },
	{ MX, "smtpin.rzone.de", "strato" },
	{ MX, "in1-smtp.messagingengine.com", "fastmail" },
	{ MX, "mailstore1.secureserver.net", "godaddy" },
	{ MX, "ec2-203-0-113-5.compute.amazonaws.com", "" },
	{ MX, "inbound-smtp.us-west-2.amazonaws.com", "ses" },
	{ MX, "mx.example.com", "" },
	{ NAME, "microsoft365", "microsoft365" },
	{ NAME, "no such", "" },
};

static const struct provider *look(enum look by, const char *asked)
{
	switch (by) {
	case HOST:
		return provider_by_host(asked);
	case DOMAIN:
		return provider_by_domain(asked);
	case MX:
		return provider_by_mx(asked);
	case NAME:
		break;
	}
	return provider_by_name(asked);
}

static void test_look_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(look_cases); i++) {
		const struct provider *p = look(look_cases[i].by, look_cases[i].asked);
		if (strcmp(p ? p->name : "", look_cases[i].name) != 0)
			fail_msg("\"%s\": %s, not \"%s\"", look_cases[i].asked, p ? p->name : "nobody's",
				 look_cases[i].name);
	}
	for (int by = HOST; by <= NAME; by++)
		assert_null(look((enum look)by, NULL));
}

static const struct {
	const char *typed, *meant; /* NULL: none is near */
} near_cases[] = {
	{ "stmp.office365.com", "smtp.office365.com" },
	{ "smtp.ofice365.com", "smtp.office365.com" },
	{ "smtp.office356.com", "smtp.office365.com" },
	{ "smtp.gmial.com", "smtp.gmail.com" },
	{ "smtp.gmail.co", "smtp.gmail.com" },
	{ "SMTP.GMAL.COM", "smtp.gmail.com" },
	{ "smtp-mail.outlok.com", "smtp-mail.outlook.com" },
	{ "smtp.mail.yaho.com", "smtp.mail.yahoo.com" },
	{ "smtp.sendgrid.com", NULL },
	{ "smtp.sendgird.net", "smtp.sendgrid.net" },
	{ "mail.gmx.nte", "mail.gmx.net" },
	{ "email-smtp.eu-west1.amazonaws.com", "email-smtp.eu-west-1.amazonaws.com" },
	{ "smtp.gmail.com", NULL },
	{ "mail.contoso.example", NULL },
	{ "", NULL },
};

static void test_near(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(near_cases); i++) {
		const char *found = provider_near_host(near_cases[i].typed);
		const char *meant = near_cases[i].meant;
		if (!found != !meant || (found && strcmp(found, meant) != 0))
			fail_msg("\"%s\": %s", near_cases[i].typed, found ? found : "none");
	}
}

static const struct {
	const char *host;
	unsigned port;
	bool lacks;
} port_cases[] = {
	{ "smtp.office365.com", 587, false },
	{ "smtp.office365.com", 465, true },
	{ "smtp.office365.com", 2525, true },
	{ "SMTP.OFFICE365.COM", 465, true },
	{ "smtp-mail.outlook.com", 465, true },
	{ "smtp.gmail.com", 465, false },
	{ "smtp.gmail.com", 2525, true },
	{ "smtp.mail.me.com", 465, true },
	{ "email-smtp.us-east-1.amazonaws.com", 2465, false },
	{ "email-smtp.us-east-1.amazonaws.com", 465, false },
	{ "smtp.postmarkapp.com", 465, true },
	{ "smtp.fastmail.com", 2525, false },                      /* not known to be closed */
	{ "contoso-com.mail.protection.outlook.com", 587, false }, /* no server of the list */
};

static void test_ports(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(port_cases); i++) {
		const struct provider *p = provider_by_host(port_cases[i].host);
		assert_non_null(p);
		if (provider_lacks_port(p, port_cases[i].host, port_cases[i].port) != port_cases[i].lacks)
			fail_msg("%s:%u", port_cases[i].host, port_cases[i].port);
	}
	assert_false(provider_lacks_port(NULL, "smtp.gmail.com", 25));
	assert_false(provider_lacks_port(provider_by_name("google"), NULL, 25));
}

static bool one_of(const char *s, const char *const *words)
{
	while (*words && strcmp(*words, s) != 0)
		words++;
	return *words != NULL;
}

static void check_provider(const struct provider *p)
{
	static const char *const usernames[] = { "full-address", "local-part", "apikey", "other", NULL };
	static const char *const modes[] = { "starttls", "tls", "none", NULL };
	assert_ptr_equal(provider_by_name(p->name), p);
	assert_true(p->title[0]);
	assert_true(one_of(p->username, usernames));
	for (size_t i = 0; i < p->nservers; i++) {
		assert_ptr_equal(provider_by_host(p->servers[i].host), p);
		assert_true(p->servers[i].port > 0);
		assert_true(one_of(p->servers[i].security, modes));
	}
	for (size_t i = 0; p->domains[i]; i++)
		if (p->domains[i][0] != '.' && !provider_by_domain(p->domains[i]))
			fail_msg("%s: %s is not found", p->name, p->domains[i]);
}

enum { NAME_BYTES = 256 };

static bool name_of_line(const char *line, char name[NAME_BYTES])
{
	return sscanf(line, "name = \"%255[^\"]", name) == 1;
}

/* Not of the row of titles, nor one that stands for a host of each domain. */
static bool host_of_row(const char *line, char host[NAME_BYTES])
{
	return sscanf(line, "%*[^\t]\t%255[^\t]", host) == 1 && strchr(host, '.') && !strchr(host, '%');
}

static unsigned check_file(const char *path, bool (*read)(const char *line, char name[NAME_BYTES]),
			   const struct provider *(*find)(const char *name))
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	CLEANUP(mem_free) char *line = NULL;
	char name[NAME_BYTES];
	unsigned n = 0;
	assert_non_null(f);
	for (size_t room = 0; getline(&line, &room, f) > 0;) {
		if (!read(line, name))
			continue;
		const struct provider *p = find(name);
		if (!p)
			fail_msg("%s: %s is not found", path, name);
		check_provider(p);
		n++;
	}
	return n;
}

static void test_every_provider(void **state)
{
	(void)state;
	assert_true(check_file(PROVIDERS "mailboxes.toml", name_of_line, provider_by_name) > 10);
	assert_true(check_file(PROVIDERS "senders.toml", name_of_line, provider_by_name) > 10);
	assert_true(check_file(PROVIDERS "submission-hosts.tsv", host_of_row, provider_by_host) > 150);
}

static void test_known_facts(void **state)
{
	(void)state;
	const struct provider *m = provider_by_name("microsoft365"), *g = provider_by_name("google");
	assert_int_equal(m->servers[0].port, 587);
	assert_string_equal(m->servers[0].security, "starttls");
	assert_int_equal(m->limits.connections, 3);
	assert_int_equal(m->limits.per_minute, 30);
	assert_true(provider_by_name("outlook")->oauth_only);
	assert_true(g->app_password);
	assert_false(g->oauth_only);
	assert_string_equal(provider_by_name("sendgrid")->username, "apikey");
	assert_true(strstr(g->note, "app password") != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_look_up),     cmocka_unit_test(test_near),
		cmocka_unit_test(test_ports),       cmocka_unit_test(test_every_provider),
		cmocka_unit_test(test_known_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
