/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/secret.h"

enum option_id {
	OPT_SECURITY = 256,
	OPT_USER,
	OPT_PASSWORD_FILE,
	OPT_AUTH,
	OPT_CLIENT_ID,
	OPT_TENANT_ID,
	OPT_CLIENT_SECRET_FILE,
	OPT_REFRESH_TOKEN_FILE,
	OPT_TOKEN_URL,
	OPT_TOKEN_FILE,
	OPT_SCOPE,
	OPT_FROM,
	OPT_TO,
	OPT_ATTACH,
	OPT_MESSAGE,
	OPT_UNTIL,
	OPT_SENDING_IP,
	OPT_DKIM_SELECTOR,
	OPT_DNSBL,
	OPT_BIND,
	OPT_RESOLVER,
	OPT_TRUST_ANCHOR,
	OPT_CA_FILE,
	OPT_TIMEOUT,
	OPT_EHLO_NAME,
	OPT_SAVE,
	OPT_EVIDENCE,
	OPT_NO_EXPERIMENTS,
	OPT_INSECURE_AUTH,
	OPT_GUIDED,
	OPT_JSON,
	OPT_FORMAT,
	OPT_NO_COLOR,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_CONFIG,
	OPT_NOW
};

/* Name, argument's name (NULL: none), what it does; the order of --help. */
static const struct {
	const char *name;
	int id;
	const char *argument, *about;
} rows[] = {
	{ "security", OPT_SECURITY, "auto|none|starttls|tls", "connection mode (\"ssl\" is taken as tls)" },
	{ "user", OPT_USER, "NAME", "log in as NAME" },
	{ "password-file", OPT_PASSWORD_FILE, "FILE",
	  "password in FILE; else $POSTRIDER_PASSWORD, else asked for" },
	{ "auth", OPT_AUTH, "auto|none|plain|login|cram-md5|scram-sha-256|xoauth2|oauthbearer",
	  "login mechanism" },
	{ "oauth-client-id", OPT_CLIENT_ID, "ID", "OAuth 2.0: the application's id" },
	{ "oauth-tenant-id", OPT_TENANT_ID, "ID", "OAuth 2.0: Microsoft's tenant" },
	{ "oauth-client-secret-file", OPT_CLIENT_SECRET_FILE, "FILE", "OAuth 2.0: the secret's value" },
	{ "oauth-refresh-token-file", OPT_REFRESH_TOKEN_FILE, "FILE", "OAuth 2.0: a refresh token" },
	{ "oauth-token-url", OPT_TOKEN_URL, "URL", "OAuth 2.0: where tokens are issued" },
	{ "oauth-token-file", OPT_TOKEN_FILE, "FILE", "an access token, used as it is" },
	{ "oauth-scope", OPT_SCOPE, "TEXT", "OAuth 2.0: scope to ask for" },
	{ "from", OPT_FROM, "ADDRESS", "sender to try (\"<>\" is the empty one)" },
	{ "to", OPT_TO, "ADDRESS", "recipient to try; again for more" },
	{ "attach", OPT_ATTACH, "FILE", "attachment to try; again for more" },
	{ "message", OPT_MESSAGE, "FILE", "a message of your own to lint and send (with --until message)" },
	{ "until", OPT_UNTIL, "connect|tls|auth|envelope|message",
	  "how far to go; a mail is sent only with \"message\"" },
	{ "sending-ip", OPT_SENDING_IP, "IP", "judge SPF, reverse DNS and block lists for IP" },
	{ "dkim-selector", OPT_DKIM_SELECTOR, "NAME", "selector of the domain's DKIM key" },
	{ "dnsbl", OPT_DNSBL, "ZONE", "block list to ask; again for more" },
	{ "bind", OPT_BIND, "IP", "connect from this address" },
	{ "ehlo-name", OPT_EHLO_NAME, "NAME", "how to introduce ourselves (default: this host's name)" },
	{ "resolver", OPT_RESOLVER, "IP[:PORT]", "DNS resolver to ask" },
	{ "trust-anchor", OPT_TRUST_ANCHOR, "FILE", "DNSSEC trust anchor (default: the root's)" },
	{ "ca-file", OPT_CA_FILE, "FILE", "trusted certificate authorities (default: the system's)" },
	{ "timeout", OPT_TIMEOUT, "SECONDS", "a whole check ends within it (default 60)" },
	{ "no-experiments", OPT_NO_EXPERIMENTS, NULL, "one dialogue only, nothing else is tried" },
	{ "insecure-auth", OPT_INSECURE_AUTH, NULL,
	  "send the password even where the server is not proved or the line is open" },
	{ "guided", OPT_GUIDED, NULL, "answer a few questions first, as a help desk would ask" },
	{ "save", OPT_SAVE, "FILE", "keep the evidence" },
	{ "evidence", OPT_EVIDENCE, "FILE", "judge kept evidence again; no network" },
	{ "now", OPT_NOW, "TIME", "judge certificates and tokens as of TIME (2026-11-21T08:00:00Z)" },
	{ "json", OPT_JSON, NULL, "one JSON document" },
	{ "format", OPT_FORMAT, "text|json|html|markdown", "form of the answer" },
	{ "config", OPT_CONFIG, "FILE", "configuration with profiles" },
	{ "verbose", OPT_VERBOSE, NULL, "show the dialogue too" },
	{ "quiet", OPT_QUIET, NULL, "no progress, the verdict only" },
	{ "no-color", OPT_NO_COLOR, NULL, "no colours" },
	{ "help", 'h', NULL, "this text" },
};

void check_options_help(FILE *out)
{
	fputs("Use:  postrider check TARGET [OPTIONS]\n\n"
	      "TARGET is an address (you@example.com: its set-up is looked up), a server\n"
	      "(mail.example.com:587), a domain (example.com), or profile:NAME.\n\n"
	      "Options:\n  -4, -6                 only this IP version\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char left[160];
		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].argument ? " " : "",
			 rows[i].argument ? rows[i].argument : "");
		if (strlen(left) > 22)
			fprintf(out, "  %s\n                         %s\n", left, rows[i].about);
		else
			fprintf(out, "  %-22s %s\n", left, rows[i].about);
	}
	fputs("\nExamples:\n"
	      "  postrider check clerk@example.com\n"
	      "  postrider check smtp.office365.com:587 --user clerk@example.com --password-file pw\n"
	      "  postrider check mail.example.com --from me@example.com --to you@example.org\n"
	      "  postrider check example.com --sending-ip 192.0.2.7 --dkim-selector s1\n\n"
	      "Secrets come from a file, $POSTRIDER_PASSWORD or a prompt, never from the command line.\n"
	      "Exit status: 0 all well (warnings allowed), 1 something is wrong, 2 wrong use, 3 could not "
	      "work here.\n",
	      out);
}

static bool usage(struct err *e, const char *option, const char *value, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "--%s \"%s\"", option, value);
	return err_detail(e, "%s", mend);
}

static bool is_ip(const char *s)
{
	unsigned char b[16];
	return inet_pton(AF_INET, s, b) == 1 || inet_pton(AF_INET6, s, b) == 1;
}

static bool read_secret(struct check_options *o, const char *path, const char **to, struct err *e)
{
	char *secret = NULL;
	if (o->nsecrets == ARRAY_LEN(o->secrets) || !secret_read_file(path, &secret, e))
		return false;
	*to = o->secrets[o->nsecrets++] = secret;
	return true;
}

static bool set_auth(struct check_request *r, const char *v, struct err *e)
{
	static const char *const names[] = { "auto",     "none",          "plain",   "login",
					     "cram-md5", "scram-sha-256", "xoauth2", "oauthbearer" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], v)) {
			r->auth = v;
			return true;
		}
	return usage(e, "auth", v, "one of auto none plain login cram-md5 scram-sha-256 xoauth2 oauthbearer");
}

static bool add_file(struct strlist *l, struct arena *a, const char *option, const char *path, struct err *e)
{
	if (access(path, R_OK) != 0) {
		ERR_FILL(e, ERR_USAGE, 0, "read", "%s, given with --%s", path, option);
		return err_detail(e, "%s", "no such file, or no permission to read it");
	}
	strlist_add(l, a, path);
	return true;
}

static bool set_number(const char *option, const char *v, unsigned long least, unsigned long most,
		       unsigned *to, struct err *e)
{
	unsigned long n;
	if (!str_number(str_of(v), most, &n) || n < least) {
		char mend[80];
		snprintf(mend, sizeof(mend), "a whole number from %lu to %lu", least, most);
		return usage(e, option, v, mend);
	}
	*to = (unsigned)n;
	return true;
}

static bool set_ip(const char *option, const char *v, const char **to, struct err *e)
{
	if (!is_ip(v))
		return usage(e, option, v, "an IP address such as 192.0.2.7 or 2001:db8::7");
	*to = v;
	return true;
}

static bool set_secret_option(struct check_options *o, int id, const char *v, struct err *e)
{
	struct check_request *r = &o->request;
	switch (id) {
	case OPT_PASSWORD_FILE:
		return read_secret(o, v, &r->password, e);
	case OPT_CLIENT_SECRET_FILE:
		r->oauth = true;
		return read_secret(o, v, &r->client_secret, e);
	case OPT_REFRESH_TOKEN_FILE:
		r->oauth = true;
		return read_secret(o, v, &r->refresh_token, e);
	default:
		return read_secret(o, v, &r->token, e);
	}
}

static bool set_request_option(struct check_options *o, int id, const char *v, struct err *e)
{
	struct check_request *r = &o->request;
	switch (id) {
	case OPT_SECURITY:
		return request_security_of(v, &r->security) ||
		       usage(e, "security", v, "one of auto none starttls tls");
	case OPT_USER:
		r->user = v;
		return true;
	case OPT_AUTH:
		return set_auth(r, v, e);
	case OPT_CLIENT_ID:
		r->client_id = v;
		return r->oauth = true;
	case OPT_TENANT_ID:
		r->tenant_id = v;
		return r->oauth = true;
	case OPT_TOKEN_URL:
		r->token_url = v;
		return r->oauth = true;
	case OPT_SCOPE:
		r->scope = v;
		return r->oauth = true;
	case OPT_FROM:
		r->from = v;
		return true;
	case OPT_TO:
		if (r->to.n == REQUEST_RECIPIENTS_MAX)
			return usage(e, "to", v, "at most 20 recipients in one check");
		strlist_add(&r->to, o->arena, v);
		return true;
	case OPT_ATTACH:
		if (r->attach.n == REQUEST_ATTACHMENTS_MAX)
			return usage(e, "attach", v, "at most 10 attachments in one check");
		return add_file(&r->attach, o->arena, "attach", v, e);
	case OPT_MESSAGE:
		r->message_file = v;
		return access(v, R_OK) == 0 ||
		       usage(e, "message", v, "no such file, or no permission to read it");
	case OPT_UNTIL:
		return request_until_of(v, &r->until) ||
		       usage(e, "until", v, "one of connect tls auth envelope message");
	case OPT_SENDING_IP:
		return set_ip("sending-ip", v, &r->sending_ip, e);
	case OPT_BIND:
		return set_ip("bind", v, &r->bind, e);
	case OPT_DKIM_SELECTOR:
		r->dkim_selector = v;
		return true;
	case OPT_DNSBL:
		strlist_add(&r->dnsbl, o->arena, v);
		return true;
	case OPT_EHLO_NAME:
		r->ehlo_name = v;
		return true;
	case OPT_RESOLVER:
		r->resolver = v;
		return true;
	case OPT_TRUST_ANCHOR:
		r->trust_anchor = v;
		return true;
	case OPT_CA_FILE:
		r->ca_file = v;
		return access(v, R_OK) == 0 ||
		       usage(e, "ca-file", v, "no such file, or no permission to read it");
	case OPT_TIMEOUT:
		return set_number("timeout", v, 1, 3600, &r->timeout_s, e);
	case OPT_NOW:
		return text_time_read(str_of(v), &r->now_s) ||
		       usage(e, "now", v, "a time such as 2026-11-21T08:00:00Z");
	default:
		return false;
	}
}

static bool set_output_option(struct check_options *o, int id, const char *v, struct err *e)
{
	switch (id) {
	case OPT_SAVE:
		o->save = v;
		return true;
	case OPT_EVIDENCE:
		o->evidence = v;
		return true;
	case OPT_CONFIG:
		o->config = v;
		return true;
	case OPT_JSON:
		o->format = RENDER_JSON;
		return true;
	case OPT_FORMAT:
		return render_format_of(v, &o->format) ||
		       usage(e, "format", v, "one of text json html markdown");
	case OPT_NO_COLOR:
		o->render.color = false;
		return true;
	case OPT_QUIET:
		return o->quiet = o->render.brief = true;
	case OPT_VERBOSE:
		return o->render.transcript = true;
	case OPT_GUIDED:
		return o->guided = true;
	case OPT_INSECURE_AUTH:
		return o->request.insecure_auth = true;
	case OPT_NO_EXPERIMENTS:
		o->request.experiments = false;
		return true;
	case 'h':
		return o->help = true;
	default:
		return false;
	}
}

static bool set_family(struct check_request *r, int family, struct err *e)
{
	if (r->family && r->family != family) {
		ERR_FILL(e, ERR_USAGE, 0, "use", "-4 and -6 together");
		return err_detail(e, "leave both away to try IPv4 and IPv6");
	}
	r->family = family;
	return true;
}

static bool take(struct check_options *o, int id, const char *v, struct err *e)
{
	if (id == '4' || id == '6')
		return set_family(&o->request, id - '0', e);
	if (id == OPT_PASSWORD_FILE || id == OPT_CLIENT_SECRET_FILE || id == OPT_REFRESH_TOKEN_FILE ||
	    id == OPT_TOKEN_FILE)
		return set_secret_option(o, id, v, e);
	return set_request_option(o, id, v, e) || (!e->doing && set_output_option(o, id, v, e));
}

static bool misspelt(const char *given, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%s", given);
	const char *name = given + strspn(given, "-");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (text_distance(name, rows[i].name, 2) <= 2)
			return err_detail(e, "did you mean --%s?", rows[i].name);
	return err_detail(e, "see postrider check --help");
}

static bool target(int argc, char **argv, struct check_options *o, struct err *e)
{
	if (o->help || o->evidence)
		return true;
	if (optind >= argc) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "nothing");
		return err_detail(e,
				  "give an address, a server or a domain: postrider check you@example.com");
	}
	if (optind + 1 < argc) {
		ERR_FILL(e, ERR_USAGE, 0, "check", "two targets (%s and %s)", argv[optind], argv[optind + 1]);
		return err_detail(e, "give one; recipients go with --to");
	}
	return request_read_target(argv[optind], o->arena, &o->request, e);
}

static void defaults(struct check_options *o)
{
	*o = (struct check_options){ .arena = arena_new() };
	o->request = (struct check_request){
		.input = "",
		.host = "",
		.domain = "",
		.user = "",
		.from = "",
		.auth = "auto",
		.sending_ip = "",
		.dkim_selector = "",
		.timeout_s = REQUEST_TIMEOUT_S,
		.experiments = true,
	};
	o->render.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

static void default_ehlo_name(struct check_options *o)
{
	char name[HOST_NAME_MAX + 1] = "";
	if (o->request.ehlo_name)
		return;
	gethostname(name, sizeof(name) - 1);
	o->request.ehlo_name = strchr(name, '.')
				       ? arena_strdup(o->arena, name)
				       : arena_printf(o->arena, "%s.localdomain", *name ? name : "localhost");
}

static bool read_all(int argc, char **argv, struct check_options *o, struct err *e)
{
	struct option longs[ARRAY_LEN(rows) + 1] = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		longs[i] = (struct option){ rows[i].name, rows[i].argument ? required_argument : no_argument,
					    NULL, rows[i].id };
	opterr = 0;
	optind = 1;
	for (int id; (id = getopt_long(argc, argv, ":46h", longs, NULL)) != -1;) {
		if (id == ':') {
			ERR_FILL(e, ERR_USAGE, 0, "use", "%s without a value", argv[optind - 1]);
			return err_detail(e, "see postrider check --help");
		}
		if (id == '?')
			return misspelt(argv[optind - 1], e);
		if (!take(o, id, optarg, e))
			return false;
	}
	return target(argc, argv, o, e);
}

bool check_options_read(int argc, char **argv, struct check_options *o, struct err *e)
{
	defaults(o);
	if (!read_all(argc, argv, o, e))
		return false;
	default_ehlo_name(o);
	return o->help || o->evidence || secret_complete(o, e);
}

void check_options_clear(struct check_options *o)
{
	for (size_t i = 0; i < o->nsecrets; i++) {
		mem_wipe(o->secrets[i], strlen(o->secrets[i]));
		mem_free(&o->secrets[i]);
	}
	arena_free(&o->arena);
}
