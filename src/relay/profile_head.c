/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/profile_head.h"

#include "mail/mailbox.h"
#include "relay/filter/rewrite.h"

static const char *const ours[] = { "X-Postrider-Profile", "X-Postrider-Kind", "X-Postrider-Untested",
				    "X-Postrider-In-Doubt" };

enum {
	CHANGES_MAX = 4,
	OURS_SAID = 3 /* a header is made anew for these; the last one stays where nothing else changes */
};

const char *profile_address(struct arena *a, const char *value)
{
	struct mailbox_list l = { 0 };
	return *value && mailbox_parse(a, str_of(value), &l) && l.n == 1 ? l.v[0].address : "";
}

static const char *first_given(const char *x, const char *y)
{
	return *x ? x : y;
}

/* Of several that have it: the one whose address the message has. */
static const struct relay_profile *profile_of_kind(const struct relay_settings *s, struct str kind,
						   const char *from, struct arena *a)
{
	const struct relay_profile *found = NULL;
	for (size_t i = 0; i < s->nprofiles; i++) {
		const struct relay_profile *p = &s->profiles[i];
		const struct relay_kind *k = relay_kind_find(p, kind);
		if (!k)
			continue;
		if (str_ieq(str_of(from), profile_address(a, first_given(k->from, p->from))))
			return p;
		found = found ? NULL : p;
		if (!found)
			break;
	}
	return found;
}

static bool no_such(const char **no, struct arena *a, const char *fmt_what, struct str name)
{
	*no = arena_printf(a, "There is no %s \"" STR_FMT "\" in the configuration", fmt_what,
			   STR_ARG(str_cut(name, 0, 60)));
	return false;
}

static bool find(const struct relay_settings *s, const struct header *h, struct arena *a,
		 struct profile_choice *out, const char **no)
{
	struct str profile = header_get(a, h, ours[0]), kind = header_get(a, h, ours[1]);
	if (profile.len) {
		out->profile = relay_profile_find(s, profile);
		if (!out->profile)
			return no_such(no, a, "profile", profile);
	} else if (kind.len) {
		const char *from = profile_address(a, arena_str(a, header_get(a, h, "From")).p);
		out->profile = profile_of_kind(s, kind, from, a);
		if (!out->profile)
			return no_such(no, a, "profile, or no single one, with the kind", kind);
	}
	out->kind = kind.len ? relay_kind_find(out->profile, kind) : NULL;
	return !kind.len || out->kind || no_such(no, a, "kind", kind);
}

static bool read_wish(const struct header *h, struct arena *a, struct profile_choice *out, const char **no)
{
	struct str wish = header_get(a, h, ours[3]);
	out->never_twice = str_ieq(wish, "hold");
	if (wish.len && !out->never_twice)
		*no = arena_printf(a, "X-Postrider-In-Doubt can only be \"hold\", not \"" STR_FMT "\"",
				   STR_ARG(str_cut(wish, 0, 60)));
	return !wish.len || out->never_twice;
}

bool profile_choose(const struct relay_settings *s, const struct header *h, struct arena *a,
		    struct profile_choice *out, const char **no)
{
	*out = (struct profile_choice){ .from = "", .reply_to = "", .address = "" };
	if (!find(s, h, a, out, no) || !read_wish(h, a, out, no))
		return false;
	const struct relay_profile *p = out->profile;
	const struct relay_kind *k = out->kind;
	if (!p)
		return true;
	out->untested = str_ieq(header_get(a, h, ours[2]), "yes");
	out->from = first_given(k ? k->from : "", p->from);
	out->reply_to = first_given(k ? k->reply_to : "", p->reply_to);
	out->address = profile_address(a, out->from);
	const char *own = profile_address(a, arena_str(a, header_get(a, h, "From")).p);
	if (*out->address && str_ieq(str_of(own), out->address))
		out->from = ""; /* it is there, maybe with a name */
	return true;
}

bool profile_touches(const struct profile_choice *c, const struct header *h)
{
	for (size_t i = 0; i < OURS_SAID; i++)
		if (header_count(h, ours[i]))
			return true;
	return *c->from || *c->reply_to;
}

static struct milter_change set(const char *name, const char *value)
{
	return (struct milter_change){
		.kind = MILTER_CHANGE_FIELD, .index = 1, .name = str_of(name), .value = str_of(value)
	};
}

void profile_rewrite(const struct profile_choice *c, struct str header, struct arena *a, struct buf *out)
{
	struct header h;
	header_read(a, header, &h);
	struct milter_change *v = arena_alloc(a, (h.n + CHANGES_MAX) * sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		for (unsigned k = header_count(&h, ours[i]); k; k--)
			v[n++] = set(ours[i], "");
	if (*c->from)
		v[n++] = set("From", c->from);
	if (*c->reply_to)
		v[n++] = set("Reply-To", c->reply_to);
	rewrite_header(header, v, n, out);
}
