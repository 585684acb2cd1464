/* SPDX-License-Identifier: Apache-2.0 */
/* An identity provider's answer: whatever it is, it lets nobody in who is not named, and is kept no longer
 * than it may. */

#include "base/text.h"
#include "relay/door/bearer_verdict.h"
#include "tests/fuzz/fuzz.h"

static void check_claim(const struct introspection *i, enum relay_claim claim)
{
	const char *us[] = { "us" };
	const int64_t now_ms = 1800000000000;
	const struct relay_identity_provider p = {
		.claim = claim, .scope = "smtp", .audience = { us, 1, 1 }, .issuer = "", .keep_s = 60
	};
	CLEANUP(buf_clear) struct buf json = { 0 };
	struct bearer_verdict v = bearer_judge(&p, i, now_ms);
	bool good = v.result == BEARER_GOOD;
	if (good != (*v.user != '\0') || (good && (!i->active || i->bound)))
		__builtin_trap();
	if (v.keep_ms <= 0 || v.keep_ms > 60000 || !text_is_utf8(str_of(v.user)))
		__builtin_trap();
	if (good && i->dated && now_ms + v.keep_ms > i->expires * 1000)
		__builtin_trap();
	bearer_error_json(&p, v.result, claim == RELAY_CLAIM_SUB, &json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct introspection i;
	if (!introspection_read((struct str){ (const char *)data, size }, a, &i))
		return 0;
	for (int c = RELAY_CLAIM_USERNAME; c <= RELAY_CLAIM_SUB; c++)
		check_claim(&i, (enum relay_claim)c);
	return 0;
}
