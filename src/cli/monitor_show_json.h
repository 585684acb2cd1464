/* SPDX-License-Identifier: Apache-2.0 */
/* cli/monitor_show_json.h - the health document on a terminal: the same that the page draws. */
#ifndef CLI_MONITOR_SHOW_JSON_H
#define CLI_MONITOR_SHOW_JSON_H

#include "base/paper.h"
#include "cli/monitor_options.h"

struct json_t; /* jansson */

struct monitor_show {
	struct paper paper;
	const struct monitor_options *o;
};

/* Of watch/health.h's document. */
void monitor_show_list(struct monitor_show *s, struct json_t *health);
void monitor_show_history(struct monitor_show *s, struct json_t *health);

#endif
