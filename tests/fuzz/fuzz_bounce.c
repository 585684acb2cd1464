/* SPDX-License-Identifier: Apache-2.0 */
/* A mail that came back, against mails of ours that are named in every way: what is matched was named,
 * nothing is matched twice, and nothing unsigned about several recipients keeps mail away. */

#include "relay/bounce/bounce_match.h"
#include "relay/bounce/return_path.h"
#include "tests/fuzz/fuzz.h"

static const struct scram_key key = { "a key of thirty-two bytes" };
static const int64_t now_ms = 1795286100000LL;

static const struct bounce_candidate ours[] = {
	{ { 0x123456789abc0ULL, 7 },
	  0,
	  "a@far.example",
	  "",
	  "m1@x",
	  "invoice 17",
	  1,
	  STORE_HANDED_OVER,
	  1795286000000LL,
	  "mx.far.example",
	  "192.0.2.1",
	  "4bXyZ1" },
	{ { 0x123456789abc1ULL, 7 },
	  0,
	  "b@far.example",
	  "b@near.example",
	  "m2@x",
	  "invoice 18",
	  2,
	  STORE_HANDED_OVER,
	  1795286000000LL,
	  "mx.far.example",
	  "192.0.2.1",
	  "4bXyZ2" },
	{ { 0x123456789abc1ULL, 7 },
	  1,
	  "c@far.example",
	  "",
	  "m2@x",
	  "invoice 18",
	  2,
	  STORE_BOUNCED,
	  1795286000000LL,
	  "mx.far.example",
	  "192.0.2.1",
	  "4bXyZ2" },
	{ { 0x123456789abc2ULL, 7 }, 0, "b@far.example", "", "m3@x", "", 1, STORE_QUEUED, 0, "", "", "" },
};

static void check(const struct bounce_report *r)
{
	struct bounce_match out[BOUNCE_MATCHES_MAX];
	bool seen[ARRAY_LEN(ours)] = { false };
	size_t n = bounce_match(r, ours, ARRAY_LEN(ours), out);
	for (size_t i = 0; i < n; i++) {
		const struct bounce_candidate *c = &ours[out[i].candidate];
		if (out[i].candidate >= ARRAY_LEN(ours) || seen[out[i].candidate] ||
		    out[i].how == BOUNCE_BY_NOTHING)
			__builtin_trap();
		seen[out[i].candidate] = true;
		if (bounce_is_authentic(c, &out[i], "192.0.2.1") &&
		    (!out[i].same_address || (c->nrcpts > 1 && out[i].how != BOUNCE_BY_RETURN_PATH)))
			__builtin_trap();
	}
	if (n && r->dsn.kind == DSN_NONE)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str mail = { (const char *)data, size };
	struct bounce_reader r = { .key = &key, .from_mailbox = size % 2, .now_ms = now_ms };
	struct bounce_report report;
	struct store_id id;
	uint32_t rcpt;
	if (size % 3 == 0)
		strlist_add(&r.addresses, a, return_path_make(&key, "*@b.example", ours[1].id, 1, a));
	bounce_report_read(a, mail, &r, &report);
	check(&report);
	/* Nobody finds a signature by trying. */
	if (return_path_read(&key, mail, &id, &rcpt) == RETURN_PATH_GOOD)
		__builtin_trap();
	return 0;
}
