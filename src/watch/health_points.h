/* SPDX-License-Identifier: Apache-2.0 */
/* watch/health_points.h - many runs as so many points as a plot can show; for health.c only. */
#ifndef WATCH_HEALTH_POINTS_H
#define WATCH_HEALTH_POINTS_H

#include <jansson.h>

#include "store/history.h"

enum { HEALTH_RUNS_MAX = 50000 /* of one monitor that are looked at for one document */ };

struct health_points;

/* At most `most` points.  Runs are added oldest first. */
struct health_points *health_points_new(size_t most) MUST_USE;
void health_points_free(struct health_points **p);
void health_points_add(struct health_points *p, const struct history_run *r);
/* Puts "runs", "well_share" and "history" into o. */
void health_points_json(const struct health_points *p, json_t *o);

#endif
