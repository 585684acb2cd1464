/* SPDX-License-Identifier: Apache-2.0 */
/* Who sends and who receives: what is refused or slow before the message, and whose mail is relayed. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/evidence_build.h"

static struct fact *rcpt(struct evidence *ev, const char *to, long code, const char *text)
{
	struct fact *f = built_reply(ev, BUILT_MAIN, "rcpt", code, text);
	f->reply.recipient = to;
	return f;
}

static void logged_in(struct evidence *ev)
{
	struct fact *f = evidence_add(ev, FACT_AUTH, BUILT_MAIN, 0);
	f->auth.mechanism = "PLAIN";
	f->auth.result = "ok";
	f->auth.user = "clerk@example.net";
}

static void all_well(struct evidence *ev)
{
	logged_in(ev);
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok");
	rcpt(ev, "b@example.org", 250, "2.1.5 Ok");
	built_reply(ev, BUILT_MAIN, "data", 250, "2.0.0 queued as 4711");
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
	built_tried(ev, "control-recipient", "works");
}

static void vague_foreign(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 550, "Sorry, not here");
	rcpt(ev, "clerk@example.net", 250, "2.1.5 Ok");
	built_tried(ev, "control-recipient", "works");
}

static void vague_and_nobody_passes(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 550, "Sorry, not here");
	rcpt(ev, "clerk@example.net", 550, "Sorry, not here");
	built_tried(ev, "control-recipient", "fails");
}

static void vague_sender(struct evidence *ev)
{
	logged_in(ev);
	built_reply(ev, BUILT_MAIN, "mail-from", 550, "Sorry, not you");
	built_tried(ev, "from-login", "works");
}

static void vague_sender_anyway(struct evidence *ev)
{
	logged_in(ev);
	built_reply(ev, BUILT_MAIN, "mail-from", 550, "Sorry, not you");
	built_tried(ev, "from-login", "fails");
}

static void login_asked_at_mail(struct evidence *ev)
{
	logged_in(ev);
	built_reply(ev, BUILT_MAIN, "mail-from", 530, "5.7.0 Authentication required");
}

/* Only code and step speak of a login. */
static void vague_530(struct evidence *ev)
{
	logged_in(ev);
	built_reply(ev, BUILT_MAIN, "mail-from", 530, "Sorry");
}

static void login_asked_at_rcpt(struct evidence *ev)
{
	logged_in(ev);
	rcpt(ev, "a@example.org", 530, "5.7.0 Authentication required");
}

static void login_asked_of_a_stranger(struct evidence *ev)
{
	built_reply(ev, BUILT_MAIN, "mail-from", 530, "5.7.0 Authentication required");
}

static void slow(struct evidence *ev)
{
	rcpt(ev, "a@example.org", 250, "2.1.5 Ok")->reply.elapsed_ms = 12000;
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

/* A domain's own MX, found by IPv6, takes mail for any mailbox of the domain. */
static void own_mx(struct evidence *ev)
{
	open_relay(ev);
	built_target(ev)->form = "domain";
	built_target(ev)->domain = "example.org";
	built_target(ev)->host = "";
	for (size_t i = 0; i < ev->n; i++)
		if (ev->facts[i]->kind == FACT_CONNECT)
			ev->facts[i]->connect.host = "mx.example.org";
	struct fact *f = evidence_add(ev, FACT_EXPERIMENT, 0, 0);
	f->experiment.name = "random-recipient";
	f->experiment.outcome = "works";
	f->experiment.changed = "recipient no-such-mailbox@example.org";
}

static const struct {
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
	{ "a login asked for after one", login_asked_at_mail, "rs-login-not-counted:f" },
	{ "a code that asks, and no word", vague_530, "unknown-reply:f" },
	{ "the same of a recipient", login_asked_at_rcpt, "rs-login-not-counted:f" },
	{ "a login asked for", login_asked_of_a_stranger, "auth-required-530:f" },
	{ "slow", slow, "rcpt-tarpit:w" },
	{ "open relay", open_relay, "rs-open-relay:w" },
	{ "relay from inside", relay_from_inside, "rs-open-relay:n" },
	{ "recipient is served", recipient_is_served, "" },
	{ "servers not learned", servers_not_learned, "" },
	{ "its own MX takes all", own_mx, "rcpt-accept-then-bounce:w" },
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

static void test_each_refused_recipient_is_told_with_its_reason(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(evidence_free) struct evidence *ev = built_mailing();
	one_of_two(ev);
	assert_non_null(strstr(built_texts(ev, "rcpt-partial-failure", a), "b@example.org: 550 5.1.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_each_refused_recipient_is_told_with_its_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
