/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "smtp/sasl_server.h"

enum { ROUNDS_MAX = 6 };

static const char user[] = "ann@example.com", password[] = "s3cret p\xc3\xa4ss", token[] = "ya29.abc-DEF_123";

static bool lookup(void *ctx, const char *name, struct sasl_account *out)
{
	const struct sasl_account *account = ctx;
	if (strcmp(name, user) != 0)
		return false;
	*out = *account;
	return true;
}

static const struct sasl_account clear = { .password = password };
static const struct sasl_account hashed = { .password = NULL };

static struct sasl_server_options options_for(const struct sasl_account *account)
{
	return (struct sasl_server_options){ .lookup = lookup,
					     .ctx = (void *)(uintptr_t)account,
					     .host = "mail.example.com",
					     .salt_key = STR_LIT("salt") };
}

static enum sasl_server_step judge(struct sasl_server *s, struct buf *challenge)
{
	bool oauth = strcmp(sasl_server_secret(s), token) == 0;
	bool granted =
		!strcmp(sasl_server_user(s), user) && (oauth || !strcmp(sasl_server_secret(s), password));
	return sasl_server_judged(s, granted, "{\"status\":\"400\"}", challenge);
}

/* Client and server talk until one of them ends it. */
static enum sasl_server_step converse(struct sasl_client *c, struct sasl_server *s, bool initial,
				      bool *client_ok)
{
	CLEANUP(buf_wipe) struct buf said = { 0 }, asked = { 0 };
	struct err e = { 0 };
	enum sasl_server_step step = SASL_SERVER_CHALLENGE;
	bool speak = initial;
	*client_ok = true;
	for (unsigned i = 0; step == SASL_SERVER_CHALLENGE && i < ROUNDS_MAX; i++) {
		if (speak && sasl_client_respond(c, buf_str(&asked), &said, &e) == SASL_FAILED) {
			*client_ok = false;
			return step;
		}
		struct str response = buf_str(&said);
		buf_clear(&asked);
		step = sasl_server_step(s, speak ? &response : NULL, &asked);
		buf_clear(&said);
		if (step == SASL_SERVER_JUDGE)
			step = judge(s, &asked);
		speak = true;
	}
	*client_ok = sasl_client_accept(c, &e);
	return step;
}

static const struct {
	const char *user, *secret, *token;
	enum sasl_server_step end;
} people[] = {
	{ user, password, token, SASL_SERVER_DONE },
	{ user, "wrong", "wrong", SASL_SERVER_REFUSED },
	{ "bob@example.com", password, token, SASL_SERVER_REFUSED },
};

static void check_pair(enum sasl_mechanism m, size_t who, bool initial, const struct sasl_account *account)
{
	struct err e = { 0 };
	const char *secret = sasl_mechanism_is_oauth(m) ? people[who].token : people[who].secret;
	struct sasl_credentials cred = {
		.user = people[who].user, .secret = secret, .host = "h", .port = 25
	};
	struct sasl_server_options o = options_for(account);
	CLEANUP(sasl_client_free) struct sasl_client *c = sasl_client_new(m, &cred, &e);
	CLEANUP(sasl_server_free) struct sasl_server *s = sasl_server_new(m, &o);
	bool client_ok;
	enum sasl_server_step end = converse(c, s, initial && sasl_client_has_initial(c), &client_ok);
	if (end != people[who].end)
		fail_msg("%s, person %zu: %d (%s)", sasl_mechanism_name(m), who, (int)end,
			 sasl_server_why(s));
	if (end == SASL_SERVER_DONE)
		assert_true(client_ok && !strcmp(sasl_server_user(s), user));
	else
		assert_string_not_equal(sasl_server_why(s), "");
}

static void test_all_against_all(void **state)
{
	(void)state;
	for (unsigned m = SASL_NONE + 1; m < SASL_MECHANISMS; m++)
		for (size_t who = 0; who < ARRAY_LEN(people); who++)
			for (int initial = 0; initial < 2; initial++)
				check_pair((enum sasl_mechanism)m, who, initial, &clear);
}

static void test_hashed_passwords_are_judged(void **state)
{
	(void)state;
	for (size_t who = 0; who < ARRAY_LEN(people); who++) {
		check_pair(SASL_PLAIN, who, true, &hashed);
		check_pair(SASL_LOGIN, who, true, &hashed);
	}
}

struct line {
	struct str response; /* p NULL: no initial response */
	enum sasl_server_step step;
	const char *challenge;
};

#define SAID(r, step, c)                                                                                     \
	{                                                                                                    \
		STR_LIT(r), SASL_SERVER_##step, c                                                            \
	}

static const struct dialogue {
	const char *name;
	enum sasl_mechanism mechanism;
	struct line lines[ROUNDS_MAX];
	size_t n;
} dialogues[] = {
	{ "PLAIN", SASL_PLAIN, { SAID("\0ann@example.com\0s3cret p\xc3\xa4ss", DONE, "") }, 1 },
	{ "PLAIN as oneself",
	  SASL_PLAIN,
	  { SAID("ann@example.com\0ann@example.com\0s3cret p\xc3\xa4ss", DONE, "") },
	  1 },
	{ "PLAIN as another",
	  SASL_PLAIN,
	  { SAID("root\0ann@example.com\0s3cret p\xc3\xa4ss", REFUSED, "") },
	  1 },
	{ "PLAIN, prefix of the password",
	  SASL_PLAIN,
	  { SAID("\0ann@example.com\0s3cret", REFUSED, "") },
	  1 },
	{ "PLAIN, empty", SASL_PLAIN, { SAID("", MALFORMED, "") }, 1 },
	{ "PLAIN, one NUL", SASL_PLAIN, { SAID("ann\0x", MALFORMED, "") }, 1 },
	{ "PLAIN, three NULs",
	  SASL_PLAIN,
	  { SAID("\0ann@example.com\0s3cret p\xc3\xa4ss\0", MALFORMED, "") },
	  1 },
	{ "PLAIN, no name", SASL_PLAIN, { SAID("\0\0x", MALFORMED, "") }, 1 },
	{ "PLAIN, no password", SASL_PLAIN, { SAID("\0ann@example.com\0", MALFORMED, "") }, 1 },
	{ "PLAIN, control in the name", SASL_PLAIN, { SAID("\0ann\n@example.com\0x", MALFORMED, "") }, 1 },
	{ "PLAIN, name in Latin-1", SASL_PLAIN, { SAID("\0\xe4\0x", MALFORMED, "") }, 1 },
	{ "PLAIN, after the end",
	  SASL_PLAIN,
	  { SAID("\0ann@example.com\0x", REFUSED, ""),
	    SAID("\0ann@example.com\0s3cret p\xc3\xa4ss", MALFORMED, "") },
	  2 },
	{ "LOGIN with initial response",
	  SASL_LOGIN,
	  { SAID("ann@example.com", CHALLENGE, "Password:"), SAID("s3cret p\xc3\xa4ss", DONE, "") },
	  2 },
	{ "LOGIN, empty name", SASL_LOGIN, { SAID("", MALFORMED, "") }, 1 },
	{ "LOGIN, empty password",
	  SASL_LOGIN,
	  { SAID("a", CHALLENGE, "Password:"), SAID("", MALFORMED, "") },
	  2 },
	{ "CRAM-MD5 with initial response",
	  SASL_CRAM_MD5,
	  { SAID("ann@example.com 0123456789abcdef0123456789abcdef", MALFORMED, "") },
	  1 },
	{ "XOAUTH2",
	  SASL_XOAUTH2,
	  { SAID("user=ann@example.com\1auth=Bearer ya29.abc-DEF_123\1\1", JUDGE, "") },
	  1 },
	{ "XOAUTH2, one ^A short",
	  SASL_XOAUTH2,
	  { SAID("user=ann@example.com\1auth=Bearer x\1", MALFORMED, "") },
	  1 },
	{ "XOAUTH2, literal \\1",
	  SASL_XOAUTH2,
	  { SAID("user=ann\\1auth=Bearer x\\1\\1", MALFORMED, "") },
	  1 },
	{ "XOAUTH2, coded twice",
	  SASL_XOAUTH2,
	  { SAID("dXNlcj1hAWF1dGg9QmVhcmVyIHgBAQ==", MALFORMED, "") },
	  1 },
	{ "XOAUTH2, no Bearer", SASL_XOAUTH2, { SAID("user=ann\1auth=x\1\1", MALFORMED, "") }, 1 },
	{ "XOAUTH2, no user", SASL_XOAUTH2, { SAID("user=\1auth=Bearer x\1\1", MALFORMED, "") }, 1 },
	{ "XOAUTH2, empty token", SASL_XOAUTH2, { SAID("user=ann\1auth=Bearer \1\1", MALFORMED, "") }, 1 },
	{ "XOAUTH2, line break in the token",
	  SASL_XOAUTH2,
	  { SAID("user=ann\1auth=Bearer x\ny\1\1", MALFORMED, "") },
	  1 },
	{ "OAUTHBEARER, order free",
	  SASL_OAUTHBEARER,
	  { SAID("n,a=a=2Cb,\1auth=bearer x\1host=h\1\1", JUDGE, "") },
	  1 },
	{ "OAUTHBEARER, no name", SASL_OAUTHBEARER, { SAID("n,,\1auth=Bearer x\1\1", JUDGE, "") }, 1 },
	{ "OAUTHBEARER, no auth", SASL_OAUTHBEARER, { SAID("n,a=u,\1host=h\1\1", MALFORMED, "") }, 1 },
	{ "OAUTHBEARER, no end", SASL_OAUTHBEARER, { SAID("n,a=u,\1auth=Bearer x\1", MALFORMED, "") }, 1 },
	{ "OAUTHBEARER, text after the end",
	  SASL_OAUTHBEARER,
	  { SAID("n,a=u,\1auth=Bearer x\1\1y", MALFORMED, "") },
	  1 },
	{ "OAUTHBEARER, bad escape",
	  SASL_OAUTHBEARER,
	  { SAID("n,a=u=2,\1auth=Bearer x\1\1", MALFORMED, "") },
	  1 },
	{ "OAUTHBEARER, header only", SASL_OAUTHBEARER, { SAID("n,", MALFORMED, "") }, 1 },
	{ "OAUTHBEARER, binding",
	  SASL_OAUTHBEARER,
	  { SAID("p=tls-unique,,\1auth=Bearer x\1\1", MALFORMED, "") },
	  1 },
	{ "SCRAM, channel binding",
	  SASL_SCRAM_SHA_256,
	  { SAID("p=tls-unique,,n=user,r=abc", MALFORMED, "") },
	  1 },
	{ "SCRAM, no nonce", SASL_SCRAM_SHA_256, { SAID("n,,n=user", MALFORMED, "") }, 1 },
	{ "SCRAM, empty nonce", SASL_SCRAM_SHA_256, { SAID("n,,n=user,r=", MALFORMED, "") }, 1 },
	{ "SCRAM, extension", SASL_SCRAM_SHA_256, { SAID("n,,m=x,n=user,r=abc", MALFORMED, "") }, 1 },
	{ "SCRAM, bad name", SASL_SCRAM_SHA_256, { SAID("n,,n=us=er,r=abc", MALFORMED, "") }, 1 },
	{ "SCRAM as another",
	  SASL_SCRAM_SHA_256,
	  { SAID("n,a=root,n=ann@example.com,r=abc", REFUSED, "") },
	  1 },
	{ "SCRAM, empty", SASL_SCRAM_SHA_256, { SAID("", MALFORMED, "") }, 1 },
	{ "SCRAM, header only", SASL_SCRAM_SHA_256, { SAID("n,", MALFORMED, "") }, 1 },
};

static void check_dialogue(const struct dialogue *d)
{
	struct sasl_server_options o = options_for(&clear);
	CLEANUP(sasl_server_free) struct sasl_server *s = sasl_server_new(d->mechanism, &o);
	for (size_t i = 0; i < d->n; i++) {
		CLEANUP(buf_wipe) struct buf challenge = { 0 };
		const struct line *l = &d->lines[i];
		enum sasl_server_step step =
			sasl_server_step(s, l->response.p ? &l->response : NULL, &challenge);
		if (step != l->step || !str_eq(buf_str(&challenge), l->challenge))
			fail_msg("%s, line %zu: %d \"" STR_FMT "\" %s", d->name, i, (int)step,
				 STR_ARG(buf_str(&challenge)), sasl_server_why(s));
		if (step == SASL_SERVER_MALFORMED || step == SASL_SERVER_REFUSED)
			assert_string_not_equal(sasl_server_why(s), "");
	}
}

static void test_dialogues(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dialogues); i++)
		check_dialogue(&dialogues[i]);
}

/* Known and unknown names get the same salt every time, each its own. */
static void test_unknown_users_look_known(void **state)
{
	(void)state;
	static const char *const firsts[] = { "n,,n=ann@example.com,r=x", "n,,n=ann@example.com,r=x",
					      "n,,n=bob@example.com,r=x", "n,,n=bob@example.com,r=x" };
	struct buf said[4] = { 0 };
	for (size_t i = 0; i < 4; i++) {
		struct sasl_server_options o = options_for(&clear);
		o.nonce = "y";
		CLEANUP(sasl_server_free) struct sasl_server *s = sasl_server_new(SASL_SCRAM_SHA_256, &o);
		struct str first = str_of(firsts[i]);
		assert_int_equal(sasl_server_step(s, &first, &said[i]), SASL_SERVER_CHALLENGE);
	}
	size_t n = buf_waiting(&said[0]);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(buf_waiting(&said[i]), n);
	assert_memory_equal(buf_str(&said[0]).p, buf_str(&said[1]).p, n);
	assert_memory_equal(buf_str(&said[2]).p, buf_str(&said[3]).p, n);
	assert_memory_not_equal(buf_str(&said[0]).p, buf_str(&said[2]).p, n);
	for (size_t i = 0; i < 4; i++)
		buf_clear(&said[i]);
}

static void test_cram_hostile(void **state)
{
	(void)state;
	static const char *const bad[] = { "",
					   " ",
					   "ann@example.com",
					   "ann@example.com 12",
					   " 0123456789abcdef0123456789abcdef",
					   "ann@example.com 0123456789abcdef0123456789abcdef0" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct sasl_server_options o = options_for(&clear);
		CLEANUP(sasl_server_free) struct sasl_server *s = sasl_server_new(SASL_CRAM_MD5, &o);
		CLEANUP(buf_clear) struct buf challenge = { 0 };
		struct str response = str_of(bad[i]);
		assert_int_equal(sasl_server_step(s, NULL, &challenge), SASL_SERVER_CHALLENGE);
		assert_true(str_istarts(buf_str(&challenge), "<") &&
			    str_iends(buf_str(&challenge), "@mail.example.com>"));
		assert_int_equal(sasl_server_step(s, &response, &challenge), SASL_SERVER_MALFORMED);
	}
}

static void test_limits(void **state)
{
	(void)state;
	CLEANUP(mem_free) char *big = mem_alloc(20001);
	memset(big, 'x', 20000);
	static const size_t lengths[] = { SASL_USER_BYTES_MAX + 1, 20000 };
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		for (unsigned m = SASL_NONE + 1; m < SASL_MECHANISMS; m++) {
			struct sasl_server_options o = options_for(&clear);
			CLEANUP(sasl_server_free)
			struct sasl_server *s = sasl_server_new((enum sasl_mechanism)m, &o);
			CLEANUP(buf_clear) struct buf challenge = { 0 };
			struct str response = { big, lengths[i] };
			assert_int_equal(sasl_server_step(s, &response, &challenge), SASL_SERVER_MALFORMED);
			assert_string_equal(sasl_server_user(s), "");
		}
	struct sasl_server_options o = options_for(&clear);
	assert_null(sasl_server_new(SASL_NONE, &o));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_against_all), cmocka_unit_test(test_hashed_passwords_are_judged),
		cmocka_unit_test(test_dialogues),       cmocka_unit_test(test_unknown_users_look_known),
		cmocka_unit_test(test_cram_hostile),    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
