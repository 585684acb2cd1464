/* SPDX-License-Identifier: Apache-2.0 */
/* A message's header as profiles and mail APIs take it, an API's answer, and a lane's name. */
#include <string.h>

#include "relay/delivery/api_message.h"
#include "relay/delivery/api_verdict.h"
#include "relay/lane/lane_name.h"
#include "relay/profile_head.h"
#include "tests/fuzz/fuzz.h"

static struct relay_kind kinds[] = {
	{ .name = "invoice", .from = "I <i@x.example>", .reply_to = "r@x.example", .route = "" }
};
static struct relay_profile profiles[] = {
	{ .name = "office", .from = "o@x.example", .reply_to = "", .route = "", .kinds = kinds, .nkinds = 1 }
};
static const struct relay_settings settings = { .profiles = profiles, .nprofiles = 1 };

static void must(bool well)
{
	if (!well)
		__builtin_trap();
}

static void by_profile(struct str header, struct arena *a)
{
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct profile_choice c;
	struct header h;
	const char *no = NULL;
	header_read(a, header, &h);
	if (!profile_choose(&settings, &h, a, &c, &no) || !profile_touches(&c, &h))
		return;
	profile_rewrite(&c, header, a, &out);
	header_read(a, buf_str(&out), &h);
	must(!header_count(&h, "X-Postrider-Profile") && !header_count(&h, "X-Postrider-Untested"));
}

static void by_api(struct str header, struct arena *a)
{
	CLEANUP(buf_clear) struct buf out = { 0 };
	struct strlist rcpts = { 0 };
	const char *bcc;
	strlist_add(&rcpts, a, "a@x.example");
	if (!api_message_fit(header, &rcpts, a, &bcc))
		api_message_header(header, bcc, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct api_verdict v;
	const struct str s = { (const char *)data, size };
	const struct api_answer x = { size ? 200 + data[0] * 2 : 0, s, "", "" };
	by_profile(s, a);
	by_api(s, a);
	api_judge(&x, a, &v);
	must((v.outcome == API_TAKEN) == (x.status / 100 == 2));
	must(!strpbrk(v.text, "\r\n\033"));
	const struct lane_as as = lane_as_of(s);
	(void)lane_as(&settings, &as, (struct relay_sender){ s, s }, s, a);
	return 0;
}
