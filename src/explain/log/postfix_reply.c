/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/postfix_reply.h"

#include "catalog/finding.h"
#include "explain/log/field.h"

/* Postfix's own words (smtp_connect.c, smtp_proto.c, smtp_sasl_glue.c, dns_lookup.c) and where they belong.
 */
static const struct {
	struct str words;
	enum step step;
} own_words[] = {
	{ STR_LIT("Name service error"), STEP_DNS },
	{ STR_LIT("unable to look up host"), STEP_DNS },
	{ STR_LIT("Host not found"), STEP_DNS },
	{ STR_LIT("does not accept mail (nullMX)"), STEP_DNS },
	{ STR_LIT("no MX host for"), STEP_DNS },
	{ STR_LIT("loops back to myself"), STEP_DNS },
	{ STR_LIT("SASL authentication failed"), STEP_AUTH },
	{ STR_LIT("refused to talk to me"), STEP_BANNER },
	{ STR_LIT("receiving the initial server greeting"), STEP_BANNER },
	{ STR_LIT("performing the EHLO handshake"), STEP_EHLO },
	{ STR_LIT("performing the HELO handshake"), STEP_EHLO },
	{ STR_LIT("performing the LHLO handshake"), STEP_EHLO },
	{ STR_LIT("receiving the STARTTLS response"), STEP_STARTTLS },
	{ STR_LIT("TLS is required, but"), STEP_STARTTLS },
	{ STR_LIT("Cannot start TLS"), STEP_STARTTLS },
	{ STR_LIT("Server certificate"), STEP_TLS_CERT },
	{ STR_LIT("TLSA"), STEP_TLS_CERT },
	{ STR_LIT("while sending MAIL FROM"), STEP_MAIL_FROM },
	{ STR_LIT("while sending RCPT TO"), STEP_RCPT },
	{ STR_LIT("while sending DATA command"), STEP_DATA },
	{ STR_LIT("while sending message body"), STEP_DATA },
	{ STR_LIT("while sending end of data"), STEP_DATA },
	{ STR_LIT("exceeds size limit"), STEP_MAIL_FROM },
	{ STR_LIT("connect to "), STEP_CONNECT },
	{ STR_LIT("No route to host"), STEP_CONNECT },
	{ STR_LIT("Connection timed out"), STEP_CONNECT },
};

static const char *step_of_own(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(own_words); i++)
		if (log_has(s, own_words[i].words))
			return step_name(own_words[i].step);
	return "";
}

/* "host H[ip] said: R (in reply to C command)": host, step and words apart. */
static void take_said(struct log_postfix_words *w, struct str s, size_t said, size_t said_len)
{
	struct str before = str_cut(s, 0, said);
	size_t at = log_rfind(before, STR_LIT("server "));
	size_t lead = at < before.len ? at + 7 : log_starts(before, STR_LIT("host ")) ? 5 : before.len;
	w->host = log_to(log_from(before, lead), " ");
	w->reply = log_from(s, said + said_len);
	size_t to = log_rfind(w->reply, STR_LIT("(in reply to "));
	if (to >= w->reply.len) {
		w->step = step_of_own(s);
		return;
	}
	w->step = log_step_of_command(log_from(w->reply, to + 13));
	w->reply = str_trim(str_cut(w->reply, 0, to));
}

struct log_postfix_words log_postfix_words(struct str s)
{
	static const struct str suspended = STR_LIT("delivery temporarily suspended: ");
	static const struct str connect = STR_LIT("connect to ");
	static const struct str said = STR_LIT(" said: "), refused = STR_LIT(" refused to talk to me: ");
	struct log_postfix_words w = { s, { "", 0 }, "", false };
	if (log_starts(s, suspended)) {
		w.suspended = true;
		s = w.reply = log_from(s, suspended.len);
	}
	if (log_starts(s, connect))
		w.host = log_to(log_from(s, connect.len), " ");
	size_t at = log_find(s, said);
	if (at < s.len)
		take_said(&w, s, at, said.len);
	else if ((at = log_find(s, refused)) < s.len)
		take_said(&w, s, at, refused.len);
	else
		w.step = step_of_own(s);
	return w;
}
