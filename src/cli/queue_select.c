/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/queue_select.h"

#include <string.h>

#include "catalog/finding.h"
#include "cli/folder.h"
#include "show/trace_query.h"

/* By ids: what is asked, where, and what comes of it. */
struct selecting {
	const struct queue_options *o;
	const struct queue_choice *w;
	struct store *store;
	struct queue_selection *out;
	struct queue_outcome * not ;
};

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

/* A mail and a place to wait at are not one question. */
static bool no_place(const struct queue_options *o, const char *id, struct err *e)
{
	if (o->verb != QUEUE_STEER)
		return wrong(e, id,
			     "list shows what waits at a destination; of a mail: postrider queue show ID");
	return wrong(e, id, "ids and destinations do not go together");
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
	if (o->finding && !finding_entry_find(o->finding))
		return wrong(e, o->finding,
			     "there is no such finding; postrider queue list names those it waits for");
	for (size_t i = 0; i < o->nargs; i++)
		if (is_id(o->args[i]) ? !no_place(o, o->args[i], e) : !filter_argument(o->args[i], q, e))
			return false;
	trace_query_forms(q, o->arena);
	return true;
}

static const char *why_none(const struct queue_choice *w, const struct store_trail *t, uint32_t only)
{
	if (only != QUEUE_PICK_EACH && only >= t->message.nrcpts)
		return "that mail has fewer recipients";
	return w->recipient.len ? "it is not to that recipient, or not in that state"
				: "it is not in that state";
}

static bool select_id(const struct selecting *x, const char *text, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_id id;
	struct store_trail t;
	uint32_t only;
	if (!queue_pick_read(text, &id, &only, e))
		return false;
	int found = folder_trail(x->store, id, a, &t, e);
	const struct steering_item item = { id, only == QUEUE_PICK_EACH ? 0 : only, "" };
	if (!found)
		queue_outcome_not(x->not, item, "there is no such mail here");
	else if (found > 0 && !queue_pick_trail(x->w, &t, only, x->o->arena, x->out))
		queue_outcome_not(x->not, item, why_none(x->w, &t, only));
	return found >= 0;
}

/* The filter would be passed over, and more be done than was meant. */
static bool stands_alone(const struct queue_options *o, struct err *e)
{
	if (o->all)
		return wrong(e, "--all", "it stands for all mails: name an id, or --all");
	if (o->domain || o->destination || o->finding || o->account || o->sender)
		return wrong(
			e, o->args[0],
			"an id stands without --to-domain, --destination, --finding, --account and --sender");
	return true;
}

static bool select_ids(const struct selecting *x, struct err *e)
{
	const struct queue_options *o = x->o;
	for (size_t i = 0; i < o->nargs; i++)
		if (!is_id(o->args[i]))
			return no_place(o, o->args[i], e);
	if (!stands_alone(o, e))
		return false;
	for (size_t i = 0; i < o->nargs; i++)
		if (!select_id(x, o->args[i], e))
			return false;
	x->out->named = true;
	return true;
}

bool queue_select(const struct queue_options *o, struct store *s, struct queue_selection *out,
		  struct queue_outcome * not, struct err *e)
{
	struct queue_choice w = {
		.what = o->what, .state = o->state, .all = o->all, .recipient = str_of(o->recipient)
	};
	*out = (struct queue_selection){ 0 };
	if (o->nargs && is_id(o->args[0]))
		return select_ids(&(struct selecting){ o, &w, s, out, not }, e);
	return queue_filter(o, &w.q, e) && queue_pick_bulk(&w, s, o->arena, out, e);
}
