/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/detect.h"

#include "explain/log/field.h"

static const struct format {
	const char *name;
	log_is_fn *is;
	log_format_fn *take;
} formats[] = {
	{ "postfix", log_postfix_is, log_postfix },    { "exim", log_exim_is, log_exim },
	{ "sendmail", log_sendmail_is, log_sendmail }, { "opensmtpd", log_opensmtpd_is, log_opensmtpd },
	{ "qmail", log_qmail_is, log_qmail },          { "exchange", log_exchange_is, log_exchange },
	{ "webhook", log_notice_is, log_notice },      { "json", log_wrapped_is, log_wrapped },
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

bool log_detect(struct log_context *x, const struct log_line *l)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		const struct format *f = &formats[(x->format + i) % ARRAY_LEN(formats)];
		if (!f->is(l))
			continue;
		if (x->talk.lines && f->take != log_wrapped)
			log_talk_end(x);
		if (!x->wraps)
			x->format = (unsigned)(f - formats); /* the next line is likely of the same */
		return take(x, f, l);
	}
	return take(x, &rest, l);
}
