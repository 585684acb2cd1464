/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/herald.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/thread_name.h"

/* A request is its head and so many bytes; the answer is one int: -1 not run, 0 well, 1..255 its exit status,
 * 256 + signal. */
struct request {
	uint32_t command, bytes;
};

enum { NOT_RUN = -1, SIGNALLED = 256, ANSWER_SLACK_S = 5 };

struct herald {
	struct strlist commands;
	struct arena *arena;
	pthread_mutex_t lock;
	int fd;
	pid_t pid;
};

static bool move_all(int fd, void *p, size_t n, bool out)
{
	for (char *at = p; n;) {
		ssize_t k = out ? send(fd, at, n, MSG_NOSIGNAL) : read(fd, at, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		at += k;
		n -= (size_t)k;
	}
	return true;
}

/* ---- the other process ---- */

/* Not fork(): libuv's handlers of it would close what they take for descriptors of theirs. */
static int spawn(const char *path, int input, pid_t *pid)
{
	char environment[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *const variables[] = { environment, NULL };
	char *const arguments[] = { (char *)(uintptr_t)path, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &all);
	int status = posix_spawn(pid, path, &files, &how, arguments, variables);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return status;
}

/* In memory, so that a command that does not read its input hangs nobody. */
static int text_file(const char *text, size_t n)
{
	int fd = memfd_create("alert", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, text, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -1;
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
}

static int await(pid_t pid)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	int status = 0;
	for (int i = 0; i < HERALD_LIMIT_S * 10; i++) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		if (got == pid)
			return status_of(status);
		nanosleep(&tenth, NULL);
	}
	kill(-pid, SIGKILL); /* with all that it began */
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return SIGNALLED + SIGKILL;
}

static int run_command(const char *path, const char *text, size_t n)
{
	CLEANUP(close_fd) int input = text_file(text, n);
	pid_t pid;
	return input >= 0 && spawn(path, input, &pid) == 0 ? await(pid) : NOT_RUN;
}

static NORETURN void serve(const struct herald *h, int fd)
{
	char *text = mem_alloc(HERALD_TEXT_MAX);
	struct request r;
	while (move_all(fd, &r, sizeof(r), false)) {
		if (r.command >= h->commands.n || r.bytes > HERALD_TEXT_MAX ||
		    !move_all(fd, text, r.bytes, false))
			break;
		int32_t status = run_command(h->commands.v[r.command], text, r.bytes);
		if (!move_all(fd, &status, sizeof(status), true))
			break;
	}
	_exit(0);
}

/* Nothing of the relay's stays with it but the socket and the three usual descriptors; signals that are for
 * the relay (reload, end) are not for it: it ends with the socket. */
static NORETURN void be_herald(const struct herald *h, int fd)
{
	const struct rlimit no_core = { 0, 0 };
	int own = fcntl(fd, F_DUPFD, STDERR_FILENO + 1);
	if (own != STDERR_FILENO + 1)
		own = dup2(fd, STDERR_FILENO + 1);
	closefrom(STDERR_FILENO + 2);
	fcntl(own, F_SETFD, FD_CLOEXEC);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* ports below 1024 are the relay's */
	thread_name("postrider-alert");
	serve(h, own);
}

/* ---- this process ---- */

struct herald *herald_new(const struct strlist *commands, struct err *e)
{
	int pair[2];
	if (!commands->n)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		ERR_FILL(e, ERR_SYS, errno, "prepare commands of alerts", "a socket");
		return NULL;
	}
	struct herald *h = mem_alloc(sizeof(*h));
	h->arena = arena_new();
	for (size_t i = 0; i < commands->n && i < HERALD_COMMANDS_MAX; i++)
		strlist_add(&h->commands, h->arena, commands->v[i]);
	pthread_mutex_init(&h->lock, NULL);
	h->fd = pair[0];
	fflush(NULL);
	h->pid = fork();
	if (h->pid == 0)
		be_herald(h, pair[1]);
	close(pair[1]);
	if (h->pid > 0)
		return h;
	ERR_FILL(e, ERR_SYS, errno, "prepare commands of alerts", "a process");
	herald_free(&h);
	return NULL;
}

void herald_stop(struct herald *h)
{
	if (h)
		shutdown(h->fd, SHUT_RDWR);
}

void herald_free(struct herald **hp)
{
	struct herald *h = *hp;
	if (!h)
		return;
	close_fd(&h->fd);
	pthread_mutex_destroy(&h->lock);
	arena_free(&h->arena);
	mem_free(hp);
}

int herald_index(const struct herald *h, const char *command)
{
	for (size_t i = 0; h && i < h->commands.n; i++)
		if (z_eq(h->commands.v[i], command))
			return (int)i;
	return -1;
}

static bool answered(const struct herald *h, int32_t *status)
{
	struct pollfd p = { .fd = h->fd, .events = POLLIN };
	int n;
	do
		n = poll(&p, 1, (HERALD_LIMIT_S + ANSWER_SLACK_S) * 1000);
	while (n < 0 && errno == EINTR);
	return n == 1 && move_all(h->fd, status, sizeof(*status), false);
}

bool herald_run(struct herald *h, int command, const char *text, struct err *e)
{
	size_t n = strlen(text) < HERALD_TEXT_MAX ? strlen(text) : HERALD_TEXT_MAX;
	struct request r = { (uint32_t)command, (uint32_t)n };
	const char *path = h->commands.v[command];
	int32_t status = NOT_RUN;
	pthread_mutex_lock(&h->lock);
	bool there = move_all(h->fd, &r, sizeof(r), true) &&
		     move_all(h->fd, (char *)(uintptr_t)text, n, true) && answered(h, &status);
	pthread_mutex_unlock(&h->lock);
	if (!there)
		return ERR_FILL(e, ERR_SYS, EPIPE, "run", "%s", path);
	if (status == NOT_RUN) {
		ERR_FILL(e, ERR_USAGE, 0, "run", "%s", path);
		return err_detail(e,
				  "it cannot be started: is it there, and executable for the relay's user?");
	}
	if (status == 0)
		return true;
	ERR_FILL(e, ERR_PROTOCOL, status, "run", "%s", path);
	if (status == SIGNALLED + SIGKILL)
		return err_detail(e, "it was ended by force: it has %d s", HERALD_LIMIT_S);
	return status > SIGNALLED ? err_detail(e, "signal %d ended it", status - SIGNALLED)
				  : err_detail(e, "it ended with %d", status);
}
