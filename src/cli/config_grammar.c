/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand in postrider.conf; what a value must look like is in config_fit.c. */
#include "cli/config_grammar.h"

#include <string.h>

#include "base/str.h"
#include "cli/config_fit.h"

/* unset = NULL: not given, which is not the same as empty. */
#define TEXT(name)        CFG_STR((name), NULL, CFGF_NONE)
#define TEXTS(name)       CFG_STR_LIST((name), NULL, CFGF_NONE)
#define FLAG(name)        CFG_BOOL((name), cfg_false, CFGF_NONE)
#define NUMBER(name)      CFG_INT((name), 0, CFGF_NONE)
#define CAPS              NUMBER("minute-cap"), NUMBER("hourly-cap"), NUMBER("daily-cap"), NUMBER("recipients-cap")
#define BLOCK(name, opts) CFG_SEC((name), (opts), CFGF_NONE)
#define NAMED(name, opts) CFG_SEC((name), (opts), CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

static cfg_opt_t certificate_opts[] = { TEXT("file"), TEXT("key"), CFG_END() };
static cfg_opt_t oauth_opts[] = { TEXT("client-id"), TEXT("tenant-id"),          TEXT("client-secret-file"),
				  TEXT("token-url"), TEXT("refresh-token-file"), TEXT("scope"),
				  CFG_END() };
static cfg_opt_t listen_opts[] = { TEXT("security"), TEXT("login"), TEXTS("auth"), TEXT("wait"), CFG_END() };
static cfg_opt_t identity_opts[] = { TEXT("introspection"), TEXT("client-id"), TEXT("client-secret-file"),
				     TEXT("user-claim"),    TEXT("scope"),     TEXTS("audience"),
				     TEXT("issuer"),        TEXT("keep"),      CFG_END() };
static cfg_opt_t account_opts[] = {
	TEXT("password-hash"), TEXT("password-file"), TEXT("token-user"),    TEXTS("senders"), CAPS,
	TEXT("max-size"),      TEXT("rate"),          FLAG("hold-in-doubt"), TEXT("over-cap"), CFG_END()
};
static cfg_opt_t route_opts[] = { TEXTS("senders"),
				  TEXTS("recipients"),
				  TEXTS("accounts"),
				  TEXT("via"),
				  TEXT("smarthost"),
				  TEXT("security"),
				  TEXT("tls"),
				  TEXT("user"),
				  TEXT("auth"),
				  TEXT("password-file"),
				  BLOCK("oauth", oauth_opts),
				  NUMBER("port"),
				  NUMBER("connections"),
				  TEXT("rate"),
				  CAPS,
				  FLAG("proven"),
				  TEXT("return-path"),
				  TEXT("next"),
				  TEXT("from"),
				  TEXT("url"),
				  FLAG("hold-in-doubt"),
				  CFG_END() };
static cfg_opt_t bounces_opts[] = { TEXT("return-path"), TEXT("suppress"), TEXT("keep"), CFG_END() };
static cfg_opt_t mailbox_opts[] = { TEXT("host"),
				    NUMBER("port"),
				    TEXT("protocol"),
				    TEXT("security"),
				    TEXT("user"),
				    TEXT("password-file"),
				    BLOCK("oauth", oauth_opts),
				    TEXT("folder"),
				    TEXT("poll"),
				    TEXT("after"),
				    CFG_END() };
static cfg_opt_t pickup_opts[] = { TEXT("account"), TEXT("sender"), TEXT("attachments"),
				   TEXT("archive"), FLAG("json"),   CFG_END() };
static cfg_opt_t retry_opts[] = { TEXT("first"),         CFG_FLOAT("factor", 2, CFGF_NONE),
				  TEXT("most"),          TEXT("expire"),
				  TEXT("delay-warning"), CFG_END() };
static cfg_opt_t filter_opts[] = { TEXT("milter"), TEXT("on-failure"), TEXT("timeout"), CFG_END() };
static cfg_opt_t sign_opts[] = { TEXT("domain"), TEXT("selector"), TEXT("key"), CFG_END() };
static cfg_opt_t keep_opts[] = { TEXT("trails"),       TEXT("keys"),    TEXT("bodies"), TEXT("budget"),
				 TEXT("conversation"), TEXT("history"), CFG_END() };
static cfg_opt_t login_opts[] = { TEXT("password-hash"), TEXT("role"), TEXT("account"), CFG_END() };
static cfg_opt_t webhook_opts[] = { TEXT("url"), TEXT("secret-file"), TEXTS("states"), CFG_END() };
static cfg_opt_t http_opts[] = { TEXT("listen"),       TEXT("token-file"),         TEXT("open"),
				 TEXTS("names"),       TEXT("security"),           FLAG("behind-proxy"),
				 TEXTS("check-allow"), NAMED("login", login_opts), CFG_END() };
static cfg_opt_t kind_opts[] = { TEXT("from"), TEXT("reply-to"), TEXT("route"), CAPS, CFG_END() };
static cfg_opt_t arrival_opts[] = { TEXT("host"), NUMBER("port"),        TEXT("protocol"), TEXT("security"),
				    TEXT("user"), TEXT("password-file"), TEXT("folder"),   CFG_END() };
static cfg_opt_t profile_opts[] = { TEXT("host"),
				    NUMBER("port"),
				    TEXT("security"),
				    TEXT("user"),
				    TEXT("from"),
				    TEXT("reply-to"),
				    TEXT("auth"),
				    TEXT("password-file"),
				    BLOCK("oauth", oauth_opts),
				    TEXT("route"),
				    CAPS,
				    TEXT("test"),
				    CFG_BOOL("hold-in-doubt", cfg_true, CFGF_NONE),
				    BLOCK("mailbox", arrival_opts),
				    NAMED("kind", kind_opts),
				    CFG_END() };
static cfg_opt_t monitor_opts[] = { TEXT("target"),         TEXT("every"),   TEXT("again"),
				    TEXT("quiet"),          TEXT("until"),   TEXT("security"),
				    TEXT("from"),           TEXTS("to"),     TEXT("sending-ip"),
				    TEXT("dkim-selector"),  TEXT("timeout"), NUMBER("warn-days"),
				    TEXT("secret-expires"), TEXTS("alerts"), CFG_END() };
static cfg_opt_t alert_opts[] = { TEXTS("mail"),   TEXT("from"),  TEXT("webhook"), TEXT("secret-file"),
				  TEXT("command"), TEXTS("when"), CFG_END() };
static cfg_opt_t root_opts[] = { TEXT("hostname"),
				 TEXT("data"),
				 TEXT("resolver"),
				 TEXT("ca-file"),
				 TEXT("user"),
				 TEXT("max-size"),
				 BLOCK("certificate", certificate_opts),
				 NAMED("listen", listen_opts),
				 TEXTS("allow-from"),
				 TEXTS("local-domains"),
				 BLOCK("identity-provider", identity_opts),
				 NAMED("account", account_opts),
				 NAMED("route", route_opts),
				 BLOCK("retry", retry_opts),
				 NAMED("filter", filter_opts),
				 NAMED("sign", sign_opts),
				 BLOCK("bounces", bounces_opts),
				 NAMED("mailbox", mailbox_opts),
				 NAMED("pickup", pickup_opts),
				 BLOCK("keep", keep_opts),
				 BLOCK("http", http_opts),
				 NAMED("webhook", webhook_opts),
				 NAMED("profile", profile_opts),
				 NAMED("monitor", monitor_opts),
				 NAMED("alert", alert_opts),
				 CFG_END() };

/* The option's row is found by its name within its block, the innermost. */
static bool is_row(cfg_t *cfg, const char *option, const char *path)
{
	const char *bar = strrchr(path, '|');
	if (!bar)
		return !strcmp(option, path) && !strcmp(cfg->name, "root");
	const char *outer = memrchr(path, '|', (size_t)(bar - path));
	const char *block = outer ? outer + 1 : path;
	return !strcmp(option, bar + 1) && str_eq((struct str){ block, (size_t)(bar - block) }, cfg->name);
}

static int check_text(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *value = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
	for (size_t i = 0; i < config_nfits; i++)
		if (value && is_row(cfg, opt->name, config_fits[i].option) && !config_fits[i].fits(value)) {
			cfg_error(cfg, "%s = \"%s\" cannot be; give %s", opt->name, value,
				  config_fits[i].mend);
			return -1;
		}
	return 0;
}

static int check_port(cfg_t *cfg, cfg_opt_t *opt)
{
	long port = cfg_opt_getnint(opt, cfg_opt_size(opt) - 1);
	if (port >= 1 && port <= 65535)
		return 0;
	cfg_error(cfg, "%s = %ld cannot be; give a number from 1 to 65535, usually 587 or 465", opt->name,
		  port);
	return -1;
}

static int check_count(cfg_t *cfg, cfg_opt_t *opt)
{
	long n = cfg_opt_getnint(opt, cfg_opt_size(opt) - 1);
	if (n >= 1)
		return 0;
	cfg_error(cfg, "%s = %ld cannot be; give a number from 1", opt->name, n);
	return -1;
}

/* Each is a session with the next server; none that is known takes more than a few dozen of one client. */
enum { CONNECTIONS_MOST = 1000 };

static int check_connections(cfg_t *cfg, cfg_opt_t *opt)
{
	long n = cfg_opt_getnint(opt, cfg_opt_size(opt) - 1);
	if (n >= 1 && n <= CONNECTIONS_MOST)
		return 0;
	cfg_error(cfg, "%s = %ld cannot be; give a number from 1 to %d, usually 10 or less", opt->name, n,
		  CONNECTIONS_MOST);
	return -1;
}

static const char *const counts[] = {
	"monitor|warn-days",
	"account|minute-cap",
	"account|hourly-cap",
	"account|daily-cap",
	"account|recipients-cap",
	"profile|minute-cap",
	"profile|hourly-cap",
	"profile|daily-cap",
	"profile|recipients-cap",
	"profile|kind|minute-cap",
	"profile|kind|hourly-cap",
	"profile|kind|daily-cap",
	"profile|kind|recipients-cap",
	"route|minute-cap",
	"route|hourly-cap",
	"route|daily-cap",
	"route|recipients-cap",
};

static int check_listen(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *title = cfg_title(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1));
	if (title && config_is_bindable(title))
		return 0;
	cfg_error(
		cfg,
		"listen \"%s\" cannot be; give an address and a port such as 0.0.0.0:587, [::]:587 or *:587",
		title ? title : "");
	return -1;
}

static int check_name(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *title = cfg_title(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1));
	if (title && config_is_plain_name(title))
		return 0;
	cfg_error(cfg, "%s \"%s\" cannot be; give one word, such as office", opt->name, title ? title : "");
	return -1;
}

cfg_t *config_grammar_new(void)
{
	cfg_t *cfg = cfg_init(root_opts, CFGF_NONE);
	for (size_t i = 0; i < config_nfits; i++)
		cfg_set_validate_func(cfg, config_fits[i].option, check_text);
	cfg_set_validate_func(cfg, "profile|port", check_port);
	cfg_set_validate_func(cfg, "route|port", check_port);
	cfg_set_validate_func(cfg, "mailbox|port", check_port);
	cfg_set_validate_func(cfg, "route|connections", check_connections);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		cfg_set_validate_func(cfg, counts[i], check_count);
	cfg_set_validate_func(cfg, "profile|mailbox|port", check_port);
	cfg_set_validate_func(cfg, "listen", check_listen);
	cfg_set_validate_func(cfg, "profile", check_name);
	cfg_set_validate_func(cfg, "profile|kind", check_name);
	return cfg;
}
