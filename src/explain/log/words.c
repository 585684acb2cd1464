/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/reader.h"

/* contract.md, "States", where a state of ours is one of those. */
static const char *const names[LOG_STATES] = {
	[LOG_HANDED_OVER] = "handed-over",   [LOG_DELIVERED_HERE] = "delivered-here",
	[LOG_DELAYED] = "delayed",           [LOG_REFUSED] = "refused",
	[LOG_EXPIRED] = "expired",           [LOG_HELD] = "held",
	[LOG_DISCARDED] = "cancelled",       [LOG_NOT_TAKEN] = "not-taken",
	[LOG_LOGIN_FAILED] = "login-failed", [LOG_TROUBLE] = "trouble",
};

const char *log_state_name(enum log_state s)
{
	return names[s];
}
