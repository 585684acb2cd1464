/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_profile.h"

#include <string.h>

#include "cli/config.h"
#include "cli/secret.h"

static const char *keep(struct check_options *o, const char *s)
{
	return arena_strdup(o->arena, s);
}

/* *to stays when it was typed. */
static void fill(struct check_options *o, const char **to, const char *value)
{
	if ((!*to || !**to) && *value)
		*to = keep(o, value);
}

static bool fill_secret(struct check_options *o, const char **to, const char *file, struct err *e)
{
	char *secret = NULL;
	if (*to || !*file)
		return true;
	if (o->nsecrets == CHECK_SECRETS_MAX)
		return ERR_FILL(e, ERR_USAGE, 0, "take", "more than %d secrets", CHECK_SECRETS_MAX);
	if (!secret_read_file(file, &secret, e))
		return false;
	*to = o->secrets[o->nsecrets++] = secret;
	return true;
}

static bool fill_oauth(struct check_options *o, const struct config_profile *p, struct err *e)
{
	struct check_request *r = &o->request;
	if (!p->oauth.given)
		return true;
	r->oauth = true;
	fill(o, &r->client_id, p->oauth.client_id);
	fill(o, &r->tenant_id, p->oauth.tenant_id);
	fill(o, &r->token_url, p->oauth.token_url);
	fill(o, &r->scope, p->oauth.scope);
	return fill_secret(o, &r->client_secret, p->oauth.client_secret_file, e) &&
	       fill_secret(o, &r->refresh_token, p->oauth.refresh_token_file, e);
}

static bool fill_profile(struct check_options *o, const struct config_profile *p, struct err *e)
{
	struct check_request *r = &o->request;
	if (!*p->host) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "profile \"%s\"", p->name);
		return err_detail(e, "it names no server; add: host = \"mail.example.com\"");
	}
	r->form = FORM_PROFILE;
	r->host = keep(o, p->host);
	r->port = p->port;
	if (r->security == SECURITY_AUTO && *p->security && !request_security_of(p->security, &r->security))
		return ERR_FILL(e, ERR_USAGE, 0, "take", "security \"%s\"", p->security);
	fill(o, &r->user, p->user);
	fill(o, &r->from, p->from);
	if (!strcmp(r->auth, "auto") && *p->auth)
		r->auth = keep(o, p->auth);
	return fill_secret(o, &r->password, p->password_file, e) && fill_oauth(o, p, e);
}

static bool no_file(const char *target, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "find", "%s", target);
	return err_detail(e, "there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name the "
			     "file with --config FILE");
}

bool check_profile_apply(struct check_options *o, struct err *e)
{
	struct check_request *r = &o->request;
	bool wanted = z_istarts(r->input, "profile:");
	const char *path = o->config ? o->config : wanted ? config_default_path() : NULL;
	const struct config_profile *p = NULL;
	CLEANUP(config_free) struct config *c = NULL;
	if (!path)
		return wanted ? no_file(r->input, e) : true;
	if (!config_load(path, &c, e))
		return false;
	fill(o, &r->resolver, config_text(c, "resolver"));
	fill(o, &r->ca_file, config_text(c, "ca-file"));
	fill(o, &r->ehlo_name, config_text(c, "hostname"));
	if (wanted &&
	    (!config_profile_find(c, r->input + strlen("profile:"), &p, e) || !fill_profile(o, p, e)))
		return false;
	if (r->refresh_token)
		r->tokens = arena_printf(o->arena, "%s/tokens", config_folder_made(c, o->arena));
	return true;
}
