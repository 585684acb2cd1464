/* SPDX-License-Identifier: Apache-2.0 */
/* Who the client is, and what it is offered. */
#include <limits.h>
#include <string.h>

#include "relay/door/door_inner.h"
#include "relay/door/usage.h"

struct access_client door_client(const struct door *d)
{
	long wait_s = 0, room = LONG_MAX;
	struct relay *r = d->port->relay;
	if (d->account)
		room = usage_room(r->usage, d->account, relay_now_ms(), &wait_s);
	return (struct access_client){
		.listen = d->listen,
		.address = d->address,
		.tls = smtp_server_has_tls(d->smtp),
		.account = d->account,
		.sent_today = d->account ? usage_today(r->usage, d->account->name, relay_now_ms()) : 0,
		.rate_room = room,
		.rate_wait_s = wait_s,
	};
}

void door_offer(struct door *d)
{
	const struct relay *r = d->port->relay;
	CLEANUP(buf_clear) struct buf mechanisms = { 0 };
	bool tls = smtp_server_has_tls(d->smtp);
	const struct access_client who = {
		.listen = d->listen, .address = d->address, .tls = tls, .account = d->account
	};
	unsigned x = SMTP_EXT_SIZE | SMTP_EXT_PIPELINING | SMTP_EXT_8BITMIME | SMTP_EXT_SMTPUTF8 |
		     SMTP_EXT_CHUNKING | SMTP_EXT_DSN | SMTP_EXT_ENHANCEDSTATUSCODES | SMTP_EXT_LIMITS;
	if (r->identity && d->listen->security == RELAY_SECURITY_STARTTLS && !tls)
		x |= SMTP_EXT_STARTTLS;
	if (tls)
		x |= SMTP_EXT_REQUIRETLS; /* RFC 8689, 2 */
	door_mechanisms(d->settings, d->listen, &mechanisms);
	bool auth = buf_waiting(&mechanisms) > 1 && access_offers_auth(&who);
	smtp_server_offer_size(d->smtp, (long)access_size_max(d->settings, &who));
	smtp_server_offer(d->smtp, x | (auth ? SMTP_EXT_AUTH : 0), auth ? buf_str(&mechanisms).p : "");
}

static bool is_same(const struct relay_account *a, const struct door *d)
{
	const struct relay_account *b = d->account;
	struct scram_key print;
	if (strcmp(a->password_hash, b->password_hash) != 0 ||
	    strcmp(a->password_file, b->password_file) != 0 || strcmp(a->token_user, b->token_user) != 0)
		return false;
	/* The same file may have another password by now; where that cannot be seen it is at the next mail.
	 */
	return !door_password_print(d, &print) || scram_same(&print, &d->password_print);
}

const char *door_revoked(const struct door *d)
{
	const struct relay_settings *now = d->port->relay->settings;
	if (now == d->settings)
		return NULL;
	if (!d->account)
		return relay_allows(d->settings, &d->address) && !relay_allows(now, &d->address)
			       ? "Your address may not send through this relay any more"
			       : NULL;
	const struct relay_account *a = relay_account_find(now, d->account->name);
	return !a               ? "Your account was removed"
	       : !is_same(a, d) ? "The password of your account was changed: log in again"
				: NULL;
}

bool door_is_stranger(const struct door *d)
{
	return !d->account && !relay_allows(d->settings, &d->address);
}
