/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/api_verdict.h - what a mail API's answer means for a message.  Pure.
 *
 * These are no SMTP replies: 4xx and 5xx mean other things here.  Microsoft answers some 5xx although the
 * mail goes out, and Google's limits are told late: what is not known is in doubt, never a failure. */
#ifndef RELAY_API_VERDICT_H
#define RELAY_API_VERDICT_H

#include "base/arena.h"
#include "relay/trouble.h"

struct api_answer {
	long status;             /* of HTTP; 0: none came */
	struct str body;         /* JSON, mostly */
	const char *retry_after; /* of the header; "" none */
	const char *request_id;  /* "" none */
};

enum api_outcome { API_TAKEN, API_IN_DOUBT, API_FAILED };

struct api_verdict {
	enum api_outcome outcome;
	struct trouble judged; /* of API_FAILED */
	const char *finding;   /* "" none */
	const char *text;      /* "HTTP 403: ErrorAccessDenied: Access is denied" */
	const char *id;        /* by which who runs it finds the message; "" none */
	bool token;            /* the token was not taken */
};

void api_judge(const struct api_answer *x, struct arena *a, struct api_verdict *out);

#endif
