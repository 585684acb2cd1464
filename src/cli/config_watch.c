/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text_time.h"
#include "cli/config_relay_inner.h"

struct reading {
	struct config_reading r; /* r.s: none; texts go to w's arena */
	const struct relay_settings *relay;
	struct watch_settings *w;
};

static const char *text(const struct reading *x, cfg_t *block, const char *name)
{
	return arena_strdup(x->w->arena, config_value(block, name));
}

static const char *file(const struct reading *x, const char *path)
{
	return arena_strdup(x->w->arena, config_beside(x->r.c, path));
}

static struct strlist texts(const struct reading *x, cfg_t *block, const char *name)
{
	struct strlist l = { 0 };
	for (unsigned i = 0; i < cfg_size(block, name); i++)
		strlist_add(&l, x->w->arena, cfg_getnstr(block, name, i));
	return l;
}

static bool mistake(const struct reading *x, const char *block, const char *title, const char *option,
		    const char *words)
{
	return config_mistake(&x->r, block, title, option, "%s", words);
}

/* ---- monitors ---- */

static void take_oauth(const struct reading *x, const struct config_profile *p, struct watch_monitor *m)
{
	struct arena *a = x->w->arena;
	if (!p->oauth.given)
		return;
	m->request.oauth = true;
	m->request.client_id = arena_strdup(a, p->oauth.client_id);
	m->request.tenant_id = arena_strdup(a, p->oauth.tenant_id);
	m->request.token_url = *p->oauth.token_url ? arena_strdup(a, p->oauth.token_url) : NULL;
	m->request.scope = *p->oauth.scope ? arena_strdup(a, p->oauth.scope) : NULL;
	m->client_secret_file = arena_strdup(a, p->oauth.client_secret_file);
	m->refresh_token_file = arena_strdup(a, p->oauth.refresh_token_file);
	m->request.tokens = arena_printf(a, "%s/tokens", x->w->data);
}

static bool take_profile(const struct reading *x, struct watch_monitor *m)
{
	struct arena *a = x->w->arena;
	const struct config_profile *p = NULL;
	struct err e = { 0 };
	if (!config_profile_find(x->r.c, m->target + strlen("profile:"), &p, &e))
		return config_mistake(&x->r, "monitor", m->name, "target", "there is no such profile%s%s",
				      *e.detail ? ": " : "", e.detail);
	if (!*p->host)
		return mistake(x, "profile", p->name, "",
			       "it names no server; add: host = \"mail.example.com\"");
	struct check_request *q = &m->request;
	q->host = arena_strdup(a, p->host);
	q->port = p->port;
	if (*p->security)
		(void)request_security_of(p->security, &q->security); /* the grammar has looked */
	q->user = arena_strdup(a, p->user);
	q->from = arena_strdup(a, p->from);
	if (*p->auth)
		q->auth = arena_strdup(a, p->auth);
	m->password_file = arena_strdup(a, p->password_file);
	take_oauth(x, p, m);
	return true;
}

static void take_options(const struct reading *x, cfg_t *b, struct watch_monitor *m)
{
	struct check_request *q = &m->request;
	const char *from = text(x, b, "from"), *security = config_value(b, "security");
	q->to = texts(x, b, "to");
	q->sending_ip = text(x, b, "sending-ip");
	q->dkim_selector = text(x, b, "dkim-selector");
	q->timeout_s = (unsigned)config_seconds(config_value(b, "timeout"), REQUEST_TIMEOUT_S);
	q->resolver = *x->w->resolver ? x->w->resolver : NULL;
	q->ca_file = *x->w->ca_file ? x->w->ca_file : NULL;
	q->ehlo_name = x->w->hostname;
	if (*from)
		q->from = from;
	if (*security)
		(void)request_security_of(security, &q->security);
	if (*config_value(b, "until"))
		(void)request_until_of(config_value(b, "until"), &q->until);
}

static int64_t day_ms(const char *day)
{
	char whole[TEXT_TIME_BYTES];
	long long s = 0;
	snprintf(whole, sizeof(whole), "%.10sT00:00:00Z", day);
	return *day && text_time_read(str_of(whole), &s) ? s * 1000 : 0;
}

static void take_times(cfg_t *b, struct watch_monitor *m)
{
	long days = cfg_getint(b, "warn-days");
	m->every_s = config_seconds(config_value(b, "every"), WATCH_EVERY_S);
	m->again_s = config_seconds(config_value(b, "again"), WATCH_AGAIN_S);
	m->quiet_s = config_seconds(config_value(b, "quiet"), WATCH_QUIET_S);
	m->warn_days = days > 0 ? (unsigned)days : WATCH_WARN_DAYS;
	m->secret_expires_ms = day_ms(config_value(b, "secret-expires"));
}

static bool knows_alerts(const struct reading *x, const struct watch_monitor *m)
{
	for (size_t i = 0; i < m->alerts.n; i++) {
		bool known = false;
		for (unsigned k = 0; k < cfg_size(x->r.c->cfg, "alert"); k++)
			known |= z_eq(cfg_title(cfg_getnsec(x->r.c->cfg, "alert", k)), m->alerts.v[i]);
		if (!known)
			return config_mistake(&x->r, "monitor", m->name, "alerts",
					      "there is no alert \"%s\": add alert \"%s\" { mail = "
					      "\"ops@example.com\" }",
					      m->alerts.v[i], m->alerts.v[i]);
	}
	return true;
}

static bool judge_monitor(const struct reading *x, const struct watch_monitor *m)
{
	if (m->every_s < WATCH_EVERY_LEAST_S)
		return config_mistake(&x->r, "monitor", m->name, "every",
				      "that is too often: give at least %ds, usually 15m",
				      WATCH_EVERY_LEAST_S);
	if (m->request.until == UNTIL_MESSAGE && (!*m->request.from || !m->request.to.n))
		return mistake(x, "monitor", m->name, "until",
			       "a message needs from = \"...\" and to = { \"...\" }");
	if (m->request.to.n > REQUEST_RECIPIENTS_MAX)
		return mistake(x, "monitor", m->name, "to", "at most 20 recipients in one check");
	return knows_alerts(x, m);
}

static bool read_target(const struct reading *x, struct watch_monitor *m)
{
	struct err e = { 0 };
	if (!*m->target)
		return mistake(x, "monitor", m->name, "",
			       "say what it looks at: target = \"profile:NAME\", an address, a server or a "
			       "domain");
	if (!request_read_target(m->target, x->w->arena, &m->request, &e))
		return config_mistake(&x->r, "monitor", m->name, "target", "target = \"%s\": %s", m->target,
				      e.detail);
	return m->request.form != FORM_PROFILE || take_profile(x, m);
}

static bool read_monitors(const struct reading *x)
{
	struct watch_settings *w = x->w;
	w->nmonitors = cfg_size(x->r.c->cfg, "monitor");
	w->monitors = arena_alloc(w->arena, (w->nmonitors + 1) * sizeof(*w->monitors));
	if (w->nmonitors > WATCH_MONITORS_MAX)
		return config_mistake(&x->r, "monitor", "", "", "there are more than %d monitors",
				      WATCH_MONITORS_MAX);
	for (unsigned i = 0; i < w->nmonitors; i++) {
		cfg_t *b = cfg_getnsec(x->r.c->cfg, "monitor", i);
		struct watch_monitor *m = &w->monitors[i];
		m->name = arena_strdup(w->arena, cfg_title(b));
		m->target = text(x, b, "target");
		m->request = request_defaults();
		m->password_file = m->client_secret_file = m->refresh_token_file = "";
		m->alerts = texts(x, b, "alerts");
		take_times(b, m);
		if (!read_target(x, m))
			return false;
		take_options(x, b, m);
		if (!judge_monitor(x, m))
			return false;
	}
	return true;
}

static void read_profiles(const struct reading *x)
{
	struct watch_settings *w = x->w;
	const struct config *c = x->r.c;
	w->profiles = arena_alloc(w->arena, (c->nprofiles + 1) * sizeof(*w->profiles));
	for (size_t i = 0; i < c->nprofiles; i++) {
		struct watch_monitor *m = &w->profiles[w->nprofiles];
		m->name = arena_strdup(w->arena, c->profiles[i].name);
		m->target = arena_printf(w->arena, "profile:%s", m->name);
		m->request = request_defaults();
		m->request.form = FORM_PROFILE;
		m->request.input = m->target;
		m->password_file = m->client_secret_file = m->refresh_token_file = "";
		if (*c->profiles[i].host && take_profile(x, m))
			w->nprofiles++;
	}
}

/* ---- alerts ---- */

static unsigned when_of(cfg_t *b)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = { { "bad", WATCH_BAD },
		      { "worse", WATCH_WORSE },
		      { "well", WATCH_WELL },
		      { "expiring", WATCH_EXPIRING } };
	unsigned when = 0;
	for (unsigned i = 0; i < cfg_size(b, "when"); i++)
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			when |= z_eq(cfg_getnstr(b, "when", i), words[k].word) ? words[k].bit : 0;
	return when ? when : WATCH_ALL;
}

static bool judge_alert(const struct reading *x, const struct watch_alert *a)
{
	if (!a->mail.n && !*a->webhook && !*a->command)
		return mistake(x, "alert", a->name, "",
			       "say who is told: mail = \"ops@example.com\", webhook = \"https://...\" or "
			       "command = \"/usr/local/bin/...\"");
	if (*a->secret_file && !*a->webhook)
		return mistake(x, "alert", a->name, "secret-file",
			       "it signs a webhook: add webhook = \"https://...\"");
	const struct relay_sender own = { str_of(a->from), STR_LIT("") };
	for (size_t i = 0; i < a->mail.n; i++)
		if (!relay_route_find(x->relay, own, str_of(a->mail.v[i])))
			return config_mistake(&x->r, "alert", a->name, "mail",
					      "no route carries mail from %s to %s: add from = \"...\", or a "
					      "route \"NAME\" { ... }",
					      a->from, a->mail.v[i]);
	return true;
}

static bool read_alerts(const struct reading *x)
{
	struct watch_settings *w = x->w;
	w->nalerts = cfg_size(x->r.c->cfg, "alert");
	w->alerts = arena_alloc(w->arena, (w->nalerts + 1) * sizeof(*w->alerts));
	if (w->nalerts > WATCH_ALERTS_MAX)
		return config_mistake(&x->r, "alert", "", "", "there are more than %d alerts",
				      WATCH_ALERTS_MAX);
	for (unsigned i = 0; i < w->nalerts; i++) {
		cfg_t *b = cfg_getnsec(x->r.c->cfg, "alert", i);
		struct watch_alert *a = &w->alerts[i];
		const char *from = config_value(b, "from");
		*a = (struct watch_alert){
			.name = arena_strdup(w->arena, cfg_title(b)),
			.mail = texts(x, b, "mail"),
			.from = *from ? arena_strdup(w->arena, from)
				      : arena_printf(w->arena, "postrider@%s", w->hostname),
			.webhook = text(x, b, "webhook"),
			.secret_file = file(x, config_value(b, "secret-file")),
			.command = text(x, b, "command"),
			.when = when_of(b),
		};
		if (!judge_alert(x, a))
			return false;
	}
	return true;
}

bool config_watch(const struct config *c, const struct relay_settings *relay, struct watch_settings **out,
		  struct err *e)
{
	CLEANUP(watch_settings_free) struct watch_settings *w = watch_settings_new();
	const struct reading x = { { c, NULL, e }, relay, w };
	const char *history = config_value(cfg_getsec(c->cfg, "keep"), "history");
	w->hostname = arena_strdup(w->arena, relay->hostname);
	w->data = arena_strdup(w->arena, relay->data);
	w->resolver = arena_strdup(w->arena, relay->resolver);
	w->ca_file = arena_strdup(w->arena, relay->ca_file);
	w->keep_s = config_seconds(history, WATCH_KEEP_S);
	if (!read_monitors(&x) || !read_alerts(&x))
		return false;
	read_profiles(&x);
	*out = STEAL(w);
	return true;
}

/* ---- files ---- */

static bool judge_file(const struct config_reading *r, const char *block, const char *title,
		       const char *option, const char *path, int need)
{
	if (!*path || access(path, need) == 0)
		return true;
	return config_mistake(r, block, title, option, "%s cannot be %s: %s", path,
			      need == X_OK ? "run" : "read", strerror(errno));
}

bool config_watch_files(const struct config *c, const struct watch_settings *w, struct err *e)
{
	const struct config_reading r = { c, NULL, e };
	for (size_t i = 0; i < w->nmonitors; i++) {
		const struct watch_monitor *m = &w->monitors[i];
		const char *const files[] = { m->password_file, m->client_secret_file,
					      m->refresh_token_file };
		for (size_t k = 0; k < ARRAY_LEN(files); k++)
			if (!judge_file(&r, "monitor", m->name, "target", files[k], R_OK))
				return false;
	}
	for (size_t i = 0; i < w->nalerts; i++) {
		const struct watch_alert *a = &w->alerts[i];
		if (!judge_file(&r, "alert", a->name, "secret-file", a->secret_file, R_OK) ||
		    !judge_file(&r, "alert", a->name, "command", a->command, X_OK))
			return false;
	}
	return true;
}
