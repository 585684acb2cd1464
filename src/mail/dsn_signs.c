/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a mail is a report, whoever wrote it.
 *
 * Three witnesses: who sent it (no return path, a mailer daemon), what its subject
 * says, and what its text says and carries.  One alone is not enough: newsletters
 * come without return path, parcels "could not be delivered", and people quote
 * reports to each other. */
#include <string.h>

#include "mail/dsn_job.h"

enum {
	SIGN_WORDS = 2,    /* words of failure or delay */
	SIGN_REPLY = 2,    /* an SMTP reply */
	SIGN_STATUS = 1,   /* "(#5.1.1)" */
	SIGN_ORIGINAL = 1, /* the mail carries another, or its header */
	PREFIX_MAX = 6,    /* letters of "Re:" in any language */
	BODY_SURE = 4,     /* marks of one dialect in the text that need no header */
	HEAD_SURE = 4,     /* marks in the header that need no text */
};

/* "Re:", "Fwd:" and their kin, folded. */
static const char *const answers[] = { "re",   "fwd",  "fw",   "aw",   "wg",   "antw", "sv",    "vs", "vb",
				       "tr",   "rv",   "res",  "enc",  "odp",  "ynt",  "ref",   "r",  "i",
				       "回复", "答复", "转发", "回覆", "返信", "отв",  "пересл" };

/* Bytes of the first of them with its colon; 0: there is none. */
static size_t prefix_of(struct str subject)
{
	const char *colon =
		memchr(subject.p, ':', subject.len < 4 * PREFIX_MAX ? subject.len : 4 * PREFIX_MAX);
	size_t n = colon ? (size_t)(colon - subject.p) : 0;
	struct str word = str_trim(str_cut(subject, 0, n));
	const char *bracket = memchr(word.p, '[', word.len); /* "Re[2]:" */
	if (bracket)
		word.len = (size_t)(bracket - word.p);
	return str_is_among(word, answers, ARRAY_LEN(answers)) ? n + 1 : 0;
}

struct str dsn_without_prefixes(struct str subject)
{
	for (size_t n; (n = prefix_of(subject));)
		subject = str_trim(str_cut(subject, n, subject.len));
	return subject;
}

static bool is_nobody(const struct dsn_job *j)
{
	struct str from = header_get(j->a, j->header, "From");
	return !from.len || str_iends(from, "<>");
}

/* A mail or a header inside, or behind words that introduce it. */
static bool carries_original(const struct dsn_job *j)
{
	for (size_t i = 1; i < j->mime.n; i++)
		if (z_istarts(j->mime.v[i].type, "message/") || z_iends(j->mime.v[i].type, "rfc822-headers"))
			return true;
	return j->rest.len > 0 || j->turn.nhits > 0;
}

void dsn_signs_read(struct dsn_job *j)
{
	bool words = false, reply = false, status = false;
	for (size_t i = 0; i < j->lines.n; i++) {
		const struct dsn_line *line = &j->lines.v[i];
		if (line->cited || line->blank)
			continue;
		words = words || dsn_has_role(line, BOUNCE_FAILED) || dsn_has_role(line, BOUNCE_DELAYED) ||
			dsn_has_role(line, BOUNCE_DELIVERED);
		reply = reply || dsn_reply_at(line->text) < line->text.len;
		status = status || dsn_has_status(line->text);
	}
	j->signs = (words ? SIGN_WORDS : 0u) + (reply ? SIGN_REPLY : 0u) + (status ? SIGN_STATUS : 0u) +
		   (carries_original(j) ? SIGN_ORIGINAL : 0u);
	j->machine += is_nobody(j) ? 2 : 0;
	const struct header_field *subject = header_find(j->header, "Subject", 0);
	bool bulk = header_find(j->header, "List-Id", 0) || header_find(j->header, "List-Unsubscribe", 0);
	j->answer = !j->machine && subject && prefix_of(str_of(dsn_words(j->a, subject->value))) > 0;
	j->subject = bulk && !j->machine ? 0 : j->subject; /* newsletters and posts write about bounces */
}

bool dsn_is_borne_out(const struct dsn_job *j, bool named)
{
	unsigned head = j->machine + j->subject;
	bool sure = head >= HEAD_SURE || (head > 2 && j->signs > 0) || (j->subject > 1 && j->signs > 2);
	return named || (sure && j->subject > 0) || (j->machine >= HEAD_SURE && j->out->n > 0);
}

bool dsn_is_report(const struct dsn_job *j, unsigned dialect)
{
	unsigned head = j->machine + j->subject;
	if (j->answer)
		return false;
	if (dialect == bounce_ndialects)
		return head >= HEAD_SURE || (head > 2 && j->signs > 0) || (head > 1 && j->signs > 1);
	bool sure = j->body[dialect] >= BODY_SURE;
	return head > 1 || sure || (head > 0 && j->body[dialect] >= bounce_dialects[dialect].enough);
}
