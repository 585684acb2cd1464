/* SPDX-License-Identifier: Apache-2.0 */
/* lab/speak_smtp.c - an SMTP server that does as it is told: rules first, the engine's good manners else. */
#include <strings.h>

#include "lab/smtp_talk.h"
#include "smtp/sasl_server.h"

static bool positive(unsigned code)
{
	return code / 100 == 2;
}

static void smtp_open(struct talk *t)
{
	const struct smtp_server_options o = { .name = t->srv->name };
	struct smtp_talk *s = mem_alloc(sizeof(*s));
	s->engine = smtp_server_new(&o);
	s->message.max = TALK_INPUT_BYTES_MAX;
	t->state = s;
}

static void smtp_close(struct talk *t)
{
	struct smtp_talk *s = t->state;
	if (s) {
		buf_clear(&s->message);
		sasl_server_free(&s->login);
		smtp_server_free(&s->engine);
	}
	mem_free(&t->state);
}

static void forget_mail(struct talk *t)
{
	struct smtp_talk *s = t->state;
	s->rcpts.n = 0;
	buf_clear(&s->message);
	t->m.from = t->m.to = NULL;
	t->m.has_message = false;
	t->counts[RULES_RCPT] = 0;
}

/* ---- answers */

/* The answer was given: what it means here. */
static void settle(struct talk *t, unsigned code)
{
	struct smtp_talk *s = t->state;
	t->m.login = smtp_server_authenticated(s->engine);
	if (!positive(code))
		return;
	switch (smtp_server_request(s->engine)->verb) {
	case SMTP_VERB_EHLO:
	case SMTP_VERB_HELO:
	case SMTP_VERB_RSET:
		forget_mail(t);
		break;
	case SMTP_VERB_MAIL:
		s->rcpts.n = 0;
		break;
	case SMTP_VERB_RCPT:
		strlist_add(&s->rcpts, t->arena, t->m.to);
		break;
	default:
		break;
	}
}

static void smtp_usual(struct talk *t)
{
	struct smtp_talk *s = t->state;
	if (!smtp_server_waits(s->engine))
		return;
	unsigned code = smtp_server_default_reply(s->engine);
	smtp_talk_hand_over(t);
	settle(t, code);
}

/* The rule's own answer is out: the engine goes on as if it had given it. */
static void conclude(struct talk *t)
{
	struct smtp_talk *s = t->state;
	bool starttls = smtp_server_request(s->engine)->verb == SMTP_VERB_STARTTLS;
	bool can = t->srv->tls && !wire_has_tls(t->wire);
	unsigned code = starttls && !can ? 454 : s->code;
	smtp_server_reply_raw(s->engine, code, STR_LIT(""));
	smtp_talk_hand_over(t);
	settle(t, code);
}

static void answer(struct talk *t, enum server_rules step, const char *otherwise)
{
	struct smtp_talk *s = t->state;
	s->code = talk_answer(t, step, otherwise);
}

/* ---- commands */

static void note_name(struct talk *t, const struct smtp_request *r)
{
	t->m.name = arena_str(t->arena, r->argument).p;
	t->m.esmtp = r->verb == SMTP_VERB_EHLO;
}

/* What no grammar knows as an address has rules as well. */
static const char *address_of(struct talk *t, const struct smtp_request *r)
{
	struct str rest = r->argument, word = STR_LIT("");
	if (r->path.address.len)
		return arena_str(t->arena, r->path.address).p;
	size_t open = str_ifind(rest, "<"), close = str_ifind(rest, ">");
	if (open < close && close < rest.len)
		return arena_str(t->arena, str_cut(rest, open + 1, close)).p;
	str_next(&rest, " ", &word);
	return arena_str(t->arena, word).p;
}

static const char *params_of(struct talk *t, const struct smtp_request *r)
{
	struct strlist l = { 0 };
	for (size_t i = 0; i < r->nparams; i++) {
		const struct smtp_param *p = &r->params[i];
		const char *name = arena_str(t->arena, p->name).p;
		strlist_add(&l, t->arena,
			    p->value.p ? arena_printf(t->arena, "%s=" STR_FMT, name, STR_ARG(p->value))
				       : name);
	}
	return strlist_join(&l, t->arena, " ");
}

static void note_mail(struct talk *t, const struct smtp_request *r)
{
	if (!smtp_server_refusal(((struct smtp_talk *)t->state)->engine))
		forget_mail(t);
	t->m.from = address_of(t, r);
	t->m.params = params_of(t, r);
	t->m.size = r->size > 0 ? (size_t)r->size : 0;
}

static void note_seen(struct talk *t)
{
	struct lab_server *srv = t->srv;
	const char *key =
		arena_printf(srv->w->arena, "%s %s %s", t->m.client, t->m.from ? t->m.from : "", t->m.to);
	size_t i = 0;
	while (i < srv->nseen && strcasecmp(srv->seen[i].key, key) != 0)
		i++;
	if (i == srv->nseen) {
		srv->seen = mem_grow(srv->seen, srv->nseen + 1, sizeof(*srv->seen));
		srv->seen[srv->nseen++] = (struct server_seen){ .key = key };
	}
	t->m.seen = ++srv->seen[i].n;
}

static void note_rcpt(struct talk *t, const struct smtp_request *r)
{
	t->m.to = address_of(t, r);
	t->m.params = params_of(t, r);
	note_seen(t);
}

static void note_vrfy(struct talk *t, const struct smtp_request *r)
{
	t->m.to = arena_str(t->arena, r->argument).p;
}

static const struct {
	enum server_rules step;
	void (*note)(struct talk *t, const struct smtp_request *r); /* what the conditions are about */
} verbs[SMTP_VERBS] = {
	[SMTP_VERB_CONNECT] = { RULES_BANNER, NULL },    [SMTP_VERB_UNKNOWN] = { RULES_OTHER, NULL },
	[SMTP_VERB_HELO] = { RULES_HELO, note_name },    [SMTP_VERB_EHLO] = { RULES_EHLO, note_name },
	[SMTP_VERB_STARTTLS] = { RULES_STARTTLS, NULL }, [SMTP_VERB_AUTH] = { RULES_AUTH, NULL },
	[SMTP_VERB_MAIL] = { RULES_MAIL, note_mail },    [SMTP_VERB_RCPT] = { RULES_RCPT, note_rcpt },
	[SMTP_VERB_DATA] = { RULES_DATA, NULL },         [SMTP_VERB_BDAT] = { RULES_DATA, NULL },
	[SMTP_VERB_RSET] = { RULES_RSET, NULL },         [SMTP_VERB_NOOP] = { RULES_NOOP, NULL },
	[SMTP_VERB_VRFY] = { RULES_VRFY, note_vrfy },    [SMTP_VERB_EXPN] = { RULES_OTHER, NULL },
	[SMTP_VERB_HELP] = { RULES_OTHER, NULL },        [SMTP_VERB_QUIT] = { RULES_QUIT, NULL },
};

static void on_command(struct talk *t)
{
	struct smtp_talk *s = t->state;
	const struct smtp_request *r = smtp_server_request(s->engine);
	bool good = !smtp_server_refusal(s->engine);
	t->m.line = arena_str(t->arena, r->line).p;
	talk_tracef(t, "< %s", t->m.line);
	if (verbs[r->verb].note)
		verbs[r->verb].note(t, r);
	if (r->verb == SMTP_VERB_AUTH)
		smtp_auth_begin(t);
	else if (r->verb == SMTP_VERB_BDAT && good) /* rules are for the message's end */
		smtp_usual(t);
	else
		answer(t, verbs[r->verb].step, good && r->verb == SMTP_VERB_EHLO ? smtp_offer_text(t) : NULL);
	if (r->verb == SMTP_VERB_STARTTLS && s->code == 220) /* what comes from now on is the handshake's */
		conclude(t);
}

static void on_message(struct talk *t)
{
	struct smtp_talk *s = t->state;
	t->m.message = buf_str(&s->message);
	t->m.size = t->m.message.len;
	t->m.has_message = true;
	talk_tracef(t, "< (message of %zu bytes)", t->m.size);
	answer(t, RULES_DOT, "250 2.0.0 Ok: queued as {id}");
	if (positive(s->code)) {
		for (size_t i = t->at; i < t->nqueue; i++) /* the id is this message's */
			t->queue[i].text = talk_fill(t, t->queue[i].text);
		smtp_talk_save(t);
	}
	forget_mail(t);
}

/* ---- the talk */

static void greet(struct talk *t)
{
	struct smtp_talk *s = t->state;
	s->up = true;
	smtp_offer(t);
	smtp_server_connected(s->engine, smtp_talk_now(t));
	answer(t, RULES_BANNER, NULL);
}

static void on_event(struct talk *t, enum smtp_server_event ev)
{
	switch (ev) {
	case SMTP_SERVER_COMMAND:
		on_command(t);
		break;
	case SMTP_SERVER_AUTH_RESPONSE:
		smtp_auth_response(t);
		break;
	case SMTP_SERVER_BODY_END:
		on_message(t);
		break;
	default:
		break;
	}
}

static bool smtp_take(struct talk *t)
{
	struct smtp_talk *s = t->state;
	struct str in = buf_str(&t->in);
	size_t used;
	if (!s->up) {
		greet(t);
		return true;
	}
	if (smtp_server_waits(s->engine)) {
		conclude(t);
		return true;
	}
	enum smtp_server_event ev = smtp_server_feed(s->engine, in.p, in.len, &used, smtp_talk_now(t));
	struct str chunk = smtp_server_chunk(s->engine);
	if (ev == SMTP_SERVER_BODY && !buf_add(&s->message, chunk.p, chunk.len))
		talk_end(t, ACT_CLOSE);
	else {
		buf_take(&t->in, used);
		on_event(t, ev);
	}
	return ev != SMTP_SERVER_NONE;
}

static void smtp_early(struct talk *t)
{
	struct smtp_talk *s = t->state;
	struct str in = buf_str(&t->in);
	size_t used;
	if (!s || !smtp_server_waits(s->engine) || !t->srv->rules[RULES_EARLY].n ||
	    smtp_server_feed(s->engine, in.p, in.len, &used, smtp_talk_now(t)) != SMTP_SERVER_EARLY)
		return;
	talk_interrupt(t);
	answer(t, RULES_EARLY, "554 5.5.0 You spoke before the greeting | close");
}

static void smtp_tls_ended(struct talk *t)
{
	struct smtp_talk *s = t->state;
	if (!s)
		return;
	smtp_server_tls_done(s->engine, smtp_talk_now(t));
	smtp_offer(t);
	forget_mail(t);
	t->m.login = false;
	t->m.name = NULL;
}

const struct speaker speaker_smtp = { .word = "smtp",
				      .open = smtp_open,
				      .take = smtp_take,
				      .early = smtp_early,
				      .usual = smtp_usual,
				      .tls_ended = smtp_tls_ended,
				      .close = smtp_close };
