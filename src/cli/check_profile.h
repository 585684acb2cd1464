/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check_profile.h - fills a request from the configuration: what was typed wins. */
#ifndef CLI_CHECK_PROFILE_H
#define CLI_CHECK_PROFILE_H

#include "cli/check_options.h"

/* Reads --config, or for profile:NAME the default file.  False with *e (ERR_USAGE). */
bool check_profile_apply(struct check_options *o, struct err *e) MUST_USE;

#endif
