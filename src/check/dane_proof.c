/* SPDX-License-Identifier: Apache-2.0 */
#include "check/dane_proof.h"

enum word { NOTHING, OPEN, UNTESTED, UNSIGNED, SIGNED };

static enum word word_of(const struct dns_answer *a)
{
	if (!a || a->doubt)
		return OPEN;
	if (a->status == DNS_ANSWER_NODATA || a->status == DNS_ANSWER_NXDOMAIN)
		return NOTHING;
	if (a->status != DNS_ANSWER_OK)
		return OPEN;
	if (a->secure)
		return SIGNED;
	return *dns_unprovable(a) ? UNTESTED : UNSIGNED;
}

/* Where we can prove nothing, but the resolver vouches for one of them (AD), it has judged the others, too.
 */
static bool is_judged(const struct dane_proof *p)
{
	const struct dns_answer *const all[] = { p->tlsa, p->mx, p->a4, p->a6 };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (word_of(all[i]) == SIGNED)
			return true;
	return false;
}

/* Of both kinds: one that is signed is enough, and one that is not says it of the other. */
static enum word addresses_word(const struct dane_proof *p)
{
	enum word four = p->asked4 ? word_of(p->a4) : NOTHING, six = p->asked6 ? word_of(p->a6) : NOTHING;
	return four > six ? four : six;
}

const char *dane_proof_word(const struct dane_proof *p)
{
	const enum word words[] = { word_of(p->tlsa), p->implicit ? SIGNED : word_of(p->mx),
				    addresses_word(p) };
	bool open = false, untested = false;
	if (p->tlsa && p->tlsa->status == DNS_ANSWER_BOGUS)
		return "bogus";
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i] == UNSIGNED || words[i] == NOTHING)
			return "insecure";
		open = open || words[i] == OPEN;
		untested = untested || words[i] == UNTESTED;
	}
	if (untested)
		return is_judged(p) ? "insecure" : "untested";
	return open ? "temperror" : "secure";
}
