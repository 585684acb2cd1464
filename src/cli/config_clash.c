/* SPDX-License-Identifier: Apache-2.0 */
/* Places where the relay listens, against each other and against where it sends: two cannot share a port, and
 * a route that leads back here goes round until the message is refused for its many Received lines. */
#include <strings.h>

#include "cli/config_relay_inner.h"
#include "relay/place.h"

static bool judge_shared(const struct config_reading *r)
{
	const struct relay_settings *s = r->s;
	struct place a, b;
	for (size_t i = 0; i < s->nlistens; i++) {
		if (!place_read(s->listens[i].where, &a))
			continue;
		for (size_t k = 0; k < i; k++)
			if (place_read(s->listens[k].where, &b) && place_is_shared(&a, &b))
				return config_mistake(
					r, "listen", s->listens[i].where, "",
					"listen \"%s\" has that port already: leave one out, or "
					"give it another port",
					s->listens[k].where);
		if (place_read(s->http.listen, &b) && place_is_shared(&a, &b))
			return config_mistake(r, "http", "", "listen",
					      "listen \"%s\" has that port already: give the page another, "
					      "such as 127.0.0.1:8025",
					      s->listens[i].where);
	}
	return true;
}

/* ---- routes that lead back ---- */

/* Where any other name leads is not known here: not even our own. */
static bool leads_to(const char *host, const struct place *p)
{
	const char *local[] = { "127.0.0.1", "::1" };
	bool found = false;
	struct ipaddr to;
	if (strcasecmp(host, "localhost") != 0)
		return ipaddr_read(str_of(host), &to) && place_takes(p, &to);
	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		found = found || (ipaddr_read(str_of(local[i]), &to) && place_takes(p, &to));
	return found;
}

static bool judge_route(const struct config_reading *r, const struct relay_route *w)
{
	const struct relay_settings *s = r->s;
	struct place p;
	for (size_t i = 0; i < s->nlistens; i++)
		if (place_read(s->listens[i].where, &p) && p.port == w->port && leads_to(w->smarthost, &p))
			return config_mistake(
				r, "route", w->name, "smarthost",
				"%s port %u is this relay itself (listen \"%s\"), mail would go "
				"round in circles: name the next server",
				w->smarthost, w->port, s->listens[i].where);
	return true;
}

bool config_judge_clashes(const struct config_reading *r)
{
	for (size_t i = 0; i < r->s->nroutes; i++)
		if (!r->s->routes[i].mx && !judge_route(r, &r->s->routes[i]))
			return false;
	return judge_shared(r);
}
