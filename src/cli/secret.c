/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static char *chop(char *s, size_t n)
{
	if (n && s[n - 1] == '\n')
		s[--n] = 0;
	if (n && s[n - 1] == '\r')
		s[--n] = 0;
	return s;
}

static bool too_long(const char *path, char *s, struct err *e)
{
	mem_wipe(s, REQUEST_SECRET_BYTES_MAX);
	free(s);
	ERR_FILL(e, ERR_USAGE, 0, "use", "%s as a secret", path);
	return err_detail(e, "it is longer than 64 KB, or holds a NUL: is this the right file?");
}

static bool unread(const char *path, int no, struct err *e)
{
	if (no == EACCES) /* no wrong use */
		return ERR_FILL(e, ERR_SYS, no, "read the secret in", "%s", path);
	ERR_FILL(e, ERR_USAGE, 0, "read the secret in", "%s", path);
	return err_detail(e, "%s", strerror(no));
}

bool secret_read_file(const char *path, char **out, struct err *e)
{
	bool standard = !strcmp(path, "-");
	CLEANUP(close_file) FILE *owned = standard ? NULL : fopen(path, "re");
	FILE *f = standard ? stdin : owned;
	if (!f)
		return unread(path, errno, e);
	char *s = mem_alloc(REQUEST_SECRET_BYTES_MAX + 1);
	size_t n = fread(s, 1, REQUEST_SECRET_BYTES_MAX, f);
	if (ferror(f)) {
		int no = errno;
		free(s);
		return unread(path, no, e);
	}
	if (n == REQUEST_SECRET_BYTES_MAX || memchr(s, 0, n))
		return too_long(path, s, e);
	*out = chop(s, n);
	return true;
}

/* Restored whatever happens: a terminal without echo is no use to anybody. */
static char *prompt(const char *user)
{
	struct termios old, quiet;
	CLEANUP(close_file) FILE *tty = fopen("/dev/tty", "r+e");
	if (!tty || tcgetattr(fileno(tty), &old))
		return NULL;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fileno(tty), TCSAFLUSH,
		  &quiet); /* before the prompt: what answers it is never shown, nor flushed */
	fprintf(tty, "Password of %s: ", user);
	fflush(tty);
	char *s = mem_alloc(1024);
	char *got = fgets(s, 1024, tty);
	tcsetattr(fileno(tty), TCSAFLUSH, &old);
	fputc('\n', tty);
	if (!got) {
		free(s);
		return NULL;
	}
	return chop(s, strlen(s));
}

char *secret_ask(const char *user)
{
	const char *from_env = getenv("POSTRIDER_PASSWORD");
	if (from_env)
		return mem_strdup(from_env);
	return *user && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) ? prompt(user) : NULL;
}

bool secret_complete(struct check_options *o, struct err *e)
{
	struct check_request *r = &o->request;
	(void)e;
	if (r->password || r->token || r->oauth || !strcmp(r->auth, "none"))
		return true;
	char *secret = secret_ask(r->user);
	if (secret)
		r->password = o->secrets[o->nsecrets++] = secret;
	return true;
}
