/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_fit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text_time.h"
#include "cli/config_relay_inner.h"
#include "relay/log.h"

#define A_PATTERN "*, *@example.com, example.com (none below it) or a whole address"

static bool is_one_of(const char *value, const char *words)
{
	return str_lists(str_of(words), " ", str_of(value));
}

static bool is_security(const char *v)
{
	return is_one_of(v, "none starttls tls");
}

static bool is_client_security(const char *v)
{
	return is_one_of(v, "auto none starttls tls ssl");
}

static bool is_http_security(const char *v)
{
	return is_one_of(v, "none tls");
}

static bool is_state(const char *v)
{
	return is_one_of(v, "queued held sending in-doubt delayed handed-over refused expired suppressed "
			    "cancelled bounced confirmed");
}

/* https, or http to this very machine */
static bool is_hook_url(const char *v)
{
	return z_istarts(v, "https://") || z_istarts(v, "http://127.") || z_istarts(v, "http://[::1]") ||
	       z_istarts(v, "http://localhost");
}

static bool is_role(const char *v)
{
	return is_one_of(v, "read operate admin");
}

static bool is_login(const char *v)
{
	return is_one_of(v, "never offered required");
}

static bool is_auth(const char *v)
{
	return is_one_of(v, "auto none plain login cram-md5 scram-sha-256 xoauth2 oauthbearer");
}

static bool is_server_auth(const char *v)
{
	return is_one_of(v, "plain login cram-md5 scram-sha-256 xoauth2 oauthbearer");
}

static bool is_claim(const char *v)
{
	return is_one_of(v, "username preferred_username email sub");
}

static bool is_via(const char *v)
{
	return is_one_of(v, "mx smarthost microsoft-graph gmail-api");
}

static bool is_tls(const char *v)
{
	return is_one_of(v, "opportunistic required");
}

static bool is_over_cap(const char *v)
{
	return is_one_of(v, "refuse hold");
}

static bool is_test(const char *v)
{
	return is_one_of(v, "required off");
}

static bool is_mailbox_protocol(const char *v)
{
	return is_one_of(v, "imap pop3");
}

bool config_is_plain_name(const char *v)
{
	return *v && *v != '.' && !v[strcspn(v, " \t/\\")] && strlen(v) <= 60;
}

static bool is_on_failure(const char *v)
{
	return is_one_of(v, "delay accept refuse");
}

/* number unit; unit one of `units` */
static bool is_measure(struct str s, const char *units)
{
	unsigned long n;
	return s.len > 1 && strchr(units, s.p[s.len - 1]) &&
	       str_number(str_cut(s, 0, s.len - 1), 1000000, &n) && n;
}

static bool is_duration(const char *v)
{
	return is_measure(str_of(v), "smhd");
}

static bool is_size(const char *v)
{
	unsigned long n;
	return is_measure(str_of(v), "KMG") || (str_number(str_of(v), 1UL << 40, &n) && n);
}

/* Less would be put by again and again, with what somebody looks for in it. */
static bool is_log_size(const char *v)
{
	long long n = is_size(v) ? config_bytes(v) : 0;
	return n >= RELAY_LOG_CONVERSATION_LEAST && n <= 1LL << 40;
}

static bool is_rate(const char *v)
{
	struct str s = str_of(v);
	const char *slash = strchr(v, '/');
	unsigned long n;
	return slash && str_number(str_cut(s, 0, (size_t)(slash - v)), 1000000, &n) && n &&
	       is_measure(str_of(slash + 1), "smhd");
}

static bool is_until(const char *v)
{
	return is_one_of(v, "connect tls auth envelope message");
}

static bool is_when(const char *v)
{
	return is_one_of(v, "bad worse well expiring");
}

static bool is_day(const char *v)
{
	long long s;
	char whole[TEXT_TIME_BYTES];
	snprintf(whole, sizeof(whole), "%.10sT00:00:00Z", v);
	return strlen(v) == strlen("2027-01-31") && text_time_read(str_of(whole), &s);
}

static bool is_absolute(const char *v)
{
	return *v == '/';
}

static bool is_mailbox(const char *v)
{
	const char *at = strrchr(v, '@');
	return at && at > v && at[1] && !strpbrk(v, " \t\r\n<>");
}

static bool is_ip(const char *v, int *bits)
{
	unsigned char b[16];
	*bits = inet_pton(AF_INET, v, b) == 1 ? 32 : inet_pton(AF_INET6, v, b) == 1 ? 128 : 0;
	return *bits;
}

static bool is_network(const char *v)
{
	char address[64];
	const char *slash = strchr(v, '/');
	unsigned long prefix = 0;
	int bits;
	size_t n = slash ? (size_t)(slash - v) : strlen(v);
	if (n >= sizeof(address))
		return false;
	memcpy(address, v, n);
	address[n] = 0;
	return is_ip(address, &bits) &&
	       (!slash || str_number(str_of(slash + 1), (unsigned long)bits, &prefix));
}

/* ip ":" port | "[" ip6 "]" ":" port */
static bool is_place(const char *v)
{
	char address[64];
	const char *colon = strrchr(v, ':');
	unsigned long port;
	int bits;
	bool bracket = *v == '[';
	if (!colon || !str_number(str_of(colon + 1), 65535, &port))
		return false;
	size_t n = (size_t)(colon - v);
	if (n >= sizeof(address) || n < 3 || (bracket && v[n - 1] != ']'))
		return false;
	memcpy(address, v + bracket, n - (bracket ? 2 : 0));
	address[n - (bracket ? 2 : 0)] = 0;
	return is_ip(address, &bits) && bracket == (bits == 128);
}

/* place | "*" ":" port: all addresses (net/listen.h) */
bool config_is_bindable(const char *v)
{
	unsigned long port;
	return is_place(v) || (z_istarts(v, "*:") && str_number(str_of(v + 2), 65535, &port));
}

static bool is_endpoint(const char *v)
{
	const char *colon = strrchr(v, ':');
	return is_place(v) && strspn(colon + 1, "0") < strlen(colon + 1);
}

static bool is_address(const char *v)
{
	int bits;
	return is_ip(v, &bits);
}

static bool is_resolver(const char *v)
{
	int bits;
	return is_ip(v, &bits) || is_endpoint(v);
}

static bool is_duration_or_never(const char *v)
{
	return !strcmp(v, "never") || is_duration(v);
}

/* A time for which something is kept, or not at all: the default has to be sayable. */
static bool is_duration_or_none(const char *v)
{
	return !strcmp(v, "0") || !strcmp(v, "0s") || is_duration(v);
}

/* domain | local "*" local "@" domain */
static bool is_return_path(const char *v)
{
	const char *star = strchr(v, '*'), *at = strchr(v, '@');
	bool whole = !strpbrk(v, " <>,;\"\t") && strchr(at ? at : v, '.');
	if (!strcmp(v, "none"))
		return true;
	if (!at)
		return whole && !star;
	return whole && star && star < at && star[1] == '@' && !strchr(star + 1, '*') &&
	       (star == v || strchr("+-=._", star[-1]));
}

/* seen | leave | delete | "move:" folder */
static bool is_after(const char *v)
{
	return is_one_of(v, "seen leave delete") || (z_istarts(v, "move:") && v[strlen("move:")]);
}

const struct config_fit config_fits[] = {
	{ "resolver", is_resolver, "an IP address, maybe with a port: 127.0.0.1:53" },
	{ "allow-from", is_network, "networks such as 127.0.0.0/8 or 2001:db8:5::/48" },
	{ "listen|security", is_security, "one of none, starttls, tls" },
	{ "listen|login", is_login, "one of never, offered, required" },
	{ "listen|auth", is_server_auth,
	  "some of plain, login, scram-sha-256, cram-md5, xoauth2, oauthbearer" },
	{ "listen|wait", is_duration, "a time such as 8s" },
	{ "max-size", is_size, "a size such as 50M" },
	{ "account|max-size", is_size, "a size such as 25M" },
	{ "account|over-cap", is_over_cap,
	  "one of refuse (for now, at the door), hold (until there is room)" },
	{ "account|rate", is_rate, "a number per time such as 100/1h" },
	{ "account|senders", relay_is_pattern, A_PATTERN },
	{ "route|senders", relay_is_pattern, A_PATTERN },
	{ "route|recipients", relay_is_pattern, A_PATTERN },
	{ "identity-provider|introspection", is_hook_url, "https://..., or http://127.0.0.1..." },
	{ "identity-provider|user-claim", is_claim, "one of username, preferred_username, email, sub" },
	{ "identity-provider|keep", is_duration, "a time such as 60s" },
	{ "route|security", is_client_security, "one of auto, none, starttls, tls" },
	{ "route|auth", is_auth, "one of auto, plain, login, cram-md5, scram-sha-256, xoauth2, oauthbearer" },
	{ "route|via", is_via, "one of mx, smarthost, microsoft-graph, gmail-api" },
	{ "route|tls", is_tls, "one of opportunistic, required" },
	{ "route|rate", is_rate, "a number per time such as 30/1m" },
	{ "retry|first", is_duration, "a time such as 5m (s, m, h or d)" },
	{ "retry|most", is_duration, "a time such as 4h (s, m, h or d)" },
	{ "retry|expire", is_duration, "a time such as 5d (s, m, h or d)" },
	{ "retry|delay-warning", is_duration_or_never, "a time such as 4h (s, m, h or d), or never" },
	{ "filter|on-failure", is_on_failure, "one of delay, accept, refuse" },
	{ "filter|timeout", is_duration, "a time such as 30s" },
	{ "route|return-path", is_return_path,
	  "a domain such as bounces.example.com, an address with a place such as bounces+*@example.com, or "
	  "none" },
	{ "bounces|return-path", is_return_path,
	  "a domain such as bounces.example.com, an address with a place such as bounces+*@example.com, or "
	  "none" },
	{ "bounces|suppress", is_duration_or_never, "a time such as 90d, or never" },
	{ "bounces|keep", is_duration, "a time such as 14d" },
	{ "mailbox|protocol", is_mailbox_protocol, "one of imap, pop3" },
	{ "mailbox|security", is_client_security, "one of auto, none, starttls, tls" },
	{ "mailbox|poll", is_duration, "a time such as 2m" },
	{ "mailbox|after", is_after, "one of seen, leave, delete, move:FOLDER" },
	{ "keep|trails", is_duration, "a time such as 30d" },
	{ "keep|keys", is_duration, "a time such as 7d" },
	{ "keep|bodies", is_duration_or_none, "a time such as 1d, or 0 for not at all" },
	{ "keep|budget", is_size, "a size such as 20G" },
	{ "keep|conversation", is_log_size, "a size such as 256M, from 1M to 1024G" },
	{ "webhook|url", is_hook_url, "https://..., or http://127.0.0.1..." },
	{ "webhook|states", is_state,
	  "some of queued held sending in-doubt delayed handed-over refused expired suppressed cancelled "
	  "bounced confirmed" },
	{ "http|listen", config_is_bindable, "an address and a port such as 127.0.0.1:8025" },
	{ "http|open", is_role, "one of read, operate, admin: what this machine may do without a token" },
	{ "http|check-allow", is_network, "a network or an address such as 10.1.2.0/24" },
	{ "http|security", is_http_security, "one of none, tls" },
	{ "http|login|role", is_role, "one of read, operate, admin" },
	{ "keep|history", is_duration, "a time such as 90d" },
	{ "monitor|every", is_duration, "a time such as 15m" },
	{ "monitor|again", is_duration, "a time such as 1m" },
	{ "monitor|quiet", is_duration, "a time such as 1h" },
	{ "monitor|timeout", is_duration, "a time such as 60s" },
	{ "monitor|until", is_until, "one of connect, tls, auth, envelope, message" },
	{ "monitor|security", is_client_security, "one of auto, none, starttls, tls" },
	{ "monitor|sending-ip", is_address, "an IP address such as 192.0.2.7" },
	{ "monitor|secret-expires", is_day, "a day such as 2027-01-31" },
	{ "alert|mail", is_mailbox, "an address such as ops@example.com" },
	{ "alert|from", is_mailbox, "an address such as postrider@example.com" },
	{ "alert|webhook", is_hook_url, "an address such as https://example.com/hook" },
	{ "alert|command", is_absolute, "the whole path of a program, without arguments" },
	{ "alert|when", is_when, "some of bad, worse, well, expiring" },
	{ "profile|security", is_client_security, "one of auto, none, starttls, tls" },
	{ "profile|test", is_test, "one of required, off" },
	{ "profile|mailbox|protocol", is_mailbox_protocol, "one of imap, pop3" },
	{ "profile|mailbox|security", is_client_security, "one of auto, none, starttls, tls" },
	{ "profile|auth", is_auth,
	  "one of auto, none, plain, login, cram-md5, scram-sha-256, xoauth2, oauthbearer" },
};

const size_t config_nfits = ARRAY_LEN(config_fits);
