/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/detect.h"

#include "explain/log/head.h"

static const struct format {
	const char *name;
	log_is_fn *is;
	log_format_fn *take;
} formats[] = {
	{ "postfix", log_postfix_is, log_postfix },    { "exim", log_exim_is, log_exim },
	{ "sendmail", log_sendmail_is, log_sendmail }, { "opensmtpd", log_opensmtpd_is, log_opensmtpd },
	{ "qmail", log_qmail_is, log_qmail },          { "exchange", log_exchange_is, log_exchange },
	{ "webhook", log_notice_is, log_notice },      { "json", log_wrapped_is, log_wrapped },
	{ "maddy", log_maddy_is, log_maddy },          { "zonemta", log_zonemta_is, log_zonemta },
};

/* What no format claims may still hold a reply. */
static const struct format rest = { "text", log_plain_is, log_plain };

static bool take(struct log_context *x, const struct format *f, const struct log_line *l)
{
	if (!f->take(x, l))
		return false;
	if (!x->totals.format[0] && !x->wraps && f != &rest)
		x->totals.format = f->name;
	return true;
}

static const struct format *format_of(const struct log_context *x, const struct log_line *l)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		const struct format *f = &formats[(x->format + i) % ARRAY_LEN(formats)];
		if (f->is(l))
			return f;
	}
	return NULL;
}

static bool take_claimed(struct log_context *x, const struct format *f, const struct log_line *l)
{
	if (x->talk.lines && f->take != log_wrapped)
		log_talk_end(x);
	if (!x->wraps)
		x->format = (unsigned)(f - formats); /* the next line is likely of the same */
	return take(x, f, l);
}

/* The line that stands behind something else; false when there is none.  One object is tried: what an object
 * begins with may be within the one before it, and each is read to its end. */
static bool take_behind(struct log_context *x, const struct log_line *l, bool *understood)
{
	struct log_head h = { 0 };
	struct log_line in;
	bool tried = false;
	while (log_head_next(&x->clock, l, &h, &in)) {
		const struct format *f = format_of(x, &in);
		if (!f || (tried && f->take == log_wrapped))
			continue;
		tried = tried || f->take == log_wrapped;
		x->line = &in;
		*understood = take_claimed(x, f, &in);
		x->line = l;
		if (*understood || f->take != log_wrapped)
			return true;
	}
	return false;
}

bool log_detect(struct log_context *x, const struct log_line *l)
{
	bool understood;
	const struct format *f = format_of(x, l);
	if (f)
		return take_claimed(x, f, l);
	if (!l->tag.len && take_behind(x, l, &understood))
		return understood;
	return take(x, &rest, l);
}
