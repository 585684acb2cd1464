/* SPDX-License-Identifier: Apache-2.0 */
/* What was typed, looked at before any packet leaves: hosts and addresses with
 * characters that cannot be, and addresses that are missing. */
#include <string.h>

#include "check/probe.h"
#include "smtp/host.h"
#include "smtp/path.h"

static bool record(struct probe *p, const char *field, const char *value, const char *problem, size_t at,
		   const char *clean)
{
	struct fact *f = probe_fact(p, FACT_INPUT, 0);
	f->input.field = field;
	f->input.problem = probe_text(p, problem);
	f->input.value = probe_text(p, value);
	f->input.clean = probe_text(p, clean);
	f->input.at = (long)at;
	probe_tell(p, f);
	return false;
}

/* An international name is no mistake: it is converted before it is asked for. */
static bool host(struct probe *p, const char *field, const char *typed)
{
	struct smtp_host h;
	if (smtp_host_read(str_of(typed), &h) || !h.problem || !strcmp(h.problem, "non-ascii"))
		return true;
	return record(p, field, typed, h.problem, h.at, h.clean);
}

/* "Clerk <clerk@x.example>": what stands in the brackets, if that is an address. */
static const char *inside_brackets(struct probe *p, const char *typed)
{
	const char *open = strrchr(typed, '<'), *close = open ? strchr(open, '>') : NULL;
	struct smtp_mailbox box;
	if (!close)
		return "";
	struct str s = { open + 1, (size_t)(close - open) - 1 };
	return smtp_mailbox_read(s, SMTP_PATH_UTF8, &box, NULL) ? arena_dup(p->ev->arena, s.p, s.len) : "";
}

static bool address(struct probe *p, const char *field, const char *typed)
{
	struct smtp_mailbox box;
	struct smtp_path_problem why = { "", 0 };
	if (smtp_mailbox_read(str_of(typed), SMTP_PATH_UTF8, &box, &why))
		return true;
	return record(p, field, typed, why.word, why.at, inside_brackets(p, typed));
}

/* A message is to be sent, and nobody says from whom. */
static bool sender_given(struct probe *p)
{
	const struct check_request *r = p->req;
	bool derivable = *r->from || r->null_from || strchr(r->user, '@') || r->form == FORM_ADDRESS;
	return r->until != UNTIL_MESSAGE || derivable || record(p, "from", "", "empty", 0, "");
}

bool probe_input(struct probe *p)
{
	const struct check_request *r = p->req;
	bool ok = true;
	if (r->form == FORM_ADDRESS)
		ok = address(p, "target", r->input) && ok;
	if (*r->host)
		ok = host(p, "host", r->host) && ok;
	if (r->form == FORM_DOMAIN)
		ok = host(p, "domain", r->domain) && ok;
	if (r->blank_from)
		ok = record(p, "from", "", "empty", 0, "") && ok;
	else if (*r->from)
		ok = address(p, "from", r->from) && ok;
	for (size_t i = 0; i < r->to.n; i++)
		ok = address(p, "to", r->to.v[i]) && ok;
	return sender_given(p) && ok;
}
