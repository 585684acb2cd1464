/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log_detect.h"

#include "explain/log_field.h"

static const struct format {
	const char *name;
	log_is_fn *is;
	log_format_fn *take;
} formats[] = {
	{ "postfix", log_postfix_is, log_postfix },    { "exim", log_exim_is, log_exim },
	{ "sendmail", log_sendmail_is, log_sendmail }, { "opensmtpd", log_opensmtpd_is, log_opensmtpd },
	{ "qmail", log_qmail_is, log_qmail },
};

bool log_detect(struct log_context *x, const struct log_line *l)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		const struct format *f = &formats[(x->format + i) % ARRAY_LEN(formats)];
		if (!f->is(l))
			continue;
		x->format = (unsigned)(f - formats); /* the next line is likely of the same */
		if (!f->take(x, l))
			return false;
		if (!x->totals.format[0])
			x->totals.format = f->name;
		return true;
	}
	return false;
}
