/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a batch: what they are called, and that nobody's is written over. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text_time.h"
#include "cli/send_batch.h"

const char *send_batch_without(struct arena *a, const char *path, const char *end)
{
	return z_iends(path, end) ? arena_dup(a, path, strlen(path) - strlen(end)) : path;
}

void send_batch_name_files(struct batch_run *r)
{
	const struct send_options *o = r->o;
	r->results = o->results ? o->results
				: arena_printf(r->arena, "%s.results.csv",
					       send_batch_without(r->arena, o->merge, ".csv"));
	r->journal = arena_printf(r->arena, "%s.journal", send_batch_without(r->arena, r->results, ".csv"));
}

/* --again: what the last sending left stays readable under the time it began. */
static bool put_aside(struct batch_run *r, const char *path, const char *end, const char *when, struct err *e)
{
	const char *to =
		arena_printf(r->arena, "%s.%s%s", send_batch_without(r->arena, path, end), when, end);
	if (!rename(path, to) || errno == ENOENT)
		return true;
	return ERR_FILL(e, ERR_SYS, errno, "rename", "%s", path);
}

bool send_batch_begin_again(struct batch_run *r, struct err *e)
{
	CLEANUP(journal_free) struct journal *j = NULL;
	char when[TEXT_TIME_BYTES];
	int found = r->o->again ? journal_open(r->journal, JOURNAL_SEND, &j, e) : 0;
	if (found <= 0)
		return found == 0;
	text_time(journal_head(j)->began_ms / 1000, when);
	return put_aside(r, r->results, ".csv", when, e) && put_aside(r, r->journal, ".journal", when, e);
}

static bool is_same(const char *a, const char *b)
{
	struct stat x, y;
	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Nobody's file is written over: results are replaced only where a journal says that they are ours. */
bool send_batch_is_free(const struct batch_run *r, struct err *e)
{
	const char *why = is_same(r->results, r->o->merge) || is_same(r->results, r->o->template)
				  ? "that is the table, or the template"
			  : !access(r->results, F_OK) && access(r->journal, F_OK)
				  ? "it is there already, and no batch left it: move it away"
				  : NULL;
	if (!why)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "write results to", "%s", r->results);
	return err_detail(e, "%s, or name another file with --results", why);
}
