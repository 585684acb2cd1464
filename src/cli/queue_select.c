/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/queue_select.h"

#include <string.h>

static bool wrong(struct err *e, const char *what, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "%s", what);
	return err_detail(e, "%s", mend);
}

static bool is_id(const char *s)
{
	struct store_id id;
	const char *slash = strchr(s, '/');
	return store_id_read((struct str){ s, slash ? (size_t)(slash - s) : strlen(s) }, &id);
}

static bool filter_argument(const char *s, struct store_query *q, struct err *e)
{
	struct str *field = strchr(s, '@') ? &q->recipient : &q->lane;
	if (field->len)
		return wrong(e, s, "name one destination or one recipient at a time");
	*field = str_of(s);
	return true;
}

bool queue_filter(const struct queue_options *o, struct store_query *q, struct err *e)
{
	*q = (struct store_query){
		.recipient = str_of(o->domain ? arena_printf(o->arena, "@%s", o->domain + (*o->domain == '@'))
					      : o->recipient),
		.sender = str_of(o->sender),
		.account = str_of(o->account),
		.lane = str_of(o->destination),
		.finding = str_of(o->finding),
	};
	if (o->domain && o->recipient)
		return wrong(e, o->recipient, "--to-domain and --recipient exclude each other");
	for (size_t i = 0; i < o->nargs; i++)
		if (!is_id(o->args[i]) && !filter_argument(o->args[i], q, e))
			return false;
	return true;
}

static bool select_id(const struct queue_options *o, const struct queue_choice *w, struct store *s,
		      const char *text, struct queue_selection *out, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_id id;
	struct store_trail t;
	uint32_t only;
	if (!queue_pick_read(text, &id, &only, e))
		return false;
	int found = store_trail(s, id, a, &t, e);
	if (found > 0)
		queue_pick_trail(w, &t, only, o->arena, out);
	return found >= 0;
}

static bool select_ids(const struct queue_options *o, const struct queue_choice *w, struct store *s,
		       struct queue_selection *out, struct err *e)
{
	for (size_t i = 0; i < o->nargs; i++)
		if (!is_id(o->args[i]))
			return wrong(e, o->args[i], "ids and destinations do not go together");
	for (size_t i = 0; i < o->nargs; i++)
		if (!select_id(o, w, s, o->args[i], out, e))
			return false;
	out->named = true;
	return true;
}

bool queue_select(const struct queue_options *o, struct store *s, struct queue_selection *out, struct err *e)
{
	struct queue_choice w = {
		.what = o->what, .state = o->state, .all = o->all, .recipient = str_of(o->recipient)
	};
	*out = (struct queue_selection){ 0 };
	if (o->nargs && is_id(o->args[0]))
		return select_ids(o, &w, s, out, e);
	return queue_filter(o, &w.q, e) && queue_pick_bulk(&w, s, o->arena, out, e);
}
