/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/delivery.h - one session to a next server: a fiber that takes a lane's messages one
 * after the other.  For delivery*.c, for lanes.c, and for relay.c, which hands delivery_start() to the lanes.
 *
 * Each message is a job: up to JOB_RCPTS_MAX of its recipients, claimed together, that share
 * one transaction.  A job ends with a mark for each recipient, or with its claim given back. */
#ifndef RELAY_DELIVERY_H
#define RELAY_DELIVERY_H

#include "mail/sevenbit.h"
#include "net/session.h"
#include "catalog/token_note.h"
#include "relay/lane/lanes_inner.h"
#include "relay/mark.h"
#include "relay/delivery/ride.h"

enum {
	JOB_RCPTS_MAX = 100, /* of one transaction (RFC 5321, 4.5.3.1.8) */
	JOB_LEASE_MS = 30 * 60000,
	JOB_OWNER = 1,               /* of claims */
	JOB_AHEAD = 20000,           /* changes that moving messages may be ahead of the store's index */
	JOB_PACE_MS = 20,            /* then it waits so long, and looks again */
	DELIVERY_MESSAGES_MAX = 200, /* of one session: long ones get cut (Office 365: after 20 minutes) */
	DELIVERY_SESSION_MS = 10 * 60000,
	DELIVERY_MAIL_MS = 25 * 60000, /* one message, however slowly it is read; shorter than its lease */
	DELIVERY_CONNECT_MS = 30000,
	DELIVERY_BLOCK_MS = 3 * 60000, /* a piece of the data, and the 354 (RFC 5321, 4.5.3.2.5) */
	DELIVERY_SWEEP = 500,          /* recipients marked together while a destination is down */
	DELIVERY_SWEEP_MAX = 20        /* such groups after one failure */
};

/* What went wrong, in words that can stand in a trail. */
struct failure {
	struct trouble_case seen; /* text lives as long as the job in hand */
	struct trouble judged;
	const char *finding; /* id, "" none */
	const char *why;     /* words of ours where the server said nothing; "" */
	const char *host, *address;
	unsigned slower; /* tries that count on top, where the next pause is reckoned */
};

enum fate { FATE_OPEN, FATE_TAKEN /* its RCPT was accepted */, FATE_MARKED, FATE_GIVEN_BACK };

struct job_rcpt {
	struct store_claim claim;
	const struct store_rcpt *rcpt;
	enum fate fate;
	struct store_mark mark; /* of FATE_MARKED */
};

/* What a job costs of each limit, until it ends. */
struct job_cost {
	struct ledger_row *v[LANE_CAPS_MAX];
	size_t n;
	unsigned recipients;
	bool said; /* MAIL has gone out: the server may have counted it */
};

struct job {
	struct relay *relay;
	struct arena *arena;
	struct store_message message;
	struct store_reader *reader; /* of its body, from the first byte on; NULL: opened when it is needed */
	const char *unreadable;      /* why its record cannot be read; NULL: it can */
	struct sevenbit *seven;     /* 8-bit text not taken there, or long lines: written anew; NULL: not */
	struct strlist signed_anew; /* for these domains of ours, when it was */
	struct job_rcpt *v;         /* room for as many as there are, JOB_RCPTS_MAX at most */
	size_t n;
	struct store_mark *marks; /* while they are being written */
	size_t nmarks;
	unsigned writes; /* tried */
	struct job_cost cost;
};

struct delivery {
	struct lanes *lanes;
	struct lane *lane;
	struct relay *relay;
	const struct relay_settings *settings; /* as it began */
	const struct relay_route *route;       /* NULL: it is gone */
	struct arena *arena;
	struct arena *scratch; /* of the job in hand: what a server says may be long, and said often */
	char name[24];         /* "d42" in logs */
	unsigned known_fails;
	enum seat seat; /* that it has, until its destination has answered */
	bool taker, bidder, listening, called, hurry;
	uint64_t heard; /* relay/company.h */
	bool mailing;   /* a transaction is under way */
	bool over;      /* no more jobs: limits, trouble */
	uint64_t begun_ms;
	struct lane_turn turn;
	unsigned sent;      /* messages, in this turn */
	struct arena *site; /* of the plan */
	struct mx_plan plan;
	bool planned, waived; /* waived: made, and its session opened, without what the domain asks of TLS */
	bool of_provider;     /* its group has other hosts, too, and they say nothing of this one */
	size_t target;        /* in plan, in use or tried next */
	struct session *session;
	uint64_t line_ms;      /* it was begun */
	bool pressed;          /* it makes room for others that are new */
	struct ride_line line; /* of the session, whoever's mail it carries */
	const char *line_tls;
	const char *host, *address, *tls; /* of the job in hand; tls "" none */
	enum store_proof proof;           /* of its peer; of none there is no password */
	bool token_was_kept;              /* the one just refused had served before */
	bool logged_in, dirty;            /* dirty: a transaction was left open */
	bool greeted;                     /* the server has let this session in */
	bool in_clear;                    /* TLS failed here, and policy lets us go on without */
	unsigned done;                    /* messages on this connection */
	unsigned mails_max;               /* that its server takes on one, as it says; 0: it does not */
	unsigned rcpts_max;               /* of one transaction, as it says or has shown; 0: it does not */
	const char *clear_why;            /* of in_clear */
	struct failure failure;           /* the last one */
	struct delivery *prev, *next;     /* all sessions */
	struct delivery *next_idle;
};

/* ---- delivery.c ---- */
void delivery_start(struct lanes *l, struct lane *x);

/* ---- delivery_list.c ---- */
void delivery_enlist(struct lanes *l, struct delivery *d); /* among the sessions: it is about to claim */
void delivery_delist(struct lanes *l, struct delivery *d);
void delivery_begin_idle(struct delivery *d); /* it listens, and is called when there is work */
void delivery_leave_idle(struct delivery *d);
bool delivery_may_go_on(const struct delivery *d); /* it may take one message more, whoever's */
/* Other sessions to addresses of its plan: those that were greeted, and those that may still be. */
unsigned delivery_let_in(const struct delivery *d);
unsigned delivery_at_the_gate(const struct delivery *d);

/* ---- delivery_take.c ---- */
void delivery_has_claimed(struct delivery *d); /* or found nothing */
void delivery_has_bid(struct delivery *d);     /* it has taken a slot, or leaves it to others */
struct job *job_take(struct delivery *d);      /* NULL: nothing to do now */
/* Of one transaction, by what is known of its server. */
size_t job_rcpts_most(const struct delivery *d);
/* Its message is one of the rate that its hosts share. */
void delivery_take_slot(struct delivery *d, int64_t now);

/* ---- delivery_read.c ---- */
/* Of one claim; NULL: nothing is known of its message just now, it comes back with its lease. */
struct job *job_open(struct delivery *d, const struct store_claim *c);
/* False: all that are open are marked with why not.  They are tried again like what else fails, and in the
 * end their sender is told; else they would wait for ever, and nobody could see for what. */
bool job_is_readable(struct delivery *d, struct job *j);

/* ---- delivery_job.c ---- */
void job_add(struct job *j, const struct store_claim *c); /* of the same message */
/* Each recipient has a return path of its own: one of them in a transaction. */
bool job_signs_path(const struct delivery *d, const struct store_message *m);
/* A new lease for what is still open; false: nothing is, somebody else has it. */
bool job_renew(struct job *j);
void job_give_back(struct job *j, struct job_rcpt *r);
/* Writes all marks, gives the rest back, frees; not waited for. */
void job_end(struct job **j);

/* ---- delivery_fate.c ---- */
/* Marks every recipient whose fate is still open with what f says. */
void job_fail(struct delivery *d, struct job *j, const struct failure *f);
void job_fail_rcpt(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *f);
/* "The dot goes out" for all that are FATE_TAKEN; waits for the store. */
enum store_verdict job_mark_dot(struct delivery *d, struct job *j, struct err *e);
void job_in_doubt(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *why);
/* Starts a mark: proof of this session's server, times, epoch. */
struct store_mark *job_mark(struct delivery *d, struct job *j, struct job_rcpt *r, enum store_state s);
/* When it is tried again, or that its time is over. */
void job_delay(struct delivery *d, struct job *j, struct job_rcpt *r, const struct failure *f,
	       struct store_mark *m);

/* ---- delivery_leave.c ---- */
/* Marks those whose routes have changed since they were taken. */
void job_leave(struct delivery *d, struct job *j);

/* ---- delivery_sweep.c ---- */
/* After many jobs: lets others have their turn, and the store's index come along.  False: we stop. */
bool job_pace(struct delivery *d);
/* Groups of what is due in the lane since then, each message with its fates given by fn. */
void job_sweep(struct delivery *d, int64_t since_ms,
	       void (*fn)(struct delivery *d, struct job *j, const void *ctx), const void *ctx);
/* While a destination is down: what waits long is told so, what is too old expires. */
void job_sweep_failed(struct delivery *d, const struct failure *f);

/* While a lane pauses that has a next route: what is due in it goes there.  False: it does not. */
bool job_detour(struct delivery *d, int64_t now);

/* ---- delivery_plan.c ---- */
/* A message that needs no encryption may go along in a session that proved more; any other not in one that
 * was opened without: what is planned, and the session, are given up where they do not fit. */
void delivery_choose_plan(struct delivery *d, const struct job *j);
void delivery_plan(struct delivery *d); /* makes it; its lane joins those to the same hosts */
/* d->failure, no address to try: the domain's own fault for good, or a look-up that failed. */
const struct failure *delivery_no_way(struct delivery *d);

/* ---- delivery_attempt.c ---- */
/* Each recipient gets its fate, or goes back with the job. */
void delivery_attempt(struct delivery *d, struct job *j);

/* ---- delivery_hosts.c ---- */
bool delivery_same_host(const struct delivery *d, size_t a, size_t b); /* of these addresses of its plan */
bool delivery_has_next_host(const struct delivery *d);                 /* behind the one at hand */
/* Which host of a fresh plan a try of this job begins with. */
void delivery_choose_first(struct delivery *d, const struct job *j);

/* ---- delivery_hold.c ---- */
/* True when a message may go now.  Else the lane knows when, or, where that is long, all that is due in it
 * is held: with the rule and the time it is to go on by itself. */
bool job_may_begin(struct delivery *d, int64_t now);
/* Pays for what is open of it, as far as there is room; the rest is given back.  False: its account's own
 * limits hold it, all has its fate. */
bool job_pay(struct delivery *d, struct job *j, int64_t now);

/* ---- delivery_connect.c ---- */
bool delivery_tls_at_once(const struct delivery *d);
/* Begins one to the target; what a session knew of its server is forgotten. */
void delivery_connect(struct delivery *d);
bool delivery_await_connection(struct delivery *d); /* false: d->failure */

/* ---- delivery_open.c ---- */
/* Next target of the plan, up to the point where MAIL may be said; false: d->failure. */
bool delivery_open(struct delivery *d);
void delivery_learn_limits(struct delivery *d); /* what the server says of itself */
void delivery_close(struct delivery *d, bool politely);

/* ---- delivery_ride.c ---- */
/* Its connection, made for another domain, serves the plan of this one (relay/delivery/ride.h).  False: it
 * does not, and is closed. */
bool delivery_ride(struct delivery *d);
/* Where the next host is not known yet: what comes before it is no word of the last one. */
void delivery_forget_host(struct delivery *d);

/* ---- delivery_say.c ---- */
extern const char *const delivery_pressed_words;  /* why it was given up when it had to make room */
unsigned delivery_port(const struct delivery *d); /* of its server */
enum heard { HEARD_REPLY, HEARD_CHALLENGE, HEARD_TLS, HEARD_LOST };
enum heard delivery_hear(struct delivery *d, enum trouble_at at); /* LOST: d->failure */
void delivery_log(struct delivery *d);
struct str delivery_reply(struct delivery *d, struct arena *a, unsigned *code); /* of the last reply */
/* d->failure from the last reply, or from words of ours. */
const struct failure *delivery_refused(struct delivery *d, enum trouble_at at);
/* The same of a login by token; note: what a challenge told of it, or NULL. */
const struct failure *delivery_refused_token(struct delivery *d, const struct token_note *note);
const struct failure *delivery_broke(struct delivery *d, enum trouble_at at, const char *finding,
				     const char *why);

/* ---- delivery_api.c ---- */
/* The whole job by the route's mail API.  False: nothing more goes there for now, d->failure says why. */
bool delivery_api(struct delivery *d, struct job *j);

/* ---- delivery_fit.c ---- */
/* False: nobody is left to send it to here; recipients it does not fit have their fate. */
bool delivery_fits(struct delivery *d, struct job *j);
/* False: this host may not have it, and perhaps another may; d->failure says why, and whether for good. */
bool delivery_may_have(struct delivery *d, const struct job *j);

/* ---- delivery_mail.c ---- */
enum mail_end {
	MAIL_ENDED,       /* each recipient has its fate */
	MAIL_UNFIT,       /* nothing was said, all are open: this host may not have it, d->failure says why */
	MAIL_HOST_FAILED, /* some are open: try them elsewhere; d->failure says why not here */
	MAIL_STOPPED      /* nothing more goes to this destination for now; all have their fate */
};
enum mail_end delivery_mail(struct delivery *d, struct job *j);

#endif
