/* SPDX-License-Identifier: Apache-2.0 */
/* cli/check_token.h - what a person is told of the refresh token that was shown. */
#ifndef CLI_CHECK_TOKEN_H
#define CLI_CHECK_TOKEN_H

#include "check/evidence.h"

/* To stderr, where another one came and could not be kept: the next who shows the old one may be refused. */
void check_token_tell(const struct evidence *ev);
void check_token_lost(const char *why);

#endif
