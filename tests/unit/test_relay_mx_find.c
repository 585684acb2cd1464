/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/mx_find: what is remembered of a look-up, and what one may be used for that this machine had
 * no room to make whole. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "relay/delivery/mx_look.h"

static enum mx_result found;
static int sts_lack, named_lack;
static unsigned looks;

unsigned __wrap_mx_look(struct relay *r, struct sts_cache *sts, const struct mx_ask *ask, struct dns *dns,
			struct arena *a, struct mx_plan *out);
unsigned __wrap_mx_look(struct relay *r, struct sts_cache *sts, const struct mx_ask *ask, struct dns *dns,
			struct arena *a, struct mx_plan *out)
{
	(void)r, (void)sts, (void)ask, (void)dns, (void)a;
	*out = (struct mx_plan){ .result = found, .finding = "", .why = "", .untold = "", .lack = sts_lack };
	if (found == MX_READY)
		out->v[out->n++] = (struct mx_target){ .host = "mx.example.net",
						       .address = "192.0.2.1",
						       .base = "mx.example.net" };
	looks++;
	return 600;
}

int __wrap_dns_lack(const struct dns *d);
int __wrap_dns_lack(const struct dns *d)
{
	(void)d;
	return named_lack;
}

static const struct lack_case {
	const char *name;
	struct mx_ask ask;
	enum mx_result found;
	int named_lack, sts_lack;
	enum mx_result result; /* that a delivery sees */
	int lack;
	bool kept; /* the next one goes by it */
} lack_cases[] = {
	{ "nothing lacked", { .name = "a" }, MX_READY, 0, 0, MX_READY, 0, true },
	{ "a look-up", { .name = "a" }, MX_READY, EMFILE, 0, MX_TROUBLE, EMFILE, false },
	{ "the fetch of its policy", { .name = "a" }, MX_READY, 0, ENFILE, MX_TROUBLE, ENFILE, false },
	{ "no policy counts: waived",
	  { .name = "a", .waived = true },
	  MX_READY,
	  EMFILE,
	  0,
	  MX_READY,
	  EMFILE,
	  false },
	{ "no policy counts: a host",
	  { .name = "a", .host_only = true },
	  MX_READY,
	  EMFILE,
	  0,
	  MX_READY,
	  EMFILE,
	  false },
	{ "no such domain, all the same",
	  { .name = "a" },
	  MX_NO_DOMAIN,
	  EMFILE,
	  0,
	  MX_NO_DOMAIN,
	  EMFILE,
	  false },
	{ "it failed", { .name = "a" }, MX_TROUBLE, EMFILE, 0, MX_TROUBLE, EMFILE, false },
};

static void check(struct relay *r, const struct lack_case *x)
{
	CLEANUP(mx_cache_free) struct mx_cache *c = mx_cache_new("/nowhere");
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mx_plan plan;
	found = x->found;
	named_lack = x->named_lack;
	sts_lack = x->sts_lack;
	looks = 0;
	mx_find(r, c, &x->ask, a, &plan);
	if (plan.result != x->result || plan.lack != x->lack)
		fail_msg("%s: result %d, lack %d", x->name, plan.result, plan.lack);
	assert_int_equal(plan.n, x->result == MX_READY);
	named_lack = sts_lack = 0;
	mx_find(r, c, &x->ask, a, &plan);
	if (plan.result != x->found || looks != (x->kept ? 1 : 2))
		fail_msg("%s: then result %d after %u looks", x->name, plan.result, looks);
}

static void test_what_was_not_asked(void **state)
{
	(void)state;
	CLEANUP(net_loop_free) struct net_loop *l = net_loop_new();
	assert_non_null(l);
	static const struct relay_settings settings = { .resolver = "127.0.0.1:9" };
	struct relay r = { .loop = l, .settings = &settings };
	for (size_t i = 0; i < ARRAY_LEN(lack_cases); i++)
		check(&r, &lack_cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_was_not_asked) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
