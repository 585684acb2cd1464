/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's test: a mail handed over, found again in its mailbox where it names one, and noted. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/send.h"
#include "cli/send_arrival.h"
#include "relay/tested.h"

/* ---- where passes are noted ---- */

bool send_may_leave(const struct send_mail *m, const struct config_profile *p, struct err *e)
{
	if (!p->test || tested_has(config_folder(m->config, m->arena), p->name, p->hash))
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "send by", "profile \"%s\"", p->name);
	return err_detail(
		e,
		"its settings have not passed their test since they were last changed: postrider send --test "
		"%s, or --untested for this mail alone",
		p->name);
}

/* ---- the outcome ---- */

static bool note(struct send_mail *m, const char *proof, struct err *e)
{
	const char *folder = config_folder_made(m->config, m->arena);
	if (tested_note(folder, m->profile->name, m->profile->hash, proof, e))
		return true;
	return err_detail(
		e, "the test has passed and cannot be noted there: run it as who runs the relay, or as root");
}

/* What of it a person reads; in m->arena. */
static const char *failure(struct send_mail *m, const struct send_arrival *x)
{
	const char *host = m->profile->mailbox.host;
	if (x->where == ARRIVED_UNKNOWN)
		return arena_printf(m->arena,
				    "Handed over, and whether it has arrived is not known: the mailbox at %s "
				    "cannot be looked into (%s).%s%s The test has not passed.",
				    host, x->words, *x->mend ? " " : "", x->mend);
	return arena_printf(
		m->arena,
		"Handed over, and not in the mailbox at %s after %lu s%s. It may still come: run the "
		"test again then (--timeout S looks longer). The test has not passed.",
		host, x->looked_s,
		x->pop3    ? "; by POP3 only the inbox can be seen, so look into its folder for spam"
		: *x->junk ? arena_printf(m->arena, ", neither in the inbox nor in %s", x->junk)
			   : "");
}

static const char *proof_of(struct send_mail *m, const struct send_arrival *x)
{
	const struct config_profile *p = m->profile;
	const char *domain = m->from && strchr(m->from, '@') ? strchr(m->from, '@') + 1 : "DOMAIN";
	if (!*p->mailbox.host)
		return arena_printf(m->arena, "it was handed over; see whether it arrives at %s",
				    m->fates[0].address);
	if (x->where == ARRIVED_JUNK)
		return arena_printf(
			m->arena,
			"it was handed over and has arrived at %s, but in the folder %s: it was taken "
			"for spam, and others may take your mail for spam too. See what speaks "
			"against it: postrider check %s",
			p->mailbox.host, x->junk, domain);
	return arena_printf(m->arena, "it was handed over and has arrived at %s", p->mailbox.host);
}

bool send_test(struct send_mail *m, struct net_loop *l, struct err *e)
{
	const struct config_profile *p = m->profile;
	struct send_arrival x = { .where = ARRIVED_INBOX, .words = "", .mend = "", .junk = "" };
	if (!send_is_well(m)) {
		m->outcome = arena_printf(m->arena,
					  "Profile %s has not passed its test: nothing else leaves by it.",
					  p->name);
		return true;
	}
	if (*p->mailbox.host && !send_arrival(m, l, &x, e))
		return false;
	m->passed = x.where == ARRIVED_INBOX || x.where == ARRIVED_JUNK;
	if (!m->passed) {
		m->outcome = failure(m, &x);
		return true;
	}
	const char *proof = proof_of(m, &x);
	bool noted = note(m, proof, e);
	m->outcome = arena_printf(m->arena, "Profile %s has passed its test: %s. %s", p->name, proof,
				  noted ? "Its mail may leave now."
					: "That could not be noted, so none of its mail may leave yet.");
	return noted;
}
