/* SPDX-License-Identifier: Apache-2.0 */
/* Which lane carries what; and back from a lane to its route.
 *
 *     lane = ROUTE [" " DOMAIN] [" as " PROFILE ["/" KIND] [" untested"]] [" never-twice"]
 *
 * DOMAIN of the recipient, where the route asks for its MX; PROFILE and KIND as the message said them, so
 * that their limits hold and their test is waited for; "untested": a person lets it go without.
 * "never-twice": its sender wants it held rather than repeated when no answer says whether it was taken. */
#include "relay/lane/lane_name.h"

#include <string.h>

static const char as_word[] = " as ", untested_word[] = " untested", never_twice_word[] = " never-twice";

static void lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s | 32);
}

static const char *way_of(const struct relay_route *r, struct str recipient, struct arena *a)
{
	if (!r)
		return LANE_NONE;
	if (!r->mx)
		return arena_strdup(a, r->name);
	struct str domain = str_domain(recipient);
	while (domain.len && domain.p[domain.len - 1] == '.')
		domain.len--;
	char *name = arena_printf(a, "%s " STR_FMT, r->name, STR_ARG(domain));
	lower(name + strlen(r->name));
	return name;
}

const char *lane_of(const struct relay_settings *s, struct str sender, struct str recipient, struct arena *a)
{
	const struct relay_sender own = { .address = sender, .account = STR_LIT("") };
	return way_of(relay_route_find(s, own, recipient), recipient, a);
}

/* ---- profiles ---- */

static bool is_never_twice(struct str lane)
{
	size_t n = strlen(never_twice_word);
	return lane.len > n && str_eq(str_cut(lane, lane.len - n, lane.len), never_twice_word);
}

static struct str without_wish(struct str lane)
{
	return str_cut(lane, 0, lane.len - (is_never_twice(lane) ? strlen(never_twice_word) : 0));
}

static struct str way_in(struct str lane)
{
	lane = without_wish(lane);
	return str_cut(lane, 0, str_ifind(lane, as_word));
}

struct lane_as lane_as_of(struct str lane)
{
	struct lane_as out = { .way = way_in(lane),
			       .profile = STR_LIT(""),
			       .kind = STR_LIT(""),
			       .never_twice = is_never_twice(lane) };
	lane = without_wish(lane);
	if (out.way.len == lane.len)
		return out;
	struct str rest = str_cut(lane, out.way.len + strlen(as_word), lane.len);
	size_t end = str_ifind(rest, untested_word);
	out.untested = end < rest.len;
	rest = str_cut(rest, 0, end);
	const char *slash = memchr(rest.p, '/', rest.len);
	size_t name = slash ? (size_t)(slash - rest.p) : rest.len;
	out.profile = str_cut(rest, 0, name);
	out.kind = str_cut(rest, slash ? name + 1 : rest.len, rest.len);
	return out;
}

const char *lane_with(const char *way, const struct lane_as *as, struct arena *a)
{
	const char *wish = as->never_twice ? never_twice_word : "";
	if ((!as->profile.len && !*wish) || !strcmp(way, LANE_NONE))
		return way;
	if (!as->profile.len)
		return arena_printf(a, "%s%s", way, wish);
	return arena_printf(a, "%s%s" STR_FMT "%s" STR_FMT "%s%s", way, as_word, STR_ARG(as->profile),
			    as->kind.len ? "/" : "", STR_ARG(as->kind), as->untested ? untested_word : "",
			    wish);
}

/* The kind's route, else the profile's, else by sender and recipient. */
static const struct relay_route *route_as(const struct relay_settings *s, const struct lane_as *as,
					  struct relay_sender sender, struct str recipient)
{
	const struct relay_profile *p = relay_profile_find(s, as->profile);
	const struct relay_kind *k = p ? relay_kind_find(p, as->kind) : NULL;
	const char *name = k && *k->route ? k->route : p ? p->route : "";
	return *name ? relay_route_named(s, name) : relay_route_find(s, sender, recipient);
}

const char *lane_as(const struct relay_settings *s, const struct lane_as *as, struct relay_sender sender,
		    struct str recipient, struct arena *a)
{
	struct lane_as known = *as;
	if (!relay_profile_find(s, as->profile)) /* gone with a reload: as other mail */
		known = (struct lane_as){ .profile = STR_LIT(""), .never_twice = as->never_twice };
	return lane_with(way_of(route_as(s, &known, sender, recipient), recipient, a), &known, a);
}

/* ---- other routes ---- */

static const struct relay_route *next_of(const struct relay_settings *s, const struct relay_route *r)
{
	return r->next && *r->next ? relay_route_named(s, r->next) : NULL;
}

static bool leads_to(const struct relay_settings *s, const struct relay_route *r,
		     const struct relay_route *to)
{
	for (size_t i = 0; r && i <= s->nroutes; i++) {
		if (r == to)
			return true;
		r = next_of(s, r);
	}
	return false;
}

const char *lane_today(const struct relay_settings *s, struct str lane, struct relay_sender sender,
		       struct str recipient, struct arena *a)
{
	const struct lane_as as = lane_as_of(lane);
	const struct relay_route *own = route_as(s, &as, sender, recipient);
	const struct relay_route *now = lane_route(s, arena_str(a, lane).p);
	if (own && now && own != now && leads_to(s, own, now))
		return arena_str(a, lane).p; /* on its way round */
	return lane_as(s, &as, sender, recipient, a);
}

const char *lane_steered(const struct relay_settings *s, struct str lane, bool by_hand,
			 struct relay_sender sender, struct str recipient, struct arena *a)
{
	struct lane_as as = lane_as_of(lane);
	as.untested = as.untested || by_hand;
	return lane_as(s, &as, sender, recipient, a);
}

const char *lane_next(const struct relay_settings *s, struct str lane, struct str recipient, struct arena *a)
{
	const struct lane_as as = lane_as_of(lane);
	const struct relay_route *r = lane_route(s, arena_str(a, lane).p);
	const struct relay_route *next = r ? next_of(s, r) : NULL;
	return next ? lane_with(way_of(next, recipient, a), &as, a) : NULL;
}

/* ---- groups ---- */

const struct provider *lane_provider(const struct relay_route *r, const char *const *hosts, size_t n)
{
	const struct provider *all = r->mx && n ? provider_by_mx(hosts[0]) : NULL;
	for (size_t i = 1; all && i < n; i++)
		if (provider_by_mx(hosts[i]) != all)
			return NULL;
	return all;
}

const char *lane_group_name(const struct relay_route *r, const char *const *hosts, size_t n, struct arena *a)
{
	const struct provider *p = lane_provider(r, hosts, n);
	if (p)
		return arena_printf(a, "%s hosts of %s", r->name, p->name);
	struct strlist names = { 0 };
	strlist_add(&names, a, r->name);
	for (size_t i = 0; i < n; i++)
		strlist_add(&names, a, hosts[i]);
	return strlist_join(&names, a, " ");
}

/* ---- and back ---- */

struct str lane_smarthost(struct str lane)
{
	struct str way = way_in(lane);
	bool none = !way.len || str_eq(way, LANE_NONE) || memchr(way.p, ' ', way.len);
	return none ? (struct str){ "", 0 } : way;
}

struct str lane_domain(const struct relay_route *r, const char *lane)
{
	struct str way = way_in(str_of(lane));
	size_t n = strlen(r->name);
	bool fits = r->mx && way.len > n + 1 && !memcmp(way.p, r->name, n) && way.p[n] == ' ';
	return fits ? str_cut(way, n + 1, way.len) : (struct str){ "", 0 };
}

const struct relay_route *lane_route(const struct relay_settings *s, const char *lane)
{
	struct str way = way_in(str_of(lane));
	for (size_t i = 0; i < s->nroutes; i++) {
		const struct relay_route *r = &s->routes[i];
		if (r->mx ? lane_domain(r, lane).len : str_eq(way, r->name))
			return r;
	}
	return NULL;
}
