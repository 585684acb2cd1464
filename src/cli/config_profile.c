/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles of postrider.conf: for check and send, and in whose name the relay sends. */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/config_relay_inner.h"
#include "relay/profile_head.h"
#include "smtp/host.h"
#include "smtp/scram.h"

/* ---- for check and send ---- */

static void read_oauth(struct config *c, struct config_profile *p, cfg_t *s)
{
	p->oauth.client_id = config_value(s, "client-id");
	p->oauth.tenant_id = config_value(s, "tenant-id");
	p->oauth.client_secret_file = config_beside(c, config_value(s, "client-secret-file"));
	p->oauth.refresh_token_file = config_beside(c, config_value(s, "refresh-token-file"));
	p->oauth.token_url = config_value(s, "token-url");
	p->oauth.scope = config_value(s, "scope");
	p->oauth.given = *p->oauth.client_id || *p->oauth.tenant_id || *p->oauth.client_secret_file ||
			 *p->oauth.refresh_token_file || *p->oauth.token_url || *p->oauth.scope;
}

/* User and password are mostly those of the profile itself. */
static void read_mailbox(struct config *c, struct config_profile *p, cfg_t *s)
{
	const char *user = config_value(s, "user"), *file = config_value(s, "password-file");
	p->mailbox.host = config_value(s, "host");
	p->mailbox.port = (unsigned)cfg_getint(s, "port");
	p->mailbox.protocol = config_value(s, "protocol");
	p->mailbox.security = config_value(s, "security");
	p->mailbox.folder = config_value(s, "folder");
	p->mailbox.user = *user ? user : p->user;
	p->mailbox.password_file = *file ? config_beside(c, file) : p->password_file;
}

static void read_kinds(struct config *c, struct config_profile *p, cfg_t *s)
{
	p->nkinds = cfg_size(s, "kind");
	p->kinds = arena_alloc(c->arena, (p->nkinds + 1) * sizeof(*p->kinds));
	for (unsigned i = 0; i < p->nkinds; i++) {
		cfg_t *k = cfg_getnsec(s, "kind", i);
		p->kinds[i] = (struct config_kind){ .name = cfg_title(k),
						    .from = config_value(k, "from"),
						    .reply_to = config_value(k, "reply-to"),
						    .route = config_value(k, "route") };
	}
}

/* ---- what a test proves ---- */

/* How much goes, and whether and where the test is looked for, is no part of that. */
static bool is_proved(const char *option)
{
	static const char *const not [] = { "minute-cap", "hourly-cap",   "daily-cap", "recipients-cap",
					    "rate",       "connections",  "proven",    "test",
					    "mailbox",    "hold-in-doubt" };
	for (size_t i = 0; i < ARRAY_LEN(not ); i++)
		if (!strcmp(option, not [i]))
			return false;
	return true;
}

static void add_value(struct buf *out, const cfg_opt_t *o, unsigned i)
{
	cfg_opt_t *opt = (cfg_opt_t *)(uintptr_t)o; /* libconfuse knows no const */
	const char *text = o->type == CFGT_STR ? cfg_opt_getnstr(opt, i) : NULL;
	if (o->type == CFGT_STR)
		buf_addf(out, "%s=%s\n", o->name, text ? text : "");
	else if (o->type == CFGT_INT)
		buf_addf(out, "%s=%ld\n", o->name, cfg_opt_getnint(opt, i));
	else if (o->type == CFGT_BOOL)
		buf_addf(out, "%s=%d\n", o->name, (int)cfg_opt_getnbool(opt, i));
}

static void add_block(struct buf *out, cfg_t *block)
{
	const char *title = cfg_title(block);
	buf_addf(out, "%s {\n", title ? title : "");
	for (cfg_opt_t *o = block->opts; o->name; o++)
		for (unsigned i = 0; is_proved(o->name) && i < cfg_opt_size(o); i++)
			if (o->type == CFGT_SEC)
				add_block(out, cfg_opt_getnsec(o, i));
			else
				add_value(out, o, i);
	buf_adds(out, "}\n");
}

static void add_route(struct buf *out, cfg_t *cfg, const char *name)
{
	cfg_t *route = *name ? cfg_gettsec(cfg, "route", name) : NULL;
	if (route)
		add_block(out, route);
}

static void hash_profile(const struct config *c, struct config_profile *p, cfg_t *s)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	struct scram_key k = { { 0 } };
	add_block(&text, s);
	add_route(&text, c->cfg, p->route);
	for (size_t i = 0; i < p->nkinds; i++)
		add_route(&text, c->cfg, p->kinds[i].route);
	if (!scram_hash(buf_str(&text), &k))
		return;
	for (size_t i = 0; i < 8; i++)
		snprintf(p->hash + 2 * i, 3, "%02x", (unsigned)k.b[i]);
}

/* ---- all of them ---- */

void config_read_profiles(struct config *c)
{
	c->nprofiles = cfg_size(c->cfg, "profile");
	c->profiles = arena_alloc(c->arena, (c->nprofiles + 1) * sizeof(*c->profiles));
	for (unsigned i = 0; i < c->nprofiles; i++) {
		cfg_t *s = cfg_getnsec(c->cfg, "profile", i);
		struct config_profile *p = &c->profiles[i];
		*p = (struct config_profile){
			.name = cfg_title(s),
			.host = config_value(s, "host"),
			.port = (unsigned)cfg_getint(s, "port"),
			.security = config_value(s, "security"),
			.user = config_value(s, "user"),
			.from = config_value(s, "from"),
			.reply_to = config_value(s, "reply-to"),
			.route = config_value(s, "route"),
			.auth = config_value(s, "auth"),
			.password_file = config_beside(c, config_value(s, "password-file")),
			.test = strcmp(config_value(s, "test"), "off") != 0,
		};
		read_oauth(c, p, cfg_getsec(s, "oauth"));
		read_mailbox(c, p, cfg_getsec(s, "mailbox"));
		read_kinds(c, p, s);
		hash_profile(c, p, s);
	}
}

const struct config_profile *config_profile_at(const struct config *c, size_t i)
{
	return i < c->nprofiles ? &c->profiles[i] : NULL;
}

/* "did you mean office?", or the names there are. */
static bool no_profile(const struct config *c, const char *name, struct err *e)
{
	struct strlist names = { 0 };
	struct nearest near = nearest_to(str_of(name), NEAREST_WRONG);
	ERR_FILL(e, ERR_USAGE, 0, "find", "profile \"%s\" in %s", name, c->path);
	for (size_t i = 0; i < c->nprofiles; i++) {
		nearest_look(&near, c->profiles[i].name);
		strlist_add(&names, c->arena, c->profiles[i].name);
	}
	if (near.name)
		return err_detail(e, "did you mean profile:%s?", near.name);
	if (!names.n)
		return err_detail(e,
				  "it holds no profile; add: profile \"%s\" { host = \"mail.example.com\" }",
				  name);
	return err_detail(e, "it holds %s", strlist_join(&names, c->arena, ", "));
}

bool config_profile_find(const struct config *c, const char *name, const struct config_profile **out,
			 struct err *e)
{
	for (size_t i = 0; i < c->nprofiles; i++)
		if (!strcmp(c->profiles[i].name, name)) {
			*out = &c->profiles[i];
			return true;
		}
	return no_profile(c, name, e);
}

bool config_kind_find(const struct config_profile *p, const char *name, const struct config_kind **out,
		      struct err *e)
{
	for (size_t i = 0; i < p->nkinds; i++)
		if (!strcmp(p->kinds[i].name, name)) {
			*out = &p->kinds[i];
			return true;
		}
	ERR_FILL(e, ERR_USAGE, 0, "find", "kind \"%s\" in profile \"%s\"", name, p->name);
	return err_detail(e, p->nkinds ? "it has %s and others" : "it has none; add: kind \"%s\" { }",
			  p->nkinds ? p->kinds[0].name : name);
}

/* ---- for the relay ---- */

/* inner: "kind|NAME|" where it stands in a kind, else "". */
static bool judge_address(const struct config_reading *r, const char *profile, const char *inner,
			  const char *option, const char *value)
{
	return !*value || *profile_address(r->s->arena, value) ||
	       config_mistake(r, "profile", profile, arena_printf(r->s->arena, "%s%s", inner, option),
			      "%s = \"%s\" cannot be; give an address such as office@example.com", option,
			      value);
}

/* What is pasted along with a name, and belongs elsewhere or nowhere. */
static bool judge_host(const struct config_reading *r, const char *profile, const char *host)
{
	static const char *const wrong[] = { "scheme",       "slash",   "blank", "line-break",
					     "port-in-host", "at-sign", "comma", "quoted" };
	struct smtp_host h;
	if (!*host || smtp_host_read(str_of(host), &h))
		return true;
	const char *port = h.port ? arena_printf(r->s->arena, " and port = %u", h.port) : "";
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (!strcmp(h.problem, wrong[i]))
			return config_mistake(r, "profile", profile, "host",
					      "host = \"%s\" cannot be; write host = \"%s\"%s", host,
					      *h.clean ? h.clean : "mail.example.com", port);
	return true;
}

static bool judge_route(const struct config_reading *r, const char *profile, const char *inner,
			const char *name)
{
	return !*name || relay_route_named(r->s, name) ||
	       config_mistake(r, "profile", profile, arena_printf(r->s->arena, "%sroute", inner),
			      "there is no route \"%s\": add route \"%s\" { smarthost = \"...\" }", name,
			      name);
}

static bool read_kind(const struct config_reading *r, cfg_t *b, const char *profile, struct relay_kind *k)
{
	*k = (struct relay_kind){ .name = arena_strdup(r->s->arena, cfg_title(b)),
				  .from = config_copy(r, b, "from"),
				  .reply_to = config_copy(r, b, "reply-to"),
				  .route = config_copy(r, b, "route"),
				  .caps = config_caps(b) };
	const char *inner = arena_printf(r->s->arena, "kind|%s|", k->name);
	return judge_address(r, profile, inner, "from", k->from) &&
	       judge_address(r, profile, inner, "reply-to", k->reply_to) &&
	       judge_route(r, profile, inner, k->route);
}

static bool read_profile(const struct config_reading *r, cfg_t *b, const struct config_profile *known,
			 struct relay_profile *p)
{
	struct arena *a = r->s->arena;
	*p = (struct relay_profile){ .name = arena_strdup(a, known->name),
				     .from = config_copy(r, b, "from"),
				     .reply_to = config_copy(r, b, "reply-to"),
				     .route = config_copy(r, b, "route"),
				     .caps = config_caps(b),
				     .hold_in_doubt = cfg_getbool(b, "hold-in-doubt"),
				     .test = known->test,
				     .nkinds = known->nkinds };
	memcpy(p->hash, known->hash, sizeof(p->hash));
	if (!judge_host(r, p->name, known->host) || !judge_address(r, p->name, "", "from", p->from) ||
	    !judge_address(r, p->name, "", "reply-to", p->reply_to) || !judge_route(r, p->name, "", p->route))
		return false;
	p->kinds = arena_alloc(a, (p->nkinds + 1) * sizeof(*p->kinds));
	for (unsigned i = 0; i < p->nkinds; i++)
		if (!read_kind(r, cfg_getnsec(b, "kind", i), p->name, &p->kinds[i]))
			return false;
	return true;
}

bool config_read_relay_profiles(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	s->nprofiles = r->c->nprofiles;
	s->profiles = arena_alloc(s->arena, (s->nprofiles + 1) * sizeof(*s->profiles));
	for (unsigned i = 0; i < s->nprofiles; i++)
		if (!read_profile(r, cfg_getnsec(r->c->cfg, "profile", i), &r->c->profiles[i],
				  &s->profiles[i]))
			return false;
	return true;
}
