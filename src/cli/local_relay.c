/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/local_relay.h"

#include <string.h>

#include "cli/config_relay.h"
#include "smtp/host.h"

enum { PORT_MAX = 65535 };

/* "*:25", "0.0.0.0:25" and "[::]:25" are reached over loopback. */
static bool read_place(struct arena *a, const char *where, struct local_relay *out)
{
	const char *colon = strrchr(where, ':');
	unsigned long port;
	if (!colon || !str_number(str_of(colon + 1), PORT_MAX, &port) || !port)
		return false;
	struct str host = { where, (size_t)(colon - where) };
	if (host.len > 2 && *host.p == '[')
		host = str_cut(host, 1, host.len - 1);
	bool any = str_eq(host, "*") || str_eq(host, "0.0.0.0");
	out->host = any ? "127.0.0.1" : str_eq(host, "::") ? "::1" : arena_str(a, host).p;
	out->port = (unsigned)port;
	return true;
}

/* How little it stands in our way; 0: not to be used. */
static unsigned merit(const struct relay_listen *l, const struct local_relay *place)
{
	unsigned points = 1;
	if (l->login == RELAY_LOGIN_REQUIRED)
		return 0;
	points += l->security == RELAY_SECURITY_TLS ? 0 : 2;
	points += smtp_host_is_loopback(place->host) ? 4 : 0;
	return points;
}

static bool none(const struct config *c, const struct relay_settings *s, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "find a way into the relay in", "%s", config_path(c));
	return err_detail(e,
			  "%s; add listen \"127.0.0.1:2525\" { security = \"none\" } and start it: "
			  "postrider serve --config %s",
			  s->nlistens ? "all its listeners want a login" : "it has no listener",
			  config_path(c));
}

bool local_relay_of(const struct config *c, struct arena *a, struct local_relay *out, struct err *e)
{
	CLEANUP(relay_settings_free) struct relay_settings *s = NULL;
	unsigned best = 0;
	if (!config_relay(c, &s, e))
		return false;
	for (size_t i = 0; i < s->nlistens; i++) {
		struct local_relay place = { 0 };
		unsigned points =
			read_place(a, s->listens[i].where, &place) ? merit(&s->listens[i], &place) : 0;
		if (points <= best)
			continue;
		best = points;
		*out = place;
		out->security = s->listens[i].security == RELAY_SECURITY_TLS ? SESSION_TLS : SESSION_PLAIN;
	}
	if (!best)
		return none(c, s, e);
	out->hostname = arena_strdup(a, s->hostname ? s->hostname : "");
	out->data = arena_strdup(a, s->data ? s->data : "");
	return true;
}
