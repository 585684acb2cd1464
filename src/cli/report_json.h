/* SPDX-License-Identifier: Apache-2.0 */
/* cli/report_json.h - a report as one JSON document, for ticket systems: what it gives away, and its text.
 *
 *     {"schema": 1, "about": "...", "gives_away": {"addresses": [], "hosts": [], "ips": [],
 *      "subject": false, "dialogue": false}, "markdown": "..."} */
#ifndef CLI_REPORT_JSON_H
#define CLI_REPORT_JSON_H

#include "report/report.h"

/* preview: without the text.  False with *e when it cannot be written. */
bool report_json(const struct report *r, bool preview, FILE *out, struct err *e) MUST_USE;

#endif
