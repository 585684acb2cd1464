/* SPDX-License-Identifier: Apache-2.0 */
/* mail/spf_run.h - one evaluation under way: shared by spf.c (records) and spf_match.c (terms). */
#ifndef MAIL_SPF_RUN_H
#define MAIL_SPF_RUN_H

#include "mail/spf_lookup.h"
#include "mail/spf_macro.h"

/* What one term or one record came to. */
enum spf_answer { SPF_MISS, SPF_HIT, SPF_TEMP, SPF_PERM, SPF_WAIT };

struct spf_run {
	struct arena *a;
	struct ipaddr ip;
	const struct dns_view *view;
	struct dns_wants *w;
	struct spf_report *out;
	struct spf_macro_values macros;
	const char *path[SPF_LOOKUPS_MAX + 2]; /* domains whose records are being evaluated */
	size_t depth;
	const struct spf_term *exp; /* of the record that decided */
	const char *exp_domain;
};

/* Note why the evaluation ends, for the record on top of the path. */
enum spf_answer spf_permerror(struct spf_run *r, const char *problem, const struct spf_term *t,
			      const char *why);
enum spf_answer spf_temperror(struct spf_run *r, const struct spf_term *t, const char *name);

/* "A" or "AAAA", as the sender's address is. */
const char *spf_address_type(const struct spf_run *r);

/* Sets the macros that depend on the record's domain, %{p} only when text uses
 * it.  SPF_WAIT, else SPF_HIT. */
enum spf_answer spf_prepare_macros(struct spf_run *r, const char *text, const char *domain);
/* The name a term is about; "" when it cannot be one.  SPF_WAIT, else SPF_HIT. */
enum spf_answer spf_target(struct spf_run *r, const struct spf_term *t, const char *domain,
			   const char **name);

/* Whether a mechanism other than include matches; name is its target. */
enum spf_answer spf_match(struct spf_run *r, const struct spf_term *t, const char *name);

#endif
