/* SPDX-License-Identifier: Apache-2.0 */
/* A domain's MX hosts, one polite dialogue each: in the order in which senders try
 * them.  The first that answers is the main one, as it is for a sender. */
#include <string.h>

#include "check/message.h"
#include "check/mx.h"
#include "mail/dns_view.h"

enum {
	CONNECT_WITH_OTHERS_MS = 3000, /* patience for one address while others are left */
	GREETING_OF_OTHERS_MS = 8000,  /* of hosts after the main one */
	OTHER_ADDRESSES_MAX = 2        /* of the main host, looked at after it */
};

/* Only the domain's own mailboxes: anything else would be relaying. */
static struct strlist recipients_of(struct probe *p)
{
	const struct fact_target *t = &p->target->target;
	struct strlist own = { 0 };
	for (size_t i = 0; i < t->to.n; i++) {
		const char *at = strrchr(t->to.v[i], '@');
		if (at && dns_name_eq(at + 1, t->domain))
			strlist_add(&own, p->ev->arena, t->to.v[i]);
	}
	return own;
}

static struct dialogue_plan plan_of(struct probe *p, const struct mx_set *s)
{
	const struct fact_target *t = &p->target->target;
	struct dialogue_plan plan = {
		.purpose = "main",
		.changed = "",
		.port = (unsigned)t->port,
		.until = p->req->until == UNTIL_CONNECT ? UNTIL_CONNECT : UNTIL_TLS,
		.declare_size = -1,
		.ask_control = p->req->experiments,
		.tlsa_domain = s->domain,
	};
	request_security_of(t->security, &plan.security);
	plan.to = recipients_of(p);
	if (plan.to.n && (p->req->until == UNTIL_AUTO || p->req->until >= UNTIL_ENVELOPE)) {
		plan.until = UNTIL_ENVELOPE;
		plan.from = t->from;
	}
	return plan;
}

/* The message goes only to the main host, and only where that was asked for. */
static void with_message(struct probe *p, struct dialogue_plan *plan, struct buf *message)
{
	bool is_given = p->req->attach.n || (p->req->message_file && *p->req->message_file);
	bool send = p->req->until == UNTIL_MESSAGE && plan->until == UNTIL_ENVELOPE;
	if ((!send && !is_given) || !probe_message(p, MESSAGE_REAL, message))
		return;
	plan->message_bytes = buf_waiting(message);
	plan->message = send ? buf_str(message).p : NULL;
	plan->declare_size = (long)plan->message_bytes;
	plan->until = send ? UNTIL_MESSAGE : plan->until;
}

/* The addresses of one host in turn, until one takes the connection. */
static bool talk(struct probe *p, struct dialogue_plan *plan, const struct mx_host *h, bool last,
		 size_t *used)
{
	struct dialogue_result out = { 0 };
	plan->host = h->name;
	plan->tlsa = h->tlsa_records;
	for (size_t i = 0; i < h->addresses.n && i < MX_ADDRESSES_MAX; i++) {
		bool others = !last || (i + 1 < h->addresses.n && i + 1 < MX_ADDRESSES_MAX);
		plan->address = h->addresses.v[i];
		plan->connect_ms = others ? CONNECT_WITH_OTHERS_MS : 0;
		*used = i;
		dialogue_run(p, plan, &out);
		if (out.connected)
			return true;
	}
	return false;
}

/* What was tried as the main dialogue and did not answer is one MX among others.  The
 * facts are still ours to complete. */
static void rename_sessions(struct probe *p, const char *host, const char *from, const char *to)
{
	for (size_t i = 0; i < p->ev->n; i++) {
		struct fact *f = p->ev->facts[i];
		if (f->kind == FACT_SESSION && !strcmp(f->dialogue.purpose, from) &&
		    !strcmp(f->dialogue.host, host))
			f->dialogue.purpose = to;
	}
}

static void other_addresses(struct probe *p, const struct dialogue_plan *main, const struct mx_host *h,
			    size_t used)
{
	struct dialogue_plan plan = *main;
	plan.purpose = "address";
	plan.message = NULL;
	plan.until = UNTIL_CONNECT;
	plan.connect_ms = CONNECT_WITH_OTHERS_MS;
	plan.greeting_ms = GREETING_OF_OTHERS_MS;
	for (size_t i = used + 1; i < h->addresses.n && i <= used + OTHER_ADDRESSES_MAX; i++) {
		struct dialogue_result ignored;
		plan.address = h->addresses.v[i];
		plan.changed = arena_printf(p->ev->arena, "another address of the name: %s", plan.address);
		if (!p->told_to_go)
			dialogue_run(p, &plan, &ignored);
	}
}

static void other_hosts(struct probe *p, const struct dialogue_plan *main, const struct mx_set *s,
			size_t from)
{
	struct dialogue_plan plan = *main;
	plan.purpose = "mx";
	plan.message = NULL;
	plan.until = main->until == UNTIL_CONNECT ? UNTIL_CONNECT : UNTIL_TLS;
	plan.from = NULL;
	plan.to = (struct strlist){ 0 };
	plan.greeting_ms = GREETING_OF_OTHERS_MS;
	for (size_t i = from; i < s->n && i < MX_DIALOGUES_MAX; i++) {
		size_t used;
		plan.changed = arena_printf(p->ev->arena, "another MX host: %s", s->v[i].name);
		if (s->v[i].addresses.n)
			talk(p, &plan, &s->v[i], false, &used);
	}
}

static void talk_to_all(struct probe *p, const struct mx_set *s)
{
	struct dialogue_plan plan = plan_of(p, s);
	CLEANUP(buf_clear) struct buf message = { 0 };
	with_message(p, &plan, &message);
	const char *first = NULL;
	size_t used = 0;
	for (size_t i = 0; i < s->n && i < MX_DIALOGUES_MAX; i++) {
		const struct mx_host *h = &s->v[i];
		if (!h->addresses.n)
			continue;
		bool last = i + 1 == s->n || i + 1 == MX_DIALOGUES_MAX;
		if (talk(p, &plan, h, last, &used)) {
			if (p->req->experiments)
				other_addresses(p, &plan, h, used);
			other_hosts(p, &plan, s, i + 1);
			return;
		}
		rename_sessions(p, h->name, "main", "mx");
		first = first ? first : h->name;
	}
	if (first)
		rename_sessions(p, first, "mx", "main");
}

void probe_mx(struct probe *p)
{
	struct fact_target *t = &p->target->target;
	CLEANUP(mem_free) struct mx_set *s = mem_alloc(sizeof(*s));
	struct mx_authority authority;
	if (!dns_name_askable(t->domain))
		return;
	if (!t->port)
		t->port = MX_PORT;
	s->domain = t->domain;
	mx_authority_start(p, s->domain, &authority);
	if (mx_look_up(p, s)) {
		mx_look_up_tlsa(p, s);
		mx_authority_go_on(p, s->domain, &authority);
		p->addresses = s->v[0].addresses;
		talk_to_all(p, s);
	}
	mx_authority_finish(p, s->domain, &authority);
}
