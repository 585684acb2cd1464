/* SPDX-License-Identifier: Apache-2.0 */
/* One candidate tried: connected to, proven, and logged in to where that is safe. */
#include <string.h>

#include "check/discover_inner.h"
#include "check/discover_judge.h"

enum { ADDRESSES_MAX = 2 };

static struct fact *record_candidate(struct search *s, const struct candidate *c)
{
	struct fact *f = probe_fact(s->p, FACT_CANDIDATE, 0);
	f->candidate.host = probe_text(s->p, c->host);
	f->candidate.port = (long)c->port;
	f->candidate.security = request_security_name(c->security);
	f->candidate.source = candidate_source_name(c->source);
	f->candidate.why = probe_text(s->p, c->why);
	f->candidate.login = c->login;
	f->candidate.vouched = c->vouched;
	f->candidate.provider = c->provider ? c->provider->name : "";
	probe_tell(s->p, f);
	return f;
}

static void record_attempt(struct search *s, size_t i, const struct fact *candidate, const struct judged *j,
			   const char *user, unsigned session)
{
	struct fact *f = probe_fact(s->p, FACT_ATTEMPT, session);
	f->attempt.of = (long)candidate->n;
	f->attempt.outcome = outcome_name(j->outcome);
	f->attempt.says = probe_text(s->p, j->says);
	f->attempt.user = probe_text(s->p, user);
	f->attempt.auth = j->auth;
	f->attempt.finding = j->finding;
	f->attempt.in_session = (long)session;
	probe_tell(s->p, f);
	s->done[i] = true;
	s->outcome[i] = j->outcome;
}

void search_pass_over(struct search *s, size_t i, const char *why)
{
	const struct judged j = { OUTCOME_NOT_TRIED, why, "", "" };
	record_attempt(s, i, record_candidate(s, &s->list.v[i]), &j, "", 0);
}

/* ---- where it is */

static void take_first(struct search *s, const struct dns_answer *a, struct strlist *out)
{
	if (a && a->status == DNS_ANSWER_OK && a->records.n)
		strlist_add(out, s->p->ev->arena, a->records.v[0]);
}

/* One address of each family: a broken one must not hide the other. */
static void find_addresses(struct search *s, const char *host, struct strlist *out)
{
	struct probe *p = s->p;
	struct dns_question *q6 = p->req->family == 4 ? NULL : probe_ask(p, host, "AAAA", 0);
	struct dns_question *q4 = p->req->family == 6 ? NULL : probe_ask(p, host, "A", 0);
	if (q4)
		take_first(s, probe_answer(p, q4, "candidate"), out);
	if (q6)
		take_first(s, probe_answer(p, q6, "candidate"), out);
}

/* ---- whom to log in as */

static const char *local_part(const struct search *s)
{
	const char *address = s->p->target->target.input, *at = strrchr(address, '@');
	return at ? arena_dup(s->p->ev->arena, address, (size_t)(at - address)) : "";
}

/* The login names that may be right, best first; "" none is known. */
static const char *login_name(const struct search *s, const struct candidate *c, unsigned i)
{
	const char *address = s->p->target->target.input;
	if (*s->p->req->user)
		return i ? "" : s->p->req->user;
	if (!strcmp(c->login, "given"))
		return i ? "" : c->user;
	if (!strcmp(c->login, "apikey") || !strcmp(c->login, "other") || !strchr(address, '@'))
		return "";
	if (!strcmp(c->login, "local-part"))
		return i ? "" : local_part(s);
	return !i ? address : i == 1 && !*c->login ? local_part(s) : "";
}

/* ---- the dialogue */

static struct dialogue_plan plan_of(const struct search *s, const struct candidate *c, const char *user)
{
	struct dialogue_plan plan = {
		.purpose = "candidate",
		.changed = "",
		.host = c->host,
		.port = c->port,
		/* published as unencrypted: maybe it is not any more */
		.security = c->security == SECURITY_NONE ? SECURITY_AUTO : c->security,
		.until = UNTIL_AUTH,
		.login = *user != '\0',
		.user = user,
		.declare_size = -1,
		.connect_ms = DISCOVER_CONNECT_MS,
		.greeting_ms = DISCOVER_GREETING_MS,
	};
	if (c->source == SOURCE_ISP) { /* would it take mail from here? nothing is sent */
		const char *address = s->p->target->target.input;
		plan.until = UNTIL_ENVELOPE;
		plan.security = c->security == SECURITY_TLS ? SECURITY_TLS : SECURITY_AUTO;
		plan.login = false;
		plan.from = strchr(address, '@') ? address : "";
		strlist_add(&plan.to, s->p->ev->arena,
			    *plan.from ? plan.from : arena_printf(s->p->ev->arena, "postmaster@%s", address));
	}
	return plan;
}

/* user "": no login. */
static void talk(struct search *s, const struct candidate *c, const struct strlist *addresses,
		 const char *user, struct dialogue_result *out)
{
	struct dialogue_plan plan = plan_of(s, c, user);
	for (size_t i = 0; i < addresses->n && i < ADDRESSES_MAX; i++) {
		plan.address = addresses->v[i];
		dialogue_run(s->p, &plan, out);
		s->tries++;
		if (out->connected)
			break;
	}
	s->logins += discover_tried_login(s->p->ev, out->session);
}

/* May a secret go there?  Never without TLS, never to a name that nobody vouches for. */
static bool may_log_in(const struct search *s, const struct candidate *c)
{
	return request_has_secret(s->p->req) && *c->vouched && c->source != SOURCE_ISP &&
	       (c->security == SECURITY_TLS || c->security == SECURITY_STARTTLS) && !s->works &&
	       s->logins < DISCOVER_LOGINS_MAX;
}

/* Another name than the one that was refused can help. */
static bool is_about_name(const struct judged *j)
{
	return j->outcome == OUTCOME_LOGIN_REFUSED &&
	       (!*j->finding || !strcmp(j->finding, "auth-bad-credentials"));
}

/* As the address first, then as its local part, where nobody tells which (RFC 6186, 4); what was
 * answered to the first counts unless the second is taken.  Returns the name that counts. */
static const char *log_in(struct search *s, const struct candidate *c, const struct strlist *addresses,
			  struct dialogue_result *out, struct judged *j)
{
	const char *user = login_name(s, c, 0), *other = login_name(s, c, 1);
	talk(s, c, addresses, user, out);
	*j = discover_judge(s, c, user, out);
	if (!*other || !is_about_name(j) || s->logins >= DISCOVER_LOGINS_MAX)
		return user;
	struct dialogue_result again;
	talk(s, c, addresses, other, &again);
	struct judged second = discover_judge(s, c, other, &again);
	if (second.outcome != OUTCOME_WORKS)
		return user;
	*out = again;
	*j = second;
	return other;
}

static bool ask_person(struct search *s, struct candidate *c)
{
	if (!s->r->vouch || !s->r->vouch(s->r->ctx, c))
		return false;
	for (size_t i = 0; i < s->list.n; i++) /* the host's other ports too */
		if (!strcmp(s->list.v[i].host, c->host))
			s->list.v[i].vouched = "accepted";
	return true;
}

/* Another mode of the same server, or another name of it, is worth a try. */
static void add_further(struct search *s, const struct candidate *c, const struct dialogue_result *out,
			enum outcome o)
{
	if (o == OUTCOME_NOT_PROVEN)
		search_add_certificate_names(s, c, out->session);
	if (c->security == SECURITY_NONE && out->tls && out->trusted) {
		struct candidate better = *c;
		better.security = SECURITY_STARTTLS;
		candidates_add(&s->list, better);
	}
}

static void remember(struct search *s, const struct candidate *c, enum outcome o)
{
	s->works = s->works || o == OUTCOME_WORKS;
	s->ready = s->ready || o == OUTCOME_WORKS || o == OUTCOME_READY;
	s->told_server_spoke =
		s->told_server_spoke ||
		(o <= OUTCOME_OTHER_LOGIN && o != OUTCOME_UNCONFIRMED && candidate_source_is_told(c->source));
}

static void ask_token(struct search *s)
{
	if (!s->token_asked)
		probe_token_start(s->p);
	s->token_asked = true;
}

void search_try(struct search *s, size_t i)
{
	struct candidate *c = &s->list.v[i];
	struct strlist addresses = { 0 };
	struct dialogue_result out = { .broke = STEP_DNS };
	struct fact *fact = record_candidate(s, c);
	const char *user = "";
	ask_token(s);
	find_addresses(s, c->host, &addresses);
	bool login = may_log_in(s, c) && *login_name(s, c, 0);
	struct judged j = { OUTCOME_NO_ADDRESS, "its name has no address", "", "" };
	if (addresses.n && !login) {
		talk(s, c, &addresses, "", &out);
		j = discover_judge(s, c, login_name(s, c, 0), &out);
		login = j.outcome == OUTCOME_UNCONFIRMED && ask_person(s, c) && may_log_in(s, c);
		fact->candidate.vouched = c->vouched;
	}
	if (addresses.n && login)
		user = log_in(s, c, &addresses, &out, &j);
	add_further(s, c, &out, j.outcome);
	record_attempt(s, i, fact, &j, *user ? user : login_name(s, c, 0), out.session);
	remember(s, c, j.outcome);
}
