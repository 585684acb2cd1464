/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/settings.h"

#include <string.h>
#include <strings.h>

#include "smtp/path.h"

struct relay_settings *relay_settings_new(void)
{
	struct arena *a = arena_new();
	struct relay_settings *s = arena_alloc(a, sizeof(*s));
	*s = (struct relay_settings){
		.arena = a,
		.uses = 1,
		.hostname = "",
		.data = "",
		.resolver = "",
		.ca_file = "",
		.user = "",
		.cert_file = "",
		.key_file = "",
		.retry = { RELAY_RETRY_FIRST_S, RELAY_RETRY_MOST_S, RELAY_EXPIRE_S, 2,
			   RELAY_DELAY_WARNING_S },
		.keep = { .trails_s = RELAY_KEEP_TRAILS_S, .keys_s = RELAY_KEEP_KEYS_S },
		.max_size = RELAY_SIZE_MAX,
		.identity_provider = { .introspection = "" },
		.bounces = { "", RELAY_SUPPRESS_S, RELAY_KEEP_REPORTS_S },
	};
	return s;
}

/* The count is no part of what was told: it may change behind a const. */
const struct relay_settings *relay_settings_hold(const struct relay_settings *s)
{
	((struct relay_settings *)s)->uses++;
	return s;
}

void relay_settings_free(struct relay_settings **s)
{
	struct relay_settings *own = *s;
	*s = NULL;
	if (own && !--own->uses) {
		struct arena *a = own->arena; /* own is in it */
		arena_free(&a);
	}
}

void relay_settings_drop(const struct relay_settings **s)
{
	struct relay_settings *own = (struct relay_settings *)*s;
	*s = NULL;
	relay_settings_free(&own);
}

static const char *const role_names[] = {
	[RELAY_ROLE_NONE] = "",
	[RELAY_ROLE_READ] = "read",
	[RELAY_ROLE_OPERATE] = "operate",
	[RELAY_ROLE_ADMIN] = "admin",
};

const char *relay_role_name(enum relay_role r)
{
	return role_names[r];
}

bool relay_role_of(struct str name, enum relay_role *out)
{
	for (size_t i = RELAY_ROLE_READ; i < ARRAY_LEN(role_names); i++)
		if (str_eq(name, role_names[i])) {
			*out = (enum relay_role)i;
			return true;
		}
	return false;
}

const struct relay_account *relay_account_find(const struct relay_settings *s, const char *name)
{
	for (size_t i = 0; i < s->naccounts; i++)
		if (!strcasecmp(s->accounts[i].name, name))
			return &s->accounts[i];
	return NULL;
}

const char *relay_account_token_user(const struct relay_account *a)
{
	return *a->token_user ? a->token_user : a->name;
}

const struct relay_account *relay_account_of_token(const struct relay_settings *s, const char *user)
{
	for (size_t i = 0; i < s->naccounts; i++)
		if (*user && !strcmp(relay_account_token_user(&s->accounts[i]), user))
			return &s->accounts[i];
	return NULL;
}

bool relay_account_has_password(const struct relay_account *a)
{
	return *a->password_hash || *a->password_file;
}

/* "*" | ["*"] "@" domain | domain | address */
static bool fits(const char *pattern, struct str address)
{
	if (!strcmp(pattern, "*"))
		return true;
	if (!strncmp(pattern, "*@", 2))
		pattern++;
	if (*pattern == '@')
		return str_ieq(str_domain(address), pattern + 1);
	return str_ieq(strchr(pattern, '@') ? address : str_domain(address), pattern);
}

bool relay_is_pattern(const char *v)
{
	struct smtp_mailbox m;
	struct smtp_path_problem why;
	if (!strcmp(v, "*"))
		return true;
	v += !strncmp(v, "*@", 2);
	v += *v == '@';
	return strchr(v, '@') ? smtp_mailbox_read(str_of(v), SMTP_PATH_UTF8 | SMTP_PATH_LONG_LOCAL, &m, &why)
			      : *v && *v != '.' && !strpbrk(v, "*<>,; \t");
}

bool relay_fits(const struct strlist *patterns, struct str address)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (fits(patterns->v[i], address))
			return true;
	return false;
}

static bool fits_or_any(const struct strlist *patterns, struct str address)
{
	return !patterns->n || relay_fits(patterns, address);
}

static bool is_of_account(const struct strlist *accounts, struct str account)
{
	for (size_t i = 0; i < accounts->n; i++)
		if (str_ieq(account, accounts->v[i]))
			return true;
	return !accounts->n;
}

const struct relay_route *relay_route_find(const struct relay_settings *s, struct relay_sender sender,
					   struct str recipient)
{
	for (size_t i = 0; i < s->nroutes; i++)
		if (is_of_account(&s->routes[i].accounts, sender.account) &&
		    fits_or_any(&s->routes[i].senders, sender.address) &&
		    fits_or_any(&s->routes[i].recipients, recipient))
			return &s->routes[i];
	return NULL;
}

const struct relay_route *relay_route_named(const struct relay_settings *s, const char *name)
{
	for (size_t i = 0; i < s->nroutes; i++)
		if (!strcmp(s->routes[i].name, name))
			return &s->routes[i];
	return NULL;
}

const struct relay_profile *relay_profile_find(const struct relay_settings *s, struct str name)
{
	for (size_t i = 0; i < s->nprofiles; i++)
		if (str_ieq(name, s->profiles[i].name))
			return &s->profiles[i];
	return NULL;
}

const struct relay_kind *relay_kind_find(const struct relay_profile *p, struct str name)
{
	for (size_t i = 0; i < p->nkinds; i++)
		if (str_ieq(name, p->kinds[i].name))
			return &p->kinds[i];
	return NULL;
}

bool relay_is_local(const struct relay_settings *s, struct str address)
{
	struct str domain = str_domain(address);
	for (size_t i = 0; domain.len && i < s->local_domains.n; i++)
		if (str_ieq(domain, s->local_domains.v[i]))
			return true;
	return false;
}

bool relay_allows(const struct relay_settings *s, const struct ipaddr *client)
{
	struct ipaddr plain = ipaddr_unmapped(*client);
	for (size_t i = 0; i < s->nallow; i++)
		if (ipaddr_in(&plain, &s->allow[i].net, s->allow[i].bits))
			return true;
	return false;
}
