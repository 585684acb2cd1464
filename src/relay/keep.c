/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/keep.h"

#include "base/mem.h"

static void keep(struct arena *a, struct str *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*texts[i] = arena_str(a, *texts[i]);
}

void keep_mark(struct arena *a, struct store_mark *m)
{
	struct str *const texts[] = { &m->lane,    &m->host,      &m->address, &m->tls, &m->reply,
				      &m->finding, &m->remote_id, &m->config,  &m->why };
	keep(a, texts, ARRAY_LEN(texts));
}

void keep_rcpt(struct arena *a, struct store_rcpt *r)
{
	struct str *const texts[] = { &r->address, &r->orcpt, &r->lane, &r->finding };
	keep(a, texts, ARRAY_LEN(texts));
}

void keep_message(struct arena *a, struct store_message *m)
{
	struct str *const texts[] = { &m->reverse_path, &m->envid,      &m->account,      &m->listener,
				      &m->client,       &m->message_id, &m->subject,      &m->from,
				      &m->key,          &m->config,     &m->sender_given, &m->sender_why };
	keep(a, texts, ARRAY_LEN(texts));
}
