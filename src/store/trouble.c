/* SPDX-License-Identifier: Apache-2.0 */
#include "store/embedded_inner.h"

/* What goes wrong behind the caller's back is told to whoever opened the store. */

void trouble_report(struct embedded *s, const struct err *e)
{
	if (s->o.report)
		s->o.report(s->o.report_user, e);
}

void trouble_text(struct embedded *s, const char *doing, const char *what, const char *mend)
{
	struct err e = { 0 };
	ERR_FILL(&e, ERR_LIMIT, 0, doing, "%s", what);
	err_detail(&e, "%s", mend);
	trouble_report(s, &e);
}
