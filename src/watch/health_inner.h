/* SPDX-License-Identifier: Apache-2.0 */
/* watch/health_inner.h - what health.c (the whole, the monitors) and health_rows.c share. */
#ifndef WATCH_HEALTH_INNER_H
#define WATCH_HEALTH_INNER_H

#include <jansson.h>

#include "watch/health.h"

struct health_making {
	struct history *h; /* NULL: none */
	const struct watch_settings *s;
	struct health_view v;
	struct err *e;
};

void health_put(json_t *o, const char *key, const char *text);
void health_put_given(json_t *o, const char *key, const char *text); /* null for "" */
void health_put_number(json_t *o, const char *key, long long n);
void health_put_time(json_t *o, const char *key, int64_t ms); /* null for 0 */

/* "expiring"; "dns"; "days", "queue", "caps" and "alerts".  False with m->e. */
bool health_put_expiring(const struct health_making *m, json_t *o);
bool health_put_dns(const struct health_making *m, json_t *o);
bool health_put_relay(const struct health_making *m, json_t *o);

#endif
