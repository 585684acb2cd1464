/* SPDX-License-Identifier: Apache-2.0 */
/* explain/render_json.h - what the JSON of an answer and of a log share. */
#ifndef EXPLAIN_RENDER_JSON_H
#define EXPLAIN_RENDER_JSON_H

#include <jansson.h>

#include "explain/render_inner.h"

void explain_json_put(json_t *o, const char *key, const char *s); /* NULL is "" */
/* The contract's keys of an item, "input" apart. */
void explain_json_cause(json_t *o, const struct explanation *x, const struct cause *c);
void explain_json_write(struct explain_renderer *r, json_t *o); /* takes o */

void explain_json_event(struct explain_renderer *r, const struct log_event *e);
void explain_json_log(struct explain_renderer *r, const struct log_report *l);

#endif
