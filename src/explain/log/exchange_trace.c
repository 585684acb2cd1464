/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/exchange.h"

#include "explain/log/field.h"

/* Rows of Microsoft 365's message trace: of the admin centre ("b@two.example##Receive, Fail;..." in one
 * cell) and of Get-MessageTrace (a recipient and a status each).  Neither has the server's words. */
enum { RECIPIENTS_MAX = 1000 }; /* of one row */

/* Microsoft Learn, "Message trace in the modern Exchange admin center"; in the order they are looked for. */
static const struct {
	const char *word;
	enum log_state state;
} words[] = {
	{ "fail", LOG_REFUSED },
	{ "quarantined", LOG_HELD },
	{ "filteredasspam", LOG_DELIVERED_HERE },
	{ "pending", LOG_DELAYED },
	{ "gettingstatus", LOG_DELAYED },
	{ "deliver", LOG_HANDED_OVER },
	{ "send", LOG_HANDED_OVER },
};

static void outcome(struct log_context *x, const struct str c[LOG_COLUMNS], struct str to, struct str status)
{
	size_t i = 0;
	while (i < ARRAY_LEN(words) && str_ifind(status, words[i].word) >= status.len)
		i++;
	if (i == ARRAY_LEN(words))
		return; /* expanded: its members have rows of their own */
	struct log_message *m = log_message_open(x, c[LOG_COL_MESSAGE_ID]);
	struct log_event e = log_event_of(x, words[i].state, LOG_EXCHANGE);
	e.to = log_address(str_trim(to));
	e.from = c[LOG_COL_FROM];
	e.message_id = log_address(c[LOG_COL_MESSAGE_ID]);
	e.relay_ip = c[LOG_COL_SERVER_IP];
	e.reply = status;
	log_fate(x, m, &e);
}

void log_exchange_trace(struct log_context *x, const struct str c[LOG_COLUMNS])
{
	struct str list = c[LOG_COL_OUTCOMES], one;
	static const struct str marks = STR_LIT("##");
	if (x->csv.has[LOG_COL_OUTCOME])
		outcome(x, c, c[LOG_COL_TO], c[LOG_COL_OUTCOME]);
	for (unsigned n = 0; n < RECIPIENTS_MAX && str_next(&list, ";", &one); n++) {
		size_t at = log_find(one, marks);
		if (at < one.len)
			outcome(x, c, str_cut(one, 0, at), log_from(one, at + marks.len));
	}
}
