/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "mail/dkim_key.h"
#include "tests/unit/zone.h"

/* RFC 8463, A.2 */
#define RSA_1024                                                                                             \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/"         \
	"J16JYi0Qvx"                                                                                         \
	"/byYzCNb3W91y3FutACDfzwQ/BC/e/"                                                                     \
	"8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTI"                             \
	"KT+l/K4w3QIDAQAB"
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
/* Made for this test. */
#define RSA_2048                                                                                             \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA41N9Npdnnvbjpuwp3OQaK5OMYvlKcdZvh2i9cGbcQK2RJxEXXZVYhT" \
	"dQYoEWy4X8tgPqmejOWMpu2+1spZ1K8ctn6PtQuve1r7KC6erumrjc/RvE7rdDo/"                                   \
	"Fa4B6SjYgIqGr1KevlxORZStlUwPy3p8WrPb6EAu43pLPDxRrP0AaLt01RRgpMeyFFLFhVwuSkkCa76aDf78H2fGoJAYOu99G4" \
	"tOamH5vD0cjJApOo3u4P4NwvD7xmR6LT7ezfRb/G3li5lr6XPnkcgE8Y6QXqNJQo9dTTUvbdk/"                         \
	"cpfsab+t15kFos5kObJdPEwBKNgGvMd4P1UiAtgHhjvTfQf38EHwIDAQAB"
#define RSA_512                                                                                              \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKLh6+HpzVCdQJlVw0GsxtTweecXi3uEYM/p1MkYDgp+FiB/"                   \
	"uCibsUU7dZ2DD3Q04IFPSFCx1meluFGl55vLyqECAwEAAQ=="
#define RSA_BARE                                                                                             \
	"MIGJAoGBAKI7NA58ueVaivXY29mZ6tl4kC2PJJq12067C8XY+5gCXuto0RM4bBbIST6IpX/"                            \
	"J8wQD5qrE2Balb2aOWChDWkioiSykZXgCRFPnMUV5Vi4aijqjDDCHXDtcbMsE7SiEgaPR0nPrrtg/"                      \
	"Aujcie8dXjuAgGA9yT+3wLetLwYPtON5AgMBAAE="
#define EC_KEY                                                                                               \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmegyglSxn/EPdaZk1SyyUX8iISOeyT2kxpM/"                           \
	"ad6M4l2rF+EhChXKTZiobDIgoGPoH3vw73KiKvWWOGEDG0LQqQ=="
#define RSA_HEAD "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"

static const struct key_case {
	const char *name, *record;
	enum dkim_key_result result;
	unsigned bits;
	bool usable;
	const char *problem; /* begins with */
} key_cases[] = {
	{ "usual", "v=DKIM1; k=rsa; p=" RSA_2048, DKIM_KEY_OK, 2048, true, "" },
	{ "no version, no kind", "p=" RSA_2048, DKIM_KEY_OK, 2048, true, "" },
	{ "blanks in the key",
	  "v=DKIM1; p=MIIB "
	  "IjANBg",
	  DKIM_KEY_BAD, 0, false, "p= is cut short" },
	{ "Ed25519", "v=DKIM1; k=ed25519; p=" ED25519, DKIM_KEY_OK, 256, true, "" },
	{ "1024 bits", "v=DKIM1; k=rsa; p=" RSA_1024, DKIM_KEY_SHORT, 1024, true, "1024 bits are weak" },
	{ "bare RSAPublicKey", "v=DKIM1; k=rsa; p=" RSA_BARE, DKIM_KEY_SHORT, 1024, true, "1024" },
	{ "512 bits", "v=DKIM1; k=rsa; p=" RSA_512, DKIM_KEY_SHORT, 512, false,
	  "512 bits: receivers ignore" },
	{ "revoked", "v=DKIM1; p=", DKIM_KEY_REVOKED, 0, false, "p= is empty" },
	{ "revoked, with a kind", "v=DKIM1; k=rsa; p=;", DKIM_KEY_REVOKED, 0, false, "p= is empty" },
	{ "no p", "v=DKIM1; k=rsa", DKIM_KEY_BAD, 0, false, "there is no p=" },
	{ "cut by a panel", "v=DKIM1; k=rsa; p=" RSA_HEAD, DKIM_KEY_BAD, 0, false, "p= is cut short" },
	{ "cut at an odd place", "v=DKIM1; k=rsa; p=" RSA_HEAD "x", DKIM_KEY_BAD, 0, false,
	  "p= is cut short" },
	{ "quotes", "v=DKIM1; k=rsa; p=\"MIIB\" \"abc\"", DKIM_KEY_BAD, 0, false,
	  "p= holds quotation marks" },
	{ "PEM lines", "v=DKIM1; p=-----BEGIN PUBLIC KEY-----MIIB", DKIM_KEY_BAD, 0, false,
	  "p= holds the BEGIN" },
	{ "another kind of key", "v=DKIM1; k=rsa; p=" EC_KEY, DKIM_KEY_BAD, 0, false,
	  "p= is a key of another" },
	{ "RSA key called ed25519", "v=DKIM1; k=ed25519; p=" RSA_1024, DKIM_KEY_BAD, 256, false,
	  "p= is not the 32" },
	{ "unknown kind", "v=DKIM1; k=dsa; p=" RSA_1024, DKIM_KEY_BAD, 0, false, "k= names an unknown" },
	{ "wrong version", "v=DKIM2; p=" RSA_2048, DKIM_KEY_BAD, 0, false, "v= is not DKIM1" },
	{ "version not first", "k=rsa; v=DKIM1; p=" RSA_2048, DKIM_KEY_BAD, 0, false,
	  "v=DKIM1 does not stand first" },
	{ "testing", "v=DKIM1; t=y; p=" RSA_2048, DKIM_KEY_TESTING, 2048, true, "t=y" },
	{ "testing and strict", "v=DKIM1; t=s:y; p=" RSA_2048, DKIM_KEY_TESTING, 2048, true, "t=y" },
	{ "only sha1", "v=DKIM1; h=sha1; p=" RSA_2048, DKIM_KEY_BAD, 2048, true, "h= does not allow" },
	{ "not for mail", "v=DKIM1; s=tlsrpt; p=" RSA_2048, DKIM_KEY_BAD, 2048, false, "s= does not allow" },
	{ "missing semicolon", "v=DKIM1; k=rsa p=" RSA_2048, DKIM_KEY_BAD, 0, false, "k= names an unknown" },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(key_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct key_case *c = &key_cases[i];
		struct dkim_key k;
		dkim_key_parse(a, c->record, &k);
		if (k.result != c->result || strncmp(k.problem, c->problem, strlen(c->problem)) != 0)
			print_error("%s: %s, %s\n", c->name, dkim_key_result_name(k.result), k.problem);
		assert_int_equal(k.result, c->result);
		assert_int_equal(k.bits, c->bits);
		assert_int_equal(k.usable, c->usable);
		assert_memory_equal(k.problem, c->problem, strlen(c->problem));
		assert_int_equal(*c->problem != 0, *k.problem != 0);
	}
}

static const struct zone_record records[] = {
	{ "one._domainkey.d.example", "TXT", "v=DKIM1; p=" RSA_2048 },
	{ "two._domainkey.d.example", "TXT", "v=DKIM1; p=" RSA_2048 },
	{ "two._domainkey.d.example", "TXT", "v=DKIM1; p=" },
	{ "wild._domainkey.d.example", "TXT", "v=spf1 -all" },
	{ "beside._domainkey.d.example", "TXT", "some text" },
	{ "beside._domainkey.d.example", "TXT", "v=DKIM1; p=" RSA_2048 },
	{ "slow._domainkey.d.example", "TIMEOUT", "" },
};

static const struct {
	const char *selector;
	enum dkim_key_result result;
} find_cases[] = {
	{ "one", DKIM_KEY_OK },    { "two", DKIM_KEY_BAD },      { "wild", DKIM_KEY_BAD },
	{ "beside", DKIM_KEY_OK }, { "none", DKIM_KEY_MISSING }, { "slow", DKIM_KEY_TEMPERROR },
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(find_cases); i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct zone z = { .arena = a };
		struct dns_wants w = { .arena = a };
		struct dns_view view = zone_view(&z);
		struct dkim_key k;
		zone_add_table(&z, records, ARRAY_LEN(records));
		ZONE_RUN(&z, &w, dkim_key_find(a, "d.example", find_cases[i].selector, &view, &w, &k));
		assert_int_equal(k.result, find_cases[i].result);
		assert_string_equal(k.selector, find_cases[i].selector);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_parse), cmocka_unit_test(test_find) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
