/* SPDX-License-Identifier: Apache-2.0 */
/* Who a mail comes from. */
#include <string.h>

#include "cli/send_way.h"
#include "mail/mailbox.h"
#include "mail/mime.h"

/* What was typed, else the kind's, else the profile's, else its user. */
static const char *own_address(const struct way *w)
{
	const struct config_profile *p = w->as;
	if (w->m->o->from || !p)
		return w->m->o->from;
	return w->kind && *w->kind->from ? w->kind->from
	       : *p->from                ? p->from
	       : strchr(p->user, '@')    ? p->user
					 : NULL;
}

/* Name and address apart; Reply-To where the profile has one. */
bool way_sender(struct way *w, struct send_options *o, struct err *e)
{
	struct mailbox_list l = { 0 };
	const char *from = own_address(w), *reply = w->kind ? w->kind->reply_to : "";
	if (w->as && !*reply)
		reply = w->as->reply_to;
	if (!o->reply_to && *reply)
		o->reply_to = reply;
	if (!from)
		return true;
	if (!mailbox_parse(w->m->arena, str_of(from), &l) || l.n != 1) {
		ERR_FILL(e, ERR_USAGE, 0, "send as", "%s", from);
		return err_detail(e, "the profile's from is no address such as office@example.com");
	}
	w->m->from = l.v[0].address;
	bool coded;
	if (!o->from)
		o->from_name = mime_words(w->m->arena, l.v[0].name, &coded);
	return true;
}

bool way_aim_test(struct way *w, struct send_options *o, struct err *e)
{
	o->wait = true;
	if (o->to.n + o->cc.n + o->bcc.n)
		return true;
	if (w->m->from) {
		strlist_add(&o->to, w->m->arena, w->m->from);
		return true;
	}
	ERR_FILL(e, ERR_USAGE, 0, "test", "profile \"%s\"", o->test);
	return err_detail(
		e, "it has no address of its own: add from = \"office@example.com\", or say --to ADDRESS");
}
