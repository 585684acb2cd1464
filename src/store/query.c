/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include <string.h>

#include "store/words.h"

bool query_same(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		unsigned char x = (unsigned char)a.p[i], y = (unsigned char)b.p[i];
		if (x != y && ((x ^ y) != 32 || (x | 32) < 'a' || (x | 32) > 'z'))
			return false;
	}
	return true;
}

bool query_is_prefix(struct str want)
{
	return want.len && want.p[want.len - 1] == '*';
}

bool query_address_fits(struct str have, struct str want)
{
	if (!want.len)
		return true;
	if (want.p[0] == '@')
		return query_same(str_domain(have), str_cut(want, 1, want.len));
	if (query_is_prefix(want))
		return query_same(str_cut(have, 0, want.len - 1), str_cut(want, 0, want.len - 1));
	return query_same(have, want);
}

static bool has_word(struct str text, const char *word, size_t len)
{
	char w[WORD_BYTES];
	size_t n;
	while ((n = words_next(&text, w)))
		if (n == len && !memcmp(w, word, n))
			return true;
	return false;
}

static bool subject_fits(struct str have, struct str want)
{
	char w[WORD_BYTES];
	size_t n;
	while ((n = words_next(&want, w)))
		if (!has_word(have, w, n))
			return false;
	return true;
}

/* Who looks for a mail knows the sender it was handed in with. */
static bool sender_fits(const struct store_message *m, struct str want)
{
	return query_address_fits(m->reverse_path, want) ||
	       (m->sender_given.len && query_address_fits(m->sender_given, want));
}

bool query_message_fits(const struct store_query *q, const struct store_message *m)
{
	return (!q->since_ms || m->arrived_ms >= q->since_ms) &&
	       (!q->until_ms || m->arrived_ms < q->until_ms) &&
	       (!q->account.len || query_same(m->account, q->account)) && sender_fits(m, q->sender) &&
	       (!q->message_id.len || query_same(id_bare(m->message_id), id_bare(q->message_id))) &&
	       (!q->subject.len || subject_fits(m->subject, q->subject));
}

unsigned query_states(const struct store_query *q)
{
	return q->states ? q->states : q->state ? 1u << q->state : 0;
}

enum store_state query_only_state(unsigned states)
{
	unsigned s = STORE_NO_STATE;
	if (!states || (states & (states - 1)))
		return STORE_NO_STATE;
	while (states >>= 1)
		s++;
	return (enum store_state)s;
}
