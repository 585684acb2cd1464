/* SPDX-License-Identifier: Apache-2.0 */
/* The recipients that a report names, each once. */
#include "mail/dsn_job.h"

struct dsn_recipient *dsn_recipient_add(struct dsn_job *j)
{
	struct dsn *out = j->out;
	if (out->n == DSN_RECIPIENTS_MAX) {
		out->more = true;
		return NULL;
	}
	out->v = arena_grow(j->a, out->v, out->n, &j->room, 4, sizeof(*out->v));
	struct dsn_recipient *r = &out->v[out->n++];
	*r = (struct dsn_recipient){ .address = "",
				     .original = "",
				     .status = "",
				     .reply = "",
				     .reply_type = "",
				     .step = "",
				     .remote = "",
				     .remote_ip = "",
				     .final_log_id = "",
				     .will_retry_until = "",
				     .last_attempt = "" };
	return r;
}

struct dsn_recipient *dsn_recipient_for(struct dsn_job *j, struct str address)
{
	for (size_t i = 0; i < j->out->n; i++)
		if (str_ieq(address, j->out->v[i].address))
			return &j->out->v[i];
	struct dsn_recipient *r = dsn_recipient_add(j);
	if (r)
		r->address = dsn_text(j->a, address, DSN_FIELD_MAX);
	return r;
}
