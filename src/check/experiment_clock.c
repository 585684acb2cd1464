/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate out of its time: are those of others out of theirs too? */
#include <string.h>

#include "check/experiment.h"

/* Exchange Online also says the time in its greeting. */
static const struct {
	const char *host;
	unsigned port;
	enum request_security security;
} others[] = {
	{ "smtp.office365.com", 587, SECURITY_STARTTLS },
	{ "smtp.gmail.com", 465, SECURITY_TLS },
};

static bool out_of_time(const struct fact *verify)
{
	return verify &&
	       (strlist_has(&verify->verify.codes, "9") || strlist_has(&verify->verify.codes, "10"));
}

static bool certificate_out_of_time(const struct probe *p, const struct main_outcome *m)
{
	(void)p;
	return out_of_time(m->verify);
}

/* True when this one could be asked. */
static bool ask(struct probe *p, size_t i)
{
	const struct dns_answer *a = probe_lookup(p, others[i].host, "A", DNS_ONE_TRY, "control");
	if (!a || a->status != DNS_ANSWER_OK || !a->records.n)
		return false;
	struct dialogue_result out;
	struct dialogue_plan plan = {
		.purpose = "other-certificate",
		.changed = arena_printf(p->ev->arena, "%s:%u", others[i].host, others[i].port),
		.host = others[i].host,
		.address = a->records.v[0],
		.port = others[i].port,
		.security = others[i].security,
		.until = UNTIL_TLS,
		.declare_size = -1,
		.connect_ms = 2000,
		.greeting_ms = 3000,
	};
	dialogue_run(p, &plan, &out);
	const struct fact *verify = evidence_last(p->ev, FACT_VERIFY, out.session);
	if (!verify)
		return false;
	bool same = out_of_time(verify);
	experiment_tell(p, "other-certificate", "Is another server's certificate out of its time too?",
			plan.changed, same ? "same" : "differs",
			same ? "it is: the clock here is wrong" : "it is in its time", out.session);
	return true;
}

static void other_certificate(struct probe *p, const struct main_outcome *m)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i].host, m->plan.host) != 0 && ask(p, i))
			return;
}

const struct experiment experiments_clock[] = {
	{ "other-certificate", certificate_out_of_time, other_certificate, true },
	{ .name = NULL },
};
