/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/renewal.h"

#include <stdio.h>
#include <string.h>

#include "base/text_time.h"

bool renewal_judge(struct renewal *n, struct err *e, long long good_until_s)
{
	char why[RENEWAL_BYTES] = "", until[TEXT_TIME_BYTES];
	if (e->kind)
		(void)err_text(e, why, sizeof(why));
	bool news = *why && strcmp(n->why, why) != 0;
	memcpy(n->why, why, sizeof(why));
	size_t used = strlen(e->detail);
	if (e->kind)
		snprintf(e->detail + used, sizeof(e->detail) - used,
			 "%sthe certificate before it goes on, until %s", used ? "; " : "",
			 text_time(good_until_s, until));
	return news;
}
