/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/discover_options.h"

#include <stddef.h>
#include <string.h>

#include "check/discover.h"
#include "cli/check_profile.h"
#include "cli/option_table.h"
#include "cli/secret.h"
#include "smtp/host.h"

#define TO(member) offsetof(struct discover_options, member)

_Static_assert(offsetof(struct discover_options, check) == 0, "check's rows store into it");

static bool take_host(struct check_options *o, const struct check_option *row, const char *value,
		      struct err *e)
{
	struct smtp_host h;
	if (!smtp_host_read(str_of(value), &h) || h.form == SMTP_HOST_IPV4 || h.form == SMTP_HOST_IPV6)
		return option_wrong(e, row->name, value, "a host's name, such as mail.example.net");
	return apply_list(o, row, value, e);
}

static bool take_domain(struct check_options *o, const struct check_option *row, const char *value,
			struct err *e)
{
	struct smtp_host h;
	if (!smtp_host_read(str_of(value), &h))
		return option_wrong(e, row->name, value, "a domain, such as example.net");
	return apply_text(o, row, value, e);
}

static const struct check_option own[] = {
	{ "accept", "HOST", "this host is yours: the password may go there; again for more", take_host,
	  TO(accept), NULL },
	{ "all", NULL, "try all candidates, though one works", apply_flag, TO(all), NULL },
	{ "isp", "DOMAIN", "try the access provider's server too; its domain", take_domain, TO(isp), NULL },
};

/* Of check's table, in this order; NULL: a row of our own. */
static const char *const names[] = {
	"user",
	"password-file",
	"auth",
	"oauth-client-id",
	"oauth-tenant-id",
	"oauth-client-secret-file",
	"oauth-refresh-token-file",
	"oauth-token-url",
	"oauth-token-file",
	"oauth-scope",
	NULL,
	NULL,
	NULL,
	"bind",
	"resolver",
	"ca-file",
	"ehlo-name",
	"timeout",
	"config",
	"save",
	"json",
	"format",
	"verbose",
	"quiet",
	"no-color",
	"help",
};

static const struct check_option *of_check(const char *name)
{
	const struct check_option *row;
	for (size_t i = 0; (row = check_option_at(i)); i++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

static const struct check_option *option_at(size_t i)
{
	size_t n = 0;
	if (i >= ARRAY_LEN(names))
		return NULL;
	for (size_t k = 0; k < i; k++)
		n += !names[k];
	return names[i] ? of_check(names[i]) : &own[n];
}

/* The groups are ours: fewer rows stand in each. */
static const char *group_of(const struct check_option *row)
{
	static const char *const groups[][2] = { { "user", "Login" },
						 { "accept", "The search" },
						 { "bind", "The network" },
						 { "config", "Asking and keeping" },
						 { "json", "The answer" } };
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (!strcmp(groups[i][0], row->name))
			return groups[i][1];
	return NULL;
}

static bool row_at(size_t i, struct option_row *out)
{
	const struct check_option *row = option_at(i);
	if (!row)
		return false;
	*out = check_option_row(row);
	out->group = group_of(row);
	if (!strcmp(row->name, "timeout"))
		out->about = "the whole search ends within it (default 120)";
	if (!strcmp(row->name, "format"))
		out->about = "text or json";
	if (!strcmp(row->name, "config"))
		out->about = "configuration whose resolver and ca-file hold";
	return true;
}

static bool take_row(void *options, size_t i, const char *value, struct err *e)
{
	const struct check_option *row = option_at(i);
	return row->apply(options, row, value, e);
}

static const struct option_table table = { .command = "discover",
					   .shorts = "46",
					   .row = row_at,
					   .take = take_row,
					   .take_short = check_options_short,
					   .enough = check_options_enough };

void discover_options_help(FILE *out)
{
	fputs("Finds the server, port and mode that an address sends through, and prints the settings.\n\n"
	      "Use:  postrider discover ADDRESS [OPTIONS]\n\n"
	      "ADDRESS is you@example.com, or a bare domain (then no login is tried).\n",
	      out);
	option_table_help(&table, out);
	fputs("\nLooked for, in this order: the provider (by domain, and by who receives for it), SRV "
	      "records,\n"
	      "set-up files by HTTPS, usual names, the receiving server and its hoster, and at last the "
	      "access\n"
	      "provider's own server. Servers are asked one after another until one works. Without --user "
	      "the\n"
	      "address is the login's name; the password is asked for, and goes only over TLS whose "
	      "certificate\n"
	      "is good, to a server that the provider, DNSSEC, HTTPS or your own domain vouches for.\n\n"
	      "Examples:\n"
	      "  postrider discover clerk@example.com\n"
	      "  postrider discover clerk@example.com --password-file pw --json\n"
	      "  postrider discover clerk@example.com --accept s12.hoster.example\n\n"
	      "Exit status: 0 a way to send was found, 1 none, 2 wrong use, 3 could not work here.\n",
	      out);
}

static bool take_target(int argc, char **argv, int first, struct discover_options *o, struct err *e)
{
	struct check_request *r = &o->check.request;
	if (o->check.help)
		return true;
	if (first + 1 != argc) {
		ERR_FILL(e, ERR_USAGE, 0, "discover", first < argc ? "two addresses" : "nothing");
		return err_detail(e, "give one address: postrider discover you@example.com");
	}
	if (!request_read_target(argv[first], o->check.arena, r, e))
		return false;
	if (r->form == FORM_AUTO && strchr(r->host, '.')) {
		r->form = FORM_DOMAIN;
		r->domain = r->host;
		r->host = "";
	}
	if (r->form == FORM_ADDRESS || r->form == FORM_DOMAIN)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "discover", "the server of \"%s\"", argv[first]);
	return err_detail(e, "give an address or a domain; a server is tested with postrider check %.100s",
			  argv[first]);
}

static bool is_format(const struct discover_options *o, struct err *e)
{
	return o->check.format == RENDER_TEXT || o->check.format == RENDER_JSON ||
	       option_wrong(e, "format", render_format_name(o->check.format), "text or json");
}

/* The address is the name to log in as, unless another is given. */
static bool ask_secret(struct discover_options *o, struct err *e)
{
	struct check_request *r = &o->check.request;
	const char *user = r->user;
	bool ok = true;
	if (r->form == FORM_ADDRESS && !*user)
		r->user = r->input; /* for the prompt */
	if (*r->user)
		ok = secret_complete(&o->check, e);
	r->user = user;
	return ok;
}

bool discover_options_read(int argc, char **argv, struct discover_options *o, struct err *e)
{
	int first;
	*o = (struct discover_options){ .isp = "" };
	check_options_defaults(&o->check);
	o->check.request.timeout_s = DISCOVER_TIMEOUT_S;
	if (!option_table_read(&table, argc, argv, o, &first, e) || !take_target(argc, argv, first, o, e))
		return false;
	if (o->check.help)
		return true;
	if (!is_format(o, e) || !check_profile_apply(&o->check, e))
		return false;
	check_options_settle(&o->check);
	return ask_secret(o, e);
}

void discover_options_clear(struct discover_options *o)
{
	check_options_clear(&o->check);
}
