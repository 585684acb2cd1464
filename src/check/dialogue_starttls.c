/* SPDX-License-Identifier: Apache-2.0 */
/* STARTTLS in a dialogue, and EHLO again once TLS is up (RFC 3207, 4.2). */
#include "check/dialogue_inner.h"

/* STARTTLS where the plan wants it; true: the dialogue goes on. */
bool dialogue_starttls(struct dialogue *d)
{
	struct smtp_client *c = session_client(d->s);
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(c);
	bool offered = e && (e->extensions & SMTP_EXT_STARTTLS);
	if (d->plan->security == SECURITY_TLS || d->plan->security == SECURITY_NONE)
		return true;
	if (!offered && d->plan->security == SECURITY_AUTO)
		return true;
	if (!offered) {
		d->out->broke = STEP_STARTTLS;
		return false;
	}
	struct err err = { 0 };
	unsigned code;
	if (!smtp_client_starttls(c, &err))
		return dialogue_cannot(d, STEP_STARTTLS, &err);
	if (!dialogue_reply(d, STEP_STARTTLS, &code))
		return false;
	if (code / 100 != 2) {
		d->out->broke = STEP_STARTTLS;
		return false;
	}
	/* Plaintext that came along with the 220: thrown away by the session, kept as evidence. */
	dialogue_record_bytes(d, STEP_STARTTLS, session_injected(d->s));
	session_start_tls(d->s);
	return dialogue_tls(d) && dialogue_ehlo(d);
}
