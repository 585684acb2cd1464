/* SPDX-License-Identifier: Apache-2.0 */
/* What a message needs and the server does not have: refused before anything is sent, and never in
 * the server's name. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "relay/delivery/delivery.h"
#include "relay/delivery/delivery_tls.h"
#include "relay/delivery/outgoing.h"
#include "relay/delivery/requiretls.h"
#include "relay/door/sizes.h"

enum scan { SCAN_HEADER, SCAN_ALL };

static bool has_high(struct str s)
{
	return !text_is_ascii(s);
}

/* Reads as far as asked for.  *ends holds the last bytes before s, across pieces. */
static bool header_ends(struct str *s, char ends[3])
{
	char joint[6];
	size_t n = s->len < 3 ? s->len : 3;
	memcpy(joint, ends, 3);
	memcpy(joint + 3, s->p, n);
	const char *in = memmem(joint, 3 + n, "\r\n\r\n", 4), *at = memmem(s->p, s->len, "\r\n\r\n", 4);
	if (in)
		s->len = 0;
	else if (at)
		s->len = (size_t)(at - s->p);
	else if (s->len >= 3)
		memcpy(ends, s->p + s->len - 3, 3);
	return in || at;
}

static bool has_8bit(struct delivery *d, struct job *j, enum scan scan)
{
	struct err e = { 0 };
	struct str piece;
	char ends[3] = { 0 };
	bool found = false, over = false;
	struct store_reader *r = store_body_open(d->relay->store, j->message.id, &e);
	while (r && !found && !over && store_reader_next(r, &piece, &e) == 1) {
		net_loop_breathe(d->relay->loop);
		over = scan == SCAN_HEADER && header_ends(&piece, ends);
		found = has_high(piece);
	}
	store_reader_free(&r);
	return found;
}

/* RFC 3463: what the refusal is called; it is ours. */
static struct failure refusal(struct delivery *d, const char *finding, const char *why)
{
	struct failure f = *delivery_broke(d, TROUBLE_MAIL, finding, why);
	f.judged = (struct trouble){ .scope = TROUBLE_MESSAGE, .for_good = true };
	return f;
}

static bool refuse_all(struct delivery *d, struct job *j, const char *finding, const char *why)
{
	struct failure f = refusal(d, finding, why);
	job_fail(d, j, &f);
	return false;
}

static const char too_long[] = "ehlo-size-smaller-than-message";

static bool is_too_long(const struct smtp_ehlo *e, uint64_t size)
{
	return e->size > 0 && size > (uint64_t)e->size;
}

static const char *too_long_words(struct delivery *d, const struct smtp_ehlo *e, uint64_t size,
				  const char *kind)
{
	return arena_printf(d->scratch, "%s takes messages of at most %ld bytes, and this one has %llu%s",
			    d->host, e->size, (unsigned long long)size, kind);
}

static bool fits_length(struct delivery *d, struct job *j, const struct smtp_ehlo *e, uint64_t size,
			const char *kind)
{
	return !is_too_long(e, size) || refuse_all(d, j, too_long, too_long_words(d, e, size, kind));
}

/* The destination's other host may have more room: then this one's size is not told to senders. */
static bool may_have_size(struct delivery *d, const struct job *j, const struct smtp_ehlo *e)
{
	if (is_too_long(e, j->message.size) && delivery_has_next_host(d)) {
		d->failure = refusal(d, too_long, too_long_words(d, e, j->message.size, ""));
		return false;
	}
	if (!delivery_has_next_host(d))
		sizes_learn(d->relay->sizes, sizes_key(d->route, str_of(d->lane->named.name), d->scratch),
			    e->size, relay_now_ms());
	return true;
}

static bool fits_utf8(struct delivery *d, struct job *j, const struct smtp_ehlo *e)
{
	char text[300];
	bool needs = has_high(j->message.reverse_path);
	if (!(j->message.flags & STORE_SMTPUTF8) || e->extensions & SMTP_EXT_SMTPUTF8)
		return true;
	snprintf(text, sizeof(text), "%s takes no addresses or header fields in UTF-8 (SMTPUTF8)", d->host);
	if (needs || has_8bit(d, j, SCAN_HEADER))
		return refuse_all(d, j, "ehlo-capability-smtputf8-missing", text);
	struct failure f = refusal(d, "ehlo-capability-smtputf8-missing", text);
	bool any = false;
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].fate == FATE_OPEN && has_high(j->v[i].rcpt->address))
			job_fail_rcpt(d, j, &j->v[i], &f);
		any = any || j->v[i].fate == FATE_OPEN;
	}
	return any;
}

/* The first reading of two; NULL: nothing is to be written anew, or nothing can be read just now. */
static struct sevenbit *look(struct delivery *d, struct job *j, unsigned causes,
			     enum sevenbit_verdict *verdict)
{
	struct err e = { 0 };
	struct str piece;
	int got = -1;
	struct sevenbit *s = sevenbit_new(causes);
	struct store_reader *r = store_body_open(d->relay->store, j->message.id, &e);
	while (r && (got = store_reader_next(r, &piece, &e)) == 1) {
		sevenbit_look(s, piece);
		net_loop_breathe(d->relay->loop);
	}
	store_reader_free(&r);
	*verdict = got == 0 ? sevenbit_looked(s) : SEVENBIT_FITS;
	if (*verdict == SEVENBIT_FITS)
		sevenbit_free(&s);
	return s;
}

/* How long it gets: at most so long, or, where that is too long, exactly.  False with *err. */
static bool coded_size(struct delivery *d, struct job *j, const struct smtp_ehlo *e, uint64_t *n,
		       struct err *err)
{
	struct str piece;
	int got = -1;
	*n = sevenbit_size(j->seven);
	if (!is_too_long(e, *n))
		return true;
	CLEANUP(outgoing_clear) struct outgoing o;
	bool open = outgoing_open(&o, d, j, err);
	for (*n = 0; open && (got = outgoing_next(&o, &piece, err)) == 1;)
		*n += piece.len;
	return got == 0;
}

static bool fits_coded(struct delivery *d, struct job *j, const struct smtp_ehlo *e)
{
	char text[400];
	struct err err = { 0 };
	uint64_t n;
	if (coded_size(d, j, e, &n, &err))
		return fits_length(d, j, e, n, " when its 8-bit text is coded");
	struct failure f = *delivery_broke(d, TROUBLE_HERE, "", err_text(&err, text, sizeof(text)));
	job_fail(d, j, &f);
	return false;
}

static unsigned causes_of(struct delivery *d, struct job *j, const struct smtp_ehlo *e)
{
	bool high = !(e->extensions & SMTP_EXT_8BITMIME) && has_8bit(d, j, SCAN_ALL);
	return (high ? SEVENBIT_HIGH : 0) | (j->message.flags & STORE_LONG_LINES ? SEVENBIT_LONG : 0);
}

/* Long lines alone: another server may break them, and nothing is to be lost by what keeps them whole: no
 * signature, no room for others' mail. */
static bool is_worth_it(struct delivery *d, struct job *j, const struct smtp_ehlo *e)
{
	struct err err = { 0 };
	uint64_t n;
	return !outgoing_breaks(d, j) && coded_size(d, j, e, &n, &err) && !is_too_long(e, n);
}

/* RFC 6152, 3: written anew, or it comes back.  What was not declared and cannot be written anew goes as it
 * came: its sender says that it has none. */
static bool fits_8bit(struct delivery *d, struct job *j, const struct smtp_ehlo *e)
{
	char text[400];
	enum sevenbit_verdict verdict;
	unsigned causes = causes_of(d, j, e);
	sevenbit_free(&j->seven);
	if (!causes)
		return true;
	CLEANUP(sevenbit_free) struct sevenbit *s = look(d, j, causes, &verdict);
	if (verdict == SEVENBIT_CONVERTS) {
		j->seven = STEAL(s);
		if (causes == SEVENBIT_LONG) {
			if (!is_worth_it(d, j, e))
				sevenbit_free(&j->seven);
			return true;
		}
		return fits_coded(d, j, e);
	}
	if (verdict == SEVENBIT_FITS || !(j->message.flags & STORE_8BITMIME))
		return true;
	snprintf(text, sizeof(text),
		 "%s takes no 8-bit text (8BITMIME), and this message cannot be coded: %s", d->host,
		 sevenbit_why(s));
	return refuse_all(d, j, "ehlo-capability-8bitmime-missing", text);
}

static const struct smtp_ehlo *ehlo_of(const struct delivery *d)
{
	static const struct smtp_ehlo nothing = { .name = "", .size = -1 };
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(session_client(d->session));
	return e ? e : &nothing;
}

bool delivery_may_have(struct delivery *d, const struct job *j)
{
	const struct smtp_ehlo *e = ehlo_of(d);
	if (!may_have_size(d, j, e))
		return false;
	if (!(j->message.flags & STORE_REQUIRETLS))
		return true;
	const struct requiretls_case c = { .host = d->host,
					   .encrypted = *d->tls != '\0',
					   .starttls = d->in_clear || e->extensions & SMTP_EXT_STARTTLS,
					   .offers = e->extensions & SMTP_EXT_REQUIRETLS,
					   .proven = delivery_is_proven(d),
					   .voucher = d->route->mx ? d->plan.voucher : MX_VOUCHED,
					   .untold = d->plan.untold };
	struct requiretls x = requiretls_judge(&c, d->scratch);
	if (x.fits)
		return true;
	d->failure = refusal(d, x.finding, x.why);
	d->failure.judged.for_good = x.for_good;
	return false;
}

bool delivery_fits(struct delivery *d, struct job *j)
{
	const struct smtp_ehlo *e = ehlo_of(d);
	return fits_length(d, j, e, j->message.size, "") && fits_utf8(d, j, e) && fits_8bit(d, j, e);
}
