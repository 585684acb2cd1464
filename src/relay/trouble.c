/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/trouble.h"

#include <string.h>

#include "explain/token.h"
#include "relay/lane/schedule.h"

/* Classes that are about us at that server, not about the message in hand: the
 * next message would fare the same.  What somebody has to mend first is delayed,
 * whatever the code, so that mail is not sent back for a wrong password. */
static const struct {
	const char *class;
	bool mendable; /* delayed also after 5xx */
	bool next_route;
	bool account, blocked;
	bool login; /* of the login alone: later such words are about a recipient or a message */
} of_destination[] = {
	{ "auth-bad-credentials", true, false, true, false, true },
	{ "auth-app-password", true, false, true, false, true },
	{ "auth-disabled-by-admin", true, false, true, false, false },
	{ "auth-required", true, false, true, false, false },
	{ "auth-mechanism", true, false, true, false, true },
	{ "auth-oauth-token", true, false, true, false, true },
	{ "auth-throttled", true, false, true, false, true },
	{ "sender-account-restricted", true, true, true, true, false },
	{ "tls-required", true, false, false, false, false },
	{ "tls-failed", true, false, false, false, false },
	{ "rate-limited", true, true, true, false, false },
	{ "server-busy", false, true, false, false, false },
};

bool trouble_is_mendable(const char *class)
{
	for (size_t i = 0; i < ARRAY_LEN(of_destination); i++)
		if (!strcmp(class, of_destination[i].class))
			return of_destination[i].mendable;
	return false;
}

static const char *class_of(const struct trouble_case *c)
{
	return c->meaning ? c->meaning->entry->class : "";
}

static bool is_permanent(const struct trouble_case *c)
{
	return c->code >= 500;
}

/* No reply, or one before a message was named: the host's trouble.  5xx as a greeting
 * refuses this connection, not the recipient (RFC 5321, 3.1; 4.2.1). */
static struct trouble of_host(bool next_route)
{
	return (struct trouble){ .scope = TROUBLE_HOST, .next_host = true, .next_route = next_route };
}

/* "Try again later" to one recipient or one message says nothing of the next. */
static bool is_of_one(const struct trouble_case *c)
{
	return c->at >= TROUBLE_RCPT && !strcmp(class_of(c), "server-busy");
}

/* "Your authorization to post here has expired" to one recipient is no refused login. */
static bool is_past_login(const struct trouble_case *c, bool login)
{
	return login && c->at >= TROUBLE_RCPT;
}

/* Findings that are a number of messages in a time; others of their class are one of connections, which is
 * over with this one, or of one recipient. */
static const char *const of_pace[] = { "mf-rate-limited",    "mf-rate-ses",       "mf-daily-limit-gmail",
				       "mf-daily-limit-isp", "mf-daily-limit-ms", "data-rate-gmail" };

/* Of those what says whose number it is: the account's that sends, whatever code or step. */
static const char *const of_sender[] = { "mf-rate-ses", "mf-daily-limit-gmail", "mf-daily-limit-isp",
					 "mf-daily-limit-ms", "data-rate-gmail" };

/* A recipient who gets too much just now: by the finding, or as servers say it ("432 4.3.2 STOREDRV.Deliver;
 * recipient thread limit exceeded"). */
static const char *const of_recipient[] = { "rcpt-throttled" };
static const char *const recipient_words[] = {
	"this recipient", "the recipient",       "recipient throttled", "recipient thread limit",
	"recipient is",   "user you are trying", "this user",           "user is receiving",
	"this mailbox",   "the mailbox",         "mailbox is",          "is receiving",
};

/* How servers say that it is a number of messages in this connection, and what shows that it is none. */
static const char *const of_connection[] = { "per connection", "per session", "this connection",
					     "this session",   "one session", "one connection",
					     "session limit" };
static const char *const of_time[] = { "rate",    "rates", "ratelimit",   "ratelimited", "minute",
				       "minutes", "hour",  "hours",       "hourly",      "today",
				       "per day", "daily", "closing this" };

/* Whole words: a server of corporate.example does not speak of a rate. */
static bool has_words(struct str text, const char *words)
{
	size_t n = strlen(words), at;
	for (size_t from = 0; (at = from + str_ifind(str_cut(text, from, text.len), words)) < text.len;
	     from = at + 1)
		if (token_starts(text, at) && (at + n == text.len || !token_is_word(text.p[at + n])))
			return true;
	return false;
}

static bool has_any(struct str text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_words(text, words[i]))
			return true;
	return false;
}

static bool is_among(const struct trouble_case *c, const char *const *ids, size_t n)
{
	for (size_t i = 0; c->meaning && i < n; i++)
		if (!strcmp(c->meaning->entry->id, ids[i]))
			return true;
	return false;
}

static bool is_pace(const struct trouble_case *c)
{
	return is_among(c, of_pace, ARRAY_LEN(of_pace)) &&
	       (has_any(c->text, of_time, ARRAY_LEN(of_time)) ||
		!has_any(c->text, of_connection, ARRAY_LEN(of_connection)));
}

/* X.2.X is a mailbox's status, X.3.X the mail system's (RFC 3463, 3).  The text may still have its code in
 * front. */
static bool is_status_of(struct str text, char subject)
{
	if (text.len > 4 && text.p[0] >= '4' && text.p[0] <= '5' && (text.p[3] == ' ' || text.p[3] == '-'))
		text = str_cut(text, 4, text.len);
	return text.len > 4 && (text.p[0] == '4' || text.p[0] == '5') && text.p[1] == '.' &&
	       text.p[2] == subject && text.p[3] == '.';
}

/* How a server says that it is its own machine: its disk, its load, its queue.  Of a mailbox the same words
 * mean its quota. */
static const char *const of_machine[] = { "storage",       "disk",        "space shortage", "no space",
					  "queue file",    "local error", "load average",   "system load",
					  "load too high", "overloaded",  "resources" };
static const char *const of_mailbox[] = { "mailbox", "quota", "user", "recipient" };

/* Another of its hosts may take it now, as after 421 (RFC 5321, 5.1): not what is about us, or about one
 * recipient, whom greylisting too keeps waiting everywhere. */
static bool is_of_machine(const struct trouble_case *c)
{
	static const char *const of_us[] = { "rate-limited", "greylisted", "too-many-recipients" };
	if (c->code < 400 || c->code >= 500 || c->code == 421 || c->at < TROUBLE_MAIL ||
	    c->at == TROUBLE_RCPT)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(of_us); i++)
		if (!strcmp(class_of(c), of_us[i]))
			return false;
	if (is_status_of(c->text, '2') || has_any(c->text, of_mailbox, ARRAY_LEN(of_mailbox)))
		return false;
	return is_status_of(c->text, '3') || has_any(c->text, of_machine, ARRAY_LEN(of_machine));
}

/* One busy mailbox says nothing of its neighbours. */
static bool is_of_recipient(const struct trouble_case *c)
{
	if (c->at != TROUBLE_RCPT || strcmp(class_of(c), "rate-limited") != 0)
		return false;
	if (has_any(c->text, recipient_words, ARRAY_LEN(recipient_words)))
		return true;
	return is_among(c, of_recipient, ARRAY_LEN(of_recipient)) ||
	       (is_status_of(c->text, '2') && !is_among(c, of_sender, ARRAY_LEN(of_sender)));
}

static bool find_destination(const struct trouble_case *c, struct trouble *out)
{
	for (size_t i = 0; c->smarthost && i < ARRAY_LEN(of_destination); i++) {
		if (strcmp(class_of(c), of_destination[i].class) != 0 || is_of_one(c) ||
		    is_past_login(c, of_destination[i].login))
			continue;
		if (is_permanent(c) && !of_destination[i].mendable)
			return false;
		*out = (struct trouble){ .scope = TROUBLE_DESTINATION,
					 .next_route = of_destination[i].next_route,
					 .account = of_destination[i].account,
					 .blocked = of_destination[i].blocked };
		return true;
	}
	return false;
}

/* 421 ends the connection (RFC 5321, 3.8), and many servers end one after so many messages (Exim's
 * smtp_accept_max_per_connection).  A limit in a time is there with the next connection, too. */
static struct trouble of_closing(const struct trouble_case *c)
{
	struct trouble t = of_host(true);
	t.account = c->smarthost && !strcmp(class_of(c), "rate-limited");
	t.used_up = !is_pace(c) || is_of_recipient(c);
	if (t.used_up)
		return t;
	t.scope = TROUBLE_DESTINATION;
	t.next_host = false;
	return t;
}

static struct trouble of_reply(const struct trouble_case *c)
{
	struct trouble t = { .scope = c->at == TROUBLE_RCPT ? TROUBLE_RECIPIENT : TROUBLE_MESSAGE };
	t.for_good = is_permanent(c);
	if (c->at == TROUBLE_RCPT && !strcmp(class_of(c), "too-many-recipients")) {
		if (c->code == 421)
			t = of_closing(c);
		t.for_good = false; /* RFC 5321, 4.5.3.1.10: also where 552 is said */
		t.again_at_once = true;
	} else if (c->code != 421 && is_of_recipient(c)) {
		t.for_good = t.for_good && !c->smarthost;
	} else if (c->code == 421) {
		t = of_closing(c);
	} else if (!find_destination(c, &t) && !t.for_good && !strcmp(class_of(c), "rate-limited")) {
		t.scope = TROUBLE_DESTINATION;
		t.next_route = true;
	}
	return t;
}

static struct trouble judge(const struct trouble_case *c)
{
	if (c->at == TROUBLE_HERE)
		return (struct trouble){ .scope = TROUBLE_MESSAGE };
	if (c->at == TROUBLE_DNS)
		return (struct trouble){ .scope = c->no_such_domain ? TROUBLE_MESSAGE : TROUBLE_DESTINATION,
					 .next_route = c->smarthost && !c->no_such_domain,
					 .for_good = c->no_such_domain };
	if (c->at == TROUBLE_AUTH) /* never past a failed login to another server */
		return (struct trouble){ .scope = TROUBLE_DESTINATION, .account = c->code >= 400 };
	if (!c->code || c->at < TROUBLE_AUTH)
		return of_host(c->at != TROUBLE_TLS);
	return of_reply(c);
}

struct trouble trouble_judge(const struct trouble_case *c)
{
	struct trouble t = judge(c);
	if (!t.for_good)
		t.hint_s = schedule_hint_s(c->text);
	t.used_up = t.used_up && !t.hint_s;
	t.elsewhere = c->at != TROUBLE_HERE && is_of_machine(c);
	t.of_service = t.hint_s && c->code == 421 && strcmp(class_of(c), "greylisted") != 0;
	return t;
}
