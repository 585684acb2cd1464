/* SPDX-License-Identifier: Apache-2.0 */
/* The refresh token of a check: the newest that relay, checks and sending keep, shown by one at a time.
 *
 * A service that gives another in its place may end the old one with that answer.  So the answer is waited
 * for as soon as it was asked for, whatever comes of the check and whoever stops it, and the new one is kept
 * before anything else.
 * Where a newer one is kept and cannot be had, nothing is asked: who shows an old one counts as a thief. */
#include <errno.h>

#include "check/probe.h"

static bool may_go_on(const struct probe *p, const char *name, struct err *e)
{
	if (e->kind == ERR_NONE)
		return true;
	if (!p->kept && e->kind != ERR_LIMIT && oauth_kept_is_none(p->req->tokens, name))
		return true;
	if (e->kind == ERR_SYS && e->code == EACCES)
		err_detail(e, "there may be a newer one: run it as who runs the relay");
	return false;
}

static const char *words_of(struct probe *p, const struct err *e)
{
	char text[400];
	return probe_text(p, err_text(e, text, sizeof(text)));
}

bool probe_refresh_take(struct probe *p, struct oauth_options *o, const char **why)
{
	struct err e = { 0 };
	char name[OAUTH_KEPT_NAME_BYTES];
	if (!o->refresh_token || !*o->refresh_token)
		return true;
	p->refresh_error = "only a check by a configuration, as with --config FILE, has a folder for it";
	if (!p->req->tokens)
		return true;
	oauth_kept_name(o, name);
	p->kept = oauth_kept_take(p->loop, p->req->tokens, name, probe_within(p, HTTP_TIMEOUT_MS), &e);
	bool readable = p->kept && oauth_kept_read(p->kept, &p->newest, &e);
	bool newest = may_go_on(p, name, &e);
	*why = p->refresh_error = readable ? "" : words_of(p, &e);
	if (buf_waiting(&p->newest)) {
		o->refresh_token = buf_str(&p->newest).p;
		evidence_hide(p->ev, o->refresh_token);
	}
	return newest;
}

static bool keep(struct probe *p, struct str token)
{
	struct err e = { 0 };
	if (!p->kept || oauth_kept_keep(p->kept, token, &e))
		return p->kept;
	p->refresh_error = words_of(p, &e);
	return false;
}

void probe_refresh_keep(struct probe *p, const char *shown)
{
	struct oauth_answer answer = { .error = "", .description = "" };
	const struct http_answer *a = http_wait(p->token_request, probe_within(p, HTTP_TIMEOUT_MS));
	struct str fresh = { "", 0 };
	if (a && a->result == HTTP_OK && oauth_answer_read(a->body, p->ev->arena, &answer))
		fresh = buf_str(&answer.refresh);
	if (fresh.len && !str_eq(fresh, shown))
		p->refresh = keep(p, fresh) ? "kept" : "lost";
	oauth_answer_wipe(&answer);
	probe_refresh_leave(p);
}

void probe_refresh_leave(struct probe *p)
{
	oauth_kept_leave(&p->kept);
	buf_wipe(&p->newest);
}
