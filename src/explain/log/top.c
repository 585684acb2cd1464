/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/top.h"

#include <stdlib.h>
#include <string.h>

#include "explain/log/example.h"
#include "explain/log/table.h"

struct row {
	struct log_counted counted; /* first: the caller's pointer is the row's */
	char name[LOG_SUMMARY_NAME_MAX + 1];
	struct log_example_room room;
};

struct log_top {
	struct log_table *table; /* key -> row's number in table memory */
	struct log_place worst[LOG_SUMMARY_WORST_MAX];
};

struct log_top *log_top_new(void)
{
	struct log_top *t = mem_alloc(sizeof(*t));
	t->table = log_table_new(LOG_SUMMARY_PLACES_MAX, sizeof(struct row));
	return t;
}

void log_top_free(struct log_top **t)
{
	if (*t)
		log_table_free(&(*t)->table);
	mem_free(t);
}

bool log_top_any(const struct log_top *t)
{
	return log_table_count(t->table) > 0;
}

struct log_counted *log_top_find(struct log_top *t, struct str key)
{
	uint32_t slot = log_table_find(t->table, key);
	return slot == LOG_NO_SLOT ? NULL : log_table_at(t->table, slot);
}

static struct row *row_at(struct log_top *t, uint32_t slot)
{
	return log_table_at(t->table, slot);
}

/* The least frequent one makes room. */
static unsigned long long make_room(struct log_top *t)
{
	uint32_t least = 0;
	for (uint32_t i = 1; i < LOG_SUMMARY_PLACES_MAX; i++)
		if (row_at(t, i)->counted.n < row_at(t, least)->counted.n)
			least = i;
	unsigned long long n = row_at(t, least)->counted.n;
	log_table_remove(t->table, least);
	return n;
}

struct log_counted *log_top_take(struct log_top *t, struct str key)
{
	struct log_counted *c = log_top_find(t, key);
	if (c)
		return c;
	unsigned long long inherited = log_table_full(t->table) ? make_room(t) : 0;
	struct row *r = row_at(t, log_table_add(t->table, key));
	memset(r, 0, sizeof(*r));
	r->counted.n = inherited;
	r->counted.place.most_wrong = inherited;
	log_top_name(&r->counted, key);
	return &r->counted;
}

void log_top_name(struct log_counted *c, struct str name)
{
	struct row *r = (struct row *)c;
	log_example_text(name, r->name, sizeof(r->name));
	c->place.name = r->name;
}

void log_top_example(struct log_counted *c, const struct log_event *e)
{
	struct row *r = (struct row *)c;
	log_example_keep(&c->place.example, &r->room, e);
	c->place.finding = e->nmeanings ? e->meanings[0].entry : NULL;
}

static int worse_first(const void *a, const void *b)
{
	const struct log_place *p = a, *q = b;
	unsigned long long m = p->failed * 2 + p->delayed, n = q->failed * 2 + q->delayed;
	return m != n ? (m < n) - (m > n) : strcmp(p->name, q->name);
}

const struct log_place *log_top_worst(struct log_top *t, size_t *n)
{
	struct log_place all[LOG_SUMMARY_PLACES_MAX];
	size_t got = 0;
	uint32_t count = log_table_count(t->table);
	for (uint32_t i = 0; i < count; i++) { /* slots are never given back but to the next one */
		const struct log_place *p = &row_at(t, i)->counted.place;
		if (p->failed || p->delayed)
			all[got++] = *p;
	}
	qsort(all, got, sizeof(*all), worse_first);
	*n = got < LOG_SUMMARY_WORST_MAX ? got : LOG_SUMMARY_WORST_MAX;
	memcpy(t->worst, all, *n * sizeof(*all));
	return t->worst;
}
