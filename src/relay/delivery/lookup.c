/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/lookup.h"

bool lookup_is_told(const struct dns_answer *x)
{
	return x && !x->doubt &&
	       (x->status == DNS_ANSWER_OK || x->status == DNS_ANSWER_NODATA ||
		x->status == DNS_ANSWER_NXDOMAIN);
}

const struct dns_answer *lookup_proven(struct dns *d, struct dns_question *q, uint64_t until_ms)
{
	const struct dns_answer *x = dns_wait(d, q, until_ms);
	if (!lookup_is_told(x) || x->secure)
		return x;
	return dns_wait(d,
			dns_ask(d, dns_question_name(q), dns_question_type(q), DNS_VALIDATE | DNS_NO_HOSTS,
				NULL),
			until_ms);
}

/* The finding of each way in which a question fails. */
static const char *const of_status[DNS_ANSWER_STATUSES] = {
	[DNS_ANSWER_SERVFAIL] = "dns-servfail",  [DNS_ANSWER_REFUSED] = "dns-refused",
	[DNS_ANSWER_TIMEOUT] = "dns-timeout",    [DNS_ANSWER_BOGUS] = "dns-dnssec-bogus",
	[DNS_ANSWER_MALFORMED] = "dns-servfail", [DNS_ANSWER_OTHER_RCODE] = "dns-servfail",
};

static const char *const of_doubt[DNS_DOUBTS] = {
	[DNS_PROOF_OPEN] = "dns-servfail", [DNS_ANCHOR_WRONG] = "", /* nothing is wrong with the DNS */
};

static enum dns_status_code status_of(const struct dns_answer *x)
{
	return x ? x->status : DNS_ANSWER_TIMEOUT;
}

const char *lookup_finding(const struct dns_answer *x)
{
	const char *finding = x && x->doubt ? of_doubt[x->doubt] : of_status[status_of(x)];
	return finding ? finding : "";
}

const char *lookup_words(const struct dns_answer *x)
{
	return x && x->error && *x->error ? x->error : dns_status_name(status_of(x));
}
