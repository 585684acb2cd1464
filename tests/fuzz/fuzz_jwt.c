/* SPDX-License-Identifier: Apache-2.0 */
/* An access token, its payload alone, and a token endpoint's answer. */
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "net/oauth.h"
#include "tests/fuzz/fuzz.h"

static void check_text(struct arena *a, const char *s)
{
	/* Printable already: only backslashes change when it is made so again. */
	const char *again = text_printable(a, str_of(s));
	size_t grown = strlen(again) - strlen(s);
	for (; *s; s++)
		grown -= *s == '\\';
	if (grown)
		__builtin_trap();
}

static void check_claims(struct arena *a, struct str token)
{
	struct token_claims t;
	token_claims_read(token, a, &t);
	const char *const texts[] = { t.form, t.audience, t.scope, t.user, t.tenant, t.app, t.issuer };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_text(a, texts[i]);
	for (size_t i = 0; i < t.roles.n; i++)
		check_text(a, t.roles.v[i]);
	if (t.issued < 0 || t.expires < 0)
		__builtin_trap();
}

/* The input as the payload of a well-formed token. */
static void check_payload(struct arena *a, struct str payload)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_adds(&b, "eyJhbGciOiJSUzI1NiJ9.");
	base64_encode(&b, payload);
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = b.data[i] == '+' ? '-' : b.data[i] == '/' ? '_' : b.data[i];
	buf_adds(&b, ".x");
	check_claims(a, buf_str(&b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str in = { (const char *)data, size };
	struct oauth_answer answer;
	check_claims(a, in);
	check_payload(a, in);
	bool read = oauth_answer_read(in, a, &answer);
	bool token = buf_waiting(&answer.token) > 0;
	check_text(a, answer.error);
	check_text(a, answer.description);
	if (read != (token || *answer.error || *answer.description) || (token && *answer.error))
		__builtin_trap();
	if (buf_waiting(&answer.refresh) && !token)
		__builtin_trap();
	oauth_answer_wipe(&answer);
	return 0;
}
