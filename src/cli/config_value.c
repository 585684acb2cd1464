/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options as the program uses them: texts, files, times, sizes, hosts; and the mistake in one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config_place.h"
#include "cli/config_relay_inner.h"
#include "smtp/host.h"

const char *config_value(cfg_t *block, const char *name)
{
	const char *s = cfg_getstr(block, name);
	return s ? s : "";
}

const char *config_beside(const struct config *c, const char *file)
{
	const char *slash = strrchr(c->path, '/');
	if (!*file || *file == '/' || !slash)
		return file;
	return arena_printf(c->arena, "%.*s/%s", (int)(slash - c->path), c->path, file);
}

bool config_mistake(const struct config_reading *r, const char *block, const char *title, const char *option,
		    const char *fmt, ...)
{
	char words[200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	ERR_FILL(r->e, ERR_USAGE, 0, "use", "%s:%u", r->c->path,
		 config_place(r->c->text, block, title, option));
	return err_detail(r->e, "%s", words);
}

const char *config_copy(const struct config_reading *r, cfg_t *block, const char *name)
{
	return arena_strdup(r->s->arena, config_value(block, name));
}

const char *config_copy_file(const struct config_reading *r, cfg_t *block, const char *name)
{
	return arena_strdup(r->s->arena, config_beside(r->c, config_value(block, name)));
}

struct strlist config_copy_list(const struct config_reading *r, cfg_t *block, const char *name)
{
	struct strlist l = { 0 };
	for (unsigned i = 0; i < cfg_size(block, name); i++)
		strlist_add(&l, r->s->arena, cfg_getnstr(block, name, i));
	return l;
}

static long long measured(const char *text, const char *units, const long long *factors)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	return unit ? n * factors[unit - units] : n;
}

long config_seconds(const char *duration, long otherwise)
{
	static const long long factors[] = { 1, 60, 3600, 86400 };
	return *duration ? (long)measured(duration, "smhd", factors) : otherwise;
}

long long config_bytes(const char *size)
{
	static const long long factors[] = { 1LL << 10, 1LL << 20, 1LL << 30 };
	return *size ? measured(size, "KMG", factors) : 0;
}

void config_rate(const char *rate, unsigned *number, unsigned *seconds)
{
	const char *slash = strchr(rate, '/');
	*number = slash ? (unsigned)strtoul(rate, NULL, 10) : 0;
	*seconds = slash ? (unsigned)config_seconds(slash + 1, 0) : 0;
}

struct caps_told config_caps(cfg_t *block)
{
	return (struct caps_told){ .minute = (unsigned)cfg_getint(block, "minute-cap"),
				   .hour = (unsigned)cfg_getint(block, "hourly-cap"),
				   .day = (unsigned)cfg_getint(block, "daily-cap"),
				   .recipients = (unsigned)cfg_getint(block, "recipients-cap") };
}

/* Clients are looked up as the IPv4 addresses that they are: so is ::ffff:10.0.0.0/104. */
enum { MAPPED_BITS = 96 };

void config_network(const char *network, struct relay_network *n)
{
	const char *slash = strchr(network, '/');
	struct str address = str_of(network);
	unsigned long bits;
	if (slash)
		address.len = (size_t)(slash - network);
	if (!ipaddr_read(address, &n->net))
		return; /* it was checked when the file was read */
	n->bits = n->net.family == 4 ? 32 : 128;
	if (slash && str_number(str_of(slash + 1), n->bits, &bits))
		n->bits = (unsigned)bits;
	if (n->bits >= MAPPED_BITS && ipaddr_unmapped(n->net).family == 4 && n->net.family == 6) {
		n->net = ipaddr_unmapped(n->net);
		n->bits -= MAPPED_BITS;
	}
}

bool config_host(const struct config_reading *r, const char *text, const char **host, unsigned *port)
{
	struct smtp_host h;
	const char *colon = strrchr(text, ':');
	bool bracket = *text == '[', one_colon = colon && !memchr(text, ':', (size_t)(colon - text));
	const char *closing = strchr(text, ']');
	struct str name = str_of(text);
	unsigned long n = 0;
	if (bracket && (!closing || (closing[1] && closing + 1 != colon)))
		return false;
	if (colon && (bracket ? colon > closing : one_colon)) {
		name.len = (size_t)(colon - text);
		if (!str_number(str_of(colon + 1), 65535, &n) || !n)
			return false;
	}
	if (bracket)
		name = str_cut(str_of(text), 1, (size_t)(closing - text));
	if (!smtp_host_read(name, &h))
		return false;
	*port = (unsigned)n;
	*host = arena_str(r->s->arena, name).p;
	return true;
}

struct relay_oauth config_oauth(const struct config_reading *r, cfg_t *block)
{
	struct relay_oauth o = {
		.client_id = config_copy(r, block, "client-id"),
		.tenant_id = config_copy(r, block, "tenant-id"),
		.client_secret_file = config_copy_file(r, block, "client-secret-file"),
		.refresh_token_file = config_copy_file(r, block, "refresh-token-file"),
		.token_url = config_copy(r, block, "token-url"),
		.scope = config_copy(r, block, "scope"),
	};
	o.given = *o.client_id || *o.tenant_id || *o.client_secret_file || *o.refresh_token_file ||
		  *o.token_url || *o.scope;
	return o;
}
