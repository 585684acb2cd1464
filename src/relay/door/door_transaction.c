/* SPDX-License-Identifier: Apache-2.0 */
/* A message under way: its beginning, its recipients, and its end. */
#include <stdlib.h>
#include <strings.h>

#include "base/buf.h"
#include "relay/door/door_inner.h"
#include "smtp/xtext.h"

/* As it may be kept: decoded where it is xtext. */
static struct str plain_of(struct arena *a, struct str xtext)
{
	struct buf b = { .max = STORE_TEXT_MAX };
	struct str out = { "", 0 };
	if (smtp_xtext_decode(&b, xtext))
		out = arena_str(a, buf_str(&b));
	buf_clear(&b);
	return out;
}

struct door_transaction *door_transaction_new(const struct smtp_request *q)
{
	struct arena *a = arena_new();
	struct door_transaction *m = arena_alloc(a, sizeof(*m));
	m->arena = a;
	m->size = q->size;
	m->sender = arena_str(a, q->path.address);
	m->envid = plain_of(a, q->envid);
	m->flags = (str_ieq(q->body, "8BITMIME") ? STORE_8BITMIME : 0) | (q->smtputf8 ? STORE_SMTPUTF8 : 0) |
		   (q->requiretls ? STORE_REQUIRETLS : 0) | (str_ieq(q->ret, "FULL") ? STORE_RET_FULL : 0) |
		   (str_ieq(q->ret, "HDRS") ? STORE_RET_HDRS : 0);
	return m;
}

static unsigned notify_of(struct str words)
{
	static const struct {
		const char *word;
		unsigned flag;
	} all[] = { { "NEVER", STORE_NOTIFY_NEVER },
		    { "SUCCESS", STORE_NOTIFY_SUCCESS },
		    { "FAILURE", STORE_NOTIFY_FAILURE },
		    { "DELAY", STORE_NOTIFY_DELAY } };
	unsigned flags = 0;
	struct str word;
	while (str_next(&words, ",", &word))
		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			flags |= str_ieq(word, all[i].word) ? all[i].flag : 0;
	return flags;
}

/* In ASCII: the next server may be one without SMTPUTF8.  None where that is longer than one may be. */
static struct str orcpt_of(struct arena *a, struct str given)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	smtp_xtext_unicode(&b, given);
	return arena_str(a, buf_waiting(&b) > SMTP_ORCPT_CHARS_MAX ? STR_LIT("") : buf_str(&b));
}

void door_transaction_add(struct door_transaction *m, const struct smtp_request *q)
{
	if (door_transaction_has(m, q->path.address))
		return;
	if (m->n == m->room) {
		m->room = m->room ? m->room * 2 : 4;
		m->v = mem_grow(m->v, m->room, sizeof(*m->v));
	}
	m->v[m->n++] = (struct store_rcpt){ .address = arena_str(m->arena, q->path.address),
					    .orcpt = orcpt_of(m->arena, q->orcpt),
					    .notify = notify_of(q->notify) };
}

void door_transaction_free(struct door_transaction **mp)
{
	struct door_transaction *m = *mp;
	*mp = NULL;
	if (!m)
		return;
	intake_free(&m->intake);
	free(m->v);
	struct arena *a = m->arena; /* m is in it */
	arena_free(&a);
}

bool door_transaction_has(const struct door_transaction *m, struct str address)
{
	for (size_t i = 0; i < m->n; i++)
		if (str_iequal(m->v[i].address, address))
			return true;
	return false;
}

void door_forget(struct door *d)
{
	door_transaction_free(&d->mail);
}
