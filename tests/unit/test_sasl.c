/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "smtp/sasl.h"

enum { ROUNDS_MAX = 5 };

#define SERVER_FIRST "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define CLIENT_FIRST "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
#define CLIENT_FINAL                                                                                         \
	"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"                                       \
	"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SERVER_FINAL "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

struct round {
	struct str challenge, response; /* response.p NULL: the client must refuse to go on */
};

#define SAYS(c, r)                                                                                           \
	{                                                                                                    \
		STR_LIT(c), STR_LIT(r)                                                                       \
	}
#define FAILS(c)                                                                                             \
	{                                                                                                    \
		STR_LIT(c),                                                                                  \
		{                                                                                            \
			NULL, 0                                                                              \
		}                                                                                            \
	}

static const struct exchange {
	const char *name;
	enum sasl_mechanism mechanism;
	struct sasl_credentials c;
	struct round rounds[ROUNDS_MAX]; /* ends with challenge.p NULL */
	bool accepted;                   /* if the server says 235 then */
} exchanges[] = {
	{ "PLAIN, RFC 4616",
	  SASL_PLAIN,
	  { .user = "tim", .secret = "tanstaaftanstaaf" },
	  { SAYS("", "\0tim\0tanstaaftanstaaf") },
	  true },
	{ "PLAIN with a prompt",
	  SASL_PLAIN,
	  { .user = "u", .secret = "p\xc3\xa4" },
	  { SAYS("Go on", "\0u\0p\xc3\xa4") },
	  true },
	{ "PLAIN asked twice",
	  SASL_PLAIN,
	  { .user = "u", .secret = "p" },
	  { SAYS("", "\0u\0p"), FAILS("Password:") },
	  true },
	{ "LOGIN",
	  SASL_LOGIN,
	  { .user = "u@x", .secret = "p" },
	  { SAYS("Username:", "u@x"), SAYS("Password:", "p") },
	  true },
	{ "LOGIN, the draft's prompts",
	  SASL_LOGIN,
	  { .user = "u", .secret = "p" },
	  { SAYS("User Name\0", "u"), SAYS("Password\0", "p") },
	  true },
	{ "LOGIN, empty prompts",
	  SASL_LOGIN,
	  { .user = "u", .secret = "p" },
	  { SAYS("", "u"), SAYS("", "p") },
	  true },
	{ "LOGIN, a foreign language",
	  SASL_LOGIN,
	  { .user = "u", .secret = "p" },
	  { SAYS("Benutzer", "u"), SAYS("Kennwort", "p") },
	  true },
	{ "LOGIN, password first",
	  SASL_LOGIN,
	  { .user = "u", .secret = "p" },
	  { SAYS("PASSWORD", "p"), SAYS("USERNAME", "u") },
	  true },
	{ "LOGIN never shows the password as a name",
	  SASL_LOGIN,
	  { .user = "u", .secret = "p" },
	  { SAYS("Username:", "u"), FAILS("Username:") },
	  true },
	{ "LOGIN, a third question",
	  SASL_LOGIN,
	  { .user = "u", .secret = "p" },
	  { SAYS("Username:", "u"), SAYS("Password:", "p"), FAILS("PIN:") },
	  true },
	{ "CRAM-MD5, RFC 2195",
	  SASL_CRAM_MD5,
	  { .user = "tim", .secret = "tanstaaftanstaaf" },
	  { SAYS("<1896.697170952@postoffice.reston.mci.net>", "tim b913a602c7eda7a495b4e6e7334d3890") },
	  true },
	{ "CRAM-MD5 without a challenge",
	  SASL_CRAM_MD5,
	  { .user = "tim", .secret = "t" },
	  { FAILS("") },
	  true },
	{ "CRAM-MD5 twice",
	  SASL_CRAM_MD5,
	  { .user = "tim", .secret = "tanstaaftanstaaf" },
	  { SAYS("<1896.697170952@postoffice.reston.mci.net>", "tim b913a602c7eda7a495b4e6e7334d3890"),
	    FAILS("<1>") },
	  true },
	{ "XOAUTH2",
	  SASL_XOAUTH2,
	  { .user = "someuser@example.com", .secret = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg" },
	  { SAYS("", "user=someuser@example.com\1auth=Bearer "
		     "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1") },
	  true },
	{ "XOAUTH2, refused with JSON",
	  SASL_XOAUTH2,
	  { .user = "u", .secret = "t" },
	  { SAYS("", "user=u\1auth=Bearer t\1\1"), SAYS("{\"status\":\"400\"}", ""), FAILS("{}") },
	  true },
	{ "OAUTHBEARER, RFC 7628",
	  SASL_OAUTHBEARER,
	  { .user = "user@example.com",
	    .secret = "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==",
	    .host = "server.example.com",
	    .port = 143 },
	  { SAYS("", "n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer "
		     "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==\1\1") },
	  true },
	{ "OAUTHBEARER, odd name, refused",
	  SASL_OAUTHBEARER,
	  { .user = "a,b=c", .secret = "t" },
	  { SAYS("", "n,a=a=2Cb=3Dc,\1auth=Bearer t\1\1"), SAYS("{\"status\":\"invalid_token\"}", "\1") },
	  true },
	{ "SCRAM, RFC 7677",
	  SASL_SCRAM_SHA_256,
	  { .user = "user", .secret = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST), SAYS(SERVER_FIRST, CLIENT_FINAL), SAYS(SERVER_FINAL, "") },
	  true },
	{ "SCRAM, password prepared",
	  SASL_SCRAM_SHA_256,
	  { .user = "us\xc2\xad"
		    "er",
	    .secret = "pen\xe2\x80\x8d"
		      "cil",
	    .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST), SAYS(SERVER_FIRST, CLIENT_FINAL), SAYS(SERVER_FINAL, "") },
	  true },
	{ "SCRAM, 235 without proof",
	  SASL_SCRAM_SHA_256,
	  { .user = "user", .secret = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST), SAYS(SERVER_FIRST, CLIENT_FINAL) },
	  false },
	{ "SCRAM, 235 at once",
	  SASL_SCRAM_SHA_256,
	  { .user = "user", .secret = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST) },
	  false },
	{ "SCRAM, wrong signature",
	  SASL_SCRAM_SHA_256,
	  { .user = "user", .secret = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST), SAYS(SERVER_FIRST, CLIENT_FINAL),
	    FAILS("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=") },
	  false },
	{ "SCRAM, short signature",
	  SASL_SCRAM_SHA_256,
	  { .user = "user", .secret = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST), SAYS(SERVER_FIRST, CLIENT_FINAL), FAILS("v=6rri") },
	  false },
	{ "SCRAM, the server says why not",
	  SASL_SCRAM_SHA_256,
	  { .user = "user", .secret = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST), SAYS(SERVER_FIRST, CLIENT_FINAL), SAYS("e=invalid-proof", "") },
	  false },
	{ "SCRAM, talk after the end",
	  SASL_SCRAM_SHA_256,
	  { .user = "user", .secret = "pencil", .nonce = "rOprNGfwEbeRWgbNEkqO" },
	  { SAYS("", CLIENT_FIRST), SAYS(SERVER_FIRST, CLIENT_FINAL), SAYS(SERVER_FINAL, ""), FAILS("x") },
	  true },
	{ "SCRAM, name with a comma",
	  SASL_SCRAM_SHA_256,
	  { .user = "a,b=c", .secret = "pencil", .nonce = "N" },
	  { SAYS("", "n,,n=a=2Cb=3Dc,r=N") },
	  false },
};

/* What a server may not say first. */
static const char *const bad_server_firsts[] = {
	"",
	"r=",
	"hello",
	"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",     /* nothing added */
	"r=ROPRNGfwEbeRWgbNEkqOxyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",  /* not ours */
	"r=rOprNGfwEbeRWgbNEkqO\x80,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", /* not printable */
	"r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096",                            /* no salt */
	"r=rOprNGfwEbeRWgbNEkqOx,s=W22Za!0SNY7soEsUEjb6gQ==,i=4096",    /* not base64 */
	"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==",           /* no count */
	"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",    /* too cheap */
	"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001", /* too dear */
	"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-4096",
	"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999999999999",
	"s=W22ZaJ0SNY7soEsUEjb6gQ==,r=rOprNGfwEbeRWgbNEkqOx,i=4096", /* order */
	"m=must,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
};

static void check_round(const struct exchange *x, struct sasl_client *s, const struct round *r)
{
	CLEANUP(buf_wipe) struct buf out = { 0 };
	struct err e = { 0 };
	enum sasl_step step = sasl_client_respond(s, r->challenge, &out, &e);
	if (step == SASL_FAILED && r->response.p)
		print_error("%s: %s\n", x->name, e.what);
	assert_int_equal(step, r->response.p ? SASL_SEND : SASL_FAILED);
	if (step == SASL_FAILED) {
		assert_int_equal(e.kind, ERR_PROTOCOL);
		return;
	}
	assert_int_equal(buf_waiting(&out), r->response.len);
	assert_memory_equal(buf_str(&out).p, r->response.p, r->response.len);
}

static void test_exchanges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(exchanges); i++) {
		const struct exchange *x = &exchanges[i];
		struct err e = { 0 };
		CLEANUP(sasl_client_free) struct sasl_client *s = sasl_client_new(x->mechanism, &x->c, &e);
		assert_non_null(s);
		for (size_t r = 0; r < ROUNDS_MAX && x->rounds[r].challenge.p; r++)
			check_round(x, s, &x->rounds[r]);
		assert_int_equal(sasl_client_accept(s, &e), x->accepted);
		assert_int_equal(e.kind, x->accepted ? ERR_NONE : ERR_PROTOCOL);
	}
}

static void test_scram_hostile_server(void **state)
{
	(void)state;
	static const struct sasl_credentials c = { .user = "user",
						   .secret = "pencil",
						   .nonce = "rOprNGfwEbeRWgbNEkqO" };
	for (size_t i = 0; i < ARRAY_LEN(bad_server_firsts); i++) {
		struct err e = { 0 };
		CLEANUP(buf_wipe) struct buf out = { 0 };
		CLEANUP(sasl_client_free) struct sasl_client *s = sasl_client_new(SASL_SCRAM_SHA_256, &c, &e);
		assert_int_equal(sasl_client_respond(s, STR_LIT(""), &out, &e), SASL_SEND);
		assert_int_equal(sasl_client_respond(s, str_of(bad_server_firsts[i]), &out, &e), SASL_FAILED);
		assert_int_equal(e.kind, ERR_PROTOCOL);
		assert_false(sasl_client_accept(s, &e));
	}
}

static const struct {
	enum sasl_mechanism mechanism;
	struct sasl_credentials c;
	enum err_kind kind; /* ERR_NONE: usable */
} credential_cases[] = {
	{ SASL_PLAIN, { .user = "u", .secret = "p" }, ERR_NONE },
	{ SASL_NONE, { .user = "u", .secret = "p" }, ERR_USAGE },
	{ SASL_PLAIN, { .user = "", .secret = "p" }, ERR_USAGE },
	{ SASL_LOGIN, { .user = NULL, .secret = "p" }, ERR_USAGE },
	{ SASL_LOGIN, { .user = "u", .secret = "" }, ERR_USAGE },
	{ SASL_XOAUTH2, { .user = "u", .secret = "a b" }, ERR_USAGE },
	{ SASL_XOAUTH2, { .user = "u", .secret = "abc\n" }, ERR_USAGE },
	{ SASL_XOAUTH2, { .user = "u\1auth=Bearer x", .secret = "abc" }, ERR_USAGE },
	{ SASL_OAUTHBEARER, { .user = "u", .secret = "t", .host = "a\1b" }, ERR_USAGE },
	{ SASL_SCRAM_SHA_256, { .user = "u", .secret = "p\xc3\xa4ss" }, ERR_NONE },
	{ SASL_SCRAM_SHA_256, { .user = "u", .secret = "p\xe4ss" }, ERR_SYNTAX },
	{ SASL_SCRAM_SHA_256, { .user = "u", .secret = "a\xcc\x88" }, ERR_SYNTAX },
};

static void test_credentials(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(credential_cases); i++) {
		struct err e = { 0 };
		CLEANUP(sasl_client_free)
		struct sasl_client *s =
			sasl_client_new(credential_cases[i].mechanism, &credential_cases[i].c, &e);
		assert_int_equal(e.kind, credential_cases[i].kind);
		assert_int_equal(s != NULL, e.kind == ERR_NONE);
	}
}

static void test_too_long(void **state)
{
	(void)state;
	CLEANUP(mem_free) char *secret = mem_alloc(20001);
	memset(secret, 'x', 20000);
	struct err e = { 0 };
	struct sasl_credentials c = { .user = "u", .secret = secret };
	assert_null(sasl_client_new(SASL_PLAIN, &c, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	err_clear(&e);
	c.secret = "p";
	CLEANUP(sasl_client_free) struct sasl_client *s = sasl_client_new(SASL_CRAM_MD5, &c, &e);
	CLEANUP(buf_wipe) struct buf out = { 0 };
	assert_int_equal(sasl_client_respond(s, (struct str){ secret, 20000 }, &out, &e), SASL_FAILED);
	assert_int_equal(e.kind, ERR_LIMIT);
	CLEANUP(buf_wipe) struct buf small = { .max = 5 };
	err_clear(&e);
	assert_int_equal(sasl_client_respond(s, STR_LIT("<1@x>"), &small, &e), SASL_FAILED);
}

static void test_random_nonces_differ(void **state)
{
	(void)state;
	static const struct sasl_credentials c = { .user = "u", .secret = "p" };
	CLEANUP(buf_wipe) struct buf one = { 0 }, two = { 0 };
	struct buf *outs[] = { &one, &two };
	for (size_t i = 0; i < 2; i++) {
		struct err e = { 0 };
		CLEANUP(sasl_client_free) struct sasl_client *s = sasl_client_new(SASL_SCRAM_SHA_256, &c, &e);
		assert_int_equal(sasl_client_respond(s, STR_LIT(""), outs[i], &e), SASL_SEND);
		assert_true(buf_waiting(outs[i]) > strlen("n,,n=u,r=") + 20);
	}
	assert_memory_not_equal(buf_str(&one).p, buf_str(&two).p, buf_waiting(&one));
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned m = SASL_NONE + 1; m < SASL_MECHANISMS; m++)
		assert_int_equal(sasl_mechanism_of(str_of(sasl_mechanism_name((enum sasl_mechanism)m))), m);
	assert_int_equal(sasl_mechanism_of(STR_LIT("xoauth2")), SASL_XOAUTH2);
	assert_int_equal(sasl_mechanism_of(STR_LIT("NTLM")), SASL_NONE);
	assert_int_equal(sasl_mechanism_of(STR_LIT("")), SASL_NONE);
	assert_true(sasl_mechanism_is_oauth(SASL_OAUTHBEARER) && !sasl_mechanism_is_oauth(SASL_PLAIN));
	assert_true(sasl_mechanism_is_plaintext(SASL_LOGIN) && !sasl_mechanism_is_plaintext(SASL_CRAM_MD5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchanges),
		cmocka_unit_test(test_scram_hostile_server),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_random_nonces_differ),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
