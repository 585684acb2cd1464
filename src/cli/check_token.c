/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_token.h"

#include <stdio.h>

#include "base/str.h"

void check_token_lost(const char *why)
{
	fprintf(stderr,
		"postrider: note: the sign-in service gave another refresh token, which is not kept (%s).  "
		"Where the "
		"old one ends now, sign in anew, and put the new one into its file\n",
		why);
}

void check_token_tell(const struct evidence *ev)
{
	for (const struct fact *f = NULL; (f = evidence_next(ev, FACT_TOKEN, f));)
		if (z_eq(f->token.refresh, "lost"))
			check_token_lost(f->token.refresh_error);
}
