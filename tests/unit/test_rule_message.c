/* SPDX-License-Identifier: Apache-2.0 */
/* The message on its way: its content, its size, its files, and where the connection broke. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

static struct fact_message *message(struct evidence *ev, const char *source)
{
	struct fact *f = evidence_add(ev, FACT_MESSAGE, 0, 0);
	f->message.source = source;
	f->message.bytes = 2000;
	f->message.longest_line = 76;
	f->message.header_from = "clerk@example.net";
	f->message.date_headers = f->message.from_headers = f->message.message_id_headers = 1;
	f->message.subject_headers = f->message.to_headers = 1;
	return &f->message;
}

static struct fact_attachment *file(struct evidence *ev, const char *name, long bytes)
{
	struct fact *f = evidence_add(ev, FACT_ATTACHMENT, 0, 0);
	f->attachment.name = name;
	f->attachment.bytes = bytes;
	f->attachment.encoded_bytes = bytes * 137 / 100;
	return &f->attachment;
}

static void broke(struct evidence *ev, const char *how, bool dot_sent)
{
	struct fact *f = evidence_add(ev, FACT_BREAK, BUILT_MAIN, 0);
	f->brk.step = "data";
	f->brk.how = how;
	f->brk.sent = 2000;
	f->brk.dot_sent = dot_sent;
}

static void own_bare_lf(struct evidence *ev)
{
	message(ev, "file")->bare_lf = 3;
	built_reply(ev, BUILT_MAIN, "data", 250, "2.0.0 queued");
}

static void own_bare_lf_refused(struct evidence *ev)
{
	message(ev, "file")->bare_lf = 3;
	built_reply(ev, BUILT_MAIN, "data", 550, "Sorry, not that");
}

static void built_is_not_linted(struct evidence *ev)
{
	struct fact_message *m = message(ev, "built");
	m->longest_line = 1200;
	m->date_headers = 0;
	built_reply(ev, BUILT_MAIN, "data", 250, "2.0.0 queued");
}

static void limit(struct evidence *ev, long size)
{
	struct fact *f = built_ehlo(ev, BUILT_MAIN, false);
	f->ehlo.after_tls = true;
	f->ehlo.size = size;
}

static void above_size(struct evidence *ev)
{
	limit(ev, 1000000);
	message(ev, "built")->bytes = 4110000;
	file(ev, "scan.pdf", 3000000);
}

static void grown_above_size(struct evidence *ev)
{
	limit(ev, 1000000);
	message(ev, "built")->bytes = 1235000;
	file(ev, "scan.pdf", 900000);
}

static void no_limit_said(struct evidence *ev)
{
	limit(ev, 0);
	message(ev, "built")->bytes = 90000000;
}

static void spam_only_with_file(struct evidence *ev)
{
	message(ev, "built");
	file(ev, "invoice.pdf", 900);
	built_reply(ev, BUILT_MAIN, "data", 550, "5.7.1 Message rejected as spam");
	built_tried(ev, "no-attachment", "works");
	built_tried(ev, "tiny-attachment", "works");
	built_tried(ev, "renamed-attachment", "fails");
}

static void spam_without_file_too(struct evidence *ev)
{
	message(ev, "built");
	file(ev, "invoice.pdf", 900);
	built_reply(ev, BUILT_MAIN, "data", 550, "5.7.1 Message rejected as spam");
	built_tried(ev, "no-attachment", "fails");
}

static void blocked_archive(struct evidence *ev)
{
	message(ev, "built");
	file(ev, "bills.zip", 900)->encrypted = true;
	built_reply(ev, BUILT_MAIN, "data", 552,
		    "5.7.0 This message was blocked because its content presents a potential security issue");
}

static void blocked_script_in_archive(struct evidence *ev)
{
	message(ev, "built");
	struct fact_attachment *a = file(ev, "bills.zip", 900);
	a->risky = true;
	built_list(ev, &a->inside, "invoice.js");
	built_reply(ev, BUILT_MAIN, "data", 552,
		    "5.7.0 This message was blocked because its content presents a potential security issue");
}

static void program_not_sent_yet(struct evidence *ev)
{
	message(ev, "built");
	file(ev, "setup.exe", 900)->risky = true;
}

static void silent_after_dot(struct evidence *ev)
{
	broke(ev, "deadline", true);
}

static void silent_within(struct evidence *ev)
{
	broke(ev, "deadline", false);
}

static void cut_within(struct evidence *ev)
{
	broke(ev, "reset", false);
}

static const struct {
	const char *name;
	void (*make)(struct evidence *ev);
	const char *findings;
} cases[] = {
	{ "own bare LF", own_bare_lf, "data-bare-lf:w ph-accepted-not-delivered:n" },
	{ "own bare LF, refused", own_bare_lf_refused, "data-bare-lf:f" },
	{ "built is not linted", built_is_not_linted, "ph-accepted-not-delivered:n" },
	{ "above SIZE", above_size, "ehlo-size-smaller-than-message:f attach-too-big:n" },
	{ "grown above SIZE", grown_above_size, "attach-too-big:f ehlo-size-smaller-than-message:n" },
	{ "no limit", no_limit_said, "" },
	{ "spam only with file", spam_only_with_file, "attach-test-mail-ok-with-file-fails:f" },
	{ "spam without file too", spam_without_file_too, "data-spam-rejected:f" },
	{ "sealed archive", blocked_archive, "attach-encrypted-or-nested-zip:f" },
	{ "script in archive", blocked_script_in_archive, "attach-type-blocked:f" },
	{ "program foreseen", program_not_sent_yet, "attach-type-blocked:w" },
	{ "silent after dot", silent_after_dot, "data-timeout-after-dot:f" },
	{ "silent within", silent_within, "tcp-half-open-mtu:f" },
	{ "cut within", cut_within, "data-421-mid:f" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(evidence_free) struct evidence *ev = built_mailing();
		cases[i].make(ev);
		built_expect(ev, cases[i].name, cases[i].findings);
	}
}

static void test_both_sizes_are_told(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_mailing();
	grown_above_size(ev);
	const char *text = built_texts(ev, "attach-too-big", a);
	assert_non_null(strstr(text, "1.2 MB (the files have 900.0 kB and grow to 1.2 MB)"));
	assert_non_null(strstr(text, "takes 1.0 MB"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_both_sizes_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
