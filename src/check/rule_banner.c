/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for what a server says, or does not, before EHLO: silence, another
 * protocol, TLS where clear text was awaited and the reverse. */
#include <stdio.h>

#include "check/rule_view.h"

enum { LATE_GREETING_MS = 4000, TARPIT_MS = 8000 };

static void word_seconds(struct verdict *v, struct finding *f, long ms)
{
	char text[32];
	snprintf(text, sizeof(text), "%ld", (ms + 500) / 1000);
	finding_word(v, f, "seconds", text);
}

static bool port_speaks_tls(const struct evidence *ev, const struct fact **proof)
{
	const struct fact *s = evidence_session(ev, "implicit-tls");
	*proof = s ? evidence_last(ev, FACT_TLS, s->session) : NULL;
	return *proof && (z_eq((*proof)->tls.result, "ok") || (*proof)->tls.alert_received_code >= 0 ||
			  evidence_last(ev, FACT_CERT, s->session));
}

/* Where a web server is at home, and answers nobody's mail in place of another. */
static bool is_web_port(long port)
{
	return port == 80 || port == 443 || port == 3128 || port == 8000 || port == 8080 || port == 8443;
}

static void raise_protocol(struct verdict *v, const char *looks, const char *text, long port,
			   const struct fact *fact)
{
	struct finding *f = NULL;
	if (z_eq(looks, "imap") || z_eq(looks, "pop3"))
		f = verdict_raise(v, "cfg-imap-or-pop-port", 0.97, fact);
	else if (z_eq(looks, "http") || z_eq(looks, "html"))
		f = verdict_raise(v, is_web_port(port) ? "banner-not-smtp" : "tcp-proxy-answers", 0.93, fact);
	else if (z_eq(looks, "tls") || z_eq(looks, "tls-alert"))
		f = verdict_raise(v,
				  rule_port_role(port) % 465 ? "cfg-plaintext-to-tls-other-port"
							     : "cfg-plaintext-to-tls-465",
				  0.9, fact);
	else if (!z_eq(looks, "smtp"))
		f = verdict_raise(v, "banner-not-smtp", 0.9, fact);
	if (f) {
		finding_word(v, f, "value", text);
		finding_word(v, f, "problem", looks);
	}
}

static const char *looks_of(const char *text)
{
	return z_istarts(text, "* ok") || z_istarts(text, "* bye") ? "imap"
	       : z_istarts(text, "+ok") || z_istarts(text, "-err") ? "pop3"
	       : z_istarts(text, "http/")                          ? "http"
	       : z_istarts(text, "<")                              ? "html"
	       : *text >= '2' && *text <= '5'                      ? "smtp"
								   : "ascii";
}

/* The mode was left to us and TLS was found on a port where programs begin in clear:
 * we went on with it, others will wait for a greeting for ever. */
static void judge_found_tls(const struct evidence *ev, struct verdict *v)
{
	const struct fact *s = evidence_session(ev, "main"), *look = evidence_session(ev, "implicit-tls");
	long role = s ? rule_port_role(s->dialogue.port) : 0;
	if (!look || !role || role == 465 || !z_eq(rule_target(ev)->security, "auto") ||
	    !z_eq(s->dialogue.security, "tls"))
		return;
	finding_fact(verdict_raise(v, "cfg-plaintext-to-tls-other-port", 0.97,
				   evidence_last(ev, FACT_TLS, look->session)),
		     evidence_last(ev, FACT_TLS, s->session));
}

/* No greeting in clear: TLS speaks there, or nobody does. */
static void judge_silence(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev)), *tls;
	if (!b || !z_eq(b->brk.step, "banner") || rule_heard(ev, b) ||
	    (!z_eq(b->brk.how, "timeout") && !z_eq(b->brk.how, "deadline")))
		return;
	long port = evidence_session(ev, "main")->dialogue.port;
	if (port_speaks_tls(ev, &tls)) {
		bool usual = rule_port_role(port) && rule_port_role(port) != 465;
		struct finding *f =
			verdict_raise(v,
				      usual ? "cfg-plaintext-to-tls-other-port" : "cfg-plaintext-to-tls-465",
				      0.97, b);
		finding_fact(f, tls);
		finding_instead(f, "banner-never", 0.01);
		return;
	}
	if (tls && z_eq(tls->tls.result, "not-tls") && !z_eq(looks_of(tls->tls.first_bytes), "smtp")) {
		raise_protocol(v, looks_of(tls->tls.first_bytes), tls->tls.first_bytes, port, tls);
		return;
	}
	struct finding *f = verdict_raise(v, "banner-never", tls ? 0.9 : 0.6, b);
	finding_fact(f, tls);
	word_seconds(v, f, b->brk.elapsed_ms);
}

static void judge_delay(const struct evidence *ev, struct verdict *v)
{
	const struct fact *r = rule_reply_at(ev, rule_main(ev), "banner");
	if (!r || r->reply.elapsed_ms < LATE_GREETING_MS)
		return;
	struct finding *f = verdict_raise(v, "banner-delay", 0.95, r);
	word_seconds(v, f, r->reply.elapsed_ms);
}

static const char *clear_on_port(long port)
{
	switch (rule_port_role(port)) {
	case 25:
		return "cfg-tls-to-plaintext-25";
	case 465:
		return "cfg-tls-to-plaintext-465";
	case 2525:
		return "cfg-tls-to-plaintext-2525";
	default:
		return "cfg-tls-to-plaintext-587";
	}
}

/* The first bytes were no SMTP greeting. */
static void judge_other_protocol(const struct evidence *ev, struct verdict *v)
{
	const struct fact *s = evidence_session(ev, "main");
	const struct fact *b = s ? evidence_last(ev, FACT_BYTES, s->session) : NULL;
	if (!b || rule_greeted(ev) || !z_eq(b->bytes.step, "banner"))
		return;
	raise_protocol(v, b->bytes.looks_like, b->bytes.text, s->dialogue.port, b);
}

/* TLS from the first byte met a port that talks in clear. */
static void judge_clear_answer(const struct evidence *ev, struct verdict *v)
{
	const struct fact *s = evidence_session(ev, "main");
	const struct fact *t = s ? evidence_last(ev, FACT_TLS, s->session) : NULL;
	if (!t || t->tls.starttls || !z_eq(t->tls.result, "not-tls"))
		return;
	const char *text = t->tls.first_bytes;
	const struct fact *look = evidence_session(ev, "cleartext");
	const struct fact *banner = look ? rule_reply_at(ev, look->session, "banner") : NULL;
	const struct fact *bytes = look ? evidence_last(ev, FACT_BYTES, look->session) : NULL;
	if (bytes && !banner)
		text = bytes->bytes.text;
	const char *looks = banner ? "smtp" : looks_of(text);
	if (!z_eq(looks, "smtp")) {
		raise_protocol(v, looks, text, s->dialogue.port, t);
		return;
	}
	struct finding *f = verdict_raise(v, clear_on_port(s->dialogue.port), banner ? 0.98 : 0.93, t);
	finding_fact(f, banner);
	finding_instead(f, "tls-client-too-old", 0.01);
}

static bool mostly_stars(const char *text)
{
	size_t stars = 0, letters = 0;
	for (; *text; text++) {
		stars += *text == '*';
		letters += *text != '*' && *text != ' ' && *text != '0' && *text != '2';
	}
	return stars >= 6 && stars > letters;
}

static void judge_masked(const struct evidence *ev, struct verdict *v)
{
	const struct fact *r = rule_reply_at(ev, rule_main(ev), "banner");
	if (r && r->reply.code / 100 == 2 && mostly_stars(r->reply.text))
		verdict_raise(v, "banner-masked-stars", 0.96, r);
	const struct fact *e = evidence_last(ev, FACT_EHLO, rule_main(ev));
	if (e && e->ehlo.masked.n) {
		struct finding *f = verdict_raise(v, "ehlo-keywords-masked", 0.96, e);
		finding_word(v, f, "value", e->ehlo.masked.v[0]);
	}
}

static void judge_helo_only(const struct evidence *ev, struct verdict *v)
{
	const struct fact *e = evidence_last(ev, FACT_EHLO, rule_main(ev));
	if (e && e->ehlo.helo)
		verdict_raise(v, "ehlo-rejected-helo-only", 0.95, rule_reply_at(ev, rule_main(ev), "ehlo"));
}

/* A message of eight bits for a server that promises seven (RFC 6152, 3). */
static void judge_eight_bit(const struct evidence *ev, struct verdict *v)
{
	const struct fact *m = evidence_next(ev, FACT_MESSAGE, NULL);
	const struct fact *e = evidence_last(ev, FACT_EHLO, rule_main(ev));
	if (m && e && m->message.eight_bit && !e->ehlo.eightbit)
		finding_fact(verdict_raise(v, "ehlo-capability-8bitmime-missing", 0.95, e), m);
}

/* Each reply late but complete: a deliberate slow-down. */
static void judge_tarpit(const struct evidence *ev, struct verdict *v)
{
	long slowest = 0;
	unsigned late = 0;
	const struct fact *proof = NULL;
	for (const struct fact *f = NULL; (f = evidence_in(ev, FACT_REPLY, rule_main(ev), f));) {
		if (z_eq(f->reply.step, "banner") || z_eq(f->reply.step, "data") ||
		    f->reply.elapsed_ms < TARPIT_MS / 4)
			continue;
		late++;
		if (f->reply.elapsed_ms > slowest) {
			slowest = f->reply.elapsed_ms;
			proof = f;
		}
	}
	if (!proof || (slowest < TARPIT_MS && late < 2))
		return;
	word_seconds(v, verdict_raise(v, "rcpt-tarpit", 0.85, proof), slowest);
}

/* Closed or silent right after EHLO. */
static void judge_ehlo_break(const struct evidence *ev, struct verdict *v)
{
	const struct fact *b = evidence_last(ev, FACT_BREAK, rule_main(ev));
	if (b && z_eq(b->brk.step, "ehlo") && (z_eq(b->brk.how, "eof") || z_eq(b->brk.how, "reset")))
		verdict_raise(v, "ehlo-421-after", 0.85, b);
}

const struct rule rules_banner[] = {
	{ "silence", judge_silence },
	{ "found-tls", judge_found_tls },
	{ "late-greeting", judge_delay },
	{ "other-protocol", judge_other_protocol },
	{ "clear-answer-to-tls", judge_clear_answer },
	{ "masked", judge_masked },
	{ "helo-only", judge_helo_only },
	{ "eight-bit", judge_eight_bit },
	{ "slow-replies", judge_tarpit },
	{ "break-after-ehlo", judge_ehlo_break },
	{ NULL, NULL },
};
