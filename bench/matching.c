/* SPDX-License-Identifier: Apache-2.0 */
/* bench/matching - how often a bounce is brought to the mail and the recipient it is about.
 *
 *   matching FOLDER [--least PERCENT] [--wrong]
 *
 * FOLDER: mails, and labels.tsv (file, class, recipient ...).  Where the text of a mail has, behind its own
 * header, a Message-ID, and a label names the recipient, a mail of that id is taken to have gone out from
 * here to him and to one more; a second mail to him, of another id and subject, went out an hour before, and
 * a third one to somebody else.  Right: the report is brought to that recipient of that mail; wrong: to
 * anything else here.  Each is asked a second time as if its own mail had never gone out: then every match is
 * wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "file.h"
#include "relay/bounce/bounce_match.h"

enum { COLUMNS_MAX = 16, OURS = 4 };
static const long long now_ms = 1795286100000LL, hour_ms = 3600000LL;

struct tally {
	unsigned mails, with_id, right, wrong, none;
	bool show;
};

/* The first Message-ID field behind the mail's own header, by the bare text: not by what is measured here. */
static struct str id_in(struct str mail)
{
	size_t at = 0;
	bool behind = false;
	while (at < mail.len) {
		const char *lf = memchr(mail.p + at, '\n', mail.len - at);
		size_t end = lf ? (size_t)(lf - mail.p) : mail.len;
		struct str line = str_trim(str_cut(mail, at, end));
		behind = behind || !line.len;
		while (line.len && (*line.p == '>' || *line.p == ' '))
			line = str_cut(line, 1, line.len);
		if (behind && str_istarts(line, "Message-ID:")) {
			struct str id = str_trim(str_cut(line, strlen("Message-ID:"), line.len));
			if (id.len > 2 && *id.p == '<' && id.p[id.len - 1] == '>')
				return str_cut(id, 1, id.len - 1);
		}
		at = end + 1;
	}
	return (struct str){ "", 0 };
}

static struct bounce_candidate sent(uint64_t n, uint32_t rcpt, const char *address, const char *id,
				    const char *subject, size_t nrcpts, long long hours)
{
	return (struct bounce_candidate){ .id = { n, (uint32_t)n },
					  .rcpt = rcpt,
					  .address = address,
					  .orcpt = "",
					  .message_id = id,
					  .subject = subject,
					  .nrcpts = nrcpts,
					  .state = STORE_HANDED_OVER,
					  .handed_ms = now_ms - hours * hour_ms,
					  .host = "mx.recipient.example",
					  .ip = "192.0.2.1",
					  .remote_id = "4bXyZ1234" };
}

static void judge(struct arena *a, struct str mail, const char *file, const char *to, const char *id,
		  struct tally *t)
{
	static const struct scram_key key = { "a key that signs nothing" };
	const struct bounce_candidate ours[OURS] = {
		sent(1, 0, to, id, "the mail itself", 2, 2),
		sent(1, 1, "second@recipient.example", id, "the mail itself", 2, 2),
		sent(2, 0, to, "another@sender.example", "another mail", 1, 3),
		sent(3, 0, "third@recipient.example", "third@sender.example", "a third mail", 1, 1),
	};
	const struct bounce_reader r = { .key = &key, .now_ms = now_ms };
	struct bounce_report report;
	struct bounce_match out[BOUNCE_MATCHES_MAX];
	bounce_report_read(a, mail, &r, &report);
	size_t n = bounce_match(&report, ours, OURS, out), stray = 0, strange = 0;
	for (size_t i = 0; i < n; i++)
		stray += out[i].candidate > 0;
	strange = bounce_match(&report, ours + 2, OURS - 2, out + (n < BOUNCE_MATCHES_MAX / 2 ? n : 0));
	t->right += n == 1 && !stray;
	t->none += !n;
	t->wrong += stray || strange;
	if (t->show && (n != 1 || stray || strange))
		printf("%s: %zu matches, %zu stray, %zu strange (%s, %zu recipients)\n", file, n, stray,
		       strange, dsn_kind_name(report.dsn.kind), report.dsn.n);
}

static void take_row(const char *folder, char *line, struct tally *t)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	char *cells[COLUMNS_MAX];
	size_t n = 0;
	struct str mail;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *cell; n < COLUMNS_MAX && (cell = strsep(&line, "\t"));)
		cells[n++] = cell;
	if (n < 3 || !file_read(a, arena_printf(a, "%s/%s", folder, cells[0]), &mail))
		return;
	t->mails++;
	struct str id = id_in(mail);
	if (!id.len || !strchr(cells[2], '@'))
		return;
	t->with_id++;
	judge(a, mail, cells[0], cells[2], arena_str(a, id).p, t);
}

int main(int argc, char **argv)
{
	struct tally t = { 0 };
	double least = 0;
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], "--wrong"))
			t.show = true;
		else if (!strcmp(argv[i], "--least") && i + 1 < argc)
			least = strtod(argv[++i], NULL);
	CLEANUP(mem_free) char *path = mem_printf("%s/labels.tsv", argc > 1 ? argv[1] : ".");
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	CLEANUP(mem_free) char *line = NULL;
	size_t room = 0;
	if (!f) {
		printf("skipped: %s is not there\n", path);
		return 77;
	}
	for (bool first = true; getline(&line, &room, f) > 0; first = false)
		if (!first)
			take_row(argv[1], line, &t);
	double share = t.with_id ? 100.0 * t.right / t.with_id : 0;
	printf("%u mails, %u with the id of what they are about: %u matched (%.1f %%), %u not, %u wrong\n",
	       t.mails, t.with_id, t.right, share, t.none, t.wrong);
	return t.wrong || share < least;
}
