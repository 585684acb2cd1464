/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/requiretls.h"

static const char wish[] = "the sender wants encryption all the way (REQUIRETLS)";

/* Numbers of RFC 5248's registry: encryption needed, REQUIRETLS support required, cryptographic failure. */
static struct requiretls refused(const struct requiretls_case *c, struct arena *a, const char *number,
				 const char *lacks)
{
	return (struct requiretls){ .for_good = true,
				    .finding = "rcpt-requiretls-unmet",
				    .why = arena_printf(a, "%s %s, and %s %s", number, wish, c->host,
							lacks) };
}

static struct requiretls waits(struct arena *a, const char *what)
{
	return (struct requiretls){ .finding = "", .why = arena_printf(a, "%s, and %s", wish, what) };
}

struct requiretls requiretls_judge(const struct requiretls_case *c, struct arena *a)
{
	if (!c->encrypted && c->starttls)
		return waits(a, arena_printf(a,
					     "%s offers encryption, which failed just now: its "
					     "administrator has to mend that if it lasts",
					     c->host));
	if (!c->encrypted)
		return refused(c, a, "5.7.10", "does not encrypt");
	if (!c->offers)
		return refused(c, a, "5.7.30", "does not offer REQUIRETLS");
	if (!c->proven)
		return refused(c, a, "5.7.5", "cannot prove who it is");
	if (c->voucher == MX_VOUCHER_UNTOLD)
		return waits(a, arena_printf(a, "nobody vouches for %s yet: %s", c->host, c->untold));
	if (c->voucher == MX_VOUCHED_BY_NOBODY)
		return refused(c, a, "5.7.5", "was named without a proof by DNSSEC or MTA-STS");
	return (struct requiretls){ .fits = true, .finding = "", .why = "" };
}
