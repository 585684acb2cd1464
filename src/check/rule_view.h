/* SPDX-License-Identifier: Apache-2.0 */
/* check/rule_view.h - questions that many rules ask of the evidence. */
#ifndef CHECK_RULE_VIEW_H
#define CHECK_RULE_VIEW_H

#include "catalog/reply_match.h"
#include "check/rule.h"

unsigned rule_main(const struct evidence *ev);                    /* the main dialogue's number; 0 none */
const struct fact_target *rule_target(const struct evidence *ev); /* never NULL */
const char *rule_provider(const struct evidence *ev);             /* the target's provider name, "" unknown */
bool rule_session_tls(const struct evidence *ev, unsigned session);
bool rule_session_logged_in(const struct evidence *ev, unsigned session);
/* The reply answers a control or random recipient of ours, not one asked for. */
bool rule_is_control(const struct evidence *ev, const struct fact *reply);
/* The first reply of a session at a step, or NULL; the last likewise. */
const struct fact *rule_reply_at(const struct evidence *ev, unsigned session, const char *step);
const struct fact *rule_last_reply_at(const struct evidence *ev, unsigned session, const char *step);
/* An experiment by name, the latest; NULL when it was not made. */
const struct fact *rule_experiment(const struct evidence *ev, const char *name);
bool rule_experiment_is(const struct evidence *ev, const char *name, const char *outcome);
/* The mail port meant: 25, 465, 587 or 2525, also where it stands behind digits as a
 * test's or a container's port does (10025, 12587); 0: none of them. */
long rule_port_role(long port);
/* The peer said something before this break; what TLS sends of its own (session tickets,
 * close_notify) is nothing said. */
bool rule_heard(const struct evidence *ev, const struct fact *brk);
/* The main dialogue came up / was greeted. */
bool rule_connected(const struct evidence *ev);
bool rule_greeted(const struct evidence *ev);
/* A DNS fact by purpose (and type, "" any), the latest; NULL none. */
const struct fact *rule_dns(const struct evidence *ev, const char *purpose, const char *type);

/* The look-up of the host's other kind of address, where that failed and no address of the kind that was found
 * can be reached from here: what the name has else is not known.  NULL otherwise. */
const struct fact *rule_unknown_family(const struct evidence *ev);

/* The purpose a session was opened with; "" for none. */
const char *rule_purpose(const struct evidence *ev, unsigned session);

/* What the reply catalogue makes of a reply, given provider, step and session. */
size_t rule_meanings(const struct evidence *ev, const struct fact *f,
		     struct reply_meaning out[REPLY_MEANINGS_MAX]);
/* Raises the best of it for a refusal.  Words it does not know
 * raise unknown-reply, with what code and step let one guess beside it. */
struct finding *rule_raise_reply(struct verdict *v, const struct fact *f);
/* What has been raised because of a reply, the surest; NULL when nothing was. */
struct finding *rule_raised_by(struct verdict *v, const struct fact *reply);

/* Raises id because of the reply in place of a vaguer reading of it, which then
 * stands among the alternatives.  Invalidates other findings' pointers. */
struct finding *rule_raise_instead(struct verdict *v, const char *id, double confidence,
				   const struct fact *reply);

/* "24.7 MB"; in the verdict's arena. */
const char *rule_megabytes(struct verdict *v, long bytes);
/* The beginning of a refusing reply that never ended, of the session that broke so:
 * "534-5.7.9 Application-specific password required"; NULL none. */
const struct fact *rule_half_reply(const struct evidence *ev, const struct fact *brk);
/* The same as rule_raise_reply for a BYTES fact with the beginning of a reply that never ended. */
void rule_raise_half_reply(struct verdict *v, const struct fact *bytes, long code);

#endif
