/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pack_message.h"

enum { FORM = 1 };

static void pack_rcpt(struct buf *b, const struct store_rcpt *r)
{
	pack_s(b, r->address);
	pack_s(b, r->orcpt);
	pack_u(b, r->notify);
	pack_s(b, r->lane);
	pack_u(b, r->state);
	pack_i(b, r->next_ms);
	pack_i(b, r->expires_ms);
	pack_u(b, r->tries);
	pack_s(b, r->finding);
}

static void pack_shape(struct buf *b, const struct body_shape *shape)
{
	pack_u(b, shape->head_len);
	pack_u(b, shape->npieces);
	for (size_t i = 0; i < shape->npieces; i++) {
		pack_u(b, shape->pieces[i].segment);
		pack_u(b, shape->pieces[i].offset);
		pack_u(b, shape->pieces[i].len);
	}
}

void pack_message(struct buf *b, const struct store_message *m, const struct body_shape *shape)
{
	pack_u(b, FORM);
	pack_i(b, m->arrived_ms);
	pack_u(b, m->size);
	pack_u(b, m->flags);
	const struct str texts[] = { m->reverse_path, m->envid,   m->account, m->listener, m->client,
				     m->message_id,   m->subject, m->from,    m->key,      m->config };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		pack_s(b, texts[i]);
	pack_u(b, m->nrcpts);
	for (size_t i = 0; i < m->nrcpts; i++)
		pack_rcpt(b, &m->rcpts[i]);
	pack_shape(b, shape);
	if (!m->sender_why.len)
		return; /* all is as it was before that was kept */
	pack_s(b, m->sender_given);
	pack_s(b, m->sender_why);
}

bool message_reader_begin(struct message_reader *r, struct str meta)
{
	*r = (struct message_reader){ .u = { .left = meta } };
	struct store_message *m = &r->m;
	if (unpack_u(&r->u) != FORM)
		r->u.bad = true;
	m->arrived_ms = unpack_i(&r->u);
	m->size = unpack_u(&r->u);
	m->flags = (unsigned)unpack_most(&r->u, UINT32_MAX);
	struct str *const texts[] = { &m->reverse_path, &m->envid,   &m->account, &m->listener, &m->client,
				      &m->message_id,   &m->subject, &m->from,    &m->key,      &m->config };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = unpack_s(&r->u);
	m->nrcpts = r->left = (size_t)unpack_most(&r->u, STORE_RCPTS_MAX);
	return !r->u.bad;
}

bool message_reader_rcpt(struct message_reader *r)
{
	if (!r->left || r->u.bad)
		return false;
	r->left--;
	struct store_rcpt *p = &r->rcpt;
	p->address = unpack_s(&r->u);
	p->orcpt = unpack_s(&r->u);
	p->notify = (unsigned)unpack_most(&r->u, UINT8_MAX);
	p->lane = unpack_s(&r->u);
	p->state = (enum store_state)unpack_most(&r->u, STORE_STATES - 1);
	p->next_ms = unpack_i(&r->u);
	p->expires_ms = unpack_i(&r->u);
	p->tries = (unsigned)unpack_most(&r->u, UINT32_MAX);
	p->finding = unpack_s(&r->u);
	return !r->u.bad;
}

bool message_reader_shape(struct message_reader *r, struct arena *a, struct body_shape *shape)
{
	shape->head_len = (uint32_t)unpack_most(&r->u, UINT32_MAX);
	shape->npieces = (size_t)unpack_most(&r->u, BODY_PIECES_MAX);
	if (r->u.bad || shape->npieces > r->u.left.len)
		return false;
	shape->pieces = arena_alloc(a, (shape->npieces + 1) * sizeof(*shape->pieces));
	for (size_t i = 0; i < shape->npieces; i++) {
		shape->pieces[i].segment = (uint32_t)unpack_most(&r->u, UINT32_MAX);
		shape->pieces[i].offset = unpack_u(&r->u);
		shape->pieces[i].len = (uint32_t)unpack_most(&r->u, UINT32_MAX);
	}
	if (r->u.left.len) {
		r->m.sender_given = unpack_s(&r->u);
		r->m.sender_why = unpack_s(&r->u);
	}
	return !r->u.bad && !r->u.left.len;
}

bool unpack_message(struct str meta, struct arena *a, struct store_message *m, struct body_shape *shape)
{
	struct message_reader r;
	/* A recipient takes 9 bytes at least, so a claimed count beyond that is nonsense. */
	if (!message_reader_begin(&r, meta) || r.left > meta.len)
		return false;
	struct store_id id = m->id;
	*m = r.m;
	m->id = id;
	m->rcpts = arena_alloc(a, (m->nrcpts + 1) * sizeof(*m->rcpts));
	for (size_t i = 0; message_reader_rcpt(&r); i++)
		m->rcpts[i] = r.rcpt;
	bool whole = !r.u.bad && message_reader_shape(&r, a, shape);
	m->sender_given = r.m.sender_given;
	m->sender_why = r.m.sender_why;
	return whole;
}

static struct str reply_kept(struct str reply)
{
	return reply.len <= STORE_REPLY_MAX ? reply : str_cut(reply, 0, STORE_REPLY_MAX);
}

/* Of a mark with nothing owed and nothing known of a proof all is as it was before that was kept. */
enum {
	MARK_KEEP = 1,
	MARK_DOT = 2,
	MARK_OWED = 4,
	MARK_PROOF = 8, /* a store_proof times this */
	MARK_FLAGS_MAX = STORE_PROOFS * MARK_PROOF - 1
};

static unsigned mark_flags(const struct store_mark *m)
{
	return (m->keep_claim ? MARK_KEEP : 0u) | (m->dot ? MARK_DOT : 0u) | (m->owed ? MARK_OWED : 0u) |
	       (unsigned)m->proof * MARK_PROOF;
}

static void pack_mark(struct buf *b, const struct store_mark *m)
{
	pack_u(b, m->id.seq);
	pack_u(b, m->id.tail);
	pack_u(b, m->rcpt);
	pack_u(b, m->epoch);
	pack_u(b, mark_flags(m));
	pack_u(b, m->state);
	pack_i(b, m->at_ms);
	pack_i(b, m->next_ms);
	pack_u(b, m->tries);
	pack_u(b, m->code);
	const struct str texts[] = { m->lane,    m->host,      m->address, m->tls, reply_kept(m->reply),
				     m->finding, m->remote_id, m->config,  m->why };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		pack_s(b, texts[i]);
}

void pack_marks(struct buf *b, const struct store_mark *marks, size_t n)
{
	pack_u(b, FORM);
	pack_u(b, n);
	for (size_t i = 0; i < n; i++)
		pack_mark(b, &marks[i]);
}

bool mark_reader_begin(struct mark_reader *r, struct str meta)
{
	*r = (struct mark_reader){ .u = { .left = meta }, .meta = meta };
	if (unpack_u(&r->u) != FORM)
		r->u.bad = true;
	r->left = (size_t)unpack_most(&r->u, STORE_MARKS_MAX);
	return !r->u.bad;
}

bool mark_reader_next(struct mark_reader *r)
{
	if (!r->left || r->u.bad)
		return false;
	r->left--;
	r->at = r->meta.len - r->u.left.len;
	struct store_mark *m = &r->mark;
	m->id.seq = unpack_u(&r->u);
	m->id.tail = (uint32_t)unpack_most(&r->u, UINT32_MAX);
	m->rcpt = (uint32_t)unpack_most(&r->u, STORE_RCPTS_MAX);
	m->epoch = unpack_u(&r->u);
	unsigned flags = (unsigned)unpack_most(&r->u, MARK_FLAGS_MAX);
	m->keep_claim = flags & MARK_KEEP;
	m->dot = flags & MARK_DOT;
	m->owed = flags & MARK_OWED;
	m->proof = (enum store_proof)(flags / MARK_PROOF);
	m->state = (enum store_state)unpack_most(&r->u, STORE_STATES - 1);
	m->at_ms = unpack_i(&r->u);
	m->next_ms = unpack_i(&r->u);
	m->tries = (unsigned)unpack_most(&r->u, UINT32_MAX);
	m->code = (unsigned)unpack_most(&r->u, UINT32_MAX);
	struct str *const texts[] = { &m->lane,    &m->host,      &m->address, &m->tls, &m->reply,
				      &m->finding, &m->remote_id, &m->config,  &m->why };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = unpack_s(&r->u);
	return !r->u.bad;
}
