/* SPDX-License-Identifier: Apache-2.0 */
/* check/render_discovery.h - a search for an address's server, for people and programs.  Pure. */
#ifndef CHECK_RENDER_DISCOVERY_H
#define CHECK_RENDER_DISCOVERY_H

#include "check/discovery.h"
#include "check/render.h"

/* False with *e when out could not be written. */
bool render_discovery_text(const struct discovery *d, const struct render_options *o, FILE *out,
			   struct err *e) MUST_USE;
bool render_discovery_json(const struct discovery *d, FILE *out, struct err *e) MUST_USE;

#endif
