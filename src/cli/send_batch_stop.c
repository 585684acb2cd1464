/* SPDX-License-Identifier: Apache-2.0 */
/* A person wants a batch to end. */
#include <signal.h>

#include "cli/send_batch.h"

static volatile sig_atomic_t stops;
static struct net_loop *running; /* for the signal handler only */

static void stop(int sig)
{
	(void)sig;
	if (stops++ && running) /* asked twice: at once */
		net_loop_interrupt(running);
}

bool send_batch_stops(void)
{
	return stops;
}

void send_batch_stop_on(struct net_loop *l)
{
	if (l)
		running = l;
	signal(SIGINT, l ? stop : SIG_DFL);
	signal(SIGTERM, l ? stop : SIG_DFL);
	running = l;
}
