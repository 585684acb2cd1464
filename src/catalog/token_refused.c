/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/token_refused.h"

#include <string.h>

/* How sure one is by a note, and of a token that was refused without one. */
static const double by_note = 0.96, by_login = 0.8, behind = 0.4;

/* Meanings that say "no" and nothing more, up to the confidence at which they do. */
static const struct {
	const char *id;
	double bare_to;
	bool of_password;
} bare[] = {
	{ "auth-bad-credentials", 1, true },           { "auth-unsuccessful-573", 1, false },
	{ "auth-password-changed", 0.8, true },        { "auth-no-licence-or-mailbox", 0.5, false },
	{ "auth-less-secure-apps-off", 0.8, true },    { "auth-app-password-needed", 0.48, true },
	{ "auth-ses-iam-instead-of-smtp", 0.8, true }, { "auth-ses-wrong-region", 0.8, true },
	{ "auth-sendgrid-username", 0.8, true },       { "oauth-334-challenge", 1, false },
	{ "oauth-token-refused", 1, false },           { "rcpt-policy-refused", 1, false },
	{ "mf-sender-refused", 0.5, false },           { "unknown-reply", 1, false },
};

/* What else the status of a note speaks for. */
static const struct {
	const char *status, *id;
	double confidence;
} also[] = {
	{ "invalid_token", "oauth-token-expired", 0.4 },
	{ "401", "oauth-token-expired", 0.4 },
	{ "insufficient_scope", "oauth-wrong-scope-delegated", 0.4 },
	{ "403", "oauth-wrong-scope-delegated", 0.4 },
	{ "400", "oauth-wrong-scope-delegated", 0.3 },
};

static size_t bare_row(const struct reply_meaning *m)
{
	size_t i = 0;
	while (i < ARRAY_LEN(bare) && strcmp(bare[i].id, m->entry->id) != 0)
		i++;
	return i;
}

bool login_is_bare(const struct reply_meaning *m)
{
	size_t i = bare_row(m);
	return i < ARRAY_LEN(bare) && m->confidence <= bare[i].bare_to;
}

/* At its place by confidence; the entry had no other before. */
static size_t put(struct reply_meaning *m, size_t n, const char *id, double confidence, const char *pattern)
{
	const struct finding_entry *e = finding_entry_find(id);
	for (size_t i = 0; e && i < n; i++)
		if (m[i].entry == e)
			memmove(m + i, m + i + 1, (--n - i) * sizeof(*m));
	size_t at = 0;
	while (at < n && m[at].confidence > confidence)
		at++;
	if (!e || at == REPLY_MEANINGS_MAX)
		return n;
	n += n < REPLY_MEANINGS_MAX;
	memmove(m + at + 1, m + at, (n - 1 - at) * sizeof(*m));
	m[at] = (struct reply_meaning){ e, confidence, pattern };
	return n;
}

static size_t without_passwords(struct reply_meaning *m, size_t n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		size_t row = bare_row(&m[i]);
		if (row == ARRAY_LEN(bare) || !bare[row].of_password)
			m[kept++] = m[i];
	}
	return kept;
}

/* What stands behind a cause that is known. */
static void lower(struct reply_meaning *m, size_t n)
{
	for (size_t i = 0; i < n && m[i].confidence > behind; i++)
		m[i].confidence = behind;
}

size_t token_refused(struct reply_meaning m[REPLY_MEANINGS_MAX], size_t n, const struct token_note *note)
{
	if (n && !login_is_bare(&m[0]))
		return n;
	n = without_passwords(m, n);
	if (!note && n && !strcmp(m[0].entry->id, "auth-unsuccessful-573")) /* Microsoft's for both */
		return n;
	lower(m, n);
	if (!note)
		return put(m, n, "oauth-token-refused", by_login, "token");
	for (size_t i = 0; i < ARRAY_LEN(also); i++)
		if (!strcmp(also[i].status, note->status))
			n = put(m, n, also[i].id, also[i].confidence, "note");
	return put(m, n, "oauth-334-challenge", by_note, "note");
}
