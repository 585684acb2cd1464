/* SPDX-License-Identifier: Apache-2.0 */
/* net/maildrop.h - the mails in a mailbox, looked at and put away by IMAP or POP3 (libcurl in a thread of
 * the loop's pool; RFC 9051, 1939, 8314).
 *
 * Reads top to bottom in a fiber, or outside of any: each call waits for its answer while the loop goes on.
 * POP3 has one connection for the life of a maildrop: its numbers never come to mean other mails behind our
 * back.  (libcurl closes a connection where a command was refused; IMAP goes on with another.)
 * In clear, password or not, it speaks to loopback only; else the certificate must be good before anything
 * secret goes out.  Fetching marks a mail as seen (libcurl has no BODY.PEEK). */
#ifndef NET_MAILDROP_H
#define NET_MAILDROP_H

#include "base/buf.h"
#include "net/dns.h"

enum {
	MAILDROP_LIST_MAX = 1000,        /* mails of one answer */
	MAILDROP_ANSWER_MAX = 4 << 20,   /* bytes of an answer that is no mail */
	MAILDROP_FETCH_MAX = 16 << 20,   /* of a mail, whatever is asked for */
	MAILDROP_TIMEOUT_MS = 30 * 1000, /* of one call */
	MAILDROP_WORDS_MAX = 400         /* of what went wrong */
};

enum maildrop_security { MAILDROP_TLS, MAILDROP_STARTTLS, MAILDROP_CLEAR };

enum maildrop_result {
	MAILDROP_OK,
	MAILDROP_DNS,
	MAILDROP_CONNECT,
	MAILDROP_TIMED_OUT,
	MAILDROP_TLS_FAILED, /* no TLS to be had: nothing secret went out */
	MAILDROP_CERTIFICATE,
	MAILDROP_LOGIN,   /* user or password (token) refused */
	MAILDROP_REFUSED, /* this command: no such folder, no right */
	MAILDROP_FAILED,
	MAILDROP_RESULTS
};

struct maildrop_options { /* copied; the secret is wiped at the end */
	bool pop3;        /* else IMAP */
	const char *host; /* a name or an address */
	unsigned port;    /* 0: the usual one */
	enum maildrop_security security;
	const char *user, *secret;
	bool token;          /* the secret is an access token (XOAUTH2, OAUTHBEARER) */
	const char *folder;  /* IMAP; NULL or "": INBOX */
	const char *ca_file; /* NULL: the system's store */
	uint64_t timeout_ms; /* 0: MAILDROP_TIMEOUT_MS */
};

struct maildrop_mail {
	const char *
		uid; /* a name for ever: "UIDVALIDITY.UID", or POP3's UIDL (its number where there is none) */
	unsigned long number; /* IMAP's UID, POP3's number in this session */
	unsigned long long bytes;
	bool seen; /* IMAP */
};

struct maildrop_list { /* oldest first */
	struct maildrop_mail *v;
	size_t n;
	bool more; /* there were more than MAILDROP_LIST_MAX, of which these are the oldest (POP3) or those
		      asked for */
};

struct maildrop_look {          /* all that is given must hold; POP3 has all its mails */
	unsigned long after;    /* IMAP: UIDs above it, where the folder's UIDVALIDITY is still */
	unsigned long validity; /* this one; 0: any */
	long long since_s;      /* IMAP: of that day or later; 0: any */
	const char *message_id; /* IMAP: with this Message-ID; NULL any */
};

struct maildrop;

struct maildrop *maildrop_new(struct net_loop *l, struct dns *d, const struct maildrop_options *o) MUST_USE;
/* Says goodbye (POP3 deletes only then), in a thread: net_loop_free() waits for it.  NULL is fine. */
void maildrop_free(struct maildrop **m);

/* Each: MAILDROP_OK, or what went wrong in maildrop_words(), with the server's own words where there are. */
enum maildrop_result maildrop_list(struct maildrop *m, const struct maildrop_look *look, struct arena *a,
				   struct maildrop_list *out);
/* IMAP: the folder that the server, or its name, says is for spam (RFC 6154), as the server writes it; NULL:
 * none, or POP3, which shows one folder only. */
enum maildrop_result maildrop_junk(struct maildrop *m, struct arena *a, const char **out);
/* Appends the first `most` bytes of the mail to out (IMAP: exactly; POP3: all of it, or of a longer one its
 * header and first lines). */
enum maildrop_result maildrop_fetch(struct maildrop *m, const struct maildrop_mail *mail, size_t most,
				    struct buf *out);
enum maildrop_result maildrop_delete(struct maildrop *m, const struct maildrop_mail *mail);
enum maildrop_result maildrop_flag(struct maildrop *m, const struct maildrop_mail *mail,
				   bool seen); /* IMAP */
/* IMAP: into that folder, made when missing. */
enum maildrop_result maildrop_move(struct maildrop *m, const struct maildrop_mail *mail, const char *folder);

const char *maildrop_words(const struct maildrop *m);      /* one printable line about the last failure */
unsigned long maildrop_validity(const struct maildrop *m); /* IMAP's UIDVALIDITY, once listed; 0 unknown */
const char *maildrop_result_name(enum maildrop_result r);
/* A folder's name that can be said to any server: printable ASCII. */
bool maildrop_folder_fits(const char *name);

/* ---- answers, for tests and the fuzzer ---- */

/* "* SEARCH 1 5 9" lines: UIDs, at most `max`; returns how many. */
size_t maildrop_read_search(struct str answer, unsigned long *v, size_t max);
/* "* 3 FETCH (UID 7 RFC822.SIZE 1234 FLAGS (\Seen))" lines into the mails of these numbers. */
void maildrop_read_sizes(struct str answer, struct maildrop_mail *v, size_t n);
/* `* LIST (\Junk) "/" "Bulk Mail"` lines: that folder, else one with a usual name; NULL: none. */
const char *maildrop_read_junk(struct str answer, struct arena *a);
/* "1 NAME" lines of POP3's LIST or UIDL; `names` tells which. */
size_t maildrop_read_pop3(struct str answer, bool names, struct arena *a, struct maildrop_mail *v, size_t n,
			  size_t max);

#endif
