/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a mail takes, by the options and the configuration. */
#include <string.h>

#include "cli/send_way.h"

static bool no_way(const char *detail, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "find", "a way to send over");
	return err_detail(e, "%s", detail);
}

static bool load(struct way *w, struct err *e)
{
	const char *path = w->m->o->config ? w->m->o->config : config_default_path();
	if (path) {
		bool loaded = config_load(path, &w->m->config, e);
		w->config = w->m->config;
		return loaded;
	}
	return no_way(
		"there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name the file with "
		"--config FILE",
		e);
}

static bool only_profile(struct way *w, struct err *e)
{
	const struct config_profile *first = config_profile_at(w->config, 0);
	if (first && !config_profile_at(w->config, 1)) {
		w->profile = first;
		return true;
	}
	return no_way(first ? "the configuration holds several profiles: say --via profile NAME"
			    : "the configuration holds neither a listen block (a relay) nor a profile",
		      e);
}

/* Its own server where it names one, else through the relay, which knows its route. */
static bool choose_test(struct way *w, struct err *e)
{
	if (!config_profile_find(w->config, w->m->o->test, &w->as, e))
		return false;
	w->profile = *w->as->host ? w->as : NULL;
	return true;
}

static bool choose_kind(struct way *w, struct err *e)
{
	const struct send_options *o = w->m->o;
	if (!w->as)
		w->as = w->profile;
	if (!o->kind)
		return true;
	if (w->as)
		return config_kind_find(w->as, o->kind, &w->kind, e);
	ERR_FILL(e, ERR_USAGE, 0, "send", "a mail of the kind \"%s\"", o->kind);
	return err_detail(e, "say of which profile: --profile NAME");
}

static bool choose_way(struct way *w, struct err *e)
{
	const struct send_options *o = w->m->o;
	const char *via = o->via;
	if (via && z_eq(via, "queue"))
		return true;
	if (!via && config_count(w->config, "listen"))
		return true;
	if (!via && w->as) { /* no relay: by its own server */
		w->profile = w->as;
		return true;
	}
	if (!via || (z_eq(via, "profile") && !o->profile))
		return only_profile(w, e);
	const char *name = z_eq(via, "profile")         ? o->profile
			   : z_istarts(via, "profile:") ? via + strlen("profile:")
							: via;
	return config_profile_find(w->config, name, &w->profile, e);
}

bool way_choose(struct way *w, struct err *e)
{
	if (!load(w, e))
		return false;
	if (w->m->o->test)
		return choose_test(w, e);
	const char *as = w->m->o->as;
	return (!as || config_profile_find(w->config, as, &w->as, e)) && choose_way(w, e) &&
	       choose_kind(w, e);
}
