/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments for a refused EHLO name or sender. */
#include <string.h>

#include "check/experiment.h"
#include "check/rule_view.h"

enum { PEEK_MS = 1500 };

static bool names_helo(const struct fact *f)
{
	return f && f->reply.code >= 400 && (!strcmp(f->reply.step, "ehlo") || z_ihas(f->reply.text, "helo"));
}

static bool ehlo_refused(const struct probe *p, const struct main_outcome *m)
{
	return names_helo(m->reply) && !p->told_to_go;
}

/* Another way to introduce ourselves: the address literal, always legal (RFC 5321, 4.1.3). */
static void ehlo_name(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	const char *address = m->connect ? m->connect->connect.local_address : "";
	if (!*address)
		return;
	plan.purpose = "ehlo-name";
	plan.ehlo_name = arena_printf(p->ev->arena, strchr(address, ':') ? "[IPv6:%s]" : "[%s]", address);
	plan.changed = arena_printf(p->ev->arena, "EHLO %s", plan.ehlo_name);
	plan.until = UNTIL_ENVELOPE;
	plan.from = p->target->target.from;
	plan.to = p->target->target.to;
	dialogue_run(p, &plan, &out);
	bool passed = out.ehlo && (!plan.to.n || out.rcpt_ok);
	experiment_tell(p, "ehlo-name", "Is it the name in EHLO that is refused?", plan.changed,
			passed ? "works" : "fails",
			passed ? "with that name it passes" : "refused with that name too", out.session);
}

static bool sender_refused(const struct probe *p, const struct main_outcome *m)
{
	const struct fact_target *t = &p->target->target;
	return m->reply && m->reply->reply.code >= 400 && !strcmp(m->reply->reply.step, "mail-from") &&
	       strchr(t->user, '@') && strcmp(t->user, t->from) != 0 && !p->told_to_go;
}

/* From equal to the login: is it the sender's address that is refused? */
static void from_login(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	plan.purpose = "from-login";
	plan.changed = arena_printf(p->ev->arena, "sender %s, the login itself", p->target->target.user);
	plan.login = p->req->password || p->token;
	plan.until = UNTIL_ENVELOPE;
	plan.from = p->target->target.user;
	dialogue_run(p, &plan, &out);
	experiment_tell(p, "from-login", "Is the login's own address allowed as sender?", plan.changed,
			out.mail ? "works" : "fails", out.mail ? "it is accepted" : "it is refused too",
			out.session);
}

static bool null_sender_refused(const struct probe *p, const struct main_outcome *m)
{
	return m->reply && m->reply->reply.code >= 500 && !strcmp(m->reply->reply.step, "mail-from") &&
	       !*p->target->target.from && !p->told_to_go;
}

static void real_sender(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_plan plan = m->plan;
	struct dialogue_result out;
	const char *at = plan.to.n ? strrchr(plan.to.v[0], '@') : NULL;
	plan.purpose = "real-sender";
	plan.from = arena_printf(p->ev->arena, "postmaster%s",
				 at ? at : arena_printf(p->ev->arena, "@%s", plan.host));
	plan.changed = arena_printf(p->ev->arena, "sender %s", plan.from);
	plan.until = UNTIL_ENVELOPE;
	plan.to = (struct strlist){ 0 };
	dialogue_run(p, &plan, &out);
	experiment_tell(p, "real-sender", "Is only the empty sender refused?", plan.changed,
			out.mail ? "works" : "fails",
			out.mail ? "a real sender is accepted" : "a real sender is refused too", out.session);
}

static const char *own_domain(const struct fact_target *t)
{
	const char *at = strrchr(*t->user && strchr(t->user, '@') ? t->user : t->from, '@');
	return at ? at + 1 : NULL;
}

static bool no_login_or_no_relay(const struct probe *p, const struct main_outcome *m)
{
	const struct fact *auth = evidence_last(p->ev, FACT_AUTH, m->session);
	bool no_login = auth && !strcmp(auth->auth.result, "unsupported");
	const struct fact *rcpt = rule_reply_at(p->ev, m->session, "rcpt");
	bool no_relay = rcpt && rcpt->reply.code >= 500;
	return m->ehlo && !m->ehlo->ehlo.auth.n && (no_login || no_relay) && own_domain(&p->target->target);
}

/* Is this the server that receives for our own domain?  Then it is the wrong one to send through. */
static void mx_of_user(struct probe *p, const struct main_outcome *m)
{
	struct dialogue_result out;
	const char *domain = own_domain(&p->target->target);
	probe_lookup(p, domain, "MX", 0, "mx-of-user");
	probe_lookup(p, arena_printf(p->ev->arena, "smtp.%s", domain), "A", 0, "near");
	const struct dialogue_plan peek = { .purpose = "port",
					    .changed = "port 587",
					    .host = m->plan.host,
					    .address = m->plan.address,
					    .port = 587,
					    .security = SECURITY_NONE,
					    .connect_ms = PEEK_MS };
	bool up = m->plan.port != 587 && dialogue_peek(p, &peek, &out);
	if (m->plan.port != 587)
		experiment_tell(p, "submission-port", "Does this server take mail for sending on port 587?",
				"port 587", up ? "works" : "fails",
				up ? "it answers there" : "no answer there", out.session);
}

const struct experiment experiments_smtp[] = {
	{ "mx-of-user", no_login_or_no_relay, mx_of_user, true },
	{ "ehlo-name", ehlo_refused, ehlo_name, false },
	{ "from-login", sender_refused, from_login, false },
	{ "real-sender", null_sender_refused, real_sender, false },
	{ .name = NULL },
};
