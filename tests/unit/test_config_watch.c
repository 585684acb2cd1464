/* SPDX-License-Identifier: Apache-2.0 */
/* Monitors and alerts of postrider.conf: values, and mistakes with their mends. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/config_relay.h"
#include "cli/config_watch.h"

static bool read_watch(const char *text, struct watch_settings **w, struct err *e)
{
	char path[] = "/tmp/postrider-test-XXXXXX";
	int fd = mkstemp(path);
	CLEANUP(relay_settings_free) struct relay_settings *s = NULL;
	CLEANUP(config_free) struct config *c = NULL;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	bool ok = config_load(path, &c, e) && config_relay(c, &s, e) && config_watch(c, s, w, e);
	unlink(path);
	return ok;
}

static const char whole[] =
	"hostname = \"relay.example.com\"  data = \"/d\"  resolver = \"127.0.0.1:53\"  keep { history = "
	"\"30d\" }\n"
	"profile \"office\" { host = \"mail.example.com\"  port = 587  security = \"starttls\"  user = "
	"\"u\"\n"
	"  from = \"a@example.com\"  password-file = \"/pw\" }\n"
	"monitor \"office\" { target = \"profile:office\"  every = \"5m\"  again = \"20s\"  until = "
	"\"auth\"\n"
	"  warn-days = 30  secret-expires = \"2027-01-31\"  alerts = { \"ops\" } }\n"
	"monitor \"dom\" { target = \"example.com\" }\n"
	"monitor \"who\" { target = \"a@example.org\"  from = \"b@example.org\"  to = { \"c@example.net\" }\n"
	"  timeout = \"20s\"  sending-ip = \"192.0.2.7\" }\n"
	"alert \"ops\" { mail = { \"ops@example.com\" }  when = { \"bad\", \"well\" } }\n"
	"alert \"hook\" { webhook = \"https://example.com/x\"  secret-file = \"/s\"  command = \"/bin/true\" "
	"}\n";

static void check_monitors(const struct watch_settings *w)
{
	const struct watch_monitor *m = &w->monitors[0];
	assert_int_equal(w->nmonitors, 3);
	assert_int_equal(m->every_s, 300);
	assert_int_equal(m->again_s, 20);
	assert_int_equal(m->quiet_s, WATCH_QUIET_S);
	assert_int_equal(m->warn_days, 30);
	assert_int_equal(m->secret_expires_ms, INT64_C(1801353600000));
	assert_string_equal(m->request.host, "mail.example.com");
	assert_int_equal(m->request.port, 587);
	assert_int_equal(m->request.security, SECURITY_STARTTLS);
	assert_int_equal(m->request.until, UNTIL_AUTH);
	assert_string_equal(m->request.user, "u");
	assert_string_equal(m->request.from, "a@example.com");
	assert_string_equal(m->request.resolver, "127.0.0.1:53");
	assert_string_equal(m->password_file, "/pw");
	assert_null(m->request.password);
	assert_int_equal(w->monitors[1].every_s, WATCH_EVERY_S);
	assert_int_equal(w->monitors[1].request.form, FORM_AUTO);
	assert_string_equal(w->monitors[2].request.from, "b@example.org");
	assert_int_equal(w->monitors[2].request.to.n, 1);
	assert_int_equal(w->monitors[2].request.timeout_s, 20);
}

static void test_whole(void **state)
{
	CLEANUP(watch_settings_free) struct watch_settings *w = NULL;
	struct err e = { 0 };
	(void)state;
	if (!read_watch(whole, &w, &e))
		fail_msg("%s (%s)", e.what, e.detail);
	check_monitors(w);
	assert_int_equal(w->keep_s, 30 * 86400);
	assert_int_equal(w->nalerts, 2);
	assert_int_equal(w->alerts[0].when, WATCH_BAD | WATCH_WELL);
	assert_string_equal(w->alerts[0].from, "postrider@relay.example.com");
	assert_int_equal(w->alerts[1].when, WATCH_ALL);
	assert_true(watch_alert_hears(&w->alerts[0], &w->monitors[0]));
	assert_false(watch_alert_hears(&w->alerts[1], &w->monitors[0]));
	assert_true(watch_alert_hears(&w->alerts[1], &w->monitors[1]));
	assert_true(watch_alert_hears(&w->alerts[1], NULL));
}

static const struct {
	const char *text, *line, *mend;
} mistakes[] = {
	{ "monitor \"a\" { every = \"5m\" }", ":1", "say what it looks at" },
	{ "\nmonitor \"a\" { target = \"profile:x\" }", ":2", "no such profile" },
	{ "profile \"x\" { user = \"u\" }\nmonitor \"a\" { target = \"profile:x\" }", ":1",
	  "names no server" },
	{ "monitor \"a\" { target = \"m.example:0\" }", ":1", "from 1 to 65535" },
	{ "monitor \"a\" { target = \"x.example\"\nevery = \"1s\" }", ":2", "too often" },
	{ "monitor \"a\" { target = \"x.example\" every = \"soon\" }", ":1", "a time such as 15m" },
	{ "monitor \"a\" { target = \"x.example\" until = \"end\" }", ":1", "one of connect, tls" },
	{ "monitor \"a\" { target = \"x.example\" until = \"message\" }", ":1", "needs from" },
	{ "monitor \"a\" { target = \"x.example\" warn-days = -1 }", ":1", "a number from 1" },
	{ "monitor \"a\" { target = \"x.example\" secret-expires = \"2027-13-01\" }", ":1", "a day such as" },
	{ "monitor \"a\" { target = \"x.example\" secret-expires = \"2027-1-1\" }", ":1", "a day such as" },
	{ "monitor \"a\" { target = \"x.example\"\nalerts = { \"who\" } }", ":2", "add alert \"who\"" },
	{ "alert \"a\" { when = { \"bad\" } }", ":1", "say who is told" },
	{ "alert \"a\" { mail = { \"ops\" } }", ":1", "an address such as" },
	{ "alert \"a\" { mail = { \"o@example.com\" } when = { \"never\" } }", ":1", "some of bad" },
	{ "alert \"a\" { webhook = \"http://example.com/\" }", ":1", "https://" },
	{ "alert \"a\" { command = \"tell me\" }", ":1", "whole path" },
	{ "alert \"a\" { command = \"/bin/true\"\nsecret-file = \"/s\" }", ":2", "it signs a webhook" },
	{ "route \"r\" { senders = { \"*@example.com\" } smarthost = \"m.example.com\" }\n"
	  "alert \"a\" { mail = { \"o@example.com\" } from = \"x@elsewhere.example\" }",
	  ":2", "no route carries mail" },
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		CLEANUP(watch_settings_free) struct watch_settings *w = NULL;
		struct err e = { 0 };
		if (read_watch(mistakes[i].text, &w, &e))
			fail_msg("taken: %s", mistakes[i].text);
		char words[500];
		err_text(&e, words, sizeof(words));
		if (!strstr(words, mistakes[i].line) || !strstr(words, mistakes[i].mend))
			fail_msg("%s: %s", mistakes[i].text, words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole), cmocka_unit_test(test_mistakes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
