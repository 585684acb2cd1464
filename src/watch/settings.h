/* SPDX-License-Identifier: Apache-2.0 */
/* watch/settings.h - the monitors and alerts of postrider.conf as plain values.
 *
 * Filled by cli/config_watch; never changed afterwards.  Texts are never NULL; "" is not given. */
#ifndef WATCH_SETTINGS_H
#define WATCH_SETTINGS_H

#include <stdint.h>

#include "check/request.h"

enum {
	WATCH_MONITORS_MAX = 50,
	WATCH_ALERTS_MAX = 20,
	WATCH_EVERY_S = 15 * 60,
	WATCH_EVERY_LEAST_S = 2,
	WATCH_AGAIN_S = 60,   /* a second look after a first failure */
	WATCH_QUIET_S = 3600, /* a monitor is told bad once in that time, unless it gets worse */
	WATCH_WARN_DAYS = 21,
	WATCH_KEEP_S = 90 * 86400,
};

enum watch_when { WATCH_BAD = 1, WATCH_WORSE = 2, WATCH_WELL = 4, WATCH_EXPIRING = 8, WATCH_ALL = 15 };

struct watch_monitor {
	const char *name, *target;
	struct check_request request; /* its secrets are read from these files before each run */
	const char *password_file, *client_secret_file, *refresh_token_file;
	long every_s, again_s, quiet_s;
	unsigned warn_days;
	int64_t secret_expires_ms; /* of the client secret or password, as its owner wrote it down; 0 unknown
				    */
	struct strlist alerts;     /* names; empty: all */
};

struct watch_alert {
	const char *name;
	struct strlist mail;
	const char *from;                  /* the mails' sender */
	const char *webhook, *secret_file; /* secret_file: signs the webhook's body; "" none */
	const char *command;
	unsigned when; /* enum watch_when */
};

struct watch_settings {
	struct arena *arena; /* owns all texts, and this */
	struct watch_monitor *monitors;
	size_t nmonitors;
	struct watch_monitor
		*profiles; /* that name a server, for checks by hand: name, target, request, files */
	size_t nprofiles;
	struct watch_alert *alerts;
	size_t nalerts;
	const char *hostname, *data, *resolver, *ca_file;
	long keep_s;
};

struct watch_settings *watch_settings_new(void) MUST_USE;
void watch_settings_free(struct watch_settings **s); /* NULL is fine */

/* A profile of that name; NULL none. */
const struct watch_monitor *watch_profile_find(const struct watch_settings *s, const char *name);
const struct watch_monitor *watch_monitor_find(const struct watch_settings *s, const char *name);
/* True when news of the monitor (NULL: of none, the relay's own) go to that alert. */
bool watch_alert_hears(const struct watch_alert *a, const struct watch_monitor *m);

#endif
