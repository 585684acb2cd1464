/* SPDX-License-Identifier: Apache-2.0 */
#include "check/dialogue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "check/dialogue_internal.h"
#include "check/evidence_hide.h"

static const enum session_security transport_of[] = {
	[SECURITY_AUTO] = SESSION_STARTTLS,
	[SECURITY_NONE] = SESSION_PLAIN,
	[SECURITY_STARTTLS] = SESSION_STARTTLS,
	[SECURITY_TLS] = SESSION_TLS,
};

void dialogue_drain(struct dialogue *d)
{
	uint64_t at;
	char dir;
	const char *line;
	while (d->s && session_spoken(d->s, &at, &dir, &line))
		evidence_transcript(d->p->ev, d->no, (long)(at - d->p->start_ms), dir, line);
}

static const struct {
	enum session_event event;
	const char *how;
} endings[] = { { SESSION_EOF, "eof" },
		{ SESSION_RESET, "reset" },
		{ SESSION_TIMEOUT, "timeout" },
		{ SESSION_BROKEN, "protocol" } };

static const char *how_it_ended(const struct dialogue *d, enum session_event ev)
{
	if (ev == SESSION_TIMEOUT && !probe_left_ms(d->p))
		return "deadline";
	if (ev == SESSION_BROKEN && session_err(d->s)->kind == ERR_LIMIT)
		return "limit";
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (endings[i].event == ev)
			return endings[i].how;
	return "eof";
}

void dialogue_record_bytes(struct dialogue *d, enum step step, struct str bytes)
{
	enum { SHOWN_MAX = 400 };
	if (!bytes.len)
		return;
	struct fact *f = probe_fact(d->p, FACT_BYTES, d->no);
	f->bytes.step = step_name(step);
	f->bytes.text = ev_bytes(d->p->ev, str_cut(evidence_masked(d->p->ev, bytes), 0, SHOWN_MAX));
	f->bytes.looks_like = bytes_look_like(bytes);
	f->bytes.count = (long)bytes.len;
	probe_tell(d->p, f);
}

/* What came that was no reply; or a reply that began and did not end. */
static void record_unread(struct dialogue *d, enum step step)
{
	struct str raw = session_raw(d->s);
	if (!raw.len && session_client(d->s))
		raw = smtp_client_raw(session_client(d->s));
	dialogue_record_bytes(d, step, raw);
}

void dialogue_broke(struct dialogue *d, enum step step, enum session_event ev)
{
	dialogue_drain(d);
	record_unread(d, step);
	struct fact *f = probe_fact(d->p, FACT_BREAK, d->no);
	f->brk.step = step_name(step);
	f->brk.how = how_it_ended(d, ev);
	if (ev == SESSION_BROKEN)
		f->brk.text = probe_text(d->p, session_err(d->s)->detail);
	f->brk.received = (long)session_received(d->s);
	f->brk.sent = (long)d->body_sent;
	f->brk.dot_sent = d->dot_sent;
	f->brk.elapsed_ms = (long)(net_loop_now_ms(d->p->loop) - d->step_ms);
	probe_tell(d->p, f);
	d->alive = false;
	d->out->broke = step;
}

bool dialogue_cannot(struct dialogue *d, enum step step, const struct err *e)
{
	char text[400];
	probe_skip(d->p, step_name(step), err_text(e, text, sizeof(text)));
	d->out->broke = step;
	return false;
}

static const char *odd_words(struct probe *p, unsigned odd)
{
	static const struct {
		unsigned bit;
		const char *word;
	} bits[] = { { SMTP_REPLY_BARE_LF, "bare-lf" },   { SMTP_REPLY_CODE_CHANGED, "code-changed" },
		     { SMTP_REPLY_NO_TEXT, "no-text" },   { SMTP_REPLY_LONG_LINE, "long-line" },
		     { SMTP_REPLY_ODD_CODE, "odd-code" }, { SMTP_REPLY_CONTROL, "control" } };
	struct strlist words = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (odd & bits[i].bit)
			strlist_add(&words, p->ev->arena, bits[i].word);
	return strlist_join(&words, p->ev->arena, " ");
}

void dialogue_record_reply(struct dialogue *d, enum step step)
{
	const struct smtp_client *c = session_client(d->s);
	const struct smtp_reply *r = smtp_client_reply(c);
	struct evidence *ev = d->p->ev;
	struct fact *f = probe_fact(d->p, FACT_REPLY, d->no);
	f->reply.step = step_name(step);
	f->reply.command = ev_keep(ev, str_of(smtp_client_command_text(c)));
	f->reply.code = (long)r->code;
	if (r->enh[0])
		f->reply.enhanced = arena_printf(ev->arena, "%u.%u.%u", r->enh[0], r->enh[1], r->enh[2]);
	for (size_t i = 0; i < r->nlines; i++)
		strlist_add(&f->reply.lines, ev->arena, ev_bytes(ev, r->lines[i]));
	f->reply.text = ev_keep(ev, str_of(strlist_join(&f->reply.lines, ev->arena, " ")));
	f->reply.elapsed_ms = (long)smtp_client_elapsed_ms(c);
	f->reply.odd = odd_words(d->p, r->odd);
	f->reply.recipient = d->recipient ? d->recipient : "";
	probe_tell(d->p, f);
	if (r->code == 421 || r->code == 521)
		d->p->told_to_go = true;
	if (r->code >= 400)
		d->out->code = r->code;
}

bool dialogue_reply(struct dialogue *d, enum step step, unsigned *code)
{
	d->step_ms = net_loop_now_ms(d->p->loop);
	enum session_event ev;
	do {
		ev = session_wait(d->s, d->p->until_ms);
		dialogue_drain(d);
	} while (ev == SESSION_CHALLENGE || ev == SESSION_CONNECTED);
	probe_policy_go_on(d->p);
	if (ev == SESSION_REPLY || ev == SESSION_START_TLS) {
		dialogue_record_reply(d, step);
		*code = smtp_client_reply(session_client(d->s))->code;
		return true;
	}
	if (ev == SESSION_TLS_ENDED) /* an alert that came with the first read: TLS's own failure */
		return dialogue_record_tls(d, d->plan->security != SECURITY_TLS);
	if (ev == SESSION_IDLE) {
		probe_skip(d->p, step_name(step), "nothing was awaited");
		return false;
	}
	dialogue_broke(d, step, ev);
	return false;
}

static void record_connect(struct dialogue *d, enum session_event ev)
{
	const struct dialogue_plan *plan = d->plan;
	struct fact *f = probe_fact(d->p, FACT_CONNECT, d->no);
	int no = ev == SESSION_CONNECTED ? 0 : session_errno(d->s);
	f->connect.host = probe_text(d->p, plan->host);
	f->connect.address = probe_text(d->p, plan->address);
	f->connect.family = strchr(plan->address, ':') ? "ipv6" : "ipv4";
	f->connect.port = (long)plan->port;
	f->connect.err_no = no;
	f->connect.result = ev == SESSION_CONNECTED                    ? "ok"
			    : no == ECONNREFUSED                       ? "refused"
			    : no == ETIMEDOUT || ev == SESSION_TIMEOUT ? "timeout"
			    : no == EHOSTUNREACH || no == ENETUNREACH  ? "unreachable"
			    : no == EACCES || no == EPERM              ? "denied"
			    : no == ECONNRESET                         ? "reset"
								       : "error";
	f->connect.error = no ? probe_text(d->p, strerror(no)) : "";
	f->connect.local_address = probe_text(d->p, session_local_address(d->s));
	f->connect.elapsed_ms = session_connect_elapsed_ms(d->s);
	d->out->err_no = no;
	probe_tell(d->p, f);
}

static void record_session(struct dialogue *d)
{
	struct fact *f = probe_fact(d->p, FACT_SESSION, d->no);
	f->dialogue.purpose = probe_text(d->p, d->plan->purpose);
	f->dialogue.host = probe_text(d->p, d->plan->host);
	f->dialogue.address = probe_text(d->p, d->plan->address);
	f->dialogue.port = (long)d->plan->port;
	f->dialogue.security = request_security_name(d->plan->security);
	f->dialogue.changed = probe_text(d->p, d->plan->changed);
	probe_tell(d->p, f);
}

/* A content check may take minutes; with an attachment, some time is kept to try without. */
static uint64_t dot_patience_ms(const struct dialogue *d)
{
	uint64_t left = probe_left_ms(d->p);
	return d->p->req->experiments && d->p->req->attach.n ? left / 2 : left;
}

static struct session_options options_of(const struct dialogue *d)
{
	const struct dialogue_plan *plan = d->plan;
	struct session_options o = {
		.address = plan->address,
		.port = plan->port,
		.security = transport_of[plan->security],
		.offer = { .sni = plan->no_sni || *plan->host == '\0' ? NULL : plan->host,
			   .max = plan->tls_max },
		.bind = d->p->req->bind && *d->p->req->bind ? d->p->req->bind : NULL,
		.connect_ms = plan->connect_ms ? plan->connect_ms : DIALOGUE_CONNECT_MS,
		.until_ms = d->p->until_ms,
	};
	for (size_t i = 0; i < SMTP_COMMANDS; i++)
		o.client.timeout_ms[i] = DIALOGUE_REPLY_MS;
	/* A greeting may be late on purpose (RFC 5321, 4.5.3.2.1 gives it 5 minutes). */
	o.client.timeout_ms[SMTP_CMD_CONNECT] =
		plan->greeting_ms ? plan->greeting_ms : (uint64_t)d->p->req->timeout_s * 1000 * 6 / 10;
	o.client.timeout_ms[SMTP_CMD_DOT] = dot_patience_ms(d);
	return o;
}

/* Nothing of the server was seen then, so nothing may be concluded: no connect fact. */
static bool is_allowed(struct dialogue *d)
{
	const struct net_guard *g = net_guard_here(d->p->loop);
	if (net_guard_allows(g, d->plan->address, d->plan->port))
		return true;
	probe_skip(d->p, "connect",
		   arena_printf(d->p->ev->arena, "%s port %u: checks of this address are not allowed here",
				d->plan->address, d->plan->port));
	d->out->broke = STEP_CONNECT;
	return false;
}

bool dialogue_open(struct dialogue *d, bool raw, uint64_t handshake_ms)
{
	if (!is_allowed(d))
		return false;
	dialogue_leave(d->p, SESSION_AWAIT_221);
	record_session(d);
	struct session_options o = options_of(d);
	o.raw = raw;
	o.handshake_ms = handshake_ms;
	d->s = session_open(d->p->loop, &o);
	d->p->connections++;
	enum session_event ev = session_wait(d->s, d->p->until_ms);
	dialogue_drain(d);
	record_connect(d, ev);
	d->alive = d->out->connected = ev == SESSION_CONNECTED;
	if (!d->alive)
		d->out->broke = STEP_CONNECT;
	return d->alive;
}

/* Where TLS is at home, silence says more. */
static uint64_t silence_ms(const struct dialogue *d)
{
	bool implicit = d->plan->port % 1000 == 465 || d->plan->port == 993 || d->plan->port == 995;
	return implicit && d->plan->security != SECURITY_TLS ? DIALOGUE_SILENCE_MS / 2 : DIALOGUE_SILENCE_MS;
}

/* Waits for the greeting; when it is late, asks on a second connection whether
 * the port speaks TLS, and goes on waiting meanwhile. */
static bool greeting(struct dialogue *d)
{
	unsigned code = 0;
	d->step_ms = net_loop_now_ms(d->p->loop);
	if (d->plan->watch_silence && !d->encrypted) {
		enum session_event ev = session_wait(d->s, probe_within(d->p, silence_ms(d)));
		dialogue_drain(d);
		if (ev == SESSION_REPLY) {
			dialogue_record_reply(d, STEP_BANNER);
			return smtp_client_reply(session_client(d->s))->code / 100 == 2;
		}
		if (ev != SESSION_TIMEOUT) {
			dialogue_broke(d, STEP_BANNER, ev);
			return false;
		}
		struct dialogue_result look = { 0 };
		dialogue_peek(d->p, "implicit-tls", "TLS from the first byte", d->plan->host,
			      d->plan->address, d->plan->port, true, DIALOGUE_PEEK_MS, &look);
		if (look.spoke_tls || look.spoke_other) {
			d->out->spoke_tls = look.spoke_tls;
			dialogue_broke(d, STEP_BANNER, SESSION_TIMEOUT);
			return false;
		}
	}
	return dialogue_reply(d, STEP_BANNER, &code) && code / 100 == 2;
}

static bool conversation(struct dialogue *d)
{
	if (d->plan->security == SECURITY_TLS && !dialogue_tls(d))
		return false;
	if (!greeting(d)) {
		if (d->out->broke == STEP_COUNT)
			d->out->broke = STEP_BANNER;
		return false;
	}
	d->out->greeted = true;
	if (d->plan->until == UNTIL_CONNECT)
		return true;
	if (!dialogue_ehlo(d) || !dialogue_starttls(d))
		return false;
	if (d->plan->until == UNTIL_TLS)
		return true;
	if (d->plan->login && !dialogue_login(d))
		return false;
	if (d->plan->until == UNTIL_AUTH || !d->plan->from)
		return true;
	if (!dialogue_envelope(d))
		return false;
	if (d->plan->message && !d->withheld)
		dialogue_message(d);
	return true;
}

/* The 221 need not be waited for unless somebody is to connect again: a server may
 * count connections until it has seen the end of the last. */
static void leave_later(struct dialogue *d)
{
	session_say_quit(d->s);
	dialogue_drain(d);
	d->p->leaving_no = d->no;
	d->p->leaving = STEAL(d->s);
}

void dialogue_leave(struct probe *p, enum session_patience patience)
{
	struct dialogue d = { .p = p, .s = p->leaving, .no = p->leaving_no };
	if (!p->leaving)
		return;
	session_quit(d.s, patience);
	dialogue_drain(&d);
	session_free(&p->leaving);
}

void dialogue_run(struct probe *p, const struct dialogue_plan *plan, struct dialogue_result *out)
{
	*out = (struct dialogue_result){ .broke = STEP_COUNT };
	if (p->connections >= PROBE_SESSIONS_MAX || !probe_left_ms(p)) {
		probe_skip(p, "connect", "no time or no connection left for it");
		out->broke = STEP_CONNECT;
		return;
	}
	struct dialogue d = { .p = p, .plan = plan, .out = out, .no = ++p->sessions };
	out->session = d.no;
	if (dialogue_open(&d, false, 0))
		conversation(&d);
	dialogue_drain(&d);
	if (d.alive)
		leave_later(&d);
	session_free(&d.s);
}
