/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/log_place.h"

#include "relay/log_peer.h"
#include "relay/log_quota.h"

static const int64_t noon = 1795262400000; /* 2026-11-21T12:00:00Z */

static struct store_rcpt rcpts[] = {
	{ .address = STR_LIT("a@one.example"), .lane = STR_LIT("direct one.example"), .state = STORE_QUEUED },
	{ .address = STR_LIT("b@two.example"), .lane = STR_LIT("m365"), .state = STORE_HELD },
};
static const struct store_message message = {
	.arrived_ms = 1795262400000,
	.reverse_path = STR_LIT("app@example.com"),
	.account = STR_LIT("app"),
	.message_id = STR_LIT("<1@example.com>"),
	.subject = STR_LIT("Invoice \"7\"\n"),
	.config = STR_LIT("0123456789abcdef"),
	.rcpts = rcpts,
	.nrcpts = 2,
};

static void test_marks(void **state)
{
	(void)state;
	struct log_place p;
	log_place_begin(&p);
	const struct store_id id = { 12345, 6 };
	const struct store_mark marks[] = {
		{ .id = id,
		  .state = STORE_DELAYED,
		  .at_ms = noon,
		  .next_ms = noon + 60000,
		  .tries = 1,
		  .host = STR_LIT("mx.one.example"),
		  .address = STR_LIT("192.0.2.1"),
		  .code = 450,
		  .reply = STR_LIT("450 4.2.0 Greylisted"),
		  .finding = STR_LIT("greylisted") },
		{ .id = id,
		  .state = STORE_HANDED_OVER,
		  .at_ms = noon + 1,
		  .tries = 2,
		  .host = STR_LIT("mx.one.example"),
		  .tls = STR_LIT("TLSv1.3"),
		  .proof = STORE_UNPROVEN,
		  .code = 250,
		  .reply = STR_LIT("250 2.0.0 Ok"),
		  .remote_id = STR_LIT("4XYZ") },
		{ .id = id,
		  .rcpt = 1,
		  .state = STORE_REFUSED,
		  .at_ms = noon + 2,
		  .host = STR_LIT("s.example"),
		  .code = 550,
		  .reply = STR_LIT("550 5.1.1 no") },
	};
	relay_log_taken(p.log, &message, id);
	relay_log_marks(p.log, &message, marks, ARRAY_LEN(marks));
	relay_log_flush(p.log);
	assert_string_equal(
		log_place_read(&p, "handed-over.log"),
		"{\"time\":\"2026-11-21T12:00:00.001Z\",\"id\":\"000000000c1s000006\",\"rcpt\":0,\"state\":"
		"\"handed-over\",\"recipient\":\"a@one.example\",\"sender\":\"app@example.com\",\"account\":"
		"\"app\",\"message_id\":\"<1@example.com>\",\"host\":\"mx.one.example\",\"tls\":\"TLSv1.3\","
		"\"tls_proof\":\"unproven\",\"code\":250,\"reply\":\"250 2.0.0 "
		"Ok\",\"hop\":\"mx\",\"remote_id\":\"4XYZ\",\"tries\":2,"
		"\"lane\":\"direct one.example\"}\n");
	const char *failed = log_place_read(&p, "failed.log");
	assert_non_null(strstr(failed, "\"rcpt\":1,\"state\":\"refused\",\"recipient\":\"b@two.example\""));
	assert_non_null(strstr(failed, "\"hop\":\"smarthost\""));
	const char *queue = log_place_read(&p, "queue.log");
	assert_non_null(strstr(queue, "\"state\":\"held\""));
	assert_non_null(strstr(queue, "\"subject\":\"Invoice \\\"7\\\"\\n\""));
	assert_non_null(strstr(queue, "\"next\":\"2026-11-21T12:01:00.000Z\""));
	unsigned lines = 0;
	for (const char *s = queue; (s = strchr(s, '\n')); s++)
		lines++;
	assert_int_equal(lines, 5);
	log_place_end(&p);
}

static void test_modes_and_rotation(void **state)
{
	(void)state;
	struct log_place p;
	struct stat st;
	char from[80], to[96];
	const struct relay_log_peer peer = { "c1", "", "192.0.2.7", 1234 };
	log_place_begin(&p);
	snprintf(from, sizeof(from), "%s/conversation.log", p.dir);
	snprintf(to, sizeof(to), "%s.1", from);
	assert_int_equal(stat(from, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	relay_log_line(p.log, noon, &peer, '<', STR_LIT("EHLO a"));
	relay_log_flush(p.log);
	assert_int_equal(rename(from, to), 0);
	relay_log_line(p.log, noon, &peer, '>', STR_LIT("250 b"));
	relay_log_flush(p.log); /* still into the renamed one */
	relay_log_reopen(p.log);
	relay_log_flush(p.log);
	relay_log_line(p.log, noon, &peer, '*', STR_LIT("gone"));
	relay_log_flush(p.log);
	assert_string_equal(log_place_read(&p, "conversation.log"),
			    "{\"time\":\"2026-11-21T12:00:00.000Z\",\"session\":\"c1\",\"address\":"
			    "\"192.0.2.7\",\"port\":1234,\"dir\":\"*\",\"line\":\"gone\"}\n");
	const char *old = log_place_read(&p, "conversation.log.1");
	assert_non_null(strstr(old, "EHLO a"));
	assert_non_null(strstr(old, "250 b"));
	log_place_end(&p);
}

/* Nothing is lost, it is told once, and it heals. */
static void test_cannot_be_reopened(void **state)
{
	(void)state;
	struct log_place p;
	char from[80], to[96];
	log_place_begin(&p);
	snprintf(from, sizeof(from), "%s/failed.log", p.dir);
	snprintf(to, sizeof(to), "%s.1", from);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(mkdir(from, 0700), 0); /* so it cannot be opened for writing, by nobody */
	relay_log_reopen(p.log);
	relay_log_flush(p.log);
	assert_null(relay_log_stale(p.log));
	for (int i = 0; i < 3; i++) {
		relay_log_look(p.log, noon + i * 3600000);
		relay_log_flush(p.log);
		assert_non_null(strstr(relay_log_stale(p.log)->what, "/failed.log"));
	}
	const char *said = log_place_read(&p, "queue.log"), *first = strstr(said, "/failed.log");
	assert_non_null(first);
	assert_non_null(strstr(said, "open again"));
	assert_null(strstr(first + 1, "/failed.log"));
	assert_int_equal(rmdir(from), 0);
	relay_log_look(p.log, noon);
	relay_log_flush(p.log);
	relay_log_look(p.log, noon);
	assert_null(relay_log_stale(p.log));
	struct stat st;
	assert_int_equal(stat(from, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	log_place_end(&p);
}

/* Each line names who said it, also when a name comes later, and with more sessions than are kept. */
static void test_peers(void **state)
{
	(void)state;
	enum { SESSIONS = 3 * LOG_PEERS_KEPT };
	struct log_place p;
	CLEANUP(buf_clear) struct buf want = { 0 };
	log_place_begin(&p);
	for (int i = 0; i < 2 * SESSIONS; i++) {
		char session[16];
		const char *host = i < SESSIONS ? "" : i % 2 ? "a.example" : "b\"c";
		const char *shown = i < SESSIONS ? ""
				    : i % 2      ? ",\"host\":\"a.example\""
						 : ",\"host\":\"b\\\"c\"";
		snprintf(session, sizeof(session), "c%d", i % SESSIONS);
		for (unsigned port = 0; port < 2; port++) {
			const struct relay_log_peer peer = { session, host, "::1", port };
			relay_log_line(p.log, noon, &peer, '>', STR_LIT("x"));
			buf_addf(&want,
				 "{\"time\":\"2026-11-21T12:00:00.000Z\",\"session\":\"%s\"%s,\"address\":\":"
				 ":1\"%s,"
				 "\"dir\":\">\",\"line\":\"x\"}\n",
				 session, shown, port ? ",\"port\":1" : "");
		}
	}
	buf_add(&want, "", 1);
	relay_log_flush(p.log);
	assert_string_equal(log_place_read(&p, "conversation.log"), buf_str(&want).p);
	log_place_end(&p);
}

/* A line without end is cut; every line is JSON; what is closed is written. */
static void test_close_writes(void **state)
{
	(void)state;
	struct log_place p;
	const struct relay_log_peer peer = { "d1", "mx.example", "192.0.2.7", 25 };
	CLEANUP(mem_free) char *endless = mem_alloc(100000);
	memset(endless, '\xff', 100000);
	log_place_begin(&p);
	for (int i = 0; i < 30; i++)
		relay_log_line(p.log, noon + i, &peer, '<', (struct str){ endless, 100000 });
	relay_log_close(&p.log);
	char *text = log_place_read(&p, "conversation.log");
	unsigned lines = 0;
	for (char *s = text, *n; (n = strchr(s, '\n')); s = n + 1, lines++) {
		json_error_t e;
		json_t *j = json_loadb(s, (size_t)(n - s), 0, &e);
		assert_non_null(j);
		assert_int_equal(json_string_length(json_object_get(j, "line")), 4 * RELAY_LOG_TEXT_MAX);
		json_decref(j);
	}
	assert_int_equal(lines, 30);
	log_place_end(&p);
}

/* However long it goes on, what strangers say stays small; how much is missing is told, to nobody's hurt. */
static void test_strangers(void **state)
{
	(void)state;
	enum { LINES = 40000 };
	struct log_place p;
	const struct relay_log_peer peer = { "c1", "", "192.0.2.7", 1234 };
	char path[80], line[300], told[64];
	struct stat st;
	size_t said = 0, left_out = 0;
	memset(line, 'x', sizeof(line));
	log_place_begin(&p);
	for (int i = 0; i < LINES; i++) {
		size_t n = relay_log_stranger(p.log, noon, &peer, '<', (struct str){ line, sizeof(line) });
		said += n;
		left_out += !n;
		if (i % 1000 == 0)
			relay_log_flush(p.log);
	}
	relay_log_flush(p.log);
	snprintf(path, sizeof(path), "%s/conversation.log", p.dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal((size_t)st.st_size, said);
	assert_in_range(said, LOG_QUOTA_MOST, LOG_QUOTA_MOST + 500);
	assert_true(left_out > LINES / 2);
	assert_true(relay_log_line(p.log, noon, &peer, '<', STR_LIT("MAIL")) > 0); /* who may relay */
	relay_log_flush(p.log);
	assert_int_equal(unlink(path), 0);
	relay_log_reopen(p.log);
	relay_log_flush(p.log);
	relay_log_look(p.log, noon + 60000);
	relay_log_look(p.log, noon + 120000);
	relay_log_flush(p.log);
	const char *text = log_place_read(&p, "conversation.log");
	snprintf(told, sizeof(told), "\"left_out\":%zu}", left_out);
	const char *first = strstr(text, told);
	assert_non_null(first);
	assert_null(strstr(first + strlen(told), "left_out"));
	log_place_end(&p);
}

/* A planted link is not followed. */
static void test_link(void **state)
{
	(void)state;
	struct log_place p;
	struct err e = { 0 };
	char path[80];
	log_place_make(&p);
	snprintf(path, sizeof(path), "%s/failed.log", p.dir);
	assert_int_equal(symlink("/tmp/elsewhere", path), 0);
	assert_null(relay_log_open(p.dir, &e));
	assert_non_null(strstr(e.what, "failed.log"));
	log_place_end(&p);
}

static void test_trouble_once(void **state)
{
	(void)state;
	struct log_place p;
	struct err full = { 0 }, other = { 0 };
	ERR_FILL(&full, ERR_SYS, 28, "write", "segment 1");
	ERR_FILL(&other, ERR_SYS, 5, "read", "segment 2");
	log_place_begin(&p);
	FILE *keep = stderr;
	stderr = fopen("/dev/null", "we");
	for (int i = 0; i < 5; i++)
		relay_log_trouble(p.log, noon + i, &full);
	relay_log_trouble(p.log, noon + 10, &other);
	fclose(stderr);
	stderr = keep;
	relay_log_flush(p.log);
	const char *text = log_place_read(&p, "queue.log"), *first = strstr(text, "segment 1");
	assert_non_null(first);
	assert_null(strstr(first + 1, "segment 1"));
	assert_non_null(strstr(first, "\"not_told\":4"));
	log_place_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_modes_and_rotation),
		cmocka_unit_test(test_cannot_be_reopened),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_close_writes),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_trouble_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
