/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_watch.h - the monitors and alerts of postrider.conf. */
#ifndef CLI_CONFIG_WATCH_H
#define CLI_CONFIG_WATCH_H

#include "cli/config.h"
#include "relay/settings.h"
#include "watch/settings.h"

/* relay: of the same file; alerts go out by its routes.  *out is the caller's (watch_settings_free), and
 * needs neither longer.  False with *e (ERR_USAGE): what = file:line, detail = the mend. */
bool config_watch(const struct config *c, const struct relay_settings *relay, struct watch_settings **out,
		  struct err *e) MUST_USE;

/* Files that monitors and alerts name and this process cannot use: false with *e as above. */
bool config_watch_files(const struct config *c, const struct watch_settings *w, struct err *e) MUST_USE;

#endif
