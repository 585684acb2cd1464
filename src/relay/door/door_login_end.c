/* SPDX-License-Identifier: Apache-2.0 */
/* How a login ends: granted, refused, or to be tried again. */
#include <stdlib.h>

#include "relay/door/bearers.h"
#include "relay/door/door_login_inner.h"
#include "relay/door/guests.h"

const char door_login_crowd[] = "Too many logins at the same time: try again shortly";

static struct relay *relay_of(const struct door *d)
{
	return d->port->relay;
}

static void destroy(struct door_login *l)
{
	sasl_server_free(&l->sasl);
	mem_wipe(l, sizeof(*l));
	free(l);
}

void door_login_free(struct door *d)
{
	struct door_login *l = d->login;
	d->login = NULL;
	if (!l)
		return;
	l->door = NULL;
	bool asks =
		l->asking && !(sasl_mechanism_is_oauth(l->mechanism) && bearers_leave(l->relay->bearers, l));
	if (!asks)
		destroy(l);
}

static void count_failed(struct relay *r, const struct ipaddr *from)
{
	r->counts.logins_failed++;
	guests_failed(r->guests, from, net_loop_now_ms(r->loop));
}

void door_login_failed(struct door *d)
{
	count_failed(relay_of(d), &d->address);
	d->logins_failed++;
}

void door_login_failed_gone(const struct door_login *l)
{
	count_failed(l->relay, &l->address);
}

void door_login_refuse(struct door *d, const char *text)
{
	door_login_free(d);
	door_say(d, 535, "5.7.8", text);
	if (d->logins_failed >= DOOR_LOGINS_MAX)
		smtp_server_close(d->smtp, 421, "4.7.0", "Too many failed logins: goodbye");
}

void door_login_grant(struct door *d, const struct relay_account *account)
{
	struct relay *r = relay_of(d);
	d->account = account;
	(void)door_password_print(d, &d->password_print); /* else it has to log in again after a reload */
	r->counts.logins++;
	guests_trusted(r->guests, &d->address);
	door_login_free(d);
	door_offer(d); /* its own SIZE, also where no EHLO follows */
	door_say(d, 235, "2.7.0", "Logged in");
}

void door_login_later(struct door *d, const char *text)
{
	door_login_free(d);
	door_say(d, 454, "4.7.0", text);
}

struct door *door_login_answered(struct door_login *l)
{
	struct door *d = l->door;
	l->asking = false;
	if (!d)
		destroy(l);
	return d;
}
