/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration of any bytes: refused with a place and a mend, or settings that make sense. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/config_place.h"
#include "cli/config_relay.h"
#include "cli/config_watch.h"
#include "relay/access.h"
#include "tests/fuzz/fuzz.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_refusal(const struct err *e)
{
	must(e->kind != ERR_NONE && e->what[0] && e->detail[0]);
}

static void check_settings(const struct relay_settings *s)
{
	must(s->nroutes > 0 && s->nallow > 0 && *s->data && *s->hostname);
	must(!access_open_relay(s, s->arena));
	must(s->retry.first_s > 0 && s->retry.most_s >= s->retry.first_s && s->retry.factor >= 1);
	for (size_t i = 0; i < s->nroutes; i++)
		must(s->routes[i].mx || *s->routes[i].smarthost);
	must(*config_relay_who(s, s->arena) && *config_relay_ways(s, s->arena));
}

static void check_watch(const struct watch_settings *w)
{
	for (size_t i = 0; i < w->nmonitors; i++)
		must(*w->monitors[i].target && w->monitors[i].every_s >= WATCH_EVERY_LEAST_S &&
		     w->monitors[i].request.timeout_s > 0);
	for (size_t i = 0; i < w->nalerts; i++)
		must(w->alerts[i].when &&
		     (w->alerts[i].mail.n || *w->alerts[i].webhook || *w->alerts[i].command));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	char path[64];
	struct err e = { 0 };
	CLEANUP(config_free) struct config *c = NULL;
	CLEANUP(relay_settings_free) struct relay_settings *s = NULL;
	CLEANUP(watch_settings_free) struct watch_settings *w = NULL;
	if (fd < 0)
		fd = memfd_create("postrider.conf", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	(void)config_place((struct str){ (const char *)data, size }, "listen", "x", "security");
	if (!config_load(path, &c, &e) || !config_relay(c, &s, &e))
		check_refusal(&e);
	else
		check_settings(s);
	if (s && !config_watch(c, s, &w, &e))
		check_refusal(&e);
	else if (s)
		check_watch(w);
	return 0;
}
