/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of any bytes: the first two say where the rest is cut; both ways give the same events. */
#include "tests/fuzz/fuzz.h"

#include "explain/log/summary.h"
#include "explain/log/table.h"

struct seen {
	struct log_summary *summary;
	uint64_t hash;
	unsigned long long n;
};

static void see(void *user, const struct log_event *e)
{
	struct seen *s = user;
	log_summary_add(s->summary, e);
	s->n++;
	s->hash = s->hash * 31 + (log_hash(e->to) ^ log_hash(e->reply) ^ log_hash(e->from) ^
				  log_hash(e->relay) ^ log_hash(e->client) ^ (uint64_t)e->state ^ e->line);
}

static struct seen read_cut(const char *p, size_t n, size_t piece)
{
	const struct log_options o = { .now_s = 1795262400 };
	struct seen s = { .summary = log_summary_new() };
	struct log_reader *r = log_reader_new(&o, see, &s);
	for (size_t at = 0; at < n; at += piece)
		log_reader_feed(r, (struct str){ p + at, n - at < piece ? n - at : piece });
	log_reader_end(r);
	if (log_summary_digest(s.summary)->recipients > s.n)
		__builtin_trap();
	log_reader_free(&r);
	log_summary_free(&s.summary);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const char *p = (const char *)data + 1;
	struct seen a = read_cut(p, size - 1, size), b = read_cut(p, size - 1, data[0] % 64 + 1u);
	if (a.n != b.n || a.hash != b.hash)
		__builtin_trap();
	return 0;
}
