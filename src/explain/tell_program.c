/* SPDX-License-Identifier: Apache-2.0 */
/* An error of a program about a reply: the server's words out of the program's.
 *
 * "Invalid Addresses; nested exception is: ...SMTPAddressFailedException: 550 ..." tells what the reply
 * behind it tells; what the program adds is the command that was answered, and .NET's sentence stands for
 * the code that it leaves out. */
#include <string.h>

#include "catalog/finding.h"
#include "catalog/reply_pattern.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

enum { CODE_DIGITS = 3 };

/* Words that name the command, as programs do. */
static const struct {
	const char *words;
	enum step step;
} commands[] = {
	{ "recipientsrefused", STEP_RCPT },
	{ "recipients failed", STEP_RCPT },
	{ "recipients were rejected", STEP_RCPT },
	{ "addressfailedexception", STEP_RCPT },
	{ "failedrecipient", STEP_RCPT },
	{ "rcpt to command failed", STEP_RCPT },
	{ "senderrefused", STEP_MAIL_FROM },
	{ "senderfailedexception", STEP_MAIL_FROM },
	{ "mail from command failed", STEP_MAIL_FROM },
	{ "mail command failed", STEP_MAIL_FROM },
	{ "dataerror", STEP_DATA },
	{ "data command failed", STEP_DATA },
	{ "data end command failed", STEP_DATA },
	{ "data not accepted", STEP_DATA },
	{ "message failed: ", STEP_DATA },
	{ "authenticationerror", STEP_AUTH },
	{ "authenticationfailedexception", STEP_AUTH },
	{ "password command failed", STEP_AUTH },
	{ "invalid login: ", STEP_AUTH },
};

/* System.Net.Mail's sentences for codes; one that is said of many is not here. */
static const struct {
	const char *words;
	unsigned code;
} sentences[] = {
	{ "service not available, closing transmission channel. the", 421 },
	{ "error in processing. the", 451 },
	{ "insufficient system storage. the", 452 },
	{ "permission to submit mail to this server. the", 454 },
	{ "syntax error in parameters or arguments. the", 501 },
	{ "command not implemented. the", 502 },
	{ "bad sequence of commands. the", 503 },
	{ "command parameter not implemented. the", 504 },
	{ "client was not authenticated. the", 530 },
	{ "mailbox unavailable. the", 550 },
	{ "user not local; please try alternate path: the", 551 },
	{ "exceeded storage allocation. the", 552 },
	{ "mailbox name not allowed. the", 553 },
	{ "transaction failed. the", 554 },
};

static enum step step_by_words(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (str_ifind(s, commands[i].words) < s.len)
			return commands[i].step;
	return STEP_COUNT;
}

/* "Mailbox unavailable. The server response was: 4.2.0 ...": 550 and 450 are called so. */
static unsigned code_by_words(struct str s, struct str said)
{
	if (str_ifind(s, "server response was: ") == s.len || reply_code_at(said.p, said.len))
		return 0;
	bool later = reply_status_at(said.p, said.len) && said.p[0] == '4';
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
		if (str_ifind(s, sentences[i].words) < s.len)
			return sentences[i].code == 550 && later ? 450 : sentences[i].code;
	return 0;
}

static bool begins_words(struct str s)
{
	return s.len &&
	       (reply_status_at(s.p, s.len) || token_is_word(s.p[0]) || s.p[0] == '#' || s.p[0] == '<');
}

/* "(535, b'", "(550, \"": a pair of Python, its code before `at`. */
static bool begins_pair(struct str s, size_t at)
{
	struct str rest = token_rest(s, at);
	static const char *const forms[] = { ", b'", ", b\"", ", '", ", \"" };
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (str_istarts(rest, forms[i]))
			return true;
	return false;
}

size_t tell_reply_at(struct str s)
{
	for (size_t at = 0; at + CODE_DIGITS < s.len; at++) {
		if (s.p[at] < '4' || s.p[at] > '5' || !reply_code_at(s.p + at, s.len - at) ||
		    (at && !strchr(" :(\"'", s.p[at - 1])))
			continue;
		char before = at ? s.p[at - 1] : ' ', after = s.p[at + CODE_DIGITS];
		bool apart = !at || before != ' ' || (at > 1 && strchr(":,", s.p[at - 2]));
		bool words =
			(after == '-' || after == ' ') && begins_words(token_rest(s, at + CODE_DIGITS + 1));
		if ((apart && words) || (before == '(' && begins_pair(s, at + CODE_DIGITS)))
			return at;
	}
	return s.len;
}

/* Up to the quote that is the last of a string; empty: none is. */
static struct str unquoted(struct str s, char quote)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == quote && (i + 1 == s.len || strchr(",)]}", s.p[i + 1])))
			return str_cut(s, 0, i);
	return str_cut(s, 0, 0);
}

/* Words before a reply that was not said to us: a server's about its own question to another one; Oracle's
 * for a connection that failed. */
static bool is_others(struct str before)
{
	static const char *const words[] = { "verif", "callout", "ora-29278" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ifind(before, words[i]) < before.len)
			return true;
	return false;
}

/* The reply at `at`, which a quote may enclose; Python's pair as one line; empty: cut off. */
static struct str reply_at(struct arena *a, struct str s, size_t at)
{
	struct str code = str_cut(s, at, at + CODE_DIGITS), rest = token_rest(s, at + CODE_DIGITS);
	if (rest.p[0] == ',') {
		size_t quote = rest.p[2] == 'b' ? 3 : 2;
		struct str words = unquoted(token_rest(rest, quote + 1), rest.p[quote]);
		return !words.len
			       ? words
			       : str_of(arena_printf(a, STR_FMT " " STR_FMT, STR_ARG(code), STR_ARG(words)));
	}
	bool quoted = at && strchr("\"'", s.p[at - 1]);
	return quoted ? unquoted(token_rest(s, at), s.p[at - 1]) : token_rest(s, at);
}

/* What follows the words, if they are there. */
static struct str after(struct str s, const char *words)
{
	size_t at = str_ifind(s, words);
	return at < s.len ? token_rest(s, at + strlen(words)) : token_rest(s, s.len);
}

/* PHPMailer: "Detail: no SMTP code: 550 Additional SMTP info: 5.7.1": put together as they were. */
static bool in_detail(struct arena *a, struct str s, struct told *out)
{
	static const char end[] = "smtp code: ";
	struct str rest = after(s, "detail: "), code = after(rest, end), info = after(code, "smtp info: ");
	size_t status = reply_status_at(info.p, info.len);
	if (!reply_code_at(code.p, code.len) || *code.p < '4' || reply_code_at(s.p, s.len))
		return false;
	struct str words = str_trim(str_cut(rest, 0, str_ifind(rest, end)));
	out->text = str_of(arena_printf(a, STR_FMT " " STR_FMT "%s" STR_FMT, CODE_DIGITS, code.p, (int)status,
					info.p, status ? " " : "", STR_ARG(words)));
	return true;
}

/* PHPMailer: "The following recipients failed: bob@example.com: 5.1.1 no" */
static bool after_recipient(struct str s, struct told *out)
{
	struct str rest = after(s, "recipients failed: ");
	size_t n = token_address(rest);
	if (!n || !str_istarts(token_rest(rest, n), ": ") || !str_trim(token_rest(rest, n + 2)).len)
		return false;
	out->text = str_trim(token_rest(rest, n + 2));
	return true;
}

/* The words of an error that ends in a reply, "...Exception: 550 no". */
static bool before_reply(struct arena *a, struct str s, struct told *out)
{
	size_t at = reply_code_at(s.p, s.len) ? 0 : tell_reply_at(s);
	if (!at || at == s.len || is_others(str_cut(s, 0, at)))
		return false;
	struct str reply = str_trim(reply_at(a, s, at));
	if (reply.len)
		out->text = reply;
	return reply.len > 0;
}

bool tell_program(struct arena *a, struct str line, struct told *out)
{
	enum step step = step_by_words(line);
	bool found = in_detail(a, line, out) || before_reply(a, out->text, out) ||
		     (out->text.len == line.len && after_recipient(line, out));
	if (!out->code)
		out->code = code_by_words(line, out->text);
	if (!*out->step && step < STEP_COUNT)
		out->step = step_name(step);
	return found;
}
