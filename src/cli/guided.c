/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/guided.h"

#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

enum { CHOICES_MAX = 8, ANSWER_MAX = 500, TRIES_MAX = 3 };

struct choice {
	const char *words;  /* for the person */
	const char *answer; /* recorded; rules read it */
};

static const struct question {
	const char *name; /* as in fact_kinds.def */
	const char *words;
	struct choice choices[CHOICES_MAX]; /* none: free text */
} questions[] = {
	{ "since-when",
	  "Since when does sending not work?",
	  { { "It has never worked", "never worked" },
	    { "Since today", "since today" },
	    { "For some days or longer", "for days" },
	    { "It comes and goes", "comes and goes" },
	    { "It works; I only want to know", "works" } } },
	{ "who",
	  "Who is affected?",
	  { { "Only me", "only me" },
	    { "Everybody here", "everybody here" },
	    { "People at every site", "people at every site" } } },
	{ "where",
	  "Where does it fail?",
	  { { "On this computer only; another one here can send", "this computer only" },
	    { "Only with the VPN on", "only with vpn" },
	    { "Only from home", "only from home" },
	    { "Only here; it works from an other place", "only here, works from other place" },
	    { "Wherever I try", "everywhere" } } },
	{ "what-changed",
	  "What changed shortly before?",
	  { { "Nothing that I know of", "nothing known" },
	    { "The password", "password" },
	    { "A new program or an update", "program" },
	    { "The provider or the server moved", "provider" },
	    { "The network, router or firewall", "network" },
	    { "Security settings, such as sign-in in two steps", "security" },
	    { "It is a new user or a new mailbox", "new user" } } },
	{ "webmail",
	  "Does the same name and password open the provider's webmail?",
	  { { "Yes", "works" },
	    { "No, it refuses them", "refused" },
	    { "No, it says that the account is locked or switched off", "locked" },
	    { "It opens, but there is no mailbox", "no mailbox" },
	    { "I have not tried", "not tried" } } },
	{ "program", "Which program sends?  (its name, maybe its version)", { { NULL, NULL } } },
	{ "wording", "What exactly does it say?  (copy the message here, in one line)", { { NULL, NULL } } },
};

static unsigned print_question(const struct question *q)
{
	unsigned n = 0;
	fprintf(stderr, "\n%s\n", q->words);
	for (; n < CHOICES_MAX && q->choices[n].words; n++)
		fprintf(stderr, "  %u  %s\n", n + 1, q->choices[n].words);
	return n;
}

/* One line without its end; false at the end of input. */
static bool read_line(char line[ANSWER_MAX])
{
	fputs("> ", stderr);
	fflush(stderr);
	if (!fgets(line, ANSWER_MAX, stdin))
		return false;
	if (!strchr(line, '\n'))
		for (int c; (c = getchar()) != '\n' && c != EOF;)
			continue;
	struct str s = str_trim(str_of(line));
	memmove(line, s.p, s.len);
	line[s.len] = 0;
	return true;
}

/* The recorded form of what was typed; NULL: ask again. */
static const char *answer_of(const struct question *q, unsigned choices, const char *line)
{
	unsigned long n;
	if (!choices)
		return line;
	if (str_number(str_of(line), choices, &n) && n)
		return q->choices[n - 1].answer;
	for (unsigned i = 0; i < choices; i++)
		if (z_istarts(q->choices[i].words, line))
			return q->choices[i].answer;
	return NULL;
}

static void keep(struct check_options *o, const char *question, const char *answer)
{
	struct check_request *r = &o->request;
	if (r->nanswers < ARRAY_LEN(r->answers))
		r->answers[r->nanswers++] =
			(struct request_answer){ question, arena_strdup(o->arena, answer) };
}

static bool ask(struct check_options *o, const struct question *q)
{
	char line[ANSWER_MAX];
	unsigned choices = print_question(q);
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		if (!read_line(line))
			return false;
		const char *answer = *line ? answer_of(q, choices, line) : "";
		if (answer && *answer)
			keep(o, q->name, answer);
		if (answer)
			return true;
		fprintf(stderr, "Type a number from 1 to %u, or just Enter to go on.\n", choices);
	}
	return true;
}

bool guided_question(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		if (!strcmp(questions[i].name, name))
			return true;
	return false;
}

bool guided_ask(struct check_options *o, struct err *e)
{
	if (!terminal_can_ask()) {
		ERR_FILL(e, ERR_USAGE, 0, "ask", "questions (--guided)");
		return err_detail(e, "there is no terminal here; leave --guided away");
	}
	fputs("A few questions first. Enter alone passes one over.\n", stderr);
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		if (!ask(o, &questions[i]))
			break;
	fputc('\n', stderr);
	return true;
}
