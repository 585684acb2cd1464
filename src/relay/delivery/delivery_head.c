/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/delivery_head.h"

#include <string.h>

#include "mail/header.h"
#include "relay/profile_head.h"
#include "relay/filter/rewrite.h"

enum { CHANGES_MAX = 3 };

bool delivery_renames(const struct delivery *d)
{
	return d->route->from && *d->route->from;
}

const char *delivery_sender(const struct delivery *d, const struct job *j)
{
	if (delivery_renames(d) && j->message.reverse_path.len)
		return profile_address(j->arena, d->route->from);
	return arena_str(j->arena, j->message.reverse_path).p;
}

static struct milter_change set(const char *name, struct str value)
{
	return (struct milter_change){ MILTER_CHANGE_FIELD, 1, str_of(name), value };
}

/* A signature over the old From would be broken: receivers judge by the new one's domain. */
void delivery_rename(const struct delivery *d, struct str header, struct buf *out)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct header h;
	header_read(a, header, &h);
	unsigned signatures = header_count(&h, "DKIM-Signature");
	struct milter_change *v = arena_alloc(a, (signatures + CHANGES_MAX) * sizeof(*v));
	size_t n = 0;
	struct str from = header_get(a, &h, "From");
	v[n++] = set("From", str_of(d->route->from));
	v[n++] = set("Sender", STR_LIT(""));
	if (!header_count(&h, "Reply-To") && from.len)
		v[n++] = set("Reply-To", from);
	for (; signatures; signatures--)
		v[n++] = set("DKIM-Signature", STR_LIT(""));
	rewrite_header(header, v, n, out);
}

const char *delivery_renamed(const struct delivery *d, const struct job *j, struct arena *a)
{
	if (!delivery_renames(d))
		return "";
	const char *address = profile_address(a, d->route->from), *at = strrchr(address, '@');
	return arena_printf(
		a,
		"in the name of %s, answers go to the writer (Reply-To): receivers judge SPF, DKIM "
		"and DMARC by %s, no longer by the domain of " STR_FMT,
		address, at ? at + 1 : address, STR_ARG(j->message.reverse_path));
}
