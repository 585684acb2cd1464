/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the body a signature covers (l=) and until when (t=, x=): mails signed here over text written
 * by hand. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/base64.h"
#include "mail/dkim.h"
#include "tests/unit/zone.h"

/* Signs with a key made here; what is hashed is written out by hand. */
static const char *made_message(struct arena *a, EVP_PKEY *key, const char *tags, const char *body)
{
	unsigned char hash[32], header_hash[32], sig[64];
	unsigned n = 0;
	size_t sig_len = sizeof(sig);
	struct buf bh = { 0 }, b = { 0 };
	EVP_Digest("Hello\r\n", 7, hash, &n, EVP_sha256(), NULL);
	base64_encode(&bh, (struct str){ (const char *)hash, n });
	const char *field = arena_printf(
		a, "v=1; a=ed25519-sha256; c=relaxed/simple; d=m.example; s=k; h=from; %sbh=%.*s; b=", tags,
		(int)buf_waiting(&bh), buf_str(&bh).p);
	const char *data = arena_printf(a, "from:Me <me@m.example>\r\ndkim-signature:%s", field);
	EVP_Digest(data, strlen(data), header_hash, &n, EVP_sha256(), NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &sig_len, header_hash, n), 1);
	EVP_MD_CTX_free(ctx);
	base64_encode(&b, (struct str){ (const char *)sig, sig_len });
	const char *m = arena_printf(a, "DKIM-Signature: %s%.*s\r\nFrom: Me  <me@m.example>\r\n\r\n%s", field,
				     (int)buf_waiting(&b), buf_str(&b).p, body);
	buf_clear(&bh);
	buf_clear(&b);
	return m;
}

static const struct {
	const char *tags, *body;
	long long now_s;
	enum dkim_result result;
} cases[] = {
	{ "", "Hello\r\n", 2000, DKIM_RESULT_PASS },
	{ "", "Hello\r\nmore\r\n", 2000, DKIM_RESULT_BODY_HASH },
	{ "l=7; ", "Hello\r\n", 2000, DKIM_RESULT_PASS },
	{ "l=7; ", "Hello\r\nmore\r\n", 2000, DKIM_RESULT_PASS },
	{ "l=8; ", "Hello\r\n", 2000, DKIM_RESULT_BODY_HASH },
	{ "t=1000; x=1999; ", "Hello\r\n", 2000, DKIM_RESULT_EXPIRED },
	{ "t=1000; x=2001; ", "Hello\r\n", 2000, DKIM_RESULT_PASS },
	{ "t=1000; x=1999; ", "Hello\r\n", 0, DKIM_RESULT_PASS },
};

static void test_limits_and_dates(void **state)
{
	(void)state;
	CLEANUP(arena_free) struct arena *a = arena_new();
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned char raw[32];
	size_t n = sizeof(raw);
	struct buf p = { 0 };
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &n), 1);
	base64_encode(&p, (struct str){ (const char *)raw, n });
	const struct zone_record record = { "k._domainkey.m.example", "TXT",
					    arena_printf(a, "v=DKIM1; k=ed25519; p=%.*s",
							 (int)buf_waiting(&p), buf_str(&p).p) };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dkim_report r;
		const char *m = made_message(a, key, cases[i].tags, cases[i].body);
		struct zone z = { .arena = a };
		struct dns_wants w = { .arena = a };
		struct dns_view view = zone_view(&z);
		zone_add_table(&z, &record, 1);
		ZONE_RUN(&z, &w, dkim_verify(a, str_of(m), cases[i].now_s, &view, &w, &r));
		assert_int_equal(r.n, 1);
		if (r.v[0].result != cases[i].result)
			print_error("'%s': %s\n", cases[i].tags, r.v[0].why);
		assert_int_equal(r.v[0].result, cases[i].result);
	}
	buf_clear(&p);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits_and_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
