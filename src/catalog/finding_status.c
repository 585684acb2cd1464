/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding_status.h"

/* Subject and detail.  The first row that fits: a name that ends in "-" stands for all that begin so. */
static const struct row {
	const char *finding, *status;
} rows[] = {
	{ "dns-nxdomain-recipient-domain", "1.2" }, /* bad destination system address */
	{ "mx-null", "1.10" },                      /* recipient address has null MX */
	{ "attach-too-big", "3.4" },                /* message too big for system */
	{ "ehlo-size-smaller-than-message", "3.4" },
	{ "tcp-open-then-reset", "4.2" }, /* bad connection */
	{ "tcp-", "4.1" },                /* no answer from host */
	{ "server-down", "4.1" },
	{ "banner-never", "4.1" },
	{ "banner-not-smtp", "5.0" }, /* other protocol status */
	{ "banner-", "4.2" },
	{ "dialogue-", "4.2" },
	{ "data-timeout-after-dot", "4.2" },
	{ "dns-nodata-address", "4.4" }, /* unable to route */
	{ "mx-target-missing", "4.4" },
	{ "mx-none-implicit-a", "4.4" },
	{ "server-name-not-found", "4.4" },
	{ "dns-", "4.3" },             /* directory server failure */
	{ "mx-loops-to-self", "4.6" }, /* routing loop detected */
	{ "ph-loop-hops", "4.6" },
	{ "ph-expired", "4.7" }, /* delivery time expired */
	{ "reply-protocol-error", "5.0" },
	{ "ehlo-capability-8bitmime-missing", "6.3" }, /* conversion required but not supported */
	{ "ehlo-capability-smtputf8-missing", "6.7" }, /* non-ASCII addresses not permitted */
	{ "starttls-not-offered", "7.10" },            /* encryption needed */
	{ "dp-dane-starttls-missing", "7.10" },
	{ "dp-dane-", "7.5" }, /* cryptographic failure, as others say it of a server that is not proven */
	{ "dp-mta-sts-", "7.5" },
	{ "starttls-", "7.5" },
	{ "tls-", "7.5" },
	{ "auth-mechanism-mismatch", "7.4" }, /* security features not supported */
	{ "oauth-mechanism-not-offered", "7.4" },
	{ "oauth-", "7.8" }, /* authentication credentials invalid */
	{ "rs-smarthost-auth-fails", "7.8" },
	{ "rs-own-copy-unreadable", "3.0" }, /* other mail system status */
};

static bool fits(const struct row *r, struct str finding)
{
	struct str name = str_of(r->finding);
	bool all = name.p[name.len - 1] == '-';
	return all ? str_eq(str_cut(finding, 0, name.len), r->finding) : str_eq(finding, r->finding);
}

static const char *status_of(struct str finding)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (fits(&rows[i], finding))
			return rows[i].status;
	return "0.0";
}

const char *finding_status(struct arena *a, struct str finding, enum status_class as)
{
	return arena_printf(a, "%d.%s", (int)as, status_of(finding));
}

bool finding_is_security(struct str finding)
{
	return *status_of(finding) == '7';
}
