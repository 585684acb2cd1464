/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/log_check.h"

#include "tests/unit/unit.h"

enum { CUT_STEP = 5 };

static struct str or_dash(struct str s)
{
	return s.len ? s : STR_LIT("-");
}

static bool good(enum log_state s)
{
	return s == LOG_HANDED_OVER || s == LOG_DELIVERED_HERE;
}

static void note(void *user, const struct log_event *e)
{
	struct str relay = or_dash(e->relay), from = or_dash(e->from), client = or_dash(e->client);
	struct str enhanced = or_dash(e->enhanced), to = or_dash(e->to), step = or_dash(str_of(e->step));
	assert_true(good(e->state) ? e->nmeanings == 0 : !e->reply.len || e->nmeanings > 0);
	buf_addf(user,
		 "%llu %s%s " STR_FMT " " STR_FMT " %u " STR_FMT " " STR_FMT " %u " STR_FMT " " STR_FMT
		 " | " STR_FMT "\n",
		 e->line, log_state_name(e->state), e->final ? "" : "+", STR_ARG(to), STR_ARG(relay), e->code,
		 STR_ARG(enhanced), STR_ARG(step), e->tries, STR_ARG(from), STR_ARG(client),
		 STR_ARG(e->reply));
}

void log_check_read(const struct log_options *o, struct str log, size_t cut, struct buf *out)
{
	CLEANUP(log_reader_free) struct log_reader *r = log_reader_new(o, note, out);
	log_reader_feed(r, str_cut(log, 0, cut));
	log_reader_feed(r, str_cut(log, cut, log.len));
	log_reader_end(r);
}

static void check_case(const struct log_case *c)
{
	const struct log_options o = { .now_s = LOG_CHECK_NOW };
	struct str log = str_of(c->log);
	for (size_t cut = 0; cut <= log.len; cut += CUT_STEP) {
		CLEANUP(buf_clear) struct buf out = { 0 };
		log_check_read(&o, log, cut, &out);
		if (!str_eq(buf_str(&out), c->events))
			fail_msg("%s, cut at %zu:\ngot\n" STR_FMT "wanted\n%s", c->name, cut,
				 STR_ARG(buf_str(&out)), c->events);
	}
}

struct all {
	const struct log_case *cases;
	size_t n;
};

static void test_cases(void **state)
{
	const struct all *all = *state;
	for (size_t i = 0; i < all->n; i++)
		check_case(&all->cases[i]);
}

int log_check_main(const struct log_case *cases, size_t n)
{
	struct all all = { cases, n };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_cases, &all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
