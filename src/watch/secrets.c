/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/secrets.h"

#include "relay/secret_file.h"

void watch_secrets_wipe(struct watch_secrets *s)
{
	buf_wipe(&s->password);
	buf_wipe(&s->client_secret);
	buf_wipe(&s->refresh_token);
}

bool watch_request(const struct watch_monitor *m, struct watch_secrets *s, struct check_request *q,
		   struct err *e)
{
	*q = m->request;
	const struct {
		const char *file;
		struct buf *to;
		const char **at;
	} all[] = { { m->password_file, &s->password, &q->password },
		    { m->client_secret_file, &s->client_secret, &q->client_secret },
		    { m->refresh_token_file, &s->refresh_token, &q->refresh_token } };
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (!*all[i].file)
			continue;
		if (!secret_read(all[i].file, all[i].to, e))
			return false;
		*all[i].at = buf_str(all[i].to).p;
	}
	return true;
}
