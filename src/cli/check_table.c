/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `postrider check`: one row each. */
#include <stddef.h>

#include "cli/check_options.h"

#define TO(member)  offsetof(struct check_options, member)
#define REQ(member) offsetof(struct check_options, request.member)

static const struct check_option rows[] = {
	{ "security", "auto|none|starttls|tls", "connection mode (\"ssl\" is taken as tls)", apply_security,
	  0, "The server" },
	{ "ca-file", "FILE", "trusted certificate authorities (default: the system's)", apply_file,
	  REQ(ca_file), NULL },
	{ "ehlo-name", "NAME", "how to introduce ourselves (default: this host's name)", apply_text,
	  REQ(ehlo_name), NULL },
	{ "user", "NAME", "log in as NAME", apply_text, REQ(user), "Login" },
	{ "password-file", "FILE",
	  "password in FILE (\"-\": standard input); else $POSTRIDER_PASSWORD, else asked for", apply_secret,
	  REQ(password), NULL },
	{ "auth", "MECHANISM", "auto, none, plain, login, cram-md5, scram-sha-256, xoauth2 or oauthbearer",
	  apply_auth, 0, NULL },
	{ "insecure-auth", NULL, "send the password even where the server is not proved or the line is open",
	  apply_flag, REQ(insecure_auth), NULL },
	{ "oauth-client-id", "ID", "OAuth 2.0: the application's id", apply_oauth_text, REQ(client_id),
	  NULL },
	{ "oauth-tenant-id", "ID", "OAuth 2.0: Microsoft's tenant", apply_oauth_text, REQ(tenant_id), NULL },
	{ "oauth-client-secret-file", "FILE", "OAuth 2.0: the secret's value", apply_oauth_secret,
	  REQ(client_secret), NULL },
	{ "oauth-refresh-token-file", "FILE", "OAuth 2.0: a refresh token", apply_oauth_secret,
	  REQ(refresh_token), NULL },
	{ "oauth-token-url", "URL", "OAuth 2.0: where tokens are issued", apply_oauth_url, REQ(token_url),
	  NULL },
	{ "oauth-token-file", "FILE", "an access token, used as it is", apply_secret, REQ(token), NULL },
	{ "oauth-scope", "TEXT", "OAuth 2.0: scope to ask for", apply_oauth_text, REQ(scope), NULL },
	{ "from", "ADDRESS", "sender to try (\"<>\" is the empty one)", apply_sender, REQ(from), "The mail" },
	{ "to", "ADDRESS", "recipient to try; again for more", apply_to, REQ(to), NULL },
	{ "attach", "FILE", "attachment to try; again for more", apply_attach, REQ(attach), NULL },
	{ "message", "FILE", "a message of your own to read and send (with --until message)", apply_file,
	  REQ(message_file), NULL },
	{ "until", "STEP",
	  "how far to go: connect, tls, auth, envelope or message; a mail is sent only with \"message\"",
	  apply_until, 0, NULL },
	{ "sending-ip", "IP", "judge SPF, reverse DNS and block lists for IP", apply_ip, REQ(sending_ip),
	  "The domain" },
	{ "dkim-selector", "NAME", "selector of the domain's DKIM key", apply_text, REQ(dkim_selector),
	  NULL },
	{ "dnsbl", "ZONE", "block list to ask; again for more", apply_list, REQ(dnsbl), NULL },
	{ "bind", "IP", "connect from this address", apply_ip, REQ(bind), "The network" },
	{ "resolver", "IP[:PORT]", "DNS resolver to ask", apply_resolver, REQ(resolver), NULL },
	{ "trust-anchor", "FILE", "DNSSEC trust anchor (default: the root's)", apply_file, REQ(trust_anchor),
	  NULL },
	{ "timeout", "SECONDS", "a whole check ends within it (default 60)", apply_timeout, 0, NULL },
	{ "no-experiments", NULL, "one dialogue only, nothing else is tried", apply_flag, TO(no_experiments),
	  NULL },
	{ "guided", NULL, "answer a few questions first, as a help desk would ask", apply_flag, TO(guided),
	  "Asking and keeping" },
	{ "answer", "QUESTION=WORDS",
	  "answer a question of --guided: since-when, who, where, what-changed, webmail, program or wording; "
	  "again for more",
	  apply_answer, 0, NULL },
	{ "config", "FILE",
	  "configuration with profiles (default ./postrider.conf, /etc/postrider/postrider.conf)", apply_file,
	  TO(config), NULL },
	{ "save", "FILE", "keep the evidence", apply_text, TO(save), NULL },
	{ "evidence", "FILE", "judge kept evidence again; no network", apply_text, TO(evidence), NULL },
	{ "now", "TIME", "judge certificates and tokens as of TIME (2026-11-21T08:00:00Z)", apply_now, 0,
	  NULL },
	{ "json", NULL, "one JSON document, the same as --format json", apply_json, 0, "The answer" },
	{ "format", "FORM", "text, json, html or markdown", apply_format, 0, NULL },
	{ "verbose", NULL, "show the dialogue too (always in JSON)", apply_flag, TO(render.transcript),
	  NULL },
	{ "quiet", NULL, "no progress, the verdict and its cause only", apply_quiet, 0, NULL },
	{ "no-color", NULL, "no colours", apply_flag, TO(no_color), NULL },
	{ "help", NULL, "this text", apply_flag, TO(help), NULL },
};

const struct check_option *check_option_at(size_t i)
{
	return i < ARRAY_LEN(rows) ? &rows[i] : NULL;
}
