/* SPDX-License-Identifier: Apache-2.0 */
/* The main dialogue: which address, which port, how far; then the other
 * addresses of the name, so that one bad machine behind it is seen. */
#include <string.h>

#include "check/dialogue.h"
#include "check/message.h"

enum {
	CONNECT_WITH_OTHERS_MS = 3000, /* patience for one address while others are left */
	OTHER_ADDRESSES_MAX = 4        /* looked at after the main dialogue */
};

/* Submission first, as RFC 8314 and most providers have it; 25 last. */
static const struct {
	unsigned port;
	const char *security;
} usual_ports[] = { { 587, "starttls" }, { 465, "tls" }, { 25, "auto" } };

static enum request_until until_of(const struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	if (p->req->until != UNTIL_AUTO)
		return p->req->until;
	return t->from_given || t->to.n || !strcmp(t->form, "address") ? UNTIL_ENVELOPE : UNTIL_AUTH;
}

struct dialogue_plan dialogue_main_plan(struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	struct dialogue_plan plan = {
		.purpose = "main",
		.changed = "",
		.host = t->host,
		.address = p->addresses.n ? p->addresses.v[0] : "",
		.port = (unsigned)t->port,
		.until = until_of(p),
		.login = strcmp(p->req->auth, "none") != 0 &&
			 (p->token || p->token_request || (p->req->password && !probe_wants_token(p))),
		.declare_size = -1,
		.watch_silence = p->req->experiments,
		.ask_control = p->req->experiments,
	};
	request_security_of(t->security, &plan.security);
	if (probe_wants_token(p) && !plan.login && plan.until > UNTIL_AUTH)
		plan.until = UNTIL_AUTH; /* what a server says to strangers is not the question */
	if (plan.until >= UNTIL_ENVELOPE) {
		plan.from = t->from;
		plan.to = t->to;
	}
	return plan;
}

/* Tries the addresses in order until one connects. */
static bool talk(struct probe *p, struct dialogue_plan *plan, struct dialogue_result *out, size_t *used)
{
	for (size_t i = 0; i < p->addresses.n; i++) {
		plan->address = p->addresses.v[i];
		bool others = i + 1 < p->addresses.n || plan->port != (unsigned)p->target->target.port;
		plan->connect_ms = others ? CONNECT_WITH_OTHERS_MS : 0;
		*used = i;
		dialogue_run(p, plan, out);
		if (out->connected)
			return true;
	}
	return false;
}

/* No port was given: the usual ones, the next only when none answers there. */
static bool talk_on_usual_ports(struct probe *p, struct dialogue_plan *plan, struct dialogue_result *out,
				size_t *used)
{
	struct fact_target *t = &p->target->target;
	for (size_t i = 0; i < ARRAY_LEN(usual_ports); i++) {
		enum request_security s;
		request_security_of(usual_ports[i].security, &s);
		if (strcmp(t->security, "auto") != 0 && plan->security != s && usual_ports[i].port != 25)
			continue;
		plan->port = usual_ports[i].port;
		if (!strcmp(t->security, "auto"))
			plan->security = s == SECURITY_STARTTLS ? SECURITY_AUTO : s;
		if (!t->port)
			t->port = (long)plan->port; /* the usual one, should none answer */
		if (talk(p, plan, out, used)) {
			t->port = (long)plan->port;
			return true;
		}
	}
	return false;
}

/* The mode was left to us, and TLS is spoken where a greeting was awaited. */
static void again_with_tls(struct probe *p, struct dialogue_plan *plan, struct dialogue_result *out)
{
	if (!out->spoke_tls || strcmp(p->target->target.security, "auto") != 0)
		return;
	plan->security = SECURITY_TLS;
	dialogue_run(p, plan, out);
}

static void other_addresses(struct probe *p, const struct dialogue_plan *main, size_t used)
{
	struct dialogue_plan plan = *main;
	plan.purpose = "address";
	plan.until = UNTIL_TLS;
	plan.watch_silence = plan.login = false;
	plan.connect_ms = CONNECT_WITH_OTHERS_MS;
	plan.greeting_ms = CONNECT_WITH_OTHERS_MS * 2;
	for (size_t i = 0, n = 0; i < p->addresses.n && n < OTHER_ADDRESSES_MAX; i++) {
		struct dialogue_result ignored;
		if (i <= used || p->told_to_go)
			continue;
		plan.address = p->addresses.v[i];
		plan.changed = arena_printf(p->ev->arena, "another address of the name: %s", plan.address);
		dialogue_run(p, &plan, &ignored);
		n++;
	}
}

void probe_server(struct probe *p)
{
	struct dialogue_plan plan = dialogue_main_plan(p);
	struct dialogue_result out = { 0 };
	size_t used = 0;
	CLEANUP(buf_clear) struct buf message = { 0 };
	if ((plan.until == UNTIL_MESSAGE || p->req->attach.n || p->req->message_file) &&
	    probe_message(p, MESSAGE_REAL, &message)) {
		plan.message = plan.until == UNTIL_MESSAGE ? buf_str(&message).p : NULL;
		plan.message_bytes = buf_waiting(&message);
		plan.declare_size = (long)plan.message_bytes;
	}
	bool up = plan.port ? talk(p, &plan, &out, &used) : talk_on_usual_ports(p, &plan, &out, &used);
	if (up)
		again_with_tls(p, &plan, &out);
	if (up && p->req->experiments)
		other_addresses(p, &plan, used);
}
