/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dkim_job.h - one signature while it is judged: shared by dkim.c and dkim_signature.c. */
#ifndef MAIL_DKIM_JOB_H
#define MAIL_DKIM_JOB_H

#include "mail/dkim.h"
#include "mail/dkim_data.h"
#include "mail/taglist.h"

struct dkim_job {
	struct arena *a;
	const struct header *header;
	const struct header_field *field; /* the DKIM-Signature */
	struct taglist tags;
	enum dkim_canon header_canon, body_canon;
	enum dkim_algorithm algorithm;
	struct str body_hash, signature; /* decoded */
	size_t body_limit;
	struct dkim_signature *out;
};

/* Reads the field's tags (3.5) into the job and its signature.  False: the
 * signature's result and why say what is wrong. */
bool dkim_signature_read(struct dkim_job *j) MUST_USE;

/* Sets result and why; always false. */
bool dkim_fail(struct dkim_job *j, enum dkim_result result, const char *why);

#endif
