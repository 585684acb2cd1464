/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/explain.h"

#include <string.h>

#include "base/text.h"
#include "catalog/provider.h"
#include "catalog/token_refused.h"
#include "explain/decide.h"
#include "explain/hide.h"
#include "explain/provider_tell.h"
#include "explain/retry.h"
#include "explain/seen.h"
#include "explain/small_talk.h"
#include "explain/tell.h"
#include "explain/token.h"

/* Below it, what the whole text says is asked too. */
static const double weak = 0.5;
/* ... and from here on it tells its step too. */
static const double telling = 0.85;

static const char *or_empty(const char *z)
{
	return z ? z : "";
}

static const char *first_of(const char *a, const char *b)
{
	return a && *a ? a : or_empty(b);
}

/* Printable, one line, single blanks. */
static const char *one_line(struct arena *a, struct str s)
{
	char *flat = arena_dup(a, s.p, s.len);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		bool blank = strchr(" \t\r\n", flat[i]) && flat[i];
		if (!blank)
			flat[n++] = flat[i];
		else if (n && flat[n - 1] != ' ')
			flat[n++] = ' ';
	}
	while (n && flat[n - 1] == ' ')
		n--;
	struct str line = { flat, n };
	flat[n] = '\0';
	bool plain = !memchr(flat, '\\', n) && text_is_ascii(line);
	for (size_t i = 0; plain && i < n; i++)
		plain = (unsigned char)flat[i] >= ' ' && flat[i] != 0x7f;
	return plain ? flat : text_printable(a, line);
}

/* The matcher on text, with all that is known of the situation. */
static void match(struct arena *a, const struct explain_hint *hint, const char *text, struct explanation *x)
{
	struct reply_seen seen;
	struct reply_context c = { .provider = x->provider,
				   .step = x->step,
				   .code = hint->code ? hint->code : x->code,
				   .enhanced = first_of(hint->enhanced, x->enhanced),
				   .text = text,
				   .pasted = true };
	x->n = reply_meanings_seen(&c, x->meanings, &seen);
	x->code = seen.code;
	if (!*x->provider)
		x->provider = seen.provider;
	if (!*x->step)
		x->step = seen.step;
	x->enhanced = *seen.enhanced ? arena_strdup(a, seen.enhanced) : "";
}

/* Beside what a server said, the words around it count only where that says nothing. */
static bool says_little(const struct explanation *x, bool spoken)
{
	const struct reply_meaning *m = &x->meanings[0];
	return m->confidence < weak && (!spoken || !strcmp(m->entry->class, "unknown"));
}

/* A whole text may say what its telling line does not. */
static void match_whole(struct arena *a, const struct explain_hint *hint, const char *whole,
			struct explanation *x)
{
	struct explanation y = *x;
	match(a, hint, whole, &y);
	if (y.meanings[0].confidence > x->meanings[0].confidence) {
		memcpy(x->meanings, y.meanings, sizeof(x->meanings));
		x->n = y.n;
	}
}

static bool is_accepting(unsigned code)
{
	return (code >= 200 && code < 300) || code == 334 || code == 354;
}

/* Where nothing says that a server spoke, no word of ours may say so. */
static void judge_unknown(struct explanation *x)
{
	if (strcmp(x->meanings[0].entry->id, "unknown-reply") != 0 || x->code || *x->enhanced || *x->step ||
	    *x->provider)
		return;
	if (!small_talk_is(str_of(x->text))) {
		x->meanings[0].entry = finding_entry_find("text-unknown");
		return;
	}
	x->meanings[0] = (struct reply_meaning){ finding_entry_find("text-no-error"), weak, "words" };
	x->n = 1;
}

/* Accepted, greeted or asked for more, and no rule knows better. */
static void judge_refusal(struct explanation *x, bool taken)
{
	const char *class = x->meanings[0].entry->class;
	bool cause = strcmp(class, "unknown") != 0 && strcmp(class, "not-a-bounce") != 0 &&
		     x->meanings[0].confidence >= weak;
	x->refusal = strcmp(class, "not-a-bounce") != 0 && !(is_accepting(x->code) && !cause) &&
		     !(taken && !x->code);
	if (x->refusal || !strcmp(class, "not-a-bounce"))
		return;
	x->meanings[0] = (struct reply_meaning){ finding_entry_find("reply-not-a-failure"), 0.9, "code" };
	x->n = 1;
}

static void fill_places(const struct explain_hint *hint, const struct seen *seen, struct explanation *x)
{
	x->host = first_of(hint->host, seen->host);
	x->recipient = first_of(hint->recipient, seen->recipient);
	x->sender = first_of(hint->sender, seen->sender);
	x->author = first_of(seen->author, hint->author);
	x->user = first_of(hint->user, seen->user);
	x->user_is_sender = !hint->user;
	x->address = seen->address;
	x->client = seen->client;
	x->port = seen->port;
	x->step = first_of(hint->step, seen->step);
}

static void name_provider(struct explanation *x)
{
	bool ours = *x->step && (!strcmp(x->step, "auth") || !strcmp(x->step, "oauth"));
	if (!*x->provider && ours)
		x->provider = provider_tell_address(first_of(x->user, x->sender));
	if (!*x->provider && !ours)
		x->provider = provider_tell_address(x->recipient);
	const struct provider *p = *x->provider ? provider_by_name(x->provider) : NULL;
	x->provider_title = p ? p->title : "";
}

/* What is left of the text to explain.  A secret that only shows once the markup
 * is gone must not stand in x->input either. */
static struct str read_input(struct arena *a, struct str text, struct explanation *x)
{
	struct str given = explain_hide(a, text), clean = explain_clean(a, given);
	bool wrapped = clean.p < given.p || clean.p >= given.p + given.len;
	struct str safe = wrapped ? explain_hide(a, clean) : clean;
	*x = (struct explanation){ .input = one_line(a, safe.p == clean.p ? given : safe), .enhanced = "" };
	return safe;
}

/* What stands around the telling words and not in them. */
static void take_around(struct arena *a, const struct explain_hint *hint, const struct told *told,
			const struct seen *seen, struct explanation *x)
{
	static const unsigned login_codes[] = { 534, 535, 538 };
	if (!*x->enhanced && *seen->enhanced) {
		x->enhanced = seen->enhanced;
		match_whole(a, hint, x->text, x);
	}
	if (!*x->provider && told->text.len < told->whole.len)
		x->provider = reply_provider_told(arena_dup(a, told->whole.p, told->whole.len));
	for (size_t i = 0; i < ARRAY_LEN(login_codes) && !*x->step; i++)
		if (x->code == login_codes[i])
			x->step = step_name(STEP_AUTH);
}

static const char *const tried[] = { "auth xoauth2", "auth oauthbearer", /* others: no token */
				     "auth login",   "auth plain",       "auth cram-md5", "auth ntlm" };
enum { WITH_TOKEN = 2 };

/* What a server offers, not what a client tried: after 250, or more than one ("AUTH LOGIN XOAUTH2"), as
 * Python's log shows them, without their codes. */
static bool is_offer(struct str line, size_t at, const char *login)
{
	if (at >= 4 && !memcmp(line.p + at - 4, "250", 3))
		return true;
	struct str next = str_trim(token_rest(line, at + strlen(login)));
	for (size_t i = 0; i < ARRAY_LEN(tried); i++) {
		const char *name = tried[i] + strlen("auth ");
		size_t n = strlen(name);
		if (token_begins(next, name) && !(n < next.len && token_is_word(next.p[n])))
			return true;
	}
	return false;
}

/* The first login that a client tried: "AUTH XOAUTH2". */
static bool names_token_login(struct str s)
{
	while (s.len) {
		struct str line = token_line(&s);
		for (size_t i = 0; i < ARRAY_LEN(tried); i++) {
			size_t at = str_ifind(line, tried[i]);
			if (at < line.len && !is_offer(line, at, tried[i]))
				return i < WITH_TOKEN;
		}
	}
	return false;
}

/* A token was refused, not a password: the note before it says so, or the command. */
static void judge_token(struct arena *a, const struct told *told, struct explanation *x)
{
	struct token_note note;
	bool noted = token_note_find(a, str_of(x->text), &note);
	bool refused = x->code == 535 || x->code == 534;
	if (noted || (refused && names_token_login(told->whole)))
		x->n = token_refused(x->meanings, x->n, noted ? &note : NULL);
}

/* Some findings belong to one step by their nature; a reputation or a limit may show at any. */
static void name_step(struct explanation *x)
{
	static const enum step own[] = { STEP_DNS, STEP_CONNECT, STEP_STARTTLS, STEP_TLS_CERT, STEP_AUTH };
	for (size_t i = 0; i < ARRAY_LEN(own) && x->refusal && !*x->step; i++)
		if (x->meanings[0].entry->step == own[i] && x->meanings[0].confidence >= telling)
			x->step = step_name(own[i]);
}

/* What stands around the server's words, and in the command that it answered. */
static void see(struct arena *a, const struct told *told, struct seen *out)
{
	seen_read(a, told->whole, out);
	out->step = first_of(told->step, out->step);
	if (!told->command.len)
		return;
	struct seen refused;
	seen_read(a, told->command, &refused);
	out->recipient = first_of(refused.recipient, out->recipient);
}

void explain_text(struct arena *a, struct str text, const struct explain_hint *hint, struct explanation *x)
{
	static const struct explain_hint nothing;
	hint = hint ? hint : &nothing;
	struct str clean = read_input(a, text, x);
	struct told told;
	tell(a, clean, &told);
	struct seen seen;
	see(a, &told, &seen);
	fill_places(hint, &seen, x);
	x->text = one_line(a, told.text);
	x->code = told.code;
	x->provider = provider_tell_server(hint, x->host);
	match(a, hint, x->text, x);
	if (says_little(x, told.spoken) && told.text.len < told.whole.len)
		match_whole(a, hint, one_line(a, told.whole), x);
	take_around(a, hint, &told, &seen, x);
	judge_token(a, &told, x);
	name_provider(x);
	judge_unknown(x);
	judge_refusal(x, told.taken);
	x->class = finding_class_find(x->meanings[0].entry->class);
	name_step(x);
	x->retry = explain_retry(x);
	x->decide = explain_decide(a, x);
}
