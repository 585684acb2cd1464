/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/notice/notice_untold.h"

void notice_untold(const struct relay *r, struct str to, struct store_id about, const char *why)
{
	struct err e = { 0 };
	char id[STORE_ID_TEXT];
	if (!r->log)
		return;
	ERR_FILL(&e, ERR_LIMIT, 0, "report to", STR_FMT, STR_ARG(to));
	err_detail(&e, "%s; the trail of %s has what is to be told", why, store_id_text(about, id));
	relay_log_trouble(r->log, relay_now_ms(), &e);
}
