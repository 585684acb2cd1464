/* SPDX-License-Identifier: Apache-2.0 */
/* The time, and what an operator should know: asked by all parts of the relay. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "relay/relay_inner.h"

int64_t relay_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void relay_tell(struct relay *r, const struct err *e)
{
	char text[500];
	if (r->log)
		relay_log_trouble(r->log, relay_now_ms(), e);
	else
		fprintf(stderr, "postrider: %s\n", err_text(e, text, sizeof(text)));
}

void relay_tell_former(struct relay *r, struct err *e, const char *what)
{
	size_t used = strlen(e->detail);
	snprintf(e->detail + used, sizeof(e->detail) - used, "%s%s read before go on", used ? "; " : "",
		 what);
	relay_tell(r, e);
}
