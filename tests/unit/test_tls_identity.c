/* SPDX-License-Identifier: Apache-2.0 */
/* Our server's side of TLS against our client's, and files that cannot serve. */
#include "tests/unit/unit.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/tls_conn.h"
#include "tests/unit/made_cert.h"

struct files {
	struct arena *arena;
	const char *cert, *key;
};

static const char *key_file(const struct made *m, struct arena *a)
{
	char *path = arena_strdup(a, "/tmp/postrider-test-XXXXXX");
	FILE *f = fdopen(mkstemp(path), "w");
	assert_true(f && PEM_write_PrivateKey(f, m->key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
	return path;
}

static struct files files_of(const struct made_spec *s)
{
	struct files f = { .arena = arena_new() };
	struct made m = made_new(s, NULL);
	f.cert = made_pem_file(&m, f.arena);
	f.key = key_file(&m, f.arena);
	made_free(&m);
	return f;
}

static void files_clear(struct files *f)
{
	unlink(f->cert);
	unlink(f->key);
	arena_free(&f->arena);
}

static void carry(struct tls_conn *from, struct tls_conn *to)
{
	struct str o = tls_conn_output(from);
	tls_conn_feed(to, o);
	tls_conn_sent(from, o.len);
}

static void say(struct tls_conn *from, struct tls_conn *to, const char *words)
{
	struct buf got = { 0 };
	assert_true(tls_conn_write(from, str_of(words)));
	carry(from, to);
	assert_int_equal(tls_conn_read(to, &got), TLS_READ_NONE);
	assert_true(str_eq(buf_str(&got), words));
	buf_clear(&got);
}

static void shake(struct tls_conn *client, struct tls_conn *server, enum tls_step *c, enum tls_step *s)
{
	for (int turns = 0; turns < 10; turns++) {
		*c = tls_conn_shake(client);
		carry(client, server);
		*s = tls_conn_shake(server);
		carry(server, client);
	}
}

static void test_both_sides(void **state)
{
	(void)state;
	struct files f = files_of(&(struct made_spec){ .cn = "relay", .san = "DNS:relay.example" });
	struct err e = { 0 };
	enum tls_step c, s;
	struct tls_identity *i = tls_identity_load(f.cert, f.key, MADE_NOW, &e);
	assert_non_null(i);
	assert_string_equal(tls_identity_cert(i)->cn, "relay");
	struct tls_conn *client = tls_conn_new(&(struct tls_offer){ .sni = "relay.example" });
	struct tls_conn *server = tls_conn_new_server(i);
	tls_identity_free(&i); /* connections keep what they need */
	shake(client, server, &c, &s);
	assert_int_equal(c, TLS_STEP_DONE);
	assert_int_equal(s, TLS_STEP_DONE);
	assert_string_equal(tls_conn_report(server)->sni, "relay.example");
	assert_string_equal(tls_conn_report(client)->chain[0].cn, "relay");
	say(client, server, "EHLO me\r\n");
	say(server, client, "250 relay.example\r\n");
	tls_conn_free(&client);
	tls_conn_free(&server);
	files_clear(&f);
}

static void test_old_and_strange_clients(void **state)
{
	(void)state;
	struct files f = files_of(&(struct made_spec){ .cn = "relay" });
	enum tls_step c, s;
	struct tls_identity *i = tls_identity_load(f.cert, f.key, MADE_NOW, NULL);
	struct tls_conn *client = tls_conn_new(&(struct tls_offer){ .max = 0x0302 });
	struct tls_conn *server = tls_conn_new_server(i);
	shake(client, server, &c, &s);
	assert_int_equal(c, TLS_STEP_FAILED);
	assert_int_equal(s, TLS_STEP_FAILED);
	assert_int_equal(tls_conn_report(client)->alert_received, 70); /* protocol_version */
	tls_conn_free(&client);
	tls_conn_free(&server);
	server = tls_conn_new_server(i);
	tls_conn_feed(server, STR_LIT("EHLO in clear\r\n"));
	assert_int_equal(tls_conn_shake(server), TLS_STEP_FAILED);
	assert_int_equal(tls_conn_report(server)->result, TLS_NOT_TLS);
	tls_conn_free(&server);
	tls_identity_free(&i);
	files_clear(&f);
}

static void refused(const char *cert, const char *key, const char *word)
{
	struct err e = { 0 };
	char line[600];
	assert_null(tls_identity_load(cert, key, MADE_NOW, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	if (!strstr(err_text(&e, line, sizeof(line)), word))
		fail_msg("\"%s\" says nothing of \"%s\"", line, word);
}

static void test_files(void **state)
{
	(void)state;
	struct files f = files_of(&(struct made_spec){ .cn = "a" });
	struct files other = files_of(&(struct made_spec){ .cn = "b" });
	struct files rsa = files_of(&(struct made_spec){ .cn = "r", .bits = 2048 });
	struct files old = files_of(&(struct made_spec){ .cn = "c", .from_days = -90, .to_days = -1 });
	refused(f.cert, other.key, "another certificate");
	refused(f.cert, rsa.key, "another certificate");
	refused(rsa.cert, f.key, "another certificate");
	refused(old.cert, old.key, "ran out");
	refused(f.key, f.key, "certificate");
	refused(f.cert, f.cert, "PEM");
	refused("/nonexistent/x", f.key, "No such file");
	refused(f.cert, "/nonexistent/x", "No such file");
	struct tls_identity *i = tls_identity_load(f.cert, f.key, MADE_NOW, NULL);
	assert_false(tls_identity_changed(i));
	assert_int_equal(rename(other.cert, f.cert), 0);
	assert_true(tls_identity_changed(i));
	tls_identity_free(&i);
	files_clear(&f);
	files_clear(&other);
	files_clear(&rsa);
	files_clear(&old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_sides),
		cmocka_unit_test(test_old_and_strange_clients),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
