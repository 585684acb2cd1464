/* SPDX-License-Identifier: Apache-2.0 */
/* `sendmail`, `mailq`, `newaliases`: what programs call to send mail, over the relay of this machine. */
#include "cli/sendmail.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/command.h"

static int help(void)
{
	fputs("Takes a mail as sendmail does and hands it to the relay of this machine.\n\n"
	      "Use:  sendmail [OPTIONS] [RECIPIENT...] < message\n\n"
	      "  -t            recipients stand in the message (To, Cc, Bcc); Bcc is taken out\n"
	      "  -i, -oi       a line of \".\" does not end the message\n"
	      "  -f, -r ADDRESS  the sender (envelope); <> for none\n"
	      "  -F NAME       the sender's name\n"
	      "  -N never|success,failure,delay   which reports are wanted\n"
	      "  -R full|hdrs  how much of the message comes back in them\n"
	      "  -V ID         an id that comes back in them\n"
	      "  -bs           speak SMTP on standard input and output\n"
	      "  -bp           show the queue (mailq)\n"
	      "  -q            try all that waits now\n"
	      "  -C FILE       the configuration\n"
	      "  -v            show the dialogue\n\n"
	      "-bm, -bi, -I, -A, -B, -c, -D, -d, -E, -e, -G, -h, -J, -L, -M, -m, -n, -O, -o, -p, -Q, -s\n"
	      "-T, -U, -X and -x are taken, as others take them, and mean nothing here.\n"
	      "--config and --verbose are -C and -v.\n"
	      "--json and --format text|json: the queue of -bp, or what became of the message, as JSON.\n"
	      "--quiet, --no-color, --help and --version are taken, as by every command of postrider.\n"
	      "Exit status (sysexits.h): 0 the relay has it safely, 64 wrong use, 65 no message, 67 "
	      "recipient\n"
	      "refused, 69 refused, 74 the message cannot be read, 75 not now: try again, 77 sender refused, "
	      "78 wrong configuration.\n",
	      stdout);
	return EX_OK;
}

/* By the command of that name; an empty queue is well. */
static int queue(const struct sendmail_options *o, const char *const *words, size_t n)
{
	char *args[10];
	size_t k = 0;
	args[k++] = arena_strdup(o->arena, "queue");
	for (size_t i = 0; i < n; i++)
		args[k++] = arena_strdup(o->arena, words[i]);
	if (o->config) {
		args[k++] = arena_strdup(o->arena, "--config");
		args[k++] = arena_strdup(o->arena, o->config);
	}
	if (o->json)
		args[k++] = arena_strdup(o->arena, "--json");
	args[k] = NULL;
	int status = command_queue((int)k, args);
	return status == EXIT_WRONG_USE ? EX_CONFIG : status == EXIT_CANNOT ? EX_UNAVAILABLE : EX_OK;
}

static bool no_config(struct arena *a, struct local_relay *out)
{
	char name[HOST_NAME_MAX + 1] = "";
	gethostname(name, sizeof(name) - 1);
	*out = (struct local_relay){ .host = "127.0.0.1", .port = 25, .security = SESSION_PLAIN, .data = "" };
	out->hostname = strchr(name, '.') ? arena_strdup(a, name)
					  : arena_printf(a, "%s.localdomain", *name ? name : "localhost");
	return true;
}

/* A configuration that is not there, or not for this user to read, means port 25 of loopback.
 * False with *e (ERR_USAGE). */
static bool find_relay(const struct sendmail_options *o, struct local_relay *out, struct err *e)
{
	CLEANUP(config_free) struct config *c = NULL;
	const char *path = o->config ? o->config : "/etc/postrider/postrider.conf";
	if (!o->config && access(path, R_OK)) /* never ./postrider.conf: cron and PHP run anywhere */
		return no_config(o->arena, out);
	return config_load(path, &c, e) && local_relay_of(c, o->arena, out, e);
}

static int into_relay(const struct sendmail_options *o, struct sendmail_said *said)
{
	struct local_relay r;
	struct err e = { 0 };
	if (!find_relay(o, &r, &e))
		return sendmail_failed(said, EX_CONFIG, &e);
	return o->mode == SENDMAIL_SMTP ? sendmail_smtp(&r) : sendmail_deliver(o, &r, said);
}

static int run(const struct sendmail_options *o, struct sendmail_said *said)
{
	static const char *const list[] = { "list" }, *const retry[] = { "retry", "--all", "--yes", "--quiet" };
	switch (o->mode) {
	case SENDMAIL_HELP:
		return help();
	case SENDMAIL_VERSION:
		puts("postrider " POSTRIDER_VERSION);
		return EX_OK;
	case SENDMAIL_LIST:
		return queue(o, list, ARRAY_LEN(list));
	case SENDMAIL_RUN:
		return queue(o, retry, ARRAY_LEN(retry));
	case SENDMAIL_ALIASES:
		fputs("sendmail: there are no aliases here, and nothing to build\n", stderr);
		return EX_OK;
	default:
		return into_relay(o, said);
	}
}

int command_sendmail(int argc, char **argv)
{
	struct sendmail_options o;
	struct err e = { 0 };
	const char *slash = strrchr(argv[0], '/');
	bool read = sendmail_options_read(slash ? slash + 1 : argv[0], argc, argv, &o, &e);
	struct sendmail_said said = { .arena = o.arena };
	int status = read ? run(&o, &said) : sendmail_failed(&said, EX_USAGE, &e);
	if (read && o.json && o.mode == SENDMAIL_DELIVER)
		sendmail_json(&said, status);
	sendmail_options_clear(&o);
	return status;
}
