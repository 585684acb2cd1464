/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/send_options.h"

#include <string.h>

#include "cli/option_table.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "net/plain_address.h"
#include "smtp/path.h"

static bool bad_address(struct err *e, const char *option, const char *typed, const char *why)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "--%s \"%s\"", option, typed);
	return err_detail(e, "it is no address such as ann@example.com (%s)", why);
}

static bool parse(struct arena *a, const char *option, const char *typed, struct mailbox_list *out,
		  struct err *e)
{
	if (option_has_control(typed))
		return option_wrong(e, option, "...",
				    "control characters cannot stand there: was a line end pasted along?");
	bool sound = mailbox_parse(a, str_of(typed), out);
	if (!sound || !out->n)
		return bad_address(e, option, typed, out->bad ? out->bad : "empty");
	for (size_t i = 0; i < out->n; i++) {
		struct smtp_mailbox m;
		struct smtp_path_problem why;
		if (!smtp_mailbox_read(str_of(out->v[i].address), SMTP_PATH_UTF8, &m, &why))
			return bad_address(e, option, typed, why.word);
		const char *no, *plain = plain_address(a, out->v[i].address, &no);
		if (!plain)
			return bad_address(e, option, typed, no);
		out->v[i].address = plain;
	}
	return true;
}

/* Each of a list as it stands in a header ("Ann <a@example.com>, b@example.com"). */
static bool add_addresses(struct arena *a, const char *option, const char *typed, struct strlist *out,
			  struct err *e)
{
	struct mailbox_list l = { 0 };
	if (!parse(a, option, typed, &l, e))
		return false;
	for (size_t i = 0; i < l.n; i++)
		if (!strlist_has(out, l.v[i].address))
			strlist_add(out, a, l.v[i].address);
	if (out->n <= SEND_RECIPIENTS_MAX)
		return true;
	return option_wrong(e, option, typed, "1000 recipients are the most of one message");
}

static struct strlist *list_of(void *options, const struct option_row *row)
{
	return (struct strlist *)((char *)options + row->offset);
}

static bool take_addresses(void *options, const struct option_row *row, const char *value, struct err *e)
{
	const struct send_options *o = options;
	return add_addresses(o->arena, row->name, value, list_of(options, row), e);
}

static bool take_from(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct send_options *o = options;
	struct mailbox_list l = { 0 };
	bool coded;
	if (!parse(o->arena, row->name, value, &l, e))
		return false;
	if (l.n > 1)
		return option_wrong(e, row->name, value, "one sender, not several");
	o->from = l.v[0].address;
	o->from_name = mime_words(o->arena, l.v[0].name, &coded);
	return true;
}

static bool take_reply_to(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct send_options *o = options;
	struct mailbox_list l = { 0 };
	if (!parse(o->arena, row->name, value, &l, e))
		return false;
	if (l.n > 1)
		return option_wrong(e, row->name, value, "one address, not several");
	o->reply_to = l.v[0].address;
	return true;
}

static bool take_file(void *options, const struct option_row *row, const char *value, struct err *e)
{
	const struct send_options *o = options;
	struct strlist *l = list_of(options, row);
	if (l->n == SEND_ATTACHMENTS_MAX)
		return option_wrong(e, row->name, value, "100 attachments are the most of one message");
	strlist_add(l, o->arena, value);
	return true;
}

static bool take_timeout(void *options, const struct option_row *row, const char *value, struct err *e)
{
	struct send_options *o = options;
	return (str_number(str_of(value), SEND_TIMEOUT_MAX_S, &o->timeout_s) && o->timeout_s) ||
	       option_wrong(e, row->name, value, "a number of seconds, 1 or more");
}

#define TO(member) .offset = offsetof(struct send_options, member)

static const struct option_row rows[] = {
	OPTION("from", "ADDRESS", "who sends; \"Ann Example <ann@example.com>\" shows the name",
	       .take = take_from, .group = "The message", .letter = 'f'),
	OPTION("to", "ADDRESS", "recipient; again, or with commas, for more", .take = take_addresses, TO(to)),
	OPTION("cc", "ADDRESS", "who gets a copy, named in the message", .take = take_addresses, TO(cc)),
	OPTION("bcc", "ADDRESS", "who gets a copy that nobody else knows of", .take = take_addresses,
	       TO(bcc)),
	OPTION("reply-to", "ADDRESS", "where answers go", .take = take_reply_to),
	OPTION("subject", "TEXT", "what it is about", TO(subject)),
	OPTION("text", "FILE", "its text; - is standard input, which is read too when something is piped in",
	       TO(text)),
	OPTION("html", "FILE", "the same as a page; without --text its words are the text", TO(html)),
	OPTION("attach", "FILE", "attach a file; again for more", .take = take_file, TO(attach)),
	OPTION("merge", "TABLE.csv",
	       "a mail for each row, through the queue; its first row names the columns", TO(merge),
	       .group = "A batch"),
	OPTION("template", "MAIL.eml",
	       "the mail, with {{column}} or {{column|default}} where a row's words go", TO(template)),
	OPTION("to-column", "NAME", "who gets it, where the template's To: names no column", TO(to_column)),
	OPTION("attach-column", "NAME",
	       "files of the row, with ; between them (default: the column \"attachment\")",
	       TO(attach_column)),
	OPTION("key-column", "NAME",
	       "what no recipient gets twice, such as the invoice's number (default: the column \"key\", "
	       "else the whole row)",
	       TO(key_column)),
	OPTION("skip-bad", NULL, "leave rows out that cannot be sent; without it nothing is sent then",
	       TO(skip_bad)),
	OPTION("dry-run", NULL, "send nothing: tell when each mail would leave, and which cap keeps it",
	       TO(dry_run)),
	OPTION("results", "FILE",
	       "what became of each row (default TABLE.results.csv); alone: bring it up to date",
	       TO(results)),
	OPTION("resume", NULL, "go on with a batch though its template, or rows that were sent, changed",
	       TO(resume)),
	OPTION("again", NULL, "a new batch of the same table: everybody gets it once more", TO(again)),
	OPTION("via", "WAY", "queue (the running relay), or profile NAME: settings of the configuration",
	       TO(via), .group = "The way"),
	OPTION("profile", "NAME", "through the relay in the name of this profile: its sender, route and caps",
	       TO(as)),
	OPTION("kind", "KIND", "a kind of the profile's mail, such as invoice", TO(kind)),
	OPTION("test", "PROFILE",
	       "prove the profile's settings with a test mail (default: to its own address), fetched back "
	       "where it has a mailbox",
	       TO(test)),
	OPTION("untested", NULL, "let this mail go though the profile's test has not passed", TO(untested)),
	OPTION("config", "FILE",
	       "the configuration (default ./postrider.conf, /etc/postrider/postrider.conf)", TO(config)),
	OPTION("wait", NULL, "via the queue: until it is handed over or refused, and tell which", TO(wait)),
	OPTION("timeout", "SECONDS", "give up waiting after that (default 300)", .take = take_timeout),
	OPTION("json", NULL, "one JSON document", TO(json), .group = "The answer", .json = true),
	OPTION("verbose", NULL, "show the dialogue, secrets hidden", TO(verbose)),
	OPTION("quiet", NULL, "no progress; of what went well only the id", TO(quiet)),
	OPTION_NO_COLOR(TO(no_color)),
	OPTION_HELP(TO(help)),
};

static const struct option_table table = { .command = "send", .rows = rows, .nrows = ARRAY_LEN(rows) };

void send_options_help(FILE *out)
{
	fputs("Sends one mail and tells the truth about it: who took it, or who refused it, why, and what to "
	      "do.\n\n"
	      "Use:  postrider send --to ADDRESS [OPTIONS]\n"
	      "      postrider send --merge TABLE.csv --template MAIL.eml [OPTIONS]\n"
	      "      postrider send --results FILE\n",
	      out);
	option_table_help(&table, out);
	fputs("\nWithout --via: the relay of the configuration, or its only profile. Without a text: a test "
	      "mail.\n"
	      "Via a profile the message is handed to its server at once (a password only when its "
	      "certificate\n"
	      "is good). Via the queue it is safe once the relay says so, and --wait follows it.\n"
	      "A batch is checked as a whole before anything leaves; the same command again goes on with "
	      "one\n"
	      "that broke off, and nobody gets two.\n\n"
	      "Examples:\n"
	      "  postrider send --test office\n"
	      "  postrider send -f me@example.org --to you@example.com --subject \"Invoice 7\" \\\n"
	      "      --text letter.txt --attach invoice-7.pdf --via queue --wait\n"
	      "  postrider send --merge customers.csv --template invoice.eml --dry-run\n"
	      "  df -h | postrider send --to admin@example.com --subject \"Disks of $(hostname)\"\n\n"
	      "Exit status: 0 handed over (via the queue without --wait: queued), 1 not, or not for all,\n"
	      "2 wrong use or configuration, 3 could not work here.\n",
	      out);
}

/* "--via profile NAME": the name is what follows. */
static bool take_name(int argc, char **argv, int first, struct send_options *o, struct err *e)
{
	if (first < argc && o->via && !strcmp(o->via, "profile"))
		o->profile = argv[first++];
	if (first >= argc)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "understand", "%s", argv[first]);
	return err_detail(e,
			  strchr(argv[first], '@') ? "recipients go with --to" : "see postrider send --help");
}

/* What goes with a batch only, and what does not go with one. */
static bool is_batch_complete(const struct send_options *o, struct err *e)
{
	if (o->merge && !o->template)
		return option_wrong(e, "merge", o->merge, "say what to send: --template MAIL.eml");
	if (!o->merge && o->dry_run)
		return option_wrong(e, "dry-run", "", "it is for a batch: --merge TABLE.csv");
	if (!o->merge && o->template)
		return option_wrong(e, "template", o->template, "say to whom: --merge TABLE.csv");
	if (o->to.n + o->cc.n + o->bcc.n)
		return option_wrong(e, "to", "...", "in a batch the table says who gets it");
	if (o->text || o->html || o->subject || o->reply_to)
		return option_wrong(e, "subject", "...",
				    "in a batch the template holds subject, text and Reply-To");
	return true;
}

static bool is_complete(const struct send_options *o, struct err *e)
{
	if (o->merge || o->template || o->results || o->dry_run)
		return is_batch_complete(o, e);
	if (o->test && (o->text || o->html || o->attach.n || o->via || o->as || o->kind))
		return option_wrong(e, "test", o->test,
				    "a test mail alone: without text, attachments, way and kind");
	if (o->test || o->to.n + o->cc.n + o->bcc.n)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "send", "a mail to nobody");
	return err_detail(e, "say who gets it: --to ann@example.com");
}

bool send_options_read(int argc, char **argv, struct send_options *o, struct err *e)
{
	int first;
	*o = (struct send_options){ .arena = arena_new(), .timeout_s = SEND_TIMEOUT_S };
	if (!option_table_read(&table, argc, argv, o, &first, e))
		return false;
	return o->help || (take_name(argc, argv, first, o, e) && is_complete(o, e));
}

void send_options_clear(struct send_options *o)
{
	arena_free(&o->arena);
}
