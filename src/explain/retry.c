/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/retry.h"

#include <string.h>

/* A server that says 4xx asks to be tried again; only a sure cause that no time
 * mends overrules it. */
static const double sure = 0.895;

static bool says_temporary(const struct explanation *x)
{
	return x->code ? x->code / 100 == 4 : x->enhanced[0] == '4';
}

static bool says_permanent(const struct explanation *x)
{
	return x->code ? x->code / 100 == 5 : x->enhanced[0] == '5';
}

/* What stays wrong until a setting, an account or the message is changed, whatever the code. */
static bool time_mends_nothing(const char *class)
{
	static const char *const classes[] = { "auth-bad-credentials",
					       "auth-app-password",
					       "auth-disabled-by-admin",
					       "auth-mechanism",
					       "auth-oauth-token",
					       "auth-required",
					       "message-too-large",
					       "sender-not-owned",
					       "settings",
					       "syntax",
					       "tls-required",
					       "virus-detected",
					       "not-a-bounce" };
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (!strcmp(class, classes[i]))
			return true;
	return false;
}

const char *explain_retry(const struct explanation *x)
{
	enum class_retry r = x->class->retry;
	if (!x->refusal)
		return retry_name(RETRY_NEVER);
	if (r == RETRY_NEVER && says_temporary(x) &&
	    !(time_mends_nothing(x->class->id) && x->meanings[0].confidence >= sure))
		r = RETRY_LATER;
	if (says_permanent(x) && !strcmp(x->class->id, "unknown"))
		r = RETRY_NEVER;
	return retry_name(r);
}
