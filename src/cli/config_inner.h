/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_inner.h - what config*.c share. */
#ifndef CLI_CONFIG_INNER_H
#define CLI_CONFIG_INNER_H

#include <confuse.h>

#include "base/arena.h"
#include "cli/config.h"

struct config {
	struct arena *arena;
	cfg_t *cfg;
	const char *path;
	struct str text; /* of the file, comments blanked */
	struct config_profile *profiles;
	size_t nprofiles;
};

void config_read_profiles(struct config *c); /* config_profile.c */

/* config_value.c */
/* An option's text; "" when not given. */
const char *config_value(cfg_t *block, const char *name);
/* A file named in the configuration lies beside it unless its path is whole. */
const char *config_beside(const struct config *c, const char *file);

#endif
