/* SPDX-License-Identifier: Apache-2.0 */
/* What is held until a profile's test has passed goes on once it has. */
#include "relay/lane/lanes_inner.h"
#include "relay/let_go.h"
#include "relay/steer.h"
#include "relay/tested.h"

enum { LOOKS = 3 };

struct waiting_row {
	struct store_id id;
	uint32_t rcpt;
};

struct look {
	const struct relay *relay;
	struct waiting_row v[LET_GO_MAX];
	size_t n;
};

static bool has_passed(const struct relay *r, struct str profile)
{
	const struct relay_profile *p = relay_profile_find(r->settings, profile);
	return !p || !p->test || tested_has(r->settings->data, p->name, p->hash);
}

static bool add(void *user, const struct store_live *row)
{
	struct look *l = user;
	if ((row->state != STORE_HELD && row->state != STORE_IN_DOUBT) || row->next_ms != STORE_NEVER)
		return true;
	const struct lane_as as = lane_as_of(str_of(row->lane));
	if (as.profile.len && has_passed(l->relay, as.profile))
		l->v[l->n++] = (struct waiting_row){ row->id, row->rcpt };
	return l->n < LET_GO_MAX;
}

/* Else a person holds it. */
static bool waits_for_test(const struct store_event *last)
{
	return str_eq(last->finding, TESTED_FINDING) && !steer_wrote(last->why);
}

/* Of which profiles have passed; 0: none has to. */
static uint64_t state_of_tests(const struct relay *r)
{
	uint64_t sum = 0xcbf29ce484222325ULL; /* FNV-1a */
	bool any = false;
	for (size_t i = 0; i < r->settings->nprofiles; i++) {
		const struct relay_profile *p = &r->settings->profiles[i];
		if (!p->test)
			continue;
		any = true;
		for (const char *c = p->hash; *c; c++)
			sum = (sum ^ (unsigned char)*c) * 0x100000001b3ULL;
		sum = (sum ^ tested_has(r->settings->data, p->name, p->hash)) * 0x100000001b3ULL;
	}
	return any ? sum : 0;
}

/* All that lives is looked through only after a change, and a few times more: what was being held meanwhile.
 */
static bool is_worth_it(struct relay *r)
{
	uint64_t now = state_of_tests(r);
	if (now != r->tests) {
		r->tests = now;
		r->test_looks = LOOKS;
	}
	return r->test_looks && r->test_looks--;
}

void tested_look(struct relay *r)
{
	if (r->draining || !is_worth_it(r))
		return;
	struct look *l = mem_alloc(sizeof(*l));
	l->relay = r;
	store_each_live(r->store, add, l);
	for (size_t i = 0; i < l->n; i++)
		let_go(r, l->v[i].id, l->v[i].rcpt, waits_for_test, "the profile's test has passed");
	if (l->n == LET_GO_MAX)
		r->test_looks = LOOKS;
	mem_free(&l);
}
