/* SPDX-License-Identifier: Apache-2.0 */
/* cli/serve_fixed.h - settings that count from a start on, and which of them a reload found changed.
 *
 * Pure.  Not among them: the data folder, for which a reload refuses the file, and the API's address, of
 * which the API tells itself (web/web.h). */
#ifndef CLI_SERVE_FIXED_H
#define CLI_SERVE_FIXED_H

#include "relay/settings.h"

/* "user, keep { budget }"; "" none. */
const char *serve_fixed_changed(const struct relay_settings *began, const struct relay_settings *now,
				struct arena *a);

#endif
