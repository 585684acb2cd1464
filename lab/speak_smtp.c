/* SPDX-License-Identifier: Apache-2.0 */
/* lab/speak_smtp.c - an SMTP server that does as it is told: good manners by default, rules first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/smtp_talk.h"
#include "smtp/sasl_server.h"

static const char *const usual_keywords[] = {
	"PIPELINING", "SIZE 35882577", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8", "CHUNKING"
};

static void smtp_open(struct talk *t)
{
	t->state = mem_alloc(sizeof(struct smtp_talk));
	talk_answer(t, RULES_BANNER, "220 {name} ESMTP ready");
}

static void smtp_close(struct talk *t)
{
	struct smtp_talk *s = t->state;
	if (s) {
		buf_clear(&s->message);
		sasl_server_free(&s->engine);
	}
	mem_free(&t->state);
}

static void reset_mail(struct talk *t)
{
	struct smtp_talk *s = t->state;
	s->mail = false;
	s->nrcpt = 0;
	s->rcpts.n = 0;
	s->stage = STAGE_COMMAND;
	buf_clear(&s->message);
	t->m.from = t->m.to = NULL;
	t->m.has_message = false;
	t->counts[RULES_RCPT] = 0;
}

static bool positive(int code)
{
	return code >= 200 && code < 300;
}

/* ---- EHLO */

const struct strlist *smtp_talk_mechanisms(const struct talk *t)
{
	bool tls = t->wire && wire_has_tls(t->wire);
	const struct strlist *l = spec_list(t->srv->s, "mechanisms");
	if (!tls && t->srv->mode == MODE_STARTTLS)
		l = spec_list(t->srv->s, "mechanisms-plain");
	return l && l->n ? l : NULL;
}

static void add_keywords(struct talk *t, struct buf *b)
{
	bool tls = wire_has_tls(t->wire);
	const struct strlist usual = { (const char **)(uintptr_t)usual_keywords, ARRAY_LEN(usual_keywords),
				       0 };
	const struct strlist *l = tls ? spec_list(t->srv->s, "keywords-tls") : NULL;
	l = l ? l : spec_list(t->srv->s, "keywords");
	l = l ? l : &usual;
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i][0])
			buf_addf(b, "\n%s", l->v[i]);
	if (t->srv->mode == MODE_STARTTLS && !tls && spec_yes(t->srv->s, "starttls-offered", true))
		buf_adds(b, "\nSTARTTLS");
	const struct strlist *mechs = smtp_talk_mechanisms(t);
	for (size_t i = 0; mechs && i < mechs->n; i++)
		buf_addf(b, i ? " %s" : "\nAUTH %s", mechs->v[i]);
}

static void on_ehlo(struct talk *t, struct str args)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	reset_mail(t);
	t->m.name = arena_dup(t->arena, args.p, args.len);
	t->m.esmtp = true;
	buf_adds(&b, "250 {name} greets {helo}");
	add_keywords(t, &b);
	buf_add(&b, "", 1);
	if (!args.len)
		talk_answer(t, RULES_EHLO, "501 5.5.4 EHLO needs a name");
	else
		talk_answer(t, RULES_EHLO, b.data);
}

static void on_helo(struct talk *t, struct str args)
{
	reset_mail(t);
	t->m.name = arena_dup(t->arena, args.p, args.len);
	t->m.esmtp = false;
	talk_answer(t, RULES_HELO, "250 {name}");
}

static void on_starttls(struct talk *t, struct str args)
{
	bool can = t->srv->mode == MODE_STARTTLS && !wire_has_tls(t->wire);
	int code = talk_answer(t, RULES_STARTTLS,
			       args.len ? "501 5.5.4 No parameters allowed"
			       : can    ? "220 2.0.0 Ready to start TLS"
					: "503 5.5.1 STARTTLS is not available");
	if (code != 220)
		return;
	reset_mail(t);
	t->m.login = false;
	talk_queue(t, ACT_TLS, NULL);
}

/* ---- the envelope */

/* "<a@b> SIZE=3" gives a@b and the parameters; without <> the first word. */
static void read_path(struct talk *t, struct str args, const char *keyword, const char **address,
		      const char **params)
{
	args = str_trim(args);
	if (str_istarts(args, keyword))
		args = str_trim(str_cut(args, strlen(keyword), args.len));
	bool angle = args.len && args.p[0] == '<';
	size_t n = 0;
	while (n < args.len && args.p[n] != (angle ? '>' : ' '))
		n++;
	struct str path = str_cut(args, angle ? 1 : 0, n);
	struct str rest = str_trim(str_cut(args, n + (angle ? 1 : 0), args.len));
	*address = arena_dup(t->arena, path.p, path.len);
	*params = arena_dup(t->arena, rest.p, rest.len);
}

static size_t size_param(const char *params)
{
	struct str rest = str_of(params), one;
	unsigned long n;
	while (str_next(&rest, " ", &one))
		if (str_istarts(one, "SIZE=") && str_number(str_cut(one, 5, one.len), 1ul << 40, &n))
			return n;
	return 0;
}

static void on_mail(struct talk *t, struct str args)
{
	struct smtp_talk *s = t->state;
	reset_mail(t);
	read_path(t, args, "FROM:", &t->m.from, &t->m.params);
	t->m.size = size_param(t->m.params);
	s->mail = positive(
		talk_answer(t, RULES_MAIL, t->m.name ? "250 2.1.0 Ok" : "503 5.5.1 Say EHLO or HELO first"));
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

static void on_rcpt(struct talk *t, struct str args)
{
	struct smtp_talk *s = t->state;
	read_path(t, args, "TO:", &t->m.to, &t->m.params);
	note_seen(t);
	int code = talk_answer(t, RULES_RCPT, s->mail ? "250 2.1.5 Ok" : "503 5.5.1 Need MAIL first");
	if (!positive(code))
		return;
	s->nrcpt++;
	strlist_add(&s->rcpts, t->arena, t->m.to);
}

/* ---- the message */

static void on_data(struct talk *t, struct str args)
{
	struct smtp_talk *s = t->state;
	(void)args;
	int code = talk_answer(t, RULES_DATA,
			       !s->mail    ? "503 5.5.1 Need MAIL first"
			       : !s->nrcpt ? "554 5.5.1 No valid recipients"
					   : "354 End data with <CR><LF>.<CR><LF>");
	if (code == 354)
		s->stage = STAGE_DATA;
}

static void message_done(struct talk *t)
{
	struct smtp_talk *s = t->state;
	s->stage = STAGE_COMMAND;
	t->m.message = buf_str(&s->message);
	t->m.size = t->m.message.len;
	t->m.has_message = true;
	talk_tracef(t, "< (message of %zu bytes)", t->m.size);
	if (positive(talk_answer(t, RULES_DOT, "250 2.0.0 Ok: queued as {id}"))) {
		for (size_t i = t->at; i < t->nqueue; i++) /* the id is this message's */
			t->queue[i].text = talk_fill(t, t->queue[i].text);
		smtp_talk_save(t);
	}
	reset_mail(t);
}

/* Takes lines until the final dot; dot-stuffing is undone (RFC 5321, 4.5.2). */
static bool take_data(struct talk *t)
{
	struct smtp_talk *s = t->state;
	struct str in = buf_str(&t->in);
	size_t taken = 0;
	while (taken < in.len) {
		const char *lf = memchr(in.p + taken, '\n', in.len - taken);
		if (!lf)
			break;
		struct str line = str_cut(in, taken, (size_t)(lf - in.p) + 1);
		taken += line.len;
		if (str_eq(line, ".\r\n")) {
			buf_take(&t->in, taken);
			message_done(t);
			return true;
		}
		if (line.p[0] == '.' && line.len > 1)
			line = str_cut(line, 1, line.len);
		buf_add(&s->message, line.p, line.len);
	}
	if (taken)
		buf_take(&t->in, taken);
	return false;
}

static void on_bdat(struct talk *t, struct str args)
{
	struct smtp_talk *s = t->state;
	struct str n;
	unsigned long chunk = 0;
	if (!str_next(&args, " ", &n) || !str_number(n, 1ul << 32, &chunk)) {
		talk_answer(t, RULES_OTHER, "501 5.5.4 BDAT needs a size");
		return;
	}
	s->chunk = chunk;
	s->last_chunk = str_ieq(str_trim(args), "LAST");
	s->stage = STAGE_BDAT;
}

static bool take_bdat(struct talk *t)
{
	struct smtp_talk *s = t->state;
	struct str in = buf_str(&t->in);
	size_t n = in.len < s->chunk ? in.len : s->chunk;
	buf_add(&s->message, in.p, n);
	buf_take(&t->in, n);
	s->chunk -= n;
	if (s->chunk)
		return false;
	s->stage = STAGE_COMMAND;
	if (!s->nrcpt)
		talk_answer(t, RULES_DATA, "503 5.5.1 Need RCPT first");
	else if (s->last_chunk)
		message_done(t);
	else
		talk_queue(t, ACT_REPLY, "250 2.0.0 Ok");
	return true;
}

/* ---- the rest */

static void on_auth(struct talk *t, struct str args)
{
	smtp_auth_begin(t, args);
}

static void on_rset(struct talk *t, struct str args)
{
	(void)args;
	reset_mail(t);
	talk_answer(t, RULES_RSET, "250 2.0.0 Ok");
}

static void on_noop(struct talk *t, struct str args)
{
	(void)args;
	talk_answer(t, RULES_NOOP, "250 2.0.0 Ok");
}

static void on_vrfy(struct talk *t, struct str args)
{
	t->m.to = arena_dup(t->arena, args.p, args.len);
	talk_answer(t, RULES_VRFY, "252 2.0.0 Send some mail, and I'll try my best");
}

static void on_quit(struct talk *t, struct str args)
{
	(void)args;
	talk_answer(t, RULES_QUIT, "221 2.0.0 Bye | close");
}

static const struct {
	const char *verb;
	void (*run)(struct talk *t, struct str args);
} verbs[] = {
	{ "EHLO", on_ehlo }, { "HELO", on_helo }, { "STARTTLS", on_starttls }, { "AUTH", on_auth },
	{ "MAIL", on_mail }, { "RCPT", on_rcpt }, { "DATA", on_data },         { "BDAT", on_bdat },
	{ "RSET", on_rset }, { "NOOP", on_noop }, { "VRFY", on_vrfy },         { "QUIT", on_quit },
};

static void run_command(struct talk *t, const char *line)
{
	struct str rest = str_of(line);
	size_t n = 0;
	while (n < rest.len && rest.p[n] != ' ')
		n++;
	struct str verb = str_cut(rest, 0, n);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_ieq(verb, verbs[i].verb)) {
			verbs[i].run(t, str_trim(str_cut(rest, n, rest.len)));
			return;
		}
	talk_answer(t, RULES_OTHER, "500 5.5.2 Command not recognised");
}

static bool smtp_take(struct talk *t)
{
	struct smtp_talk *s = t->state;
	if (s->stage == STAGE_DATA)
		return take_data(t);
	if (s->stage == STAGE_BDAT)
		return take_bdat(t);
	char *line = talk_line(t);
	if (!line)
		return false;
	if (s->stage == STAGE_AUTH)
		smtp_auth_line(t, line);
	else
		run_command(t, line);
	return true;
}

static void smtp_tls_ended(struct talk *t, bool ok)
{
	(void)ok;
	if (t->counts[RULES_EHLO])
		t->m.name = NULL;
}

const struct speaker speaker_smtp = {
	.word = "smtp", .open = smtp_open, .take = smtp_take, .tls_ended = smtp_tls_ended, .close = smtp_close
};
