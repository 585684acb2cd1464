/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/api_verdict.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

enum { TEXT_MAX = 600, HINT_MOST_S = 86400 };

/* Each word of the error's own that decides; then what the status alone says.  word "": any. */
static const struct rule {
	long status; /* 0: any */
	const char *word;
	const char *finding;
	enum api_outcome outcome;
	enum trouble_scope scope;
	bool for_good, next_route, account, blocked, token;
} rules[] = {
	/* Google tells rates as 403, too */
	{ 403, "rateLimitExceeded", "mf-rate-limited", API_FAILED, TROUBLE_DESTINATION, .next_route = true,
	  .account = true },
	{ 403, "dailyLimitExceeded", "mf-rate-limited", API_FAILED, TROUBLE_DESTINATION, .next_route = true,
	  .account = true },
	{ 403, "quotaExceeded", "mf-rate-limited", API_FAILED, TROUBLE_DESTINATION, .next_route = true,
	  .account = true },
	{ 403, "insufficientPermissions", "oauth-wrong-scope-delegated", API_FAILED, TROUBLE_DESTINATION,
	  .account = true },
	{ 0, "ErrorSendAsDenied", "mf-send-as-denied-5760", API_FAILED, TROUBLE_MESSAGE, .for_good = true },
	{ 0, "ErrorSubmissionQuotaExceeded", "mf-rate-limited", API_FAILED, TROUBLE_DESTINATION,
	  .next_route = true, .account = true },
	{ 0, "ErrorAccountSuspend", "", API_FAILED, TROUBLE_DESTINATION, .next_route = true, .account = true,
	  .blocked = true },
	{ 0, "ErrorMessageSizeExceeded", "attach-too-big", API_FAILED, TROUBLE_MESSAGE, .for_good = true },
	{ 0, "ErrorInvalidRecipients", "", API_FAILED, TROUBLE_MESSAGE, .for_good = true },
	{ 0, "ErrorServerBusy", "banner-421-busy", API_FAILED, TROUBLE_DESTINATION, .next_route = true },
	{ 401, "", "oauth-token-refused", API_FAILED, TROUBLE_DESTINATION, .account = true, .token = true },
	{ 403, "", "oauth-no-mailbox-permission", API_FAILED, TROUBLE_DESTINATION, .account = true },
	{ 404, "", "oauth-user-mismatch", API_FAILED, TROUBLE_DESTINATION, .account = true },
	{ 408, "", "", API_IN_DOUBT, TROUBLE_HOST, .for_good = false },
	{ 413, "", "attach-too-big", API_FAILED, TROUBLE_MESSAGE, .for_good = true },
	{ 429, "", "mf-rate-limited", API_FAILED, TROUBLE_DESTINATION, .next_route = true, .account = true },
	{ 503, "", "banner-421-busy", API_FAILED, TROUBLE_DESTINATION, .next_route = true },
};

/* ---- what it says ---- */

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

/* { "error": { "code": "ErrorX" | 403, "message": "...", "errors": [ { "reason": "rateLimitExceeded" } ],
 *   "status": "PERMISSION_DENIED" } } */
static const char *words_of(json_t *o, struct arena *a)
{
	json_t *e = json_object_get(o, "error");
	const char *reason = text_of(json_array_get(json_object_get(e, "errors"), 0), "reason");
	const char *code = text_of(e, "code"), *status = text_of(e, "status");
	const char *name = *code ? code : *reason ? reason : status;
	return arena_printf(a, "%s%s%s", name, *name && *text_of(e, "message") ? ": " : "",
			    text_of(e, "message"));
}

static const char *id_of(json_t *o, const struct api_answer *x, struct arena *a)
{
	const char *id = text_of(o, "id");
	return text_printable(a, str_cut(str_of(*id ? id : x->request_id), 0, TEXT_MAX));
}

/* A page of a proxy is no JSON: its status has to do. */
static const char *told(json_t *o, const struct api_answer *x, struct arena *a)
{
	const char *words = o ? words_of(o, a) : "";
	const char *text = *words ? arena_printf(a, "HTTP %ld: %s", x->status, words)
				  : arena_printf(a, "HTTP %ld", x->status);
	return text_printable(a, str_cut(str_of(text), 0, TEXT_MAX));
}

/* Seconds; a date is not taken up. */
static long hint_of(const char *retry_after)
{
	unsigned long s;
	return str_number(str_of(retry_after), HINT_MOST_S, &s) ? (long)s : 0;
}

/* ---- what it means ---- */

static const struct rule *find(long status, const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if ((!rules[i].status || rules[i].status == status) &&
		    (!*rules[i].word || str_ifind(str_of(text), rules[i].word) < strlen(text)))
			return &rules[i];
	return NULL;
}

static void obey(const struct rule *r, const struct api_answer *x, struct api_verdict *out)
{
	out->outcome = r->outcome;
	out->finding = r->finding;
	out->token = r->token;
	out->judged = (struct trouble){ .scope = r->scope,
					.for_good = r->for_good,
					.next_route = r->next_route,
					.account = r->account,
					.blocked = r->blocked,
					.hint_s = r->for_good ? 0 : hint_of(x->retry_after) };
}

/* 202 and 200: taken to be sent.  400 and its like are about this message; any other 5xx, and no answer at
 * all, leave open whether it goes out. */
void api_judge(const struct api_answer *x, struct arena *a, struct api_verdict *out)
{
	json_t *o = json_loadb(x->body.p ? x->body.p : "", x->body.len, 0, NULL);
	*out = (struct api_verdict){
		.outcome = API_IN_DOUBT, .finding = "", .text = told(o, x, a), .id = id_of(o, x, a)
	};
	json_decref(o);
	if (x->status / 100 == 2) {
		out->outcome = API_TAKEN;
		return;
	}
	const struct rule *r = find(x->status, out->text);
	if (r) {
		obey(r, x, out);
	} else if (x->status / 100 == 4) {
		out->outcome = API_FAILED;
		out->judged = (struct trouble){ .scope = TROUBLE_MESSAGE, .for_good = true };
	}
}
