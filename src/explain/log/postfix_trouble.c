/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/finding.h"
#include "explain/log/field.h"
#include "explain/log/postfix.h"

/* Warnings about clients that are what clients are; nothing of this machine is wrong. */
static const struct str noise[] = {
	STR_LIT("does not resolve to address"),
	STR_LIT("address not listed for hostname"),
	STR_LIT("non-SMTP command from"),
	STR_LIT("numeric hostname"),
	STR_LIT("Illegal address syntax"),
	STR_LIT("verification failed: "),
	STR_LIT("onnection concurrency limit exceeded"),
	STR_LIT("onnection rate limit exceeded"),
	STR_LIT("imit exceeded: "),
	STR_LIT("numeric domain name"),
	STR_LIT("valid_hostname:"),
	STR_LIT("hostname syntax"),
	STR_LIT("malformed domain name"),
	STR_LIT("non-E-mail"),
	STR_LIT("smtputf8"),
	STR_LIT("lost connection"),
	STR_LIT("timeout"),
};

static const struct {
	struct str lead;
	bool noisy; /* read the table above first */
} leads[] = {
	{ STR_LIT("warning: "), true },          { STR_LIT("fatal: "), false },
	{ STR_LIT("panic: "), false },           { STR_LIT("error: "), false },
	{ STR_LIT("SSL_accept error "), false }, { STR_LIT("SSL_connect error "), false },
	{ STR_LIT("cannot load "), false },
};

/* "unknown[192.0.2.1]: SASL LOGIN authentication failed: words, sasl_username=x" */
static bool login_failed(struct log_context *x, struct str s)
{
	static const struct str failed = STR_LIT(" authentication failed");
	size_t sasl = log_find(s, STR_LIT(": SASL "));
	size_t at = sasl + log_find(log_from(s, sasl), failed);
	if (sasl >= s.len || at >= s.len)
		return false;
	struct log_event e = log_event_of(x, LOG_LOGIN_FAILED, LOG_POSTFIX);
	e.client = str_cut(s, 0, sasl);
	e.reply = log_from(s, sasl + 2);
	e.from = log_value(e.reply, STR_LIT("sasl_username="), ", ");
	size_t name = log_find(e.reply, STR_LIT(", sasl_username="));
	e.reply = str_cut(e.reply, 0, name);
	e.step = step_name(STEP_AUTH);
	(void)log_give(x, &e);
	return true;
}

static const char *step_of_trouble(struct str s)
{
	if (log_has(s, STR_LIT("SSL_")) || log_has(s, STR_LIT("TLS")))
		return step_name(STEP_STARTTLS);
	return log_has(s, STR_LIT("SASL")) ? step_name(STEP_AUTH) : "";
}

/* "SSL_accept error from host[ip]: -1": whose session it was. */
static struct str peer_of(struct str s)
{
	size_t at = log_find(s, STR_LIT(" from "));
	struct str peer = log_to(log_from(s, at + 6), " ");
	if (peer.len && peer.p[peer.len - 1] == ':')
		peer.len--;
	return memchr(peer.p, '[', peer.len) ? peer : (struct str){ "", 0 };
}

bool log_postfix_trouble(struct log_context *x, struct str text)
{
	size_t i = 0;
	while (i < ARRAY_LEN(leads) && !log_starts(text, leads[i].lead))
		i++;
	if (i == ARRAY_LEN(leads))
		return true; /* "connect from", "statistics:", "disconnect from" */
	struct str words = leads[i].noisy ? log_from(text, leads[i].lead.len) : text;
	if (login_failed(x, words))
		return true;
	for (size_t n = 0; leads[i].noisy && n < ARRAY_LEN(noise); n++)
		if (log_has(words, noise[n]))
			return true;
	struct log_event e = log_event_of(x, LOG_TROUBLE, LOG_POSTFIX);
	e.reply = words;
	e.step = step_of_trouble(words);
	e.client = peer_of(words);
	(void)log_give(x, &e);
	return true;
}
