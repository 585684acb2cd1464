/* SPDX-License-Identifier: Apache-2.0 */
/* SCRAM's example of the RFC, and what is not quite it. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/base64.h"
#include "smtp/sasl_server.h"

#define SCRAM_NONCE "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

/* RFC 7677, 3, with what the server of that example would have stored. */
struct rfc_server {
	struct scram_stored stored;
	struct sasl_account account;
	struct buf salt;
};

static bool rfc_lookup(void *ctx, const char *name, struct sasl_account *out)
{
	const struct rfc_server *r = ctx;
	*out = r->account;
	return !strcmp(name, "user");
}

static void rfc_server_init(struct rfc_server *r)
{
	struct scram_key client;
	struct err e = { 0 };
	*r = (struct rfc_server){ 0 };
	assert_true(base64_decode(&r->salt, STR_LIT("W22ZaJ0SNY7soEsUEjb6gQ==")));
	assert_true(scram_derive("pencil", buf_str(&r->salt), 4096, &client, &r->stored.server, &e));
	assert_true(scram_hash((struct str){ (char *)client.b, SCRAM_HASH_BYTES }, &r->stored.stored));
	r->stored.iterations = 4096;
	r->stored.salt = buf_str(&r->salt);
	r->account.scram = &r->stored;
}

static void rfc_server_clear(struct rfc_server *r)
{
	buf_clear(&r->salt);
}

#define RFC_FINAL "c=biws,r=" SCRAM_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

static enum sasl_server_step rfc_finish(struct rfc_server *r, struct str final, struct buf *challenge)
{
	struct sasl_server_options o = { .lookup = rfc_lookup,
					 .ctx = r,
					 .nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0" };
	CLEANUP(sasl_server_free) struct sasl_server *s = sasl_server_new(SASL_SCRAM_SHA_256, &o);
	struct str first = STR_LIT("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), nothing = STR_LIT("");
	assert_int_equal(sasl_server_step(s, &first, challenge), SASL_SERVER_CHALLENGE);
	assert_true(str_eq(buf_str(challenge), "r=" SCRAM_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
	buf_clear(challenge);
	enum sasl_server_step step = sasl_server_step(s, &final, challenge);
	return step == SASL_SERVER_CHALLENGE ? sasl_server_step(s, &nothing, challenge) : step;
}

static void test_scram_rfc(void **state)
{
	(void)state;
	CLEANUP(rfc_server_clear) struct rfc_server r;
	CLEANUP(buf_clear) struct buf challenge = { 0 };
	rfc_server_init(&r);
	assert_int_equal(rfc_finish(&r, STR_LIT(RFC_FINAL), &challenge), SASL_SERVER_DONE);
	assert_true(str_eq(buf_str(&challenge), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
}

/* No cut and no changed byte of the client's proof gets in. */
static void test_scram_forgeries(void **state)
{
	(void)state;
	static const char final[] = RFC_FINAL;
	CLEANUP(rfc_server_clear) struct rfc_server r;
	rfc_server_init(&r);
	for (size_t i = 0; i + 1 < sizeof(final); i++) {
		CLEANUP(buf_clear) struct buf one = { 0 }, two = { 0 };
		char changed[sizeof(final)];
		memcpy(changed, final, sizeof(final));
		changed[i] = (char)(changed[i] ^ 4);
		assert_int_not_equal(rfc_finish(&r, (struct str){ final, i }, &one), SASL_SERVER_DONE);
		assert_int_not_equal(rfc_finish(&r, (struct str){ changed, sizeof(final) - 1 }, &two),
				     SASL_SERVER_DONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scram_rfc),
		cmocka_unit_test(test_scram_forgeries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
