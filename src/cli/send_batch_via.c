/* SPDX-License-Identifier: Apache-2.0 */
/* A batch over another way than the queue: what makes it one through the relay. */
#include <stdio.h>
#include <string.h>

#include "base/shell_word.h"
#include "cli/send_batch.h"

static const char *name_of(const struct send_options *o)
{
	return z_eq(o->via, "profile")         ? (o->profile ? o->profile : "")
	       : z_istarts(o->via, "profile:") ? o->via + strlen("profile:")
					       : o->via;
}

static const struct config_profile *profile_of(const struct config *c, const char *name)
{
	const struct config_profile *p = NULL;
	for (size_t i = 0; (p = config_profile_at(c, i)) && strcmp(p->name, name) != 0;)
		i++;
	return p;
}

static void set_line(FILE *out, const char *option, const char *value)
{
	if (*value)
		fprintf(out, "      %s = \"%s\"\n", option, value);
}

/* Its own server as a route; what cannot be said in a line (oauth) is named. */
static void tell_route(FILE *out, const struct config *c, const struct config_profile *p)
{
	bool listens = config_count(c, "listen") > 0;
	fprintf(out, "Add to %s, once:\n\n", config_path(c));
	if (!listens)
		fputs("  listen \"127.0.0.1:2525\" { security = \"none\" }\n", out);
	fprintf(out, "  route \"%s\" {\n      smarthost = \"%s:%u\"\n", p->name, p->host,
		p->port                    ? p->port
		: z_eq(p->security, "tls") ? 465
					   : 587);
	set_line(out, "security", p->security);
	set_line(out, "user", p->user);
	set_line(out, "password-file", p->password_file);
	if (p->oauth.given)
		fputs("      oauth { ... }     # as in the profile\n", out);
	fprintf(out, "  }\n\nand in profile \"%s\":\n\n  route = \"%s\"\n\n", p->name, p->name);
	fprintf(out, "Then start the relay, test the profile, and send:\n\n  postrider serve --config %s\n",
		config_path(c));
	fprintf(out, "  postrider send --test %s\n", p->name);
}

static void tell_command(FILE *out, const struct send_options *o, const char *profile)
{
	fprintf(out, "  postrider send --merge %s --template %s --profile %s\n",
		shell_word(o->arena, o->merge ? o->merge : "TABLE.csv"),
		shell_word(o->arena, o->template ? o->template : "MAIL.eml"), profile);
}

static void tell_other_way(const struct send_options *o, const struct config *c,
			   const struct relay_settings *s, const char *name)
{
	const struct config_profile *p = profile_of(c, name);
	if (p && *p->host && !*p->route) {
		tell_route(stderr, c, p);
		tell_command(stderr, o, p->name);
	} else if (p) {
		fputs("In the name of that profile:\n\n", stderr);
		tell_command(stderr, o, p->name);
	} else if (relay_route_named(s, name)) {
		fprintf(stderr,
			"Sender and recipient choose the route. To choose it yourself add to %s:\n\n  "
			"profile \"%s\" { route = "
			"\"%s\" }\n\nreload the relay, and send:\n\n",
			config_path(c), name, name);
		tell_command(stderr, o, name);
	} else {
		fprintf(stderr, "Leave --via away; --profile NAME sends in the name of a profile of %s.\n",
			config_path(c));
	}
}

bool send_batch_via(const struct send_options *o, const struct config *c, const struct relay_settings *s)
{
	const char *name = o->via ? name_of(o) : "queue";
	if (z_eq(name, "queue"))
		return true;
	fprintf(stderr,
		"postrider: a batch goes through the relay, which keeps to the provider's limits and waits "
		"where it must:\n--via %s cannot be.\n",
		o->via);
	tell_other_way(o, c, s, name);
	return false;
}
