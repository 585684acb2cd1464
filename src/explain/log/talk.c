/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/talk.h"

#include "catalog/finding.h"
#include "explain/explain.h"
#include "explain/line.h"
#include "explain/log/field.h"
#include "explain/log/track.h"

enum {
	QUIET_MAX = 12, /* lines of other things, before a dialogue is thought to be over */
	PAUSE_S = 600,  /* between two lines of one dialogue: RFC 5321, 4.5.3.2.6 */
	ECHO_LINES = 6  /* after a failure: the same in other words */
};

#define LOG_TALK "text"

/* What explain makes of a block is believed from here on; the rest is nothing of mail. */
static const double sure = 0.5;

static enum log_state state_of(const struct explanation *x)
{
	if (!strncmp(x->class->id, "auth-", 5))
		return LOG_LOGIN_FAILED;
	if (!*x->recipient)
		return LOG_TROUBLE;
	return x->code >= 400 && x->code < 500 ? LOG_DELAYED : LOG_REFUSED;
}

/* A program's own sentence that says only that something failed. */
static bool is_vague(const struct explanation *said)
{
	return !strcmp(said->meanings[0].entry->id, "explain-conflated-app-error");
}

static bool is_news(const struct log_context *x, const struct explanation *said)
{
	const struct log_talk *t = &x->talk;
	if (!said->refusal || !said->class || said->meanings[0].confidence < sure)
		return false;
	if (!t->told || t->dialogue || t->failed_line > t->told_line + ECHO_LINES)
		return true;
	/* The same words again are another failure, other words of the same meaning are not. */
	bool again = said->meanings[0].entry == t->told && t->failed_words != t->told_words;
	bool same = !*said->recipient || (t->told_talk && log_hash(str_of(said->recipient)) == t->told_to);
	return !is_vague(said) && !(again && same);
}

static void give(struct log_context *x, const struct explanation *said)
{
	struct log_event e = log_event_of(x, state_of(said), LOG_TALK);
	e.to = str_of(said->recipient);
	e.from = str_of(said->sender);
	e.relay = str_of(said->host);
	e.reply = str_of(said->text);
	e.code = said->code;
	e.enhanced = str_of(said->enhanced);
	e.step = said->step;
	e.tries = 1;
	(void)log_give(x, &e);
	x->talk.told = said->meanings[0].entry;
	x->talk.told_to = log_hash(e.to);
	x->talk.told_talk = x->talk.dialogue;
}

/* Each piece for itself; the same finding twice is one failure told twice, but for recipients. */
static void tell_pieces(struct log_context *x, struct arena *a, const struct strlist *pieces)
{
	const struct finding_entry *before = NULL;
	bool many = false, exact = false;
	struct explanation *said = arena_alloc(a, (pieces->n + 1) * sizeof(*said));
	for (size_t i = 0; i < pieces->n; i++) {
		explain_text(a, str_of(pieces->v[i]), NULL, &said[i]);
		exact = exact || (is_news(x, &said[i]) && !is_vague(&said[i]));
	}
	for (size_t i = 0; i < pieces->n; i++) {
		const struct finding_entry *entry = said[i].meanings[0].entry;
		many = pieces->n > 1 && *said[i].recipient && x->talk.dialogue;
		if (!is_news(x, &said[i]) || (exact && is_vague(&said[i])) || (entry == before && !many))
			continue;
		give(x, &said[i]);
		before = entry;
	}
}

static void clear(struct log_talk *t, unsigned long long line)
{
	buf_take(&t->text, buf_waiting(&t->text));
	t->told_line = t->told ? line : 0;
	t->told_words = t->failed_line ? t->failed_words : t->told_words;
	t->lines = t->quiet = t->failed_line = 0;
	t->failed_s = t->last_s = 0;
	t->session = 0;
	t->dialogue = t->parted = t->traced = t->leads_over = t->indented = false;
}

void log_talk_end(struct log_context *x)
{
	struct log_talk *t = &x->talk;
	if (!t->lines)
		return;
	if (t->failed_line) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		struct strlist pieces = { 0 };
		const struct log_line *now = x->line;
		struct log_line then = { .number = t->failed_line, .time_s = t->failed_s };
		const struct finding_entry *told = t->told;
		unsigned long long end = now ? now->number : t->failed_line + t->lines;
		explain_pieces(a, buf_str(&t->text), &pieces);
		x->line = &then;
		tell_pieces(x, a, &pieces);
		x->line = now;
		clear(t, t->told != told || t->dialogue ? end : t->told_line);
	} else {
		clear(t, t->told_line);
	}
}

static bool has_any(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_ifind(s, words[i]) < s.len)
			return true;
	return false;
}

/* The first line of a session. */
static bool begins_session(struct str s, const struct line *said)
{
	static const char *const words[] = { "connection: opening to",
					     "trying to connect to host",
					     "=== trying ",
					     "connected to smtp",
					     "*   trying ",
					     "resolved ",
					     "creating transport" };
	return (said->kind == LINE_REPLY && said->code == 220 && !said->more &&
		str_ifind(s, "tls") >= s.len && str_ifind(s, "ready") >= s.len) ||
	       has_any(s, words, ARRAY_LEN(words));
}

static bool is_talk(const struct line *said, struct str s)
{
	if (said->kind == LINE_COMMAND || (said->kind == LINE_REPLY && (said->marked || said->code >= 200)))
		return true;
	return said->kind != LINE_FRAME && said->marked && str_ifind(s, "debug smtp") < s.len;
}

/* What follows a line that is not at its end: indented, a frame, a cause, the words after a colon. */
static bool goes_on(const struct log_talk *t, const struct log_line *l, const struct line *said)
{
	char first = l->whole.p[0];
	bool dated = l->time_s != 0;
	return t->leads_over || said->kind == LINE_FRAME || said->kind == LINE_CAUSE || first == '}' ||
	       (!dated && (first == ' ' || first == '\t')) || (t->dated && !dated && first == '{');
}

/* "[2026-11-21 08:00:00] DEBUG [kqYrWJ0gS0U] S: ...": nodemailer's name of the session, hashed. */
static uint64_t session_of(struct str s)
{
	size_t end = log_find(s, STR_LIT("] S: "));
	if (end >= s.len)
		end = log_find(s, STR_LIT("] C: "));
	const char *open = end < s.len && end ? memrchr(s.p, '[', end) : NULL;
	return open ? log_hash((struct str){ open + 1, (size_t)(s.p + end - open - 1) }) : 0;
}

static bool belongs(const struct log_talk *t, const struct log_line *l, const struct line *said, bool failing)
{
	if (!t->lines || buf_waiting(&t->text) + l->whole.len + 1 > LOG_TALK_MAX)
		return false;
	if (l->time_s && t->last_s && l->time_s - t->last_s > PAUSE_S)
		return false;
	if (goes_on(t, l, said))
		return true;
	if (!t->dialogue)
		return !t->failed_line && is_talk(said, l->whole) && t->quiet <= 1;
	if (begins_session(l->whole, said))
		return !t->failed_line && !t->parted && t->lines <= QUIET_MAX;
	if (!is_talk(said, l->whole))
		return !t->parted && (failing || t->quiet < QUIET_MAX);
	uint64_t session = session_of(l->whole);
	if (session && t->session && session != t->session)
		return false;
	return !t->traced && (!t->parted || said->code == 221);
}

static void take(struct log_talk *t, const struct log_line *l, const struct line *said, bool failing)
{
	bool talk = is_talk(said, l->whole);
	(void)buf_add(&t->text, l->whole.p, l->whole.len);
	(void)buf_add(&t->text, "\n", 1);
	t->dated = t->lines++ ? t->dated : l->time_s != 0;
	t->quiet = talk || goes_on(t, l, said) ? 0 : t->quiet + 1;
	t->dialogue = t->dialogue || talk || begins_session(l->whole, said);
	t->traced = t->traced || said->kind == LINE_FRAME;
	if (talk && !t->session)
		t->session = session_of(l->whole);
	t->parted = t->parted || (said->kind == LINE_COMMAND && str_istarts(said->s, "quit"));
	if (l->time_s)
		t->last_s = l->time_s;
	bool refused = said->kind == LINE_REPLY && said->code >= 400;
	bool tells = failing && said->kind != LINE_COMMAND && !begins_session(l->whole, said);
	if (!t->failed_line && (refused || tells)) {
		t->failed_line = l->number;
		t->failed_s = l->time_s;
		t->failed_words = log_hash(line_unlogged(l->whole));
	}
	struct str s = str_trim(l->whole);
	t->indented = said->kind == LINE_FRAME || l->whole.p[0] == ' ' || l->whole.p[0] == '\t';
	t->leads_over = s.len && (s.p[s.len - 1] == ':' || str_istarts(s, "traceback (") ||
				  (t->leads_over && t->indented && str_istarts(s, "file \"")) ||
				  (t->leads_over && said->kind == LINE_NOTE && t->indented));
}

/* A line that may be the first of a block. */
static bool begins(const struct log_line *l, const struct line *said, bool failing)
{
	return failing || is_talk(said, l->whole) || begins_session(l->whole, said) ||
	       str_istarts(str_trim(l->whole), "traceback (");
}

bool log_talk_line(struct log_context *x, const struct log_line *l, bool failing)
{
	struct log_talk *t = &x->talk;
	struct line said = line_read(l->whole);
	if (!belongs(t, l, &said, failing)) {
		log_talk_end(x);
		if (!begins(l, &said, failing))
			return false;
	}
	take(t, l, &said, failing);
	return true;
}
