/* SPDX-License-Identifier: Apache-2.0 */
/* A batch in the name of a profile, and of a kind of its mail. */
#include <unistd.h>

#include "cli/send_batch.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "relay/tested.h"

static bool no_profile(const char *what, const char *name, const char *mend, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "send as", "%s \"%s\"", what, name);
	return err_detail(e, "%s", mend);
}

/* A batch that would only be held is not begun. */
static bool is_tested(const struct batch_run *r, struct err *e)
{
	const struct relay_profile *p = r->profile;
	if (!p->test || r->o->untested || r->o->dry_run || access(r->relay.data, R_OK | X_OK) ||
	    tested_has(r->relay.data, p->name, p->hash))
		return true;
	return no_profile(
		"profile", p->name,
		arena_printf(r->arena,
			     "its settings were not tested since they changed, and the relay would hold "
			     "all of it: postrider send --test %s (or --untested)",
			     p->name),
		e);
}

/* "Ann <ann@example.com>" */
static bool take_sender(struct batch_run *r, const char *value, struct err *e)
{
	struct mailbox_list l = { 0 };
	bool coded;
	if (!*value)
		return true;
	if (!mailbox_parse(r->arena, str_of(value), &l) || l.n != 1)
		return no_profile("sender", value, "it is no address such as office@example.com", e);
	r->from = l.v[0].address;
	r->from_name = mime_words(r->arena, l.v[0].name, &coded);
	return true;
}

bool send_batch_as(struct batch_run *r, struct err *e)
{
	const struct send_options *o = r->o;
	r->from = o->from;
	r->from_name = o->from_name;
	if (!o->as)
		return !o->kind || no_profile("kind", o->kind, "say of which profile: --profile NAME", e);
	r->profile = relay_profile_find(r->settings, str_of(o->as));
	if (!r->profile)
		return no_profile("profile", o->as, "the configuration has none of that name", e);
	r->kind = o->kind ? relay_kind_find(r->profile, str_of(o->kind)) : NULL;
	if (o->kind && !r->kind)
		return no_profile("kind", o->kind, "the profile has none of that name", e);
	const char *from = r->kind && *r->kind->from ? r->kind->from : r->profile->from;
	return is_tested(r, e) && (o->from || take_sender(r, from, e));
}

const char *send_batch_as_fields(const struct batch_run *r)
{
	return arena_printf(r->arena, "X-Postrider-Profile: %s\r\n%s%s%s%s", r->profile->name,
			    r->kind ? "X-Postrider-Kind: " : "", r->kind ? r->kind->name : "",
			    r->kind ? "\r\n" : "", r->o->untested ? "X-Postrider-Untested: yes\r\n" : "");
}
