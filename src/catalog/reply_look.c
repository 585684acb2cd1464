/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_look.h"

#include <string.h>

#include "base/eight.h"
#include "catalog/reply_pattern.h"

#define STEP_BIT(s) (1u << (s))
#define WORDS(w)                                                                                             \
	{                                                                                                    \
		w, sizeof(w) - 1                                                                             \
	}

enum {
	CODE_DIGITS = 3,
	REFUSED_FROM = 400,
	FILE_TYPE_MAX = 6,
	EXPECTED_BEFORE = 24,
	MICROSOFT_DETAIL_MIN = 50
};
enum { PORT_TLS = 465, PORT_SUBMISSION = 587 }; /* no server has them as codes */

/* After the dot a server may mean anything in the message. */
enum {
	STEPS_DATA = STEP_BIT(STEP_DATA) | STEP_BIT(STEP_CONTENT) | STEP_BIT(STEP_ATTACHMENT) |
		     STEP_BIT(STEP_POST_HANDOFF),
	STEPS_AUTH = STEP_BIT(STEP_AUTH) | STEP_BIT(STEP_OAUTH),
	STEPS_OUT = STEP_BIT(STEP_RELAY_SERVER) | STEP_BIT(STEP_DOMAIN_POLICY) |
		    STEP_BIT(STEP_CLIENT_NETWORK) | STEP_BIT(STEP_CONFIG),
	STEPS_TLS = STEP_BIT(STEP_STARTTLS) | STEP_BIT(STEP_TLS_CERT)
};

static unsigned step_family(enum step s)
{
	unsigned bit = STEP_BIT(s);
	if (bit & STEPS_DATA)
		return STEPS_DATA;
	if (bit & STEPS_AUTH)
		return STEPS_AUTH;
	if (bit & STEPS_TLS)
		return STEPS_TLS;
	return bit & STEPS_OUT ? 0 : bit;
}

/* How Postfix, Exim, sendmail and qmail name the command that was answered: words, and what follows them. */
struct step_tell {
	const char *rest;
	enum step step;
};
static const struct step_tell tells_reply[] = {
	{ "rcpt to", STEP_RCPT },      { "mail from", STEP_MAIL_FROM }, { "end of data", STEP_DATA },
	{ "data command", STEP_DATA }, { "ehlo", STEP_EHLO },           { "helo", STEP_EHLO },
	{ "auth", STEP_AUTH },         { "starttls", STEP_STARTTLS },   { "initial", STEP_BANNER },
	{ NULL, STEP_COUNT },
};
static const struct step_tell tells_after[] = {
	{ "rcpt to", STEP_RCPT },
	{ "mail from", STEP_MAIL_FROM },
	{ "pipelined mail from", STEP_MAIL_FROM },
	{ "end of data", STEP_DATA },
	{ "pipelined end of data", STEP_DATA },
	{ "initial connection", STEP_BANNER },
	{ "ehlo", STEP_EHLO },
	{ "helo", STEP_EHLO },
	{ "starttls", STEP_STARTTLS },
	{ NULL, STEP_COUNT },
};
static const struct step_tell tells_rejected[] = { { "", STEP_DATA }, { NULL, STEP_COUNT } };
static const struct step_tell tells_sent[] = { { "rcpt to", STEP_RCPT },
					       { "mail from", STEP_MAIL_FROM },
					       { NULL, STEP_COUNT } };
static const struct {
	struct str words;
	const struct step_tell *tells;
} step_words[] = {
	{ WORDS("reply to "), tells_reply },
	{ WORDS("after "), tells_after },
	{ WORDS("rejected after data"), tells_rejected },
	{ WORDS(">>> "), tells_sent },
};

/* Words that only one provider's servers say. */
static const struct {
	const char *phrase, *provider;
} provider_tells[] = {
	{ "olc.protection", "outlook" },
	{ ".prod.outlook.com", "microsoft365" },
	{ "protection.outlook.com", "microsoft365" },
	{ ".prod.protection.outlook", "microsoft365" },
	{ "smtp.office365.com", "microsoft365" },
	{ "go.microsoft.com/fwlink", "microsoft365" },
	{ "aka.ms/", "microsoft365" },
	{ "mail.live.com", "outlook" },
	{ "outlook.office", "microsoft365" },
	{ " gsmtp", "google" },
	{ "support.google.com", "google" },
	{ "google.com/", "google" },
	{ "mta*.mail.*.yahoo.com", "yahoo" },
	{ "postmaster.yahooinc.com", "yahoo" },
	{ "help.yahoo.com", "yahoo" },
	{ "postmaster.yahoo.com", "yahoo" },
	{ "amazonses.com", "ses" },
	{ "email-smtp.*.amazonaws.com", "ses" },
	{ "smtp.sendgrid.net", "sendgrid" },
	{ "mimecast.com", "mimecast" },
	{ "secureserver.net", "godaddy" },
};

static unsigned number(const char *p, size_t *at, size_t len)
{
	unsigned n = 0;
	while (*at < len && p[*at] >= '0' && p[*at] <= '9' && n < 1000)
		n = n * 10 + (unsigned)(p[(*at)++] - '0');
	return n;
}

static bool read_status(const char *p, size_t len, unsigned enh[3])
{
	size_t n = reply_status_at(p, len), at = 0;
	if (!n)
		return false;
	for (size_t i = 0; i < 3; i++, at++)
		enh[i] = number(p, &at, n);
	return true;
}

static bool may_precede_code(struct str s, size_t at)
{
	if (!at)
		return true;
	char before = s.p[at - 1];
	if (strchr(":\"'([<=;,", before) != NULL)
		return true;
	/* "said: 550 ...", "smtp; 550 ...", "error 550", "code 550", "response 550" */
	return before == ' ' && at >= 2 &&
	       (strchr(":;>,-(", s.p[at - 2]) != NULL || str_iends(str_cut(s, 0, at - 1), "error") ||
		str_iends(str_cut(s, 0, at - 1), "code") || str_iends(str_cut(s, 0, at - 1), "response") ||
		str_iends(str_cut(s, 0, at - 1), "status"));
}

/* "expected response code 250 but got": what the program hoped for, no reply. */
static bool is_expected(struct str s, size_t at)
{
	struct str before = str_cut(s, at > EXPECTED_BEFORE ? at - EXPECTED_BEFORE : 0, at);
	return str_ifind(before, "expected") < before.len && str_ifind(before, "unexpected") == before.len;
}

/* "message.go:209": a line of a source file. */
static bool is_line_number(struct str s, size_t at)
{
	if (at < 4 || s.p[at - 1] != ':' || s.p[at - 2] < 'a' || s.p[at - 2] > 'z')
		return false;
	struct str before = str_cut(s, at > FILE_TYPE_MAX ? at - FILE_TYPE_MAX : 0, at);
	return memchr(before.p, '.', before.len) != NULL;
}

/* "X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes": the bits of Exim's cipher. */
static bool is_cipher_bits(struct str s, size_t at)
{
	struct str after = str_cut(s, at + CODE_DIGITS, s.len);
	return at && s.p[at - 1] == ':' && str_istarts(after, " cv=");
}

/* Where a code or a status may begin at or after `at`: the next '2' to '5'; s.len: nowhere. */
static size_t next_digit(struct str s, size_t at)
{
	for (; at + sizeof(uint64_t) <= s.len; at += sizeof(uint64_t)) {
		uint64_t digits = eight_between(eight_at(s.p + at), '2', '5');
		if (digits)
			return at + eight_first(digits);
	}
	while (at < s.len && (s.p[at] < '2' || s.p[at] > '5'))
		at++;
	return at;
}

/* "550 user unknown 503 need RCPT": a code after a blank, and words after it. */
static bool reply_begins(struct str s, size_t at)
{
	size_t after = at + 4;
	return reply_code_at(s.p + at, s.len - at) && (!at || s.p[at - 1] == ' ') && after < s.len &&
	       (s.p[at + 3] == ' ' || s.p[at + 3] == '-') &&
	       ((s.p[after] >= 'a' && s.p[after] <= 'z') || reply_status_at(s.p + after, s.len - after));
}

/* "250 message received, 552 bytes": no reply. */
static bool counts_something(struct str after)
{
	static const char *const things[] = { "bytes",    "octets", "kb",         "mb",  "chars", "lines",
					      "messages", "mails",  "recipients", "sec", "ms",    "minutes" };
	for (size_t i = 0; i < ARRAY_LEN(things); i++)
		if (str_istarts(after, things[i]))
			return true;
	return false;
}

/* Whether the code at `at`, apart from other words, is one of a reply. */
static bool is_told(struct str s, size_t at)
{
	size_t end = at + CODE_DIGITS;
	bool apart = end == s.len || strchr(" -\":,)]}'", s.p[end]) != NULL;
	bool status_follows =
		end + 1 < s.len && (reply_status_at(s.p + end + 1, s.len - end - 1) ||
				    (s.p[end + 1] == '#' && reply_status_at(s.p + end + 2, s.len - end - 2)));
	bool edge = !at || s.p[at - 1] == ' ' || may_precede_code(s, at);
	return apart && edge && (status_follows || may_precede_code(s, at)) && !is_expected(s, at) &&
	       !is_line_number(s, at) && !is_cipher_bits(s, at);
}

/* The first, or what refuses after an acceptance: "250 ok accepted 554 message refused". */
static void look_for_code(struct str s, struct reply_look *look)
{
	for (size_t at = next_digit(s, 0); at + CODE_DIGITS <= s.len; at = next_digit(s, at + 1)) {
		if (!reply_code_at(s.p + at, s.len - at) || (at && s.p[at - 1] >= '0' && s.p[at - 1] <= '9'))
			continue;
		bool refuses = look->code && s.p[at] >= '4' && reply_begins(s, at) &&
			       !counts_something(str_cut(s, at + CODE_DIGITS + 1, s.len));
		size_t i = at;
		unsigned code = number(s.p, &i, at + CODE_DIGITS);
		if (code == PORT_TLS || code == PORT_SUBMISSION ||
		    !(refuses || (!look->code && is_told(s, at))))
			continue;
		look->code = code;
		if (code >= REFUSED_FROM)
			return;
	}
}

size_t reply_first_end(struct str folded)
{
	const char *first = NULL;
	for (size_t at = next_digit(folded, 0); at + 4 < folded.len; at = next_digit(folded, at + 1)) {
		if (!reply_begins(folded, at))
			continue;
		if (first && *first != '2' && memcmp(first, folded.p + at, 3) != 0)
			return at;
		first = folded.p + at;
	}
	return folded.len;
}

static void look_for_status(struct str s, struct reply_look *look)
{
	for (size_t at = next_digit(s, 0); at + 5 <= s.len; at = next_digit(s, at + 1)) {
		char before = at ? s.p[at - 1] : ' ';
		bool edge = strchr(" #([<-:=;\"'", before) != NULL && before;
		bool accepts = s.p[at] == '2' && look->code >= REFUSED_FROM;
		if (edge && !accepts && read_status(s.p + at, s.len - at, look->enh))
			return;
	}
}

static enum step step_after(struct str rest, const struct step_tell *tells)
{
	for (; tells->rest; tells++)
		if (str_istarts(rest, tells->rest))
			return tells->step;
	return STEP_COUNT;
}

/* By its command; STEP_COUNT: none. */
static enum step step_named(struct str folded, const struct reply_grams *grams)
{
	enum step step = STEP_COUNT;
	for (size_t i = 0; i < ARRAY_LEN(step_words) && step == STEP_COUNT; i++) {
		size_t at = 0, found;
		if (grams && !reply_grams_allow(grams, step_words[i].words))
			continue;
		while (step == STEP_COUNT && (found = reply_words_at(folded, step_words[i].words, at))) {
			at = found;
			step = step_after(str_cut(folded, at, folded.len), step_words[i].tells);
		}
	}
	return step;
}

static const char *provider_of_words(struct str folded, const struct reply_grams *grams)
{
	static const struct str any[] = { WORDS(".com"), WORDS(".net"), WORDS(".ms/"), WORDS("outlook"),
					  WORDS(" gsmtp") };
	bool has_one = false; /* without one no tell fits */
	for (size_t i = 0; i < ARRAY_LEN(any) && !has_one; i++)
		has_one = (!grams || reply_grams_allow(grams, any[i])) &&
			  reply_words_at(folded, any[i], 0) != 0;
	if (!has_one)
		return "";
	for (size_t i = 0; i < ARRAY_LEN(provider_tells); i++)
		if (reply_phrase_in(provider_tells[i].phrase, folded.p, folded.len))
			return provider_tells[i].provider;
	return "";
}

void reply_look_provider(struct reply_look *look, struct str folded, const struct reply_grams *grams)
{
	bool looked = look->provider_looked;
	look->provider_looked = true;
	if (looked || *look->provider)
		return;
	look->provider = provider_of_words(folded, grams);
	/* RFC 3463's registry ends far below; Exchange Online has numbers of its own: 5.7.57, 5.7.139. */
	if (!*look->provider && look->enh[2] >= MICROSOFT_DETAIL_MIN)
		look->provider = "microsoft365";
}

void reply_look(const struct reply_context *c, struct str folded, const struct reply_grams *grams,
		struct reply_look *look)
{
	const char *step = c->step ? c->step : "", *enhanced = c->enhanced ? c->enhanced : "";
	enum step s;
	*look = (struct reply_look){ .code = c->code, .provider = c->provider ? c->provider : "" };
	look->in_session = *step != '\0' && !c->pasted;
	look->step = *step && step_of(step, &s) ? s : step_named(folded, grams);
	look->steps = look->step < STEP_COUNT ? step_family(look->step) : 0;
	if (!look->code)
		look_for_code(folded, look);
	if (!read_status(enhanced, strlen(enhanced), look->enh))
		look_for_status(folded, look);
}

const char *reply_step_told(const char *text)
{
	char folded[REPLY_FOLDED_MAX];
	enum step s = step_named((struct str){ folded, reply_fold(text, folded) }, NULL);
	return s < STEP_COUNT ? step_name(s) : "";
}

const char *reply_provider_told(const char *text)
{
	char folded[REPLY_FOLDED_MAX];
	struct reply_look look = { .provider = "" };
	reply_look_provider(&look, (struct str){ folded, reply_fold(text, folded) }, NULL);
	return look.provider;
}
