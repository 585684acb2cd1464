/* SPDX-License-Identifier: Apache-2.0 */
/* Other parties' clocks beside ours: the date that many greetings carry (Exchange,
 * Exim, Sendmail) and the Date of HTTP answers (RFC 9110, 6.6.1). */
#include <string.h>

#include "base/text_time.h"
#include "check/probe.h"

enum { DATE_WORDS = 6 /* "Sat, 21 Nov 2026 10:00:00 +0000" */ };

/* The first DATE_WORDS words of s. */
static struct str date_words(const char *s)
{
	size_t n = 0;
	for (unsigned words = 0; s[n] && words < DATE_WORDS; words++) {
		n += strcspn(s + n, " ");
		if (words + 1 < DATE_WORDS)
			n += strspn(s + n, " ");
	}
	return (struct str){ s, n };
}

static bool date_in(const char *text, long long *at)
{
	static const char *const days[] = { "Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, " };
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		const char *s = strstr(text, days[i]);
		if (s && text_mail_date_read(date_words(s), at))
			return true;
	}
	return false;
}

static void record(struct probe *p, const char *source, long long theirs, long t_ms)
{
	char text[TEXT_TIME_BYTES];
	long long ours = p->req->now_s ? p->req->now_s : p->ev->started_s + t_ms / 1000;
	struct fact *f = probe_fact(p, FACT_CLOCK, 0);
	f->clock.source = source;
	f->clock.theirs = probe_text(p, text_time(theirs, text));
	f->clock.ours = probe_text(p, text_time(ours, text));
	f->clock.skew_s = (long)(ours - theirs);
	probe_tell(p, f);
}

void probe_clock(struct probe *p)
{
	size_t n = p->ev->n; /* those recorded here are no source */
	for (size_t i = 0; i < n; i++) {
		const struct fact *f = p->ev->facts[i];
		long long at;
		if (f->kind == FACT_REPLY && !strcmp(f->reply.step, "banner") && date_in(f->reply.text, &at))
			record(p, "banner", at, f->t_ms);
		else if (f->kind == FACT_HTTP && *f->http.date && text_time_read(str_of(f->http.date), &at))
			record(p, "http", at, f->t_ms);
	}
}
