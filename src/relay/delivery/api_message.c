/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/api_message.h"

#include "mail/header.h"
#include "mail/mailbox.h"
#include "relay/filter/rewrite.h"

/* Everybody named in all fields of these names. */
static bool add_named(struct arena *a, const struct header *h, struct strlist *out)
{
	static const char *const names[] = { "To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct header_field *f;
		for (size_t n = 0; (f = header_find(h, names[i], n)); n++) {
			struct mailbox_list l = { 0 };
			if (!mailbox_parse(a, header_unfold(a, f->value), &l) && l.n)
				return false;
			for (size_t k = 0; k < l.n; k++)
				strlist_add(out, a, l.v[k].address);
		}
	}
	return true;
}

const char *api_message_fit(struct str header, const struct strlist *rcpts, struct arena *a, const char **bcc)
{
	struct strlist named = { 0 }, hidden = { 0 };
	struct header h;
	*bcc = "";
	header_read(a, header, &h);
	if (!add_named(a, &h, &named))
		return "its To or Cc cannot be read, and a mail API sends to whom they name";
	for (size_t i = 0; i < named.n; i++)
		if (!strlist_has(rcpts, named.v[i]))
			return arena_printf(
				a,
				"a mail API sends to everybody in To and Cc, and %s is not to get it (now): "
				"it has to go by SMTP, or as a mail to each",
				named.v[i]);
	for (size_t i = 0; i < rcpts->n; i++)
		if (!strlist_has(&named, rcpts->v[i]))
			strlist_add(&hidden, a, rcpts->v[i]);
	*bcc = hidden.n ? strlist_join(&hidden, a, ",\n\t") : "";
	return NULL;
}

void api_message_header(struct str header, const char *bcc, struct buf *out)
{
	const struct milter_change add = { .kind = MILTER_ADD_FIELD,
					   .name = STR_LIT("Bcc"),
					   .value = str_of(bcc) };
	rewrite_header(header, &add, *bcc ? 1 : 0, out);
}
