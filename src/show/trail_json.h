/* SPDX-License-Identifier: Apache-2.0 */
/* show/trail_json.h - a mail, its recipients and its trail as the contract's JSON.
 *
 * Pure.  What is returned is the caller's (json_decref). */
#ifndef SHOW_TRAIL_JSON_H
#define SHOW_TRAIL_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "show/trail_reports.h"

enum { SHOW_JSON_DIGITS = 6 /* of a number with a point */ };

json_t *trail_json(const struct store_trail *t) MUST_USE;
/* Into that document of t: "report" at each event that one told. */
void trail_json_reports(json_t *document, const struct store_trail *t, const struct trail_reports *r);
json_t *trail_event_json(const struct store_trail *t, const struct store_event *v) MUST_USE;
/* One recipient as a search finds it; the same of a message that is known. */
json_t *hit_json(const struct store_hit *h) MUST_USE;
/* A recipient as a search finds it. */
struct store_hit trail_hit(const struct store_trail *t, uint32_t rcpt);
json_t *trail_hit_json(const struct store_trail *t, uint32_t rcpt) MUST_USE;

/* One line; takes o. */
void json_write_line(FILE *out, json_t *o);
/* One document, for the eye too; takes o. */
void json_write_document(FILE *out, json_t *o);

#endif
