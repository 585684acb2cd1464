/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalog/finding.h"
#include "catalog/finding_status.h"

enum { TITLE_MAX = 80 };

static void test_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < STEP_COUNT; i++) {
		enum step s = STEP_COUNT;
		assert_true(step_of(step_name((enum step)i), &s));
		assert_int_equal(s, i);
	}
	enum step s = STEP_DNS;
	assert_false(step_of("tls", &s));
	assert_false(step_of("", &s));
	assert_int_equal(s, STEP_DNS);
	assert_string_equal(step_name(STEP_TLS_CERT), "tls-cert");
	assert_string_equal(step_name(STEP_COUNT), "");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEVERITY_NOTE), "note");
	assert_string_equal(severity_name(SEVERITY_FAILURE), "failure");
	assert_string_equal(severity_name(SEVERITY_COUNT), "");
	assert_string_equal(actor_name(ACTOR_USER), "user");
	assert_string_equal(actor_name(ACTOR_MAIL_ADMIN), "mail-admin");
	assert_string_equal(actor_name(ACTOR_NOBODY), "nobody");
	assert_string_equal(actor_name(ACTOR_COUNT), "");
	assert_string_equal(retry_name(RETRY_NEVER), "never");
	assert_string_equal(retry_name(RETRY_WAIT), "wait");
	assert_string_equal(retry_name(RETRY_COUNT), "");
}

static void test_sorted_and_found(void **state)
{
	(void)state;
	size_t n = 0;
	for (const struct finding_entry *e, *last = NULL; (e = finding_entry_at(n)); last = e, n++) {
		assert_ptr_equal(finding_entry_find(e->id), e);
		if (last && strcmp(last->id, e->id) >= 0)
			fail_msg("%s stands after %s", e->id, last->id);
	}
	assert_true(n > 0);
	assert_null(finding_entry_at(n));
	assert_null(finding_entry_find("no-such-finding"));
	assert_null(finding_entry_find(""));
	assert_null(finding_entry_find(NULL));
}

static const struct status_case {
	const char *finding, *status;
} status_cases[] = {
	{ "dns-nxdomain-recipient-domain", "5.1.2" },
	{ "mx-null", "5.1.10" },
	{ "mx-target-missing", "5.4.4" },
	{ "dns-nodata-address", "5.4.4" },
	{ "dns-servfail", "5.4.3" },
	{ "mx-loops-to-self", "5.4.6" },
	{ "ph-loop-hops", "5.4.6" },
	{ "ph-expired", "5.4.7" },
	{ "ehlo-capability-smtputf8-missing", "5.6.7" },
	{ "ehlo-capability-8bitmime-missing", "5.6.3" },
	{ "ehlo-size-smaller-than-message", "5.3.4" },
	{ "attach-too-big", "5.3.4" },
	{ "tcp-refused", "5.4.1" },
	{ "tcp-open-then-reset", "5.4.2" },
	{ "starttls-not-offered", "5.7.10" },
	{ "dp-dane-starttls-missing", "5.7.10" },
	{ "dp-dane-mismatch", "5.7.5" },
	{ "dp-mta-sts-mx-mismatch", "5.7.5" },
	{ "tls-cert-expired", "5.7.5" },
	{ "rs-smarthost-auth-fails", "5.7.8" },
	{ "rs-own-copy-unreadable", "5.3.0" },
	{ "rcpt-user-unknown", "5.0.0" }, /* the server has said it, or not */
	{ "unknown-reply", "5.0.0" },
};

static void test_status(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(status_cases); i++) {
		const struct status_case *c = &status_cases[i];
		const char *is = finding_status(a, str_of(c->finding), STATUS_FOR_GOOD);
		if (strcmp(is, c->status) || !finding_entry_find(c->finding))
			fail_msg("%s: %s, not %s", c->finding, is, c->status);
	}
	assert_string_equal(finding_status(a, str_of("tcp-refused"), STATUS_LATER), "4.4.1");
	assert_string_equal(finding_status(a, str_of(""), STATUS_FOR_GOOD), "5.0.0");
	assert_true(finding_is_security(str_of("dp-dane-mismatch")));
	assert_false(finding_is_security(str_of("tcp-refused")));
}

static void test_classes(void **state)
{
	(void)state;
	assert_null(finding_class_find("no-such-class"));
	assert_int_equal(finding_class_find("greylisted")->retry, RETRY_WAIT);
	assert_int_equal(finding_class_find("network")->retry, RETRY_LATER);
	assert_int_equal(finding_class_find("mailbox-unknown")->retry, RETRY_NEVER);
	assert_int_equal(finding_class_find("mailbox-full")->actor, ACTOR_RECIPIENT);
}

/* Every '{' opens "{name|default words}", and every '}' closes one. */
static bool places_well_formed(const char *s)
{
	for (; *s; s++) {
		if (*s == '}')
			return false;
		if (*s != '{')
			continue;
		size_t name = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz_");
		const char *bar = s + 1 + name;
		if (!name || *bar != '|')
			return false;
		size_t words = strcspn(bar + 1, "{}|");
		if (!words || bar[1 + words] != '}')
			return false;
		s = bar + 1 + words;
	}
	return true;
}

static const struct {
	const char *text;
	bool ok;
} place_cases[] = {
	{ "", true },
	{ "no place", true },
	{ "{host|the server}", true },
	{ "a {host|the server} and {port|587}.", true },
	{ "{host}", false },
	{ "{host|}", false },
	{ "{|x}", false },
	{ "{host|x", false },
	{ "x}", false },
	{ "{host|a{b|c}}", false },
	{ "{Host|x}", false },
};

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(place_cases); i++)
		if (places_well_formed(place_cases[i].text) != place_cases[i].ok)
			fail_msg("\"%s\"", place_cases[i].text);
}

static void check_sentence(const char *id, const char *what, const char *s)
{
	if (!s[0] || !places_well_formed(s))
		fail_msg("%s: %s \"%s\"", id, what, s);
}

static void check_fixes(const struct finding_entry *e)
{
	bool for_actor = false;
	for (size_t i = 0; i < e->nfixes; i++) {
		const struct finding_fix *f = &e->fixes[i];
		check_sentence(e->id, "fix", f->text);
		if (!places_well_formed(f->command))
			fail_msg("%s: command \"%s\"", e->id, f->command);
		for_actor |= f->actor == e->actor;
	}
	if (!for_actor)
		fail_msg("%s: no fix for its actor", e->id);
}

static size_t shown_length(const char *title)
{
	size_t n = 0;
	for (bool in_name = false; *title; title++) {
		if (*title == '{')
			in_name = true;
		else if (*title == '|')
			in_name = false;
		else if (!in_name && *title != '}')
			n++;
	}
	return n;
}

static void test_entries_complete(void **state)
{
	(void)state;
	for (size_t i = 0; finding_entry_at(i); i++) {
		const struct finding_entry *e = finding_entry_at(i);
		check_sentence(e->id, "title", e->title);
		check_sentence(e->id, "why", e->why);
		if (shown_length(e->title) > TITLE_MAX || z_iends(e->title, "."))
			fail_msg("%s: title", e->id);
		const struct class_entry *class = finding_class_find(e->class);
		if (!class || !z_eq(class->id, e->class) || !class->title[0])
			fail_msg("%s: class %s", e->id, e->class);
		if (e->alike[0])
			check_sentence(e->id, "tell", e->tell);
		assert_true((size_t)e->step < STEP_COUNT);
		check_fixes(e);
	}
}

static void test_alike_goes_both_ways(void **state)
{
	(void)state;
	const struct finding_entry *a = finding_entry_find("cfg-host-typo");
	const struct finding_entry *b = finding_entry_find("cfg-host-paste-garbage");
	assert_non_null(a);
	assert_non_null(b);
	assert_true(finding_is_alike(a, b->id));
	assert_true(finding_is_alike(b, a->id));
	assert_false(finding_is_alike(a, "tls-cert-expired"));
	assert_false(finding_is_alike(a, "no-such-finding"));
}

/* The list of faults is kept beside the project; each line: id TAB step TAB ... */
static void check_fault_line(struct str line)
{
	struct str id, step = { 0 };
	if (!str_next(&line, "\t", &id) || !str_next(&line, "\t\r\n", &step))
		fail_msg("faults.tsv: a line of less than two columns");
	char name[128];
	assert_true(id.len < sizeof(name));
	memcpy(name, id.p, id.len);
	name[id.len] = '\0';
	const struct finding_entry *e = finding_entry_find(name);
	if (!e)
		fail_msg("%s: no entry", name);
	if (!str_eq(step, step_name(e->step)))
		fail_msg("%s: step %s", name, step_name(e->step));
}

static void test_every_fault_has_an_entry(void **state)
{
	(void)state;
	const char *path = getenv("FAULTS_TSV");
	CLEANUP(close_file) FILE *f = path ? fopen(path, "re") : NULL;
	if (!f) {
		print_message("skipped: %s is missing\n", path ? path : "FAULTS_TSV");
		skip();
	}
	CLEANUP(mem_free) char *line = NULL;
	size_t room = 0, n = 0;
	for (ssize_t len; (len = getline(&line, &room, f)) > 0; n++)
		if (n > 0)
			check_fault_line((struct str){ line, (size_t)len });
	assert_int_equal(n - 1, 289);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sorted_and_found),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_entries_complete),
		cmocka_unit_test(test_alike_goes_both_ways),
		cmocka_unit_test(test_every_fault_has_an_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
