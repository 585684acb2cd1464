/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a mail: which of them are the report's own, and what stands in them. */
#include <string.h>

#include "base/text.h"
#include "mail/charset.h"
#include "mail/dsn_job.h"
#include "mail/html_words.h"

bool dsn_part_is_inside(const struct dsn_job *j, size_t i)
{
	unsigned depth = j->mime.v[i].depth;
	for (size_t k = i; k > 1; k--) {
		const struct mime_part *p = &j->mime.v[k - 1];
		if (p->depth >= depth)
			continue;
		depth = p->depth;
		if (!p->leaf && z_istarts(p->type, "message/"))
			return true;
	}
	return false;
}

/* ASCII bytes mean other letters in ISO 2022, HZ, UTF-7 and UTF-16. */
static bool needs_charset(struct str type)
{
	return str_ifind(type, "2022") < type.len || str_ifind(type, "utf-7") < type.len ||
	       str_ifind(type, "utf-16") < type.len || str_ifind(type, "hz-") < type.len;
}

static struct str part_text(struct dsn_job *j, const struct mime_part *p, size_t most)
{
	struct str s = { "", 0 };
	bool coded = false;
	struct mime_part cut = *p;
	cut.body = str_cut(p->body, 0, most);
	if (!mime_decode(j->a, &cut, &s) && !s.len)
		s = cut.body;
	if (!text_is_ascii(s) || needs_charset(p->content_type))
		s = charset_utf8(j->a, s, mime_parameter(j->a, p->content_type, "charset", &coded));
	return z_iends(p->type, "/html") ? html_words(j->a, s) : s;
}

struct str dsn_part_text(struct dsn_job *j, const struct mime_part *p)
{
	return part_text(j, p, DSN_TEXT_MAX);
}

bool dsn_part_is_for_people(const struct dsn_job *j, size_t i, const char *type)
{
	const struct mime_part *p = &j->mime.v[i];
	return p->leaf && !strcmp(p->type, type) && !dsn_part_is_inside(j, i);
}

const char *dsn_said(struct dsn_job *j)
{
	for (size_t i = 0; i < j->mime.n; i++) {
		struct str text = { "", 0 };
		if (dsn_part_is_for_people(j, i, "text/plain"))
			text = str_trim(part_text(j, &j->mime.v[i],
						  DSN_SAID_MAX * (*j->mime.v[i].encoding == 'b' ? 4 : 2)));
		else if (dsn_part_is_for_people(j, i, "text/html"))
			text = str_trim(part_text(j, &j->mime.v[i], DSN_SAID_MAX * 8));
		if (text.len)
			return dsn_text(j->a, text, DSN_SAID_MAX);
	}
	return "";
}
