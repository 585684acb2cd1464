/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_relay.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/config_relay_inner.h"
#include "relay/access.h"
#include "relay/door/passwords.h"
#include "smtp/host.h"
#include "smtp/path.h"
#include "smtp/scram.h"

static const char data_default[] = "/var/lib/postrider";

/* ---- the program itself ---- */

static const char *own_name(struct arena *a)
{
	char name[256] = "";
	if (gethostname(name, sizeof(name) - 1) || !*name)
		return "localhost";
	return arena_strdup(a, name);
}

static void read_top(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	cfg_t *cfg = r->c->cfg, *cert = cfg_getsec(cfg, "certificate"), *keep = cfg_getsec(cfg, "keep");
	const char *size = config_value(cfg, "max-size");
	s->hostname = config_copy(r, cfg, "hostname");
	if (!*s->hostname)
		s->hostname = own_name(s->arena);
	s->data = config_copy_file(r, cfg, "data");
	if (!*s->data)
		s->data = data_default;
	s->resolver = config_copy(r, cfg, "resolver");
	s->ca_file = config_copy_file(r, cfg, "ca-file");
	s->user = config_copy(r, cfg, "user");
	s->cert_file = config_copy_file(r, cert, "file");
	s->key_file =
		config_copy_file(r, cert, *config_value(cert, "key") ? "key" : "file"); /* both in one */
	s->local_domains = config_copy_list(r, cfg, "local-domains");
	s->max_size = *size ? config_bytes(size) : RELAY_SIZE_MAX;
	s->keep.trails_s = config_seconds(config_value(keep, "trails"), RELAY_KEEP_TRAILS_S);
	s->keep.keys_s = config_seconds(config_value(keep, "keys"), RELAY_KEEP_KEYS_S);
	s->keep.bodies_s = config_seconds(config_value(keep, "bodies"), 0);
	s->keep.budget = config_bytes(config_value(keep, "budget"));
	s->keep.conversation = config_bytes(config_value(keep, "conversation"));
}

/* One that no recipient at the door can have would never be met. */
static bool is_domain(const char *name)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct smtp_mailbox m;
	struct smtp_path_problem why;
	return !strpbrk(name, "@*<> \t") &&
	       smtp_mailbox_read(str_of(arena_printf(a, "x@%s", name)), SMTP_PATH_UTF8, &m, &why);
}

/* The name goes into EHLO, Received and the greeting; receivers look it up. */
static bool judge_top(const struct config_reading *r)
{
	struct smtp_host h;
	const struct relay_settings *s = r->s;
	if (!smtp_host_read(str_of(s->hostname), &h) && *config_value(r->c->cfg, "hostname"))
		return config_mistake(r, "", "", "hostname",
				      "hostname = \"%s\" cannot be; give this machine's full name, such as "
				      "%s",
				      s->hostname, *h.clean ? h.clean : "relay.example.com");
	for (size_t i = 0; i < s->local_domains.n; i++)
		if (!is_domain(s->local_domains.v[i]))
			return config_mistake(r, "", "", "local-domains",
					      "local-domains = \"%s\" cannot be; give domains such as "
					      "bounces.example.com",
					      s->local_domains.v[i]);
	if (!*s->cert_file && *s->key_file)
		return config_mistake(r, "certificate", "", "key",
				      "add file = \"CERTIFICATE.pem\" to the certificate block");
	return true;
}

/* One that is given is meant: a mail that has ended warns nobody. */
static bool read_warning(const struct config_reading *r, cfg_t *b)
{
	const char *after = config_value(b, "delay-warning");
	struct relay_retry *t = &r->s->retry;
	t->delay_warning_s = !strcmp(after, "never") ? 0 : config_seconds(after, RELAY_DELAY_WARNING_S);
	return !*after || t->delay_warning_s < t->expire_s ||
	       config_mistake(
		       r, "retry", "", "delay-warning",
		       "delay-warning is not shorter than expire (%s), so that nobody would be warned: "
		       "give a shorter time, or never",
		       *config_value(b, "expire") ? config_value(b, "expire") : "5d");
}

static bool read_retry(const struct config_reading *r)
{
	cfg_t *b = cfg_getsec(r->c->cfg, "retry");
	struct relay_retry *t = &r->s->retry;
	t->first_s = config_seconds(config_value(b, "first"), RELAY_RETRY_FIRST_S);
	t->most_s = config_seconds(config_value(b, "most"), RELAY_RETRY_MOST_S);
	t->expire_s = config_seconds(config_value(b, "expire"), RELAY_EXPIRE_S);
	t->factor = cfg_getfloat(b, "factor");
	if (!(t->factor >= 1) || t->factor > 100)
		return config_mistake(r, "retry", "", "factor",
				      "factor = %g cannot be; give a number from 1 to 100, usually 2",
				      t->factor);
	if (t->most_s < t->first_s && !*config_value(b, "most"))
		t->most_s = t->first_s;
	if (t->most_s < t->first_s)
		return config_mistake(r, "retry", "", "most",
				      "most is shorter than first (%s): give a longer time",
				      *config_value(b, "first") ? config_value(b, "first") : "5m");
	return read_warning(r, b);
}

/* ---- who stands at the door ---- */

static bool is_loopback_listener(const char *where)
{
	return z_istarts(where, "127.") || z_istarts(where, "[::1]:");
}

static enum relay_security security_of(const struct config_reading *r, const char *word)
{
	if (!*word)
		return *r->s->cert_file ? RELAY_SECURITY_STARTTLS : RELAY_SECURITY_NONE;
	return !strcmp(word, "tls")        ? RELAY_SECURITY_TLS
	       : !strcmp(word, "starttls") ? RELAY_SECURITY_STARTTLS
					   : RELAY_SECURITY_NONE;
}

/* Port 25 takes mail of other servers, which do not log in. */
static enum relay_login login_of(const struct config_reading *r, const struct relay_listen *l,
				 const char *word)
{
	bool usable = l->security != RELAY_SECURITY_NONE || is_loopback_listener(l->where);
	if (!*word)
		return r->s->naccounts && usable && !z_iends(l->where, ":25") ? RELAY_LOGIN_OFFERED
									      : RELAY_LOGIN_NEVER;
	return !strcmp(word, "required")  ? RELAY_LOGIN_REQUIRED
	       : !strcmp(word, "offered") ? RELAY_LOGIN_OFFERED
					  : RELAY_LOGIN_NEVER;
}

static bool judge_listen(const struct config_reading *r, const struct relay_listen *l)
{
	if (l->security != RELAY_SECURITY_NONE && !*r->s->cert_file)
		return config_mistake(
			r, "listen", l->where, "security",
			"this needs a certificate: add certificate { file = \"cert.pem\"  key = "
			"\"key.pem\" }");
	if (l->login != RELAY_LOGIN_NEVER && !r->s->naccounts)
		return config_mistake(r, "listen", l->where, "login",
				      "there is nobody who could log in: add account \"you@example.com\" { "
				      "password-hash = \"...\" }");
	if (l->login != RELAY_LOGIN_NEVER && l->security == RELAY_SECURITY_NONE &&
	    !is_loopback_listener(l->where))
		return config_mistake(r, "listen", l->where, "login",
				      "login is never offered before TLS off loopback: add security = "
				      "\"starttls\"");
	if (l->wait_s > RELAY_WAIT_MOST_S)
		return config_mistake(r, "listen", l->where, "wait",
				      "clients do not wait so long for their answer: give at most %ds",
				      RELAY_WAIT_MOST_S);
	return config_judge_listen_auth(r, l);
}

static bool read_listens(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	s->nlistens = cfg_size(r->c->cfg, "listen");
	s->listens = arena_alloc(s->arena, (s->nlistens + 1) * sizeof(*s->listens));
	for (unsigned i = 0; i < s->nlistens; i++) {
		cfg_t *b = cfg_getnsec(r->c->cfg, "listen", i);
		struct relay_listen *l = &s->listens[i];
		l->where = arena_strdup(s->arena, cfg_title(b));
		l->security = security_of(r, config_value(b, "security"));
		l->login = login_of(r, l, config_value(b, "login"));
		l->wait_s = config_seconds(config_value(b, "wait"), 0);
		l->auth = config_copy_list(r, b, "auth");
		if (!judge_listen(r, l))
			return false;
	}
	return true;
}

static bool judge_account(const struct config_reading *r, const struct relay_account *a)
{
	if (!*a->name)
		return config_mistake(
			r, "account", a->name, "",
			"nobody can log in without a name: account \"you@example.com\" { ... }");
	if (!relay_account_has_password(a) && !*r->s->identity_provider.introspection)
		return config_mistake(r, "account", a->name, "",
				      "%s has no password: add password-hash = \"...\", as mkpasswd -m "
				      "yescrypt prints it",
				      a->name);
	if (*a->password_hash && *a->password_hash != '$')
		return config_mistake(r, "account", a->name, "password-hash",
				      "this is no hash (it begins with $): take what mkpasswd -m yescrypt "
				      "prints");
	if (*a->password_hash && !passwords_is_hash(a->password_hash))
		return config_mistake(
			r, "account", a->name, "password-hash",
			"no password can be right by this hash, which is cut off or of no method "
			"known here: take all that mkpasswd -m yescrypt prints");
	return config_judge_token_user(r, a);
}

static bool read_accounts(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	s->naccounts = cfg_size(r->c->cfg, "account");
	s->accounts = arena_alloc(s->arena, (s->naccounts + 1) * sizeof(*s->accounts));
	for (unsigned i = 0; i < s->naccounts; i++) {
		cfg_t *b = cfg_getnsec(r->c->cfg, "account", i);
		struct relay_account *a = &s->accounts[i];
		*a = (struct relay_account){
			.name = arena_strdup(s->arena, cfg_title(b)),
			.password_hash = config_copy(r, b, "password-hash"),
			.password_file = config_copy_file(r, b, "password-file"),
			.token_user = config_copy(r, b, "token-user"),
			.senders = config_copy_list(r, b, "senders"),
			.daily_cap = cfg_getint(b, "daily-cap"),
			.max_size = config_bytes(config_value(b, "max-size")),
			.hold_in_doubt = cfg_getbool(b, "hold-in-doubt"),
			.caps = config_caps(b),
			.hold_over_cap = !strcmp(config_value(b, "over-cap"), "hold"),
		};
		a->caps.day = 0; /* at the door, or by hold_over_cap */
		config_rate(config_value(b, "rate"), &a->rate, &a->rate_s);
		if (!judge_account(r, a))
			return false;
	}
	return true;
}

static void allow(struct relay_settings *s, const char *network)
{
	config_network(network, &s->allow[s->nallow++]);
}

static bool read_allowed(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	unsigned n = cfg_size(r->c->cfg, "allow-from");
	s->allow = arena_alloc(s->arena, (n + 2) * sizeof(*s->allow));
	for (unsigned i = 0; i < n; i++)
		allow(s, cfg_getnstr(r->c->cfg, "allow-from", i));
	if (!n) {
		allow(s, "127.0.0.0/8");
		allow(s, "::1");
	}
	const char *open = access_open_relay(s, s->arena);
	return !open || config_mistake(r, "", "", "allow-from",
				       "%s: name only the networks of your own machines", open);
}

/* A mark of the text, so that two trails can be told to have had the same configuration. */
static void hash_text(const struct config *c, char out[17])
{
	struct scram_key k = { { 0 } };
	if (!scram_hash(c->text, &k))
		return;
	for (size_t i = 0; i < 8; i++)
		snprintf(out + 2 * i, 3, "%02x", (unsigned)k.b[i]);
}

bool config_relay(const struct config *c, struct relay_settings **out, struct err *e)
{
	CLEANUP(relay_settings_free) struct relay_settings *s = relay_settings_new();
	const struct config_reading r = { c, s, e };
	read_top(&r);
	if (!judge_top(&r) || !read_retry(&r) || !read_allowed(&r) || !config_read_identity_provider(&r) ||
	    !read_accounts(&r) || !read_listens(&r) || !config_read_bounces(&r) || !config_read_pickups(&r) ||
	    !config_read_routes(&r) || !config_read_relay_profiles(&r) || !config_read_filters(&r) ||
	    !config_read_signs(&r) || !config_read_http(&r) || !config_judge_clashes(&r))
		return false;
	hash_text(c, s->hash);
	*out = STEAL(s);
	return true;
}
