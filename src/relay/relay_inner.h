/* SPDX-License-Identifier: Apache-2.0 */
/* relay/relay_inner.h - what the parts of the running relay share. */
#ifndef RELAY_RELAY_INNER_H
#define RELAY_RELAY_INNER_H

#include <stdatomic.h>
#include <stdint.h>

#include "net/dns.h"
#include "net/link.h"
#include "net/listen.h"
#include "relay/company.h"
#include "relay/lane/lanes.h"
#include "relay/lane/leap.h"
#include "relay/log.h"
#include "relay/moment.h"
#include "relay/pending.h"
#include "relay/relay.h"
#include "relay/renewal.h"
#include "relay/settings.h"
#include "smtp/scram.h"
#include "store/store.h"

enum { RELAY_DOORS_MAX = 20000 };

/* Who waits for an outcome of the store; `user` of store_accept() and store_mark(). */
struct relay_ticket {
	void (*done)(struct relay_ticket *t, const struct store_done *d); /* frees t if it wants */
	/* Before that, in the store's own thread, which it may not keep; NULL: there is no such hurry.  True:
	 * done() is in none any more either. */
	bool (*at_once)(struct relay_ticket *t, const struct store_done *d);
};

/* A place to listen at.  Lives as long as the relay: clients may be in when a reload takes it away. */
struct relay_port {
	struct relay *relay;
	const struct relay_listen *listen; /* what new clients are told; of the present settings */
	struct listen *socket;             /* NULL: taken away */
	char *where;                       /* as the settings call it */
	bool started;
	bool unwanted; /* turned away for now */
};

struct clock_held;
struct guests;
struct passwords;
struct bearers;
struct usage;
struct sizes;
struct ledger;
struct grants;

struct relay {
	struct net_loop *loop;
	const struct relay_settings *settings; /* the present ones, held; a reload puts others here */
	atomic_uintptr_t present;              /* the same, to be compared with in any thread */
	struct store *store;
	struct net_watch *store_watch;
	struct net_timer *minute, *look;
	int64_t opened_ms;             /* Unix time: what was marked before is an earlier run's */
	uint64_t tests;                /* which profiles' tests have passed, at the last look */
	unsigned test_looks;           /* still to be made for it */
	unsigned minutes;              /* since the start */
	struct tls_identity *identity; /* NULL: none */
	struct renewal renewal;        /* of its files */
	struct renewal page_renewal;   /* of the page's, where it is not these that fail */
	struct relay_log *log;
	struct store_place logged, noted; /* log_missed.c: at the last look, and at the one before */
	struct relay_port **ports;
	size_t nports;
	struct door *doors;          /* list of connections */
	unsigned long long sessions; /* so far */
	size_t doors_max;            /* as many as there are descriptors for, RELAY_DOORS_MAX at most */
	bool telling_bounce;         /* a report's mark is under way */
	size_t reports_kept;         /* that match nothing */
	size_t ndoors;               /* clients */
	atomic_size_t accepts;       /* whole messages without an answer */
	atomic_size_t handing;       /* threads that hand a message in, or tell that it is kept (deposit.h) */
	atomic_size_t telling;       /* the store's thread tells somebody, just now (deposit.h) */
	atomic_size_t company;       /* whom a group of the store may wait for, when the loop last slept */
	struct guests *guests;       /* addresses: connections and failed logins */
	struct passwords *passwords; /* compared in threads */
	struct bearers *bearers;     /* tokens, and what their provider said of them */
	struct usage *usage;         /* what accounts have sent */
	struct sizes *sizes;         /* what next servers take */
	struct ledger *ledger;       /* what was sent when, for caps and ramp */
	struct grants *grants;       /* refresh tokens of routes and mailboxes */
	struct signing *signing;     /* keys of our domains; NULL: none */
	struct door_accept *waiting; /* list: clients that want to know what the next server says */
	struct lanes *lanes;
	struct notices *notices;
	struct control *control;
	struct collectors *collectors;
	struct pickups *pickups;
	struct tls_trust *trust;            /* roots for deliveries */
	struct leap clock;                  /* as it was last looked at, in this turn of the loop */
	struct clock_held *clock_held;      /* NULL: none */
	struct company clients, deliveries; /* in the middle of something */
	atomic_bool draining;
	uint64_t told_ms;            /* when want of descriptors was last told */
	atomic_ullong nonce;         /* random, counted up */
	struct moments moments;      /* of marks */
	struct pending *pending;     /* list: marks on their way to the store and back */
	char salt_key[32];           /* random text, of this process */
	struct scram_key return_key; /* signs return paths (relay/bounce/return_path.h) */
	/* relay.c: marks are on disk; tells clients, folders and senders. */
	void (*marked)(struct relay *r, const struct store_message *m, const struct store_mark *marks,
		       size_t n);
	struct relay_counts counts;
};

/* relay_tell.c */
int64_t relay_now_ms(void); /* Unix time */

/* Something of our own that an operator should know. */
void relay_tell(struct relay *r, const struct err *e);
/* At a reload: what ("the keys") cannot be read again, and the former ones go on; e->detail says so, too. */
void relay_tell_former(struct relay *r, struct err *e, const char *what);

/* The keys to sign with; NULL and true: there are none. */
bool relay_load_keys(const struct relay_settings *s, struct signing **out, struct err *e);

/* relay_identity.c */
struct tls_identity;
bool relay_identity_load(const struct relay_settings *s, struct tls_identity **out,
			 struct err *e) MUST_USE; /* NULL: none */
/* At a reload.  What else is new must not wait for a pair that is in use and cannot be read again: it goes
 * on, as when its renewal fails, and is *out. */
bool relay_identity_reload(struct relay *r, const struct relay_settings *s, struct tls_identity **out,
			   struct err *e) MUST_USE;
void relay_identity_adopt(struct relay *r, struct tls_identity *fresh); /* takes it; the one in use is fine */
/* STARTTLS without a certificate is not offered; TLS from the start cannot be. */
bool relay_identity_fits(const struct relay_settings *s, const struct tls_identity *i,
			 struct err *e) MUST_USE;
void relay_identity_renew(struct relay *r); /* when its files have changed */

/* relay_trust.c: reads them anew.  What is in use, a file or the system's, and cannot be read again is told,
 * and the former stays. */
bool relay_trust_renew(struct relay *r, const struct relay_settings *s, struct err *e) MUST_USE;

/* relay_disk.c: folder, log, store, ledger, control socket; all or nothing */
bool disk_open(struct relay *r, struct err *e) MUST_USE;

/* relay_ports.c */
bool ports_bind(struct relay *r, const struct relay_settings *s, struct err *e); /* those not bound yet */
void ports_adopt(struct relay *r, const struct relay_settings *s);
void ports_forget(struct relay *r, size_t from); /* closes all from that one on */

/* door.c */
void door_open(struct relay_port *p, int fd);
void doors_close(struct relay *r); /* who waits: 421; who is in the middle of a message after its answer */
void doors_free(struct relay *r);

/* door_accept.c: these marks are on disk.  True when a client that waited for them was told of a
 * failure in the answer to its message: then no notice is to tell it again. */
struct store_message;
struct store_mark;
bool doors_marked(struct relay *r, const struct store_message *m, const struct store_mark *marks, size_t n);

#endif
