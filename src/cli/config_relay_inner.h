/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_relay_inner.h - what reads the relay's settings: one file a block, over config_value.c. */
#ifndef CLI_CONFIG_RELAY_INNER_H
#define CLI_CONFIG_RELAY_INNER_H

#include "cli/config_inner.h"
#include "relay/settings.h"

struct config_reading {
	const struct config *c;
	struct relay_settings *s; /* being filled */
	struct err *e;
};

/* config_value.c */

/* `postrider.conf:12` and the mend; always false.  block, title, option as in config_place.h. */
bool config_mistake(const struct config_reading *r, const char *block, const char *title, const char *option,
		    const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Texts of an option in the settings' arena. */
const char *config_copy(const struct config_reading *r, cfg_t *block, const char *name);
const char *config_copy_file(const struct config_reading *r, cfg_t *block, const char *name);
struct strlist config_copy_list(const struct config_reading *r, cfg_t *block, const char *name);
long config_seconds(const char *duration, long otherwise);               /* "5m"; "" otherwise */
long long config_bytes(const char *size);                                /* "25M"; "" 0 */
void config_rate(const char *rate, unsigned *number, unsigned *seconds); /* "30/1m"; "" both 0 */
struct caps_told config_caps(cfg_t *block);                              /* minute-cap ... */
/* "host", "host:port", "[address]", "[address]:port" -> host, and the port where there is one. */
bool config_host(const struct config_reading *r, const char *text, const char **host, unsigned *port);

void config_network(const char *network, struct relay_network *n); /* "10.0.0.0/8", "192.0.2.7" */
struct relay_oauth config_oauth(const struct config_reading *r, cfg_t *block);

/* config_bounce.c: "bounces.example.com" -> "*@bounces.example.com"; "" that of the bounces block; "none": ""
 */
const char *config_return_path(const struct config_reading *r, const char *text);
/* Does anybody read what comes there? */
bool config_judge_return_path(const struct config_reading *r, const char *block, const char *title,
			      const char *path);
bool config_read_bounces(const struct config_reading *r); /* before the routes */
bool config_read_pickups(const struct config_reading *r); /* after the accounts */

/* config_identity.c */
bool config_read_identity_provider(const struct config_reading *r); /* before accounts and listeners */
bool config_judge_token_user(const struct config_reading *r, const struct relay_account *a);
bool config_judge_listen_auth(const struct config_reading *r, const struct relay_listen *l);

bool config_read_routes(const struct config_reading *r);         /* config_route.c */
bool config_read_relay_profiles(const struct config_reading *r); /* config_profile.c; after the routes */
bool config_read_filters(const struct config_reading *r);        /* config_filter.c */
bool config_read_signs(const struct config_reading *r);
bool config_read_http(const struct config_reading *r); /* config_http.c */

/* config_clash.c: two listeners on one port, a route that leads back here; after all the others */
bool config_judge_clashes(const struct config_reading *r);

#endif
