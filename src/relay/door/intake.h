/* SPDX-License-Identifier: Apache-2.0 */
/* relay/door/intake.h - a message while it comes in: its bytes to the store, its header looked at.
 *
 * The header is read up to INTAKE_HEAD_BYTES; what is missing for a submission
 * (RFC 6409, 8) is added, and the trace field (RFC 5321, 4.4). */
#ifndef RELAY_INTAKE_H
#define RELAY_INTAKE_H

#include "base/arena.h"
#include "base/err.h"
#include "mail/header.h"
#include "relay/profile_head.h"
#include "smtp/server.h"
#include "store/store.h"

enum {
	INTAKE_HEAD_BYTES = 64 * 1024,
	INTAKE_SHOWN_MAX = 2048, /* bytes of a field, for search and show */
	INTAKE_REFUSAL_BYTES = 200,
	INTAKE_PROFILE_BYTES = 56 * 1024, /* a longer header cannot be changed */
	INTAKE_HOPS_MAX = 50 /* Received fields; RFC 5321, 6.3 wants at least 100, nobody has 50 */
};

struct intake;

/* What the envelope and the connection know. */
struct intake_origin {
	const char *hostname;       /* ours */
	const char *helo, *address; /* the client's */
	const char *protocol;       /* "ESMTPSA" (RFC 3848) */
	const char *tls;            /* "TLSv1.3, TLS_AES_256_GCM_SHA384"; "" none */
	const char *recipient;      /* the only one; "" when there are several */
	bool submission;            /* missing Date, Message-ID and From are added */
	struct str sender;          /* the reverse-path, for From */
	int64_t now_ms;
	unsigned long long nonce;              /* for a Message-ID */
	const struct relay_settings *settings; /* whose profiles it may go by; NULL: none */
	const struct relay_account *account;   /* NULL none */
};

struct intake_facts { /* in the arena given */
	const char *message_id, *subject, *from;
	const char *from_address; /* of From: the first one's; "" none */
	const char *key;          /* of X-Postrider-Key, or a hash of it; "" none */
	const char *known_by;     /* its own Message-ID, or a hash of it; "" none */
	unsigned passes;          /* how often it came through here before: Received fields of ours */
	bool tls_waived;          /* TLS-Required: No */
	struct profile_choice choice;
	/* Why it cannot be kept, where that is the answer, which says that the log has it; in the arena. Else
	 * NULL. */
	const struct err *trouble;
};

struct intake *intake_new(struct store *s) MUST_USE;
void intake_free(struct intake **i); /* withdraws what was not taken */

/* False: it cannot be kept (full, failed); the rest may be thrown away, finish tells. */
bool intake_add(struct intake *i, struct str bytes);

/* What a client is told of e, why its message cannot be kept: none of our paths.  Returns out. */
const char *intake_refusal(const struct err *e, char out[INTAKE_REFUSAL_BYTES]);

/* TLS-Required: No (RFC 8689, 5): one field with that one value; any other is none. */
bool intake_waives_tls(const struct header *h, struct arena *a);

/* NULL: in order, *body is the caller's.  Else the refusal (in a or static). */
const struct smtp_answer *intake_finish(struct intake *i, const struct intake_origin *o, struct arena *a,
					struct intake_facts *facts, struct store_body **body);

#endif
