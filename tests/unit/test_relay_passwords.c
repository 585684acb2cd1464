/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords against hashes of each kind, in threads; known ones are known again. */
#include "tests/unit/unit.h"

#include <crypt.h>
#include <stdio.h>

#include "relay/door/passwords.h"

struct asked {
	bool over, right;
	unsigned calls;
};

static void on_judged(void *ctx, bool right)
{
	struct asked *a = ctx;
	a->over = true;
	a->right = right;
	a->calls++;
}

static bool is_over(void *ctx)
{
	return ((struct asked *)ctx)->over;
}

/* hash NULL: of nobody, as somebody's. */
static const char *like = "";

static bool ask(struct net_loop *l, struct passwords *p, const char *hash, const char *password)
{
	struct asked a = { 0 };
	const struct passwords_question q = { .hash = hash ? hash : like,
					      .nobody = !hash,
					      .password = password };
	assert_true(passwords_ask(p, &q, on_judged, &a));
	assert_false(a.over); /* never from within the call */
	assert_true(net_loop_wait(l, is_over, &a, net_loop_now_ms(l) + 20000));
	assert_int_equal(a.calls, 1);
	return a.right;
}

/* yescrypt, gost-yescrypt, scrypt, bcrypt, sha512crypt, sha256crypt; each as cheap as it may be */
static const struct {
	const char *prefix;
	unsigned long count;
} kinds[] = { { "$y$", 1 }, { "$gy$", 1 }, { "$7$", 6 }, { "$2b$", 4 }, { "$6$", 1000 }, { "$5$", 1000 } };

static void test_kinds(void **state)
{
	(void)state;
	struct net_loop *l = net_loop_new();
	struct passwords *p = passwords_new(l);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char salt[CRYPT_GENSALT_OUTPUT_SIZE], hash[CRYPT_OUTPUT_SIZE];
		struct crypt_data data = { 0 };
		assert_non_null(
			crypt_gensalt_rn(kinds[i].prefix, kinds[i].count, NULL, 0, salt, sizeof(salt)));
		snprintf(hash, sizeof(hash), "%s", crypt_r("correct horse", salt, &data));
		assert_true(passwords_is_hash(hash));
		assert_false(passwords_known(p, hash, "correct horse"));
		assert_false(ask(l, p, hash, "wrong horse"));
		assert_false(passwords_known(p, hash, "wrong horse"));
		assert_false(ask(l, p, hash, ""));
		assert_true(ask(l, p, hash, "correct horse"));
		assert_true(passwords_known(p, hash, "correct horse"));
		assert_false(passwords_known(p, hash, "correct hors"));
		assert_false(passwords_known(p, "$6$other", "correct horse")); /* the hash was changed */
		like = hash;
		assert_false(ask(l, p, NULL, "correct horse")); /* of no user: never right */
	}
	like = "";
	assert_false(ask(l, p, NULL, "nobody at all"));
	assert_false(ask(l, p, "", ""));
	assert_false(ask(l, p, "*", "x"));
	assert_false(ask(l, p, "plain", "plain"));
	assert_false(passwords_is_hash("plain"));
	assert_false(passwords_is_hash("$"));
	passwords_free(&p);
	net_loop_free(&l);
}

/* An unknown name is like the same one each time, and all are somebody's like. */
static void test_like_whom(void **state)
{
	(void)state;
	struct net_loop *l = net_loop_new();
	struct passwords *p = passwords_new(l);
	unsigned of[3] = { 0 };
	for (int i = 0; i < 300; i++) {
		char user[20];
		snprintf(user, sizeof(user), "user%d", i);
		size_t k = passwords_pick(p, user, ARRAY_LEN(of));
		assert_in_range(k, 0, ARRAY_LEN(of) - 1);
		assert_int_equal(passwords_pick(p, user, ARRAY_LEN(of)), k);
		of[k]++;
	}
	assert_true(of[0] > 30 && of[1] > 30 && of[2] > 30);
	assert_int_equal(passwords_pick(p, "user", 0), 0);
	passwords_free(&p);
	net_loop_free(&l);
}

/* A login that can never work is a mistake of the configuration, not of who logs in. */
static void test_shapes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool hash, weak;
	} rows[] = {
		{ "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0", true, false },
		{ "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut", false, false },
		{ "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0 ", false,
		  false },
		{ "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZp*ut0", false, false },
		{ "$y$j9T$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0", false, false },
		{ "$y$j9T$", false, false },
		{ "$foo$bar", false, false },
		{ "$6$abc$short", false, false },
		{ "$6$", false, false },
		{ "$", false, false },
		{ "", false, false },
		{ "$1$t/yj0n.9$GvSLEitjhaXjev9HR91d50", true, true },
		{ "$3$$a9f0dd57e1edab5bb55a9ac0a99c15ec", true, true },
		{ "$md5$saltsalt$RNTVseEqpoy6agpaJGqY0/", true, true },
		{ "$md5$saltsalt$$nSdFLZqyU9njpMG3FhJsD0", true, true },
		{ "$md5,rounds=5000$saltsalt$7soGD.y6eLXMoG9mZ67qX1", true, true },
		{ "$md5$RNTVseEqpoy6agpaJGqY0/", false, true },
		{ "$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", true, false },
		{ "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub", false, false },
		{ "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3", false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (passwords_is_hash(rows[i].text) != rows[i].hash ||
		    passwords_is_weak(rows[i].text) != rows[i].weak)
			fail_msg("%s", rows[i].text);
	static const char later[] = "$sm3$saltsalt$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0";
	assert_int_equal(passwords_is_hash(later), crypt_checksalt(later) != CRYPT_SALT_INVALID);
}

static void test_too_many(void **state)
{
	(void)state;
	struct net_loop *l = net_loop_new();
	struct passwords *p = passwords_new(l);
	struct asked a = { 0 };
	unsigned taken = 0;
	const struct passwords_question q = { .hash = "$6$rounds=1000$abcdefgh$x", .password = "x" };
	while (taken <= PASSWORDS_WAITING_MAX + PASSWORDS_AT_ONCE && passwords_ask(p, &q, on_judged, &a))
		taken++;
	assert_int_equal(taken, PASSWORDS_WAITING_MAX + PASSWORDS_AT_ONCE);
	passwords_free(&p); /* those that run end in peace; nobody is told */
	net_loop_free(&l);
	assert_int_equal(a.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kinds), cmocka_unit_test(test_like_whom),
					    cmocka_unit_test(test_shapes),
					    cmocka_unit_test(test_too_many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
