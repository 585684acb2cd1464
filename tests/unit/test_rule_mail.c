/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

enum { MAIN = 1 };

static struct evidence *session(void)
{
	struct evidence *ev = built_for("host", "relay.example.net");
	struct fact_target *t = built_target(ev);
	t->from = "clerk@example.net";
	t->until = "message";
	built_list(ev, &t->to, "a@example.org|b@example.org");
	built_session(ev, "main", "relay.example.net", "192.0.2.7", 587, "ok");
	built_reply(ev, MAIN, "banner", 220, "relay.example.net ESMTP");
	built_ehlo(ev, MAIN, true);
	built_tls(ev, MAIN, true);
	struct fact *f = built_ehlo(ev, MAIN, false);
	f->ehlo.after_tls = f->ehlo.smtputf8 = true;
	return ev;
}

static struct fact *rcpt(struct evidence *ev, const char *to, long code, const char *text)
{
	struct fact *f = built_reply(ev, MAIN, "rcpt", code, text);
	f->reply.recipient = to;
	return f;
}

static void logged_in(struct evidence *ev)
{
	struct fact *f = evidence_add(ev, FACT_AUTH, MAIN, 0);
	f->auth.mechanism = "PLAIN";
	f->auth.result = "ok";
	f->auth.user = "clerk@example.net";
}

static void tried(struct evidence *ev, const char *name, const char *outcome)
{
	struct fact *f = evidence_add(ev, FACT_EXPERIMENT, MAIN, 0);
	f->experiment.name = name;
	f->experiment.outcome = outcome;
	f->experiment.in_session = MAIN;
}

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
	struct fact *f = evidence_add(ev, FACT_BREAK, MAIN, 0);
	f->brk.step = "data";
	f->brk.how = how;
	f->brk.sent = 2000;
	f->brk.dot_sent = dot_sent;
}

static void all_well(struct evidence *ev)
{
	logged_in(ev);
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok");
	rcpt(ev, "b@example.org", 250, "2.1.5 Ok");
	message(ev, "file");
	built_reply(ev, MAIN, "data", 250, "2.0.0 queued as 4711");
}

static void one_of_two(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok");
	rcpt(ev, "b@example.org", 550, "5.1.1 <b@example.org>: User unknown");
}

static void one_later(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok");
	rcpt(ev, "b@example.org", 451, "4.7.1 Greylisted, come again");
}

static void relay_for_one(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok");
	rcpt(ev, "b@example.org", 554, "5.7.1 <b@example.org>: Relay access denied");
}

static void too_many_errors(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 550, "5.1.1 <a@example.org>: User unknown");
	rcpt(ev, "b@example.org", 421, "4.7.0 Error: too many errors");
}

static void only_this_one(struct evidence *ev)
{
	logged_in(ev);
	rcpt(ev, "a@example.org", 550, "5.1.1 User unknown");
	rcpt(ev, "clerk@example.net", 250, "2.1.5 Ok");
	tried(ev, "control-recipient", "works");
}

static void vague_foreign(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 550, "Sorry, not here");
	rcpt(ev, "clerk@example.net", 250, "2.1.5 Ok");
	tried(ev, "control-recipient", "works");
}

static void vague_and_nobody_passes(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 550, "Sorry, not here");
	rcpt(ev, "clerk@example.net", 550, "Sorry, not here");
	tried(ev, "control-recipient", "fails");
}

static void vague_sender(struct evidence *ev)
{
	logged_in(ev);
	built_reply(ev, MAIN, "mail-from", 550, "Sorry, not you");
	tried(ev, "from-login", "works");
}

static void vague_sender_anyway(struct evidence *ev)
{
	logged_in(ev);
	built_reply(ev, MAIN, "mail-from", 550, "Sorry, not you");
	tried(ev, "from-login", "fails");
}

static void slow(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok")->reply.elapsed_ms = 12000;
}

static void own_bare_lf(struct evidence *ev)
{
	message(ev, "file")->bare_lf = 3;
	built_reply(ev, MAIN, "data", 250, "2.0.0 queued");
}

static void own_bare_lf_refused(struct evidence *ev)
{
	message(ev, "file")->bare_lf = 3;
	built_reply(ev, MAIN, "data", 550, "Sorry, not that");
}

static void built_is_not_linted(struct evidence *ev)
{
	struct fact_message *m = message(ev, "built");
	m->longest_line = 1200;
	m->date_headers = 0;
	built_reply(ev, MAIN, "data", 250, "2.0.0 queued");
}

static void limit(struct evidence *ev, long size)
{
	struct fact *f = built_ehlo(ev, MAIN, false);
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
	built_reply(ev, MAIN, "data", 550, "5.7.1 Message rejected as spam");
	tried(ev, "no-attachment", "works");
	tried(ev, "tiny-attachment", "works");
	tried(ev, "renamed-attachment", "fails");
}

static void spam_without_file_too(struct evidence *ev)
{
	message(ev, "built");
	file(ev, "invoice.pdf", 900);
	built_reply(ev, MAIN, "data", 550, "5.7.1 Message rejected as spam");
	tried(ev, "no-attachment", "fails");
}

static void blocked_archive(struct evidence *ev)
{
	message(ev, "built");
	file(ev, "bills.zip", 900)->encrypted = true;
	built_reply(ev, MAIN, "data", 552,
		    "5.7.0 This message was blocked because its content presents a potential security issue");
}

static void blocked_script_in_archive(struct evidence *ev)
{
	message(ev, "built");
	struct fact_attachment *a = file(ev, "bills.zip", 900);
	a->risky = true;
	built_list(ev, &a->inside, "invoice.js");
	built_reply(ev, MAIN, "data", 552,
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

static void server_of(struct evidence *ev, const char *purpose, const char *name, const char *mx,
		      const char *status)
{
	built_dns(ev, purpose, name, "MX", status, mx);
}

static void from_where(struct evidence *ev, const char *local)
{
	for (size_t i = 0; i < ev->n; i++)
		if (ev->facts[i]->kind == FACT_CONNECT)
			ev->facts[i]->connect.local_address = local;
	built_target(ev)->from = "x@stranger.org";
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok");
}

static void open_relay(struct evidence *ev)
{
	from_where(ev, "8.8.4.4");
	server_of(ev, "server-of-from", "stranger.org", "10 mx.stranger.org", "ok");
	server_of(ev, "server-of-to", "example.org", "10 mx.example.org", "ok");
}

static void relay_from_inside(struct evidence *ev)
{
	from_where(ev, "127.0.0.1");
	server_of(ev, "server-of-from", "stranger.org", "10 mx.stranger.org", "ok");
	server_of(ev, "server-of-to", "example.org", "10 mx.example.org", "ok");
}

static void recipient_is_served(struct evidence *ev)
{
	from_where(ev, "8.8.4.4");
	server_of(ev, "server-of-from", "stranger.org", "10 mx.stranger.org", "ok");
	server_of(ev, "server-of-to", "example.org", "10 mx.example.org", "ok");
	built_dns(ev, "server-of-to", "mx.example.org", "A", "ok", "192.0.2.7");
}

static void servers_not_learned(struct evidence *ev)
{
	from_where(ev, "8.8.4.4");
	server_of(ev, "server-of-from", "stranger.org", NULL, "timeout");
	server_of(ev, "server-of-to", "example.org", "10 mx.example.org", "ok");
}

static const struct mail_case {
	const char *name;
	void (*make)(struct evidence *ev);
	const char *findings;
} cases[] = {
	{ "all well", all_well, "ph-accepted-not-delivered:n" },
	{ "one of two", one_of_two, "rcpt-partial-failure:f rcpt-user-unknown:w" },
	{ "one later", one_later, "rcpt-greylisted:w" },
	{ "relay for one", relay_for_one, "rcpt-relay-denied:f" },
	{ "too many errors", too_many_errors, "rcpt-too-many-errors-421:f" },
	{ "only this one", only_this_one, "rcpt-user-unknown:f cfg-test-ok-single-mail-fails:n" },
	{ "vague, foreign", vague_foreign, "rcpt-relay-denied:f" },
	{ "vague, nobody passes", vague_and_nobody_passes, "unknown-reply:f" },
	{ "vague about the sender", vague_sender, "mf-sender-not-owned:f" },
	{ "the login's address too", vague_sender_anyway, "unknown-reply:f" },
	{ "slow", slow, "rcpt-tarpit:w" },
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
	{ "open relay", open_relay, "rs-open-relay:w" },
	{ "relay from inside", relay_from_inside, "rs-open-relay:n" },
	{ "recipient is served", recipient_is_served, "" },
	{ "servers not learned", servers_not_learned, "" },
};

static void test_cases(void **state)
{
	(void)state;
	size_t bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *a = arena_new();
		struct evidence *ev = session();
		cases[i].make(ev);
		const char *found = built_findings(ev, a);
		if (strcmp(found, cases[i].findings) != 0)
			print_error("%s: found %s, not %s\n", cases[i].name, found, cases[i].findings);
		bad += strcmp(found, cases[i].findings) != 0;
		evidence_free(&ev);
		arena_free(&a);
	}
	assert_int_equal(bad, 0);
}

/* Both sizes stand in the sentence, and each refused recipient with its reason. */
static void test_words(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct evidence *ev = session();
	grown_above_size(ev);
	const char *text = built_texts(ev, "attach-too-big", a);
	assert_non_null(strstr(text, "1.2 MB (the files have 900.0 kB and grow to 1.2 MB)"));
	assert_non_null(strstr(text, "takes 1.0 MB"));
	evidence_free(&ev);
	ev = session();
	one_of_two(ev);
	assert_non_null(strstr(built_texts(ev, "rcpt-partial-failure", a), "b@example.org: 550 5.1.1"));
	evidence_free(&ev);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
