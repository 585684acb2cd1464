/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/settings.h"

#include "base/str.h"

struct watch_settings *watch_settings_new(void)
{
	struct arena *a = arena_new();
	struct watch_settings *s = arena_alloc(a, sizeof(*s));
	s->arena = a;
	s->hostname = s->data = s->resolver = s->ca_file = "";
	s->keep_s = WATCH_KEEP_S;
	return s;
}

void watch_settings_free(struct watch_settings **sp)
{
	struct arena *a = *sp ? (*sp)->arena : NULL; /* s is in it */
	arena_free(&a);
	*sp = NULL;
}

const struct watch_monitor *watch_profile_find(const struct watch_settings *s, const char *name)
{
	for (size_t i = 0; i < s->nprofiles; i++)
		if (z_eq(s->profiles[i].name, name))
			return &s->profiles[i];
	return NULL;
}

const struct watch_monitor *watch_monitor_find(const struct watch_settings *s, const char *name)
{
	for (size_t i = 0; i < s->nmonitors; i++)
		if (z_eq(s->monitors[i].name, name))
			return &s->monitors[i];
	return NULL;
}

bool watch_alert_hears(const struct watch_alert *a, const struct watch_monitor *m)
{
	if (!m || !m->alerts.n)
		return true;
	for (size_t i = 0; i < m->alerts.n; i++)
		if (z_eq(m->alerts.v[i], a->name))
			return true;
	return false;
}
