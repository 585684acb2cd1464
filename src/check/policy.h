/* SPDX-License-Identifier: Apache-2.0 */
/* check/policy.h - the questions about a domain's mail, worked off side by side.
 *
 * A task is one pure evaluator of mail/ with what it judges.  All tasks are
 * evaluated, what they want is asked at once and recorded, and so on until
 * nothing is wanted or the time is up; then each records its fact. */
#ifndef CHECK_POLICY_H
#define CHECK_POLICY_H

#include "check/probe.h"
#include "mail/dkim.h"
#include "mail/dmarc.h"
#include "mail/dnsbl.h"
#include "mail/fcrdns.h"
#include "mail/mta_sts.h"
#include "mail/spf.h"

enum {
	POLICY_TASKS_MAX = 32,
	POLICY_ROUNDS_MAX = 30,     /* of questions; an SPF tree needs at most about 20 */
	POLICY_QUESTIONS_MAX = 200, /* of one round */
};

struct policy_task {
	const char *purpose; /* of its DNS facts */
	/* False: answers are missing, w names them. */
	bool (*judge)(struct policy_task *t, struct arena *a, const struct dns_view *view,
		      struct dns_wants *w);
	void (*record)(const struct policy_task *t, struct probe *p);
	bool done;
	const char *domain;   /* or the address, or the list's zone */
	const char *subject;  /* selector, HELO name, address looked up in a list */
	const char *expected; /* of a DKIM key: "yes" or "guess" */
	struct str message;   /* whose signatures are verified; borrowed */
	struct spf_ask spf_ask;
	struct dmarc_ask dmarc_ask;
	union {
		struct spf_report spf;
		struct dkim_key key;
		struct dmarc_report dmarc;
		struct mta_sts_txt sts;
		struct fcrdns_report ptr;
		struct dnsbl_report list;
		struct dkim_report signatures;
	} out;
};

struct policy {
	struct probe *p;
	struct arena *arena; /* of the evaluations */
	struct policy_task v[POLICY_TASKS_MAX];
	size_t n;
};

/* Tasks of each kind, ready to be added. */
struct policy_task policy_spf_lint(const char *domain);
struct policy_task policy_spf_check(const struct spf_ask *ask);
struct policy_task policy_dkim(const char *domain, const char *selector, const char *expected);
struct policy_task policy_signatures(struct str message, const char *from_domain);
struct policy_task policy_dmarc(const struct dmarc_ask *ask);
struct policy_task policy_sts(const char *domain);
struct policy_task policy_ptr(const char *ip, const char *helo); /* helo: "" not to be compared */
struct policy_task policy_dnsbl(const char *subject, const char *zone);

void policy_add(struct policy *pol, struct policy_task t);
/* Takes what was answered by now and asks what is wanted next, without waiting. */
void policy_go_on(struct policy *pol);
/* Evaluates and asks until all is known or until_ms; what is not done then stays undone. */
void policy_run(struct policy *pol, uint64_t until_ms);
/* Facts of what is done. */
void policy_record(struct policy *pol);

/* The policy file of a domain with an MTA-STS record: fetched, read, compared
 * with the MX hosts seen; records HTTP and MTA_STS. */
void policy_sts_file(struct probe *p, const struct policy_task *t, uint64_t until_ms);

#endif
