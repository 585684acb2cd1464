/* SPDX-License-Identifier: Apache-2.0 */
/* relay/lane/lane_name.h - which lane carries what, and back from a lane to its route.  Pure.
 *
 * The name is kept with each recipient; all that has to be known of it later stands in it. */
#ifndef RELAY_LANE_NAME_H
#define RELAY_LANE_NAME_H

#include "base/arena.h"
#include "catalog/provider.h"
#include "relay/settings.h"

#define LANE_NONE "none" /* where no route fits */

/* What is scheduled together: "m365" of a smarthost, "direct example.com" of a domain,
 * "none" where no route fits; in a.  Of mail that no account handed in. */
const char *lane_of(const struct relay_settings *s, struct str sender, struct str recipient, struct arena *a);

/* In whose name it goes, and how: "m365 as office/invoice", "m365 never-twice". */
struct lane_as {
	struct str way;           /* "m365", "direct example.com" */
	struct str profile, kind; /* "" none */
	bool untested;            /* a person lets it go without the profile's test */
	bool never_twice;         /* rather held than repeated when no answer says whether it was taken */
};

struct lane_as lane_as_of(struct str lane);
const char *lane_with(const char *way, const struct lane_as *as, struct arena *a);
/* By the route of kind or profile; as->way is not read. */
const char *lane_as(const struct relay_settings *s, const struct lane_as *as, struct relay_sender sender,
		    struct str recipient, struct arena *a);

/* Where a recipient of that lane belongs by these settings: it stays on a route that its own leads to. */
const char *lane_today(const struct relay_settings *s, struct str lane, struct relay_sender sender,
		       struct str recipient, struct arena *a);
/* Where an operator's word sends it: by_hand also without its profile's test. */
const char *lane_steered(const struct relay_settings *s, struct str lane, bool by_hand,
			 struct relay_sender sender, struct str recipient, struct arena *a);
/* The lane of the route's next one; NULL: it has none. */
const char *lane_next(const struct relay_settings *s, struct str lane, struct str recipient, struct arena *a);

/* The group of a lane whose mail goes to these hosts (n >= 1, in the order of their names, each once), in a:
 * the hosts themselves; or whose they all are, where the catalogue knows: a provider counts what we send to
 * all of its hosts, and gives each tenant a name of its own. */
const char *lane_group_name(const struct relay_route *r, const char *const *hosts, size_t n, struct arena *a);
const struct provider *lane_provider(const struct relay_route *r, const char *const *hosts, size_t n);

/* The route of a lane whose mail all goes to a smarthost, by its name alone; "" it has none, or asks for
 * the MX of a domain. */
struct str lane_smarthost(struct str lane);

/* Empty: the lane is none of this route's. */
struct str lane_domain(const struct relay_route *r, const char *lane);
const struct relay_route *lane_route(const struct relay_settings *s, const char *lane); /* NULL: gone */

#endif
