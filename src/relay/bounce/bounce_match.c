/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/bounce_match.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text_time.h"

enum { NAME_MIN = 4 };

const char *bounce_how_words(enum bounce_how h)
{
	static const char *const words[BOUNCE_HOWS] = {
		[BOUNCE_BY_NOTHING] = "nothing",
		[BOUNCE_BY_RETURN_PATH] = "the signed return path",
		[BOUNCE_BY_OWN_ID] = "our id in its Received field",
		[BOUNCE_BY_MESSAGE_ID] = "its Message-ID",
		[BOUNCE_BY_REMOTE_ID] = "the next server's queue id",
		[BOUNCE_BY_ADDRESS] = "address, subject and time",
	};
	return words[h];
}

struct matching {
	const struct bounce_report *r;
	const struct bounce_candidate *v;
	size_t n;
	struct bounce_match *out;
	size_t nout;
};

/* One recipient of the report; or the report as a whole, where it names none. */
struct item {
	const struct dsn_recipient *about;
	const char *address, *original;
	bool only; /* the report has no other */
};

/* "" is nobody's address. */
static bool is_address(const char *a, const char *b)
{
	return *a && !strcasecmp(a, b);
}

static bool is_for(const struct item *i, const struct bounce_candidate *c)
{
	return is_address(i->address, c->address) || is_address(i->original, c->address) ||
	       (*c->orcpt && (is_address(i->address, c->orcpt) || is_address(i->original, c->orcpt)));
}

static enum bounce_meaning meaning_of(const struct dsn *d, const struct dsn_recipient *about)
{
	if (d->kind == DSN_RECEIPT)
		return BOUNCE_ARRIVED;
	if (d->kind != DSN_REPORT || !about)
		return BOUNCE_NOTED;
	return about->action == DSN_FAILED      ? BOUNCE_FAILED
	       : about->action == DSN_DELIVERED ? BOUNCE_ARRIVED
						: BOUNCE_NOTED;
}

static bool add(struct matching *m, const struct item *i, size_t candidate, enum bounce_how how)
{
	for (size_t k = 0; k < m->nout; k++)
		if (m->out[k].candidate == candidate)
			return true; /* an address behind it that failed as well */
	if (m->nout < BOUNCE_MATCHES_MAX)
		m->out[m->nout++] =
			(struct bounce_match){ candidate, i->about, how,
					       how == BOUNCE_BY_ADDRESS ? BOUNCE_NOTED
									: meaning_of(&m->r->dsn, i->about),
					       is_for(i, &m->v[candidate]) };
	return true;
}

/* ---- by the return path ---- */

static bool all_say_the_same(const struct dsn *d)
{
	for (size_t i = 1; i < d->n; i++)
		if (d->v[i].action != d->v[0].action)
			return false;
	return d->n;
}

static struct item item_of(const struct dsn_recipient *r, bool only)
{
	return (struct item){ r, r->address, r->original, only };
}

/* It is about the one whom we sent it to, whatever addresses stand behind his. */
static void match_signed(struct matching *m, size_t candidate)
{
	const struct dsn *d = &m->r->dsn;
	struct item none = { NULL, d->from, "", true };
	for (size_t i = 0; i < d->n; i++) {
		struct item x = item_of(&d->v[i], d->n == 1);
		if (is_for(&x, &m->v[candidate])) {
			add(m, &x, candidate, BOUNCE_BY_RETURN_PATH);
			return;
		}
	}
	struct item first = d->n ? item_of(&d->v[0], d->n == 1) : none;
	/* Of several behind it some got it: that is told, and decides nothing. */
	add(m, d->n && !all_say_the_same(d) ? &none : &first, candidate, BOUNCE_BY_RETURN_PATH);
}

static void by_return_path(struct matching *m)
{
	for (size_t k = 0; k < m->r->nsigned; k++)
		for (size_t i = 0; i < m->n; i++)
			if (store_id_same(m->v[i].id, m->r->signed_for[k].id) &&
			    m->v[i].rcpt == m->r->signed_for[k].rcpt)
				match_signed(m, i);
}

/* ---- by names of the mail ---- */

static bool names_own(const struct bounce_report *r, const struct bounce_candidate *c)
{
	for (size_t i = 0; i < r->nown; i++)
		if (store_id_same(r->own[i], c->id))
			return true;
	return false;
}

static bool has_name(const struct strlist *l, const char *name)
{
	for (size_t i = 0; *name && i < l->n; i++)
		if (!strcmp(l->v[i], name))
			return true;
	return false;
}

static bool names_message_id(const struct bounce_report *r, const struct bounce_candidate *c)
{
	return has_name(&r->message_ids, c->message_id);
}

static bool names_remote_id(const struct bounce_report *r, const struct bounce_candidate *c)
{
	return strlen(c->remote_id) >= NAME_MIN && has_name(&r->remote_ids, c->remote_id);
}

static bool was_out(const struct bounce_candidate *c)
{
	return c->handed_ms || store_state_live(c->state);
}

typedef bool named(const struct bounce_report *r, const struct bounce_candidate *c);

/* The only candidate that is named so and fits the item; m->n when there is none, or more than one. */
static size_t only_one(const struct matching *m, const struct item *i, named *is_named, bool with_queue_id)
{
	size_t found = m->n;
	for (size_t k = 0; k < m->n; k++) {
		const struct bounce_candidate *c = &m->v[k];
		if (!is_named(m->r, c) || !is_for(i, c) || !was_out(c) ||
		    (with_queue_id && !names_remote_id(m->r, c)))
			continue;
		if (found < m->n)
			return m->n;
		found = k;
	}
	return found;
}

/* Named, and a mail to one person: then the report is about him, whoever stands behind his address. */
static size_t lone_recipient(const struct matching *m, const struct item *i, named *is_named)
{
	size_t found = m->n;
	for (size_t k = 0; i->only && k < m->n; k++) {
		if (!is_named(m->r, &m->v[k]))
			continue;
		if (found < m->n || m->v[k].nrcpts != 1 || !was_out(&m->v[k]))
			return m->n;
		found = k;
	}
	return found;
}

static bool by_name(struct matching *m, const struct item *i, named *is_named, enum bounce_how how)
{
	size_t found = only_one(m, i, is_named, false);
	if (found == m->n) /* sent twice with one Message-ID: the queue id tells which */
		found = only_one(m, i, is_named, true);
	if (found == m->n)
		found = lone_recipient(m, i, is_named);
	return found < m->n && add(m, i, found, how);
}

static bool by_remote_id(struct matching *m, const struct item *i)
{
	size_t found = only_one(m, i, names_remote_id, false);
	return found < m->n && add(m, i, found, BOUNCE_BY_REMOTE_ID);
}

/* ---- by address and time ---- */

static bool fits_subject(const struct bounce_report *r, const struct bounce_candidate *c)
{
	return *c->subject && !strcmp(r->dsn.original.subject, c->subject);
}

static bool fits_arrival(const struct bounce_report *r, const struct bounce_candidate *c)
{
	long long at;
	if (!text_mail_date_read(str_of(r->dsn.arrival), &at))
		return false;
	long long apart = at - c->handed_ms / 1000;
	return apart <= BOUNCE_ARRIVAL_S && -apart <= BOUNCE_ARRIVAL_S;
}

/* The only mail that it can be about, and something besides the address that fits. */
static bool by_address(struct matching *m, const struct item *i)
{
	size_t found = m->n, here = 0;
	if (m->r->message_ids.n || m->r->dsn.kind != DSN_REPORT)
		return false;
	for (size_t k = 0; k < m->n; k++) {
		if (!is_for(i, &m->v[k]))
			continue;
		here++;
		found = k;
	}
	if (here != 1)
		return false;
	const struct bounce_candidate *c = &m->v[found];
	bool in_time = c->handed_ms && c->handed_ms <= m->r->at_ms + BOUNCE_ARRIVAL_S * 1000LL &&
		       c->handed_ms >= m->r->at_ms - BOUNCE_WINDOW_S * 1000LL;
	return in_time && (fits_subject(m->r, c) || fits_arrival(m->r, c)) &&
	       add(m, i, found, BOUNCE_BY_ADDRESS);
}

/* ---- all of it ---- */

static void match_item(struct matching *m, const struct item *i)
{
	(void)(by_name(m, i, names_own, BOUNCE_BY_OWN_ID) ||
	       by_name(m, i, names_message_id, BOUNCE_BY_MESSAGE_ID) || by_remote_id(m, i) ||
	       by_address(m, i));
}

size_t bounce_match(const struct bounce_report *r, const struct bounce_candidate *v, size_t n,
		    struct bounce_match *out)
{
	struct matching m = { r, v, n, out, 0 };
	if (r->dsn.kind == DSN_NONE)
		return 0;
	if (r->nsigned) {
		by_return_path(&m);
		return m.nout;
	}
	for (size_t i = 0; i < r->dsn.n; i++) {
		struct item x = item_of(&r->dsn.v[i], r->dsn.n == 1);
		match_item(&m, &x);
	}
	struct item whole = { NULL, r->dsn.from, "", true };
	if (!r->dsn.n)
		match_item(&m, &whole);
	return m.nout;
}

/* ---- what it is worth ---- */

bool bounce_is_authentic(const struct bounce_candidate *c, const struct bounce_match *m, const char *peer)
{
	if (!m->same_address || m->meaning != BOUNCE_FAILED)
		return false;
	if (m->how == BOUNCE_BY_RETURN_PATH)
		return true;
	bool by_its_name = m->how == BOUNCE_BY_OWN_ID || m->how == BOUNCE_BY_MESSAGE_ID;
	bool theirs = *peer && !strcmp(peer, c->ip);
	return by_its_name && theirs && c->nrcpts == 1;
}
