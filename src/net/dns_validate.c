/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_validate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include "base/text.h"
#include "base/thread_name.h"
#include "net/watch.h"

enum {
	PROOF_MS_MAX = 12000,
	VALIDATOR_BYTES = 2 * 1024 * 1024, /* what one takes, about */
	VALIDATOR_FILES = 24,
};

struct dns_validator {
	struct dns_validator *next;
	unsigned users;
	const char *anchor_file;
	struct dns_server servers[DNS_SERVERS_MAX];
	size_t nservers;
	struct net_loop *loop;
	struct ub_ctx *ub;
	struct net_watch *watch;
	struct arena *arena;
	bool asked; /* libunbound has its thread */
};

struct dns_proof {
	struct dns_validator *v;
	struct arena *arena;
	void (*done)(void *ctx);
	void *ctx;
	struct net_timer *timer;
	int id;
	bool open; /* libunbound still works on it */
	const char *name, *type;
	enum dns_proof_result result;
	const char *why;
	struct dns_wire_reply reply;
};

static const char *const anchor_files[] = {
	"/usr/share/dns/root.key",
	"/var/lib/unbound/root.key",
	"/etc/unbound/root.key",
};

static const char *system_anchor(void)
{
	for (size_t i = 0; i < ARRAY_LEN(anchor_files); i++)
		if (access(anchor_files[i], R_OK) == 0)
			return anchor_files[i];
	return NULL;
}

/* The first name in a file of DS or DNSKEY records; comments begin with ';'. */
const char *dns_anchor_owner(const char *anchor_file, struct arena *a)
{
	const char *path = anchor_file ? anchor_file : system_anchor();
	struct str text, line, word;
	if (!path || access(path, R_OK) != 0)
		return "";
	text = dns_file_read(path, a);
	while (str_next(&text, "\n", &line))
		if (str_next(&line, " \t\r", &word) && *word.p != ';')
			return arena_dup(a, word.p, word.len);
	return ".";
}

/* "192.0.2.53:53" as libunbound writes it: "192.0.2.53@53". */
static int forward_to(struct ub_ctx *ub, const struct dns_server *s)
{
	char z[sizeof(s->text)];
	const char *from = s->text;
	size_t n = 0;
	const char *colon = strrchr(from, ':');
	for (; *from; from++)
		if (from == colon)
			z[n++] = '@';
		else if (*from != '[' && *from != ']')
			z[n++] = *from;
	z[n] = 0;
	return ub_ctx_set_fwd(ub, z);
}

static const struct {
	const char *option, *value;
} settings[] = {
	{ "do-not-query-localhost:", "no" }, /* a resolver on loopback is the usual case */
	{ "module-config:", "validator iterator" },
	{ "qname-minimisation:", "no" }, /* a forwarder is asked, not the tree */
	/* The library's 16 questions at once, each until it has its answer, would let names whose servers
	 * are silent keep all others waiting; and a resolver that was silent is asked again. */
	{ "outgoing-range:", "900" },
	{ "outgoing-num-tcp:", "50" },
	{ "infra-keep-probing:", "yes" },
	{ "infra-host-ttl:", "30" },
	{ "use-syslog:", "no" },
	{ "do-daemonize:", "no" },
};

/* An enum ub_ctx_err; 0: done. */
static int set_up(struct dns_validator *v)
{
	int status = 0;
	for (size_t i = 0; i < ARRAY_LEN(settings) && !status; i++)
		status = ub_ctx_set_option(v->ub, settings[i].option, settings[i].value);
	for (size_t i = 0; i < v->nservers && !status; i++)
		status = forward_to(v->ub, &v->servers[i]);
	ub_ctx_debugout(v->ub, NULL);
	status = status ? status : ub_ctx_add_ta_file(v->ub, v->anchor_file);
	return status ? status : ub_ctx_async(v->ub, 1);
}

static void on_ready(void *ctx, unsigned what)
{
	struct dns_validator *v = ctx;
	(void)what;
	ub_process(v->ub);
}

/* ---- those that are open ---- */

/* Each is a thread and 1.5 MB: look-ups that go on at the same time, hundreds in a burst of mail, share one.
 */
static _Thread_local struct dns_validator *open_now;

static bool is_like(const struct dns_validator *v, const struct net_loop *l, const struct dns_server *servers,
		    size_t n, const char *anchor_file)
{
	bool like = v->loop == l && v->nservers == n && !strcmp(v->anchor_file, anchor_file);
	for (size_t i = 0; i < n && like; i++)
		like = !strcmp(v->servers[i].text, servers[i].text);
	return like;
}

static void end(struct dns_validator *v)
{
	net_watch_free(&v->watch);
	if (v->ub)
		ub_ctx_delete(v->ub);
	arena_free(&v->arena);
	free(v);
}

static bool memory_is_short(void)
{
	void *volatile p = malloc(VALIDATOR_BYTES);
	bool is_short = !p;
	free(p);
	return is_short;
}

/* Asked before: libunbound's thread makes an event base of its own, and where that lacks a descriptor the
 * library ends the whole process (libevent's evsig_init_). */
static bool descriptors_are_short(void)
{
	int fds[VALIDATOR_FILES], n = 0;
	int first = eventfd(0, EFD_CLOEXEC);
	for (int fd = first; fd >= 0; fd = n < VALIDATOR_FILES ? fcntl(first, F_DUPFD_CLOEXEC, 0) : -1)
		fds[n++] = fd;
	bool are_short = n < VALIDATOR_FILES;
	while (n)
		close(fds[--n]);
	return are_short;
}

/* Descriptors and memory come back.  Other numbers say less, and ENOMEM alone says nothing: the library sets
 * it for whatever it could not set up; mail would wait for that for ever. */
static int lack_of(int number)
{
	return number == EMFILE || number == ENFILE || (number == ENOMEM && memory_is_short()) ? number : 0;
}

static int lack_in(int status)
{
	return status == UB_NOMEM ? ENOMEM : 0;
}

/* *lack: errno where this machine had no descriptor or no memory for one; else 0. */
static struct dns_validator *begin(struct net_loop *l, const struct dns_server *servers, size_t n,
				   const char *anchor_file, int *lack)
{
	struct dns_validator *v = mem_alloc(sizeof(*v));
	*v = (struct dns_validator){ .next = open_now, .loop = l, .nservers = n, .arena = arena_new() };
	for (size_t i = 0; i < n; i++)
		v->servers[i] = servers[i];
	v->anchor_file = arena_strdup(v->arena, anchor_file);
	bool are_short = descriptors_are_short();
	v->ub = are_short ? NULL : ub_ctx_create();
	*lack = are_short ? EMFILE : v->ub ? 0 : lack_of(errno);
	int status = v->ub ? set_up(v) : 0;
	if (!v->ub || status) {
		*lack = *lack ? *lack : lack_in(status);
		end(v);
		return NULL;
	}
	v->watch = net_watch_new(l, ub_fd(v->ub), on_ready, v);
	net_watch_set(v->watch, NET_READ);
	return open_now = v;
}

struct dns_validator *dns_validator_use(struct net_loop *l, const struct dns_server *servers, size_t n,
					const char *anchor_file, struct err *e)
{
	const char *anchor = anchor_file ? anchor_file : system_anchor();
	if (!anchor || access(anchor, R_OK) != 0) {
		ERR_FILL(e, ERR_DNS, 0, "validate DNSSEC", "%s", anchor ? anchor : "without a trust anchor");
		return NULL;
	}
	int lack = 0;
	struct dns_validator *v = open_now;
	while (v && !is_like(v, l, servers, n, anchor))
		v = v->next;
	if (!v)
		v = begin(l, servers, n, anchor, &lack);
	if (!v) {
		ERR_FILL(e, lack ? ERR_SYS : ERR_DNS, lack, "validate DNSSEC", "with libunbound and %s",
			 anchor);
		return NULL;
	}
	v->users++;
	return v;
}

void dns_validator_leave(struct dns_validator **vp)
{
	struct dns_validator *v = *vp, **at = &open_now;
	*vp = NULL;
	if (!v || --v->users)
		return;
	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	end(v);
}

static void read_secure(struct dns_proof *p, const struct ub_result *r)
{
	const char *packet = r->answer_packet;
	if (!packet || r->answer_len < 2)
		return;
	struct dns_wire_question q = { .name = p->name, .type = p->type };
	q.id = (uint16_t)((unsigned char)packet[0] << 8 | (unsigned char)packet[1]);
	struct str s = { packet, (size_t)r->answer_len };
	if (dns_wire_read(&q, s, p->arena, &p->reply) == DNS_WIRE_REPLY && !p->reply.truncated)
		p->result = DNS_PROOF_SECURE;
}

static void on_result(void *ctx, int failed, struct ub_result *r)
{
	struct dns_proof *p = ctx;
	p->open = false;
	if (!failed && r->bogus) {
		p->result = DNS_PROOF_BOGUS;
		p->why = text_printable(p->arena, str_of(r->why_bogus ? r->why_bogus : ""));
	} else if (!failed && r->secure) {
		read_secure(p, r);
	} else if (!failed && r->rcode != 2) {
		p->result = DNS_PROOF_INSECURE;
	}
	ub_resolve_free(r);
	net_timer_set(p->timer, 0);
}

static void cancel(struct dns_proof *p)
{
	if (p->open)
		ub_cancel(p->v->ub, p->id);
	p->open = false;
}

/* Over: answered, or it took too long.  Told from here, outside of libunbound. */
static void on_over(void *ctx)
{
	struct dns_proof *p = ctx;
	cancel(p);
	net_timer_free(&p->timer);
	p->done(p->ctx);
}

/* The first question starts its thread. */
static bool ask(struct dns_proof *p)
{
	char own[THREAD_NAME_BYTES];
	bool first = !p->v->asked;
	if (first)
		thread_name_lend("pr-dns", own);
	p->v->asked = true;
	int status = ub_resolve_async(p->v->ub, p->name, (int)dns_wire_type_number(p->type), 1, p, on_result,
				      &p->id);
	if (first)
		thread_name(own);
	return status == 0;
}

struct dns_proof *dns_proof_start(struct dns_validator *v, const char *name, const char *type,
				  struct arena *a, void (*done)(void *ctx), void *ctx)
{
	struct dns_proof *p = mem_alloc(sizeof(*p));
	*p = (struct dns_proof){
		.v = v, .arena = a, .done = done, .ctx = ctx, .name = name, .type = type, .why = ""
	};
	p->timer = net_timer_new(v->loop, on_over, p);
	p->open = true;
	if (!ask(p)) {
		net_timer_free(&p->timer);
		free(p);
		return NULL;
	}
	net_timer_set(p->timer, net_loop_now_ms(v->loop) + PROOF_MS_MAX);
	return p;
}

void dns_proof_free(struct dns_proof **p)
{
	if (!*p)
		return;
	cancel(*p);
	net_timer_free(&(*p)->timer);
	free(*p);
	*p = NULL;
}

enum dns_proof_result dns_proof_result(const struct dns_proof *p)
{
	return p->result;
}

const char *dns_proof_why(const struct dns_proof *p)
{
	return p->why;
}

const struct dns_wire_reply *dns_proof_reply(const struct dns_proof *p)
{
	return p->result == DNS_PROOF_SECURE ? &p->reply : NULL;
}
