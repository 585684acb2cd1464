/* SPDX-License-Identifier: Apache-2.0 */
/* The message of `postrider send`: its files, its text, its parts. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/send.h"
#include "mail/compose.h"
#include "mail/filetype.h"
#include "mail/html_words.h"

enum { FILE_BYTES_MAX = 100 << 20 };

static bool unreadable(const char *path, const char *why, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "read", "%s", path);
	return err_detail(e, "%s", why);
}

static bool read_stream(FILE *f, const char *path, struct buf *out, struct err *e)
{
	char piece[65536];
	out->max = FILE_BYTES_MAX;
	for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		if (!buf_add(out, piece, n))
			return unreadable(path, "it has more than 100 MB", e);
	return !ferror(f) || unreadable(path, strerror(errno), e);
}

static bool read_file(const char *path, struct buf *out, struct err *e)
{
	struct stat st;
	if (!strcmp(path, "-"))
		return read_stream(stdin, "standard input", out, e);
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f || fstat(fileno(f), &st))
		return unreadable(path, strerror(errno), e);
	if (S_ISDIR(st.st_mode))
		return unreadable(path, "it is a folder: pack it into one file", e);
	return read_stream(f, path, out, e);
}

/* A text for people must be UTF-8; what is older is taken for Windows' Latin alphabet. */
static const char *as_text(struct send_mail *m, const char *path, struct str s, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (memchr(s.p, 0, s.len)) {
		unreadable(path, "it is no text: send it with --attach", e);
		return NULL;
	}
	if (text_is_utf8(s))
		return arena_str(m->arena, s).p;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char two[2] = { (char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f)) };
		buf_add(&b, c < 0x80 ? s.p + i : two, c < 0x80 ? 1 : 2);
	}
	return arena_str(m->arena, buf_str(&b)).p;
}

static bool something_is_piped_in(void)
{
	struct stat st;
	return !fstat(STDIN_FILENO, &st) && (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode));
}

static bool read_text(struct send_mail *m, const char *path, const char **out, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (!read_file(path, &b, e))
		return false;
	*out = as_text(m, path, buf_str(&b), e);
	return *out != NULL;
}

static bool read_words(struct send_mail *m, struct compose *c, struct err *e)
{
	const struct send_options *o = m->o;
	const char *path = o->text ? o->text : !o->html && !o->test && something_is_piped_in() ? "-" : NULL;
	c->text = "";
	if (o->html && !read_text(m, o->html, &c->html, e))
		return false;
	if (path && !read_text(m, path, &c->text, e))
		return false;
	if (c->html && !*c->text)
		c->text = arena_str(m->arena, html_words(m->arena, str_of(c->html))).p;
	m->bare = !*c->text && !o->attach.n;
	if (m->bare)
		c->text = "This is a test message.\n\nPostrider sent it to see whether mail from here "
			  "arrives. No answer is needed.\n";
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool attach(struct send_mail *m, struct buf *files, struct compose_attachment *v, struct err *e)
{
	for (size_t i = 0; i < m->o->attach.n; i++) {
		const char *path = m->o->attach.v[i], *name = base_name(path);
		if (!read_file(path, &files[i], e))
			return false;
		v[i] = (struct compose_attachment){ name, filetype_of(m->arena, name, buf_str(&files[i])),
						    buf_str(&files[i]) };
	}
	return true;
}

static const char *own_address(struct send_mail *m, const char *hostname)
{
	const struct passwd *p = getpwuid(geteuid());
	return arena_printf(m->arena, "%s@%s", p && *p->pw_name ? p->pw_name : "postrider", hostname);
}

static const char *new_message_id(struct send_mail *m, long long now_s)
{
	unsigned long long random = 0;
	const char *at = strrchr(m->from, '@');
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (unsigned long long)getpid();
	return arena_printf(m->arena, "%llx.%llx%s", (unsigned long long)now_s, random,
			    at ? at : "@localhost");
}

static bool build(struct send_mail *m, struct buf *files, struct compose_attachment *v, struct err *e)
{
	const struct send_options *o = m->o;
	struct compose c = { .from = m->from,
			     .from_name = o->from_name,
			     .subject = o->subject,
			     .to = o->to,
			     .cc = o->cc,
			     .reply_to = o->reply_to,
			     .date_s = (long long)time(NULL),
			     .attachments = v,
			     .nattachments = o->attach.n };
	m->message_id = c.message_id = new_message_id(m, c.date_s);
	if (!read_words(m, &c, e) || !attach(m, files, v, e))
		return false;
	if (!c.subject && o->test)
		c.subject = arena_printf(m->arena, "Postrider test message of %s: %s", o->test,
					 arena_dup(m->arena, c.message_id, strcspn(c.message_id, "@")));
	if (!c.subject)
		c.subject = !o->text && !o->html && !o->attach.n ? "Postrider test message" : "";
	return compose_message(&c, &m->bytes, e);
}

bool send_message(struct send_mail *m, const char *hostname, struct err *e)
{
	struct buf files[SEND_ATTACHMENTS_MAX] = { 0 };
	struct compose_attachment v[SEND_ATTACHMENTS_MAX];
	if (!m->from)
		m->from = own_address(m, hostname);
	bool built = build(m, files, v, e);
	for (size_t i = 0; i < SEND_ATTACHMENTS_MAX; i++)
		buf_clear(&files[i]);
	return built;
}
