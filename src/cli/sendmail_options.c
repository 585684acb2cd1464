/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sendmail_options.h"

#include <getopt.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "cli/option_wrong.h"
#include "smtp/xtext.h"

/* Letters of Sendmail's, Postfix's and Exim's; those without a case below mean nothing here. */
static const char letters[] = ":A:B:b:C:cD:d::Ee:F:f:Gh:IiJ:L:M:mN:nO:o:p:Q::q::R:r:sT::tUV:vX:x";

enum { LONG_IDLE = 256, LONG_JSON, LONG_FORMAT, LONG_HELP, LONG_VERSION };

/* What every command of postrider takes. */
static const struct option longs[] = { { "config", required_argument, NULL, 'C' },
				       { "verbose", no_argument, NULL, 'v' },
				       { "quiet", no_argument, NULL, LONG_IDLE },
				       { "no-color", no_argument, NULL, LONG_IDLE },
				       { "json", no_argument, NULL, LONG_JSON },
				       { "format", required_argument, NULL, LONG_FORMAT },
				       { "help", no_argument, NULL, LONG_HELP },
				       { "version", no_argument, NULL, LONG_VERSION },
				       { NULL, 0, NULL, 0 } };

static bool wrong(struct err *e, int letter, const char *value, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "-%c %s", letter, value);
	return err_detail(e, "%s", mend);
}

static bool set_mode(struct sendmail_options *o, const char *value, struct err *e)
{
	static const struct {
		char letter;
		enum sendmail_mode mode;
	} modes[] = { { 'm', SENDMAIL_DELIVER },
		      { 's', SENDMAIL_SMTP },
		      { 'p', SENDMAIL_LIST },
		      { 'i', SENDMAIL_ALIASES } };
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (*value == modes[i].letter && !value[1]) {
			o->mode = modes[i].mode;
			return true;
		}
	if (!strcmp(value, "d") || !strcmp(value, "D"))
		return wrong(e, 'b', value, "the relay is started with: postrider serve");
	return wrong(e, 'b', value, "-bm (a message), -bs (SMTP) and -bp (the queue) are known here");
}

/* "never" | list of "success" "failure" "delay" (RFC 3461, 4.1) */
static bool set_notify(struct sendmail_options *o, const char *value, struct err *e)
{
	static const char *const words[] = { "NEVER", "SUCCESS", "FAILURE", "DELAY" };
	struct strlist list = { 0 };
	struct str rest = str_of(value), word;
	while (str_next(&rest, ",", &word)) {
		size_t i = 0;
		word = str_trim(word);
		while (i < ARRAY_LEN(words) && !str_ieq(word, words[i]))
			i++;
		if (i == ARRAY_LEN(words) || (!i && strlen(value) != strlen(words[0])))
			return wrong(e, 'N', value, "never, or a list of success, failure and delay");
		strlist_add(&list, o->arena, words[i]);
	}
	o->notify = list.n ? strlist_join(&list, o->arena, ",") : NULL;
	return true;
}

static bool set_ret(struct sendmail_options *o, const char *value, struct err *e)
{
	o->ret = !strcasecmp(value, "full") ? "FULL" : !strcasecmp(value, "hdrs") ? "HDRS" : NULL;
	return o->ret || wrong(e, 'R', value, "full or hdrs");
}

static bool set_envid(struct sendmail_options *o, const char *value, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	smtp_xtext_encode(&b, str_of(value));
	o->envid = arena_str(o->arena, buf_str(&b)).p;
	return (*value && strlen(o->envid) <= 100) || wrong(e, 'V', value, "1 to 100 characters");
}

/* -oi and the long -O IgnoreDots; the other options of Sendmail's configuration mean nothing here. */
static void set_old(struct sendmail_options *o, const char *value)
{
	if (!strcmp(value, "i") || !strcasecmp(value, "IgnoreDots") || !strcasecmp(value, "IgnoreDots=true"))
		o->ignore_dots = true;
	else if (!strcmp(value, "v"))
		o->verbose = true;
}

static bool set_format(struct sendmail_options *o, const char *value, struct err *e)
{
	o->json = !strcmp(value, "json");
	return o->json || !strcmp(value, "text") || option_wrong(e, "format", value, "text or json");
}

/* Exim's -oMr and its like: what follows is their value, and nobody to send to. */
static bool has_word_behind(const char *value)
{
	static const char *const names[] = { "Ma", "Maa", "Mai", "Mas", "Mi", "Mm", "Mr", "Ms", "Mt" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], value))
			return true;
	return false;
}

static bool take(struct sendmail_options *o, int letter, struct err *e)
{
	switch (letter) {
	case 'b':
		return set_mode(o, optarg, e);
	case 'C':
		o->config = optarg;
		break;
	case 'F':
		o->name = optarg;
		break;
	case 'f':
	case 'r':
		o->from = strcmp(optarg, "<>") != 0 ? optarg : "";
		break;
	case 'I':
		o->mode = SENDMAIL_ALIASES;
		break;
	case 'i':
		o->ignore_dots = true;
		break;
	case 'N':
		return set_notify(o, optarg, e);
	case 'O':
	case 'o':
		set_old(o, optarg);
		break;
	case 'q':
		o->mode = SENDMAIL_RUN;
		break;
	case 'R':
		return set_ret(o, optarg, e);
	case 't':
		o->recipients = true;
		break;
	case 'V':
		return set_envid(o, optarg, e);
	case 'v':
		o->verbose = true;
		break;
	case LONG_JSON:
		o->json = true;
		break;
	case LONG_FORMAT:
		return set_format(o, optarg, e);
	case LONG_HELP:
		o->mode = SENDMAIL_HELP;
		break;
	case LONG_VERSION:
		o->mode = SENDMAIL_VERSION;
		break;
	default:
		break;
	}
	return true;
}

static enum sendmail_mode mode_of(const char *name)
{
	return !strcmp(name, "mailq")        ? SENDMAIL_LIST
	       : !strcmp(name, "newaliases") ? SENDMAIL_ALIASES
					     : SENDMAIL_DELIVER;
}

static bool is_enough(const struct sendmail_options *o)
{
	return o->mode == SENDMAIL_HELP || o->mode == SENDMAIL_VERSION;
}

/* getopt may stand within its word still: argv[optind - 1] is then the one before. */
static bool is_strange_letter(int c)
{
	return c == '?' && optopt && optopt < LONG_IDLE && (optopt == ':' || !strchr(letters, optopt));
}

/* Of letters that stand together, the one that is meant. */
static bool refuse(struct err *e, int c, const char *given, const char *mend)
{
	bool word = !is_strange_letter(c) && given[0] == '-' && given[1] == '-';
	const char *near = word && c == '?' ? nearest_option(longs, given) : NULL;
	if (word)
		ERR_FILL(e, ERR_USAGE, 0, "take", "%s", given);
	else
		ERR_FILL(e, ERR_USAGE, 0, "take", "-%c", optopt);
	return near && !strchr(given, '=') ? err_detail(e, "did you mean --%s?", near)
					   : err_detail(e, "%s", mend);
}

bool sendmail_options_read(const char *name, int argc, char **argv, struct sendmail_options *o, struct err *e)
{
	*o = (struct sendmail_options){ .arena = arena_new(), .mode = mode_of(name) };
	opterr = 0;
	optind = 0; /* GNU: begin anew */
	for (int c; !is_enough(o) && (c = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
		if (c == ':')
			return refuse(e, c, argv[optind - 1], "a value belongs to it");
		if (c == '?')
			return refuse(e, c, argv[optind - 1],
				      "there is no such option; see postrider sendmail --help");
		if (!take(o, c, e))
			return false;
		if (c == 'o' && has_word_behind(optarg) && optind < argc)
			optind++;
	}
	for (int i = optind; i < argc; i++)
		strlist_add(&o->to, o->arena, argv[i]);
	return true;
}

void sendmail_options_clear(struct sendmail_options *o)
{
	arena_free(&o->arena);
}
