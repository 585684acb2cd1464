/* SPDX-License-Identifier: Apache-2.0 */
/* Records the shape of each secret that was given; the secrets stay out. */
#include "check/probe.h"
#include "check/secret_shape.h"

static void record(struct probe *p, const char *what, const char *secret)
{
	if (!secret)
		return;
	struct fact *f = probe_fact(p, FACT_SECRET, 0);
	f->secret.what = what;
	f->secret.chars = (long)secret_chars(secret);
	secret_notes(secret, p->ev->arena, &f->secret.notes);
	probe_tell(p, f);
}

void probe_secrets(struct probe *p)
{
	record(p, "password", p->req->password);
	record(p, "client-secret", p->req->client_secret);
	record(p, "token", p->req->token);
}
