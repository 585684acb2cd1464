/* SPDX-License-Identifier: Apache-2.0 */
/* Who takes connections: the library's daemons, one for each certificate that is still in use. */
#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "web/mhd_side_inner.h"
#include "web/room.h"

enum { LAST_WORDS_MS = 100 };

static struct MHD_Daemon *daemon_new(struct web *w, const struct certificate *c, int fd, struct err *e)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
			 (c ? MHD_USE_TLS : 0);
	struct MHD_OptionItem more[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, c ? c->cert : NULL },
					 { MHD_OPTION_HTTPS_MEM_KEY, 0, c ? c->key : NULL },
					 { MHD_OPTION_END, 0, NULL } };
	struct MHD_Daemon *d = MHD_start_daemon(flags, 0, NULL, NULL, server_request, w,
						MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
						server_completed, NULL, MHD_OPTION_THREAD_POOL_SIZE,
						(unsigned)WEB_THREADS, MHD_OPTION_CONNECTION_LIMIT,
						room_connections(room_files()), MHD_OPTION_CONNECTION_TIMEOUT,
						(unsigned)WEB_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
						(size_t)WEB_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
						MHD_OPTION_ARRAY, c ? more : more + 2, MHD_OPTION_END);
	if (!d) {
		ERR_FILL(e, ERR_SYS, errno, "answer HTTP at", "%s", w->address);
		err_detail(e, c ? "are certificate and key a pair?" : "no thread could be started");
	}
	return d;
}

bool front_start(struct web *w, struct err *e)
{
	w->front.daemon = daemon_new(w, w->front.certificate, w->fd, e);
	if (w->front.daemon)
		w->fd = -1;
	return w->front.daemon;
}

/* The library gives its descriptor again each time it is asked: it must be asked once. */
static void retire(struct web_front *f)
{
	int fd = (int)MHD_quiesce_daemon(f->daemon);
	close_fd(&fd);
}

static void end_front(struct web_front *f)
{
	MHD_stop_daemon(f->daemon);
	certificate_free(&f->certificate);
	f->daemon = NULL;
}

bool front_renew(struct web *w, struct certificate **c, struct err *e)
{
	const union MHD_DaemonInfo *i = MHD_get_daemon_info(w->front.daemon, MHD_DAEMON_INFO_LISTEN_FD);
	if (w->nretired == WEB_RETIRED_MAX) {
		ERR_FILL(e, ERR_LIMIT, 0, "use the certificate in", "%s", (*c)->cert_file);
		return err_detail(e, "connections go on with %d older ones: restart the relay",
				  WEB_RETIRED_MAX);
	}
	int fd = i ? fcntl(i->listen_fd, F_DUPFD_CLOEXEC, 0) : -1;
	if (fd < 0)
		return ERR_FILL(e, ERR_SYS, errno, "listen at", "%s", w->address);
	struct MHD_Daemon *d = daemon_new(w, *c, fd, e); /* takes fd */
	if (!d) {
		close_fd(&fd);
		return false;
	}
	retire(&w->front);
	w->retired[w->nretired++] = w->front;
	w->front = (struct web_front){ d, STEAL(*c) };
	return true;
}

static unsigned open_at(const struct web_front *f)
{
	const union MHD_DaemonInfo *n =
		f->daemon ? MHD_get_daemon_info(f->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS) : NULL;
	return n ? n->num_connections : 0;
}

unsigned front_open(const struct web *w)
{
	return open_at(&w->front);
}

void front_tidy(struct web *w)
{
	size_t kept = 0;
	for (size_t i = 0; i < w->nretired; i++) {
		if (!open_at(&w->retired[i]))
			end_front(&w->retired[i]);
		else
			w->retired[kept++] = w->retired[i];
	}
	w->nretired = kept;
}

void front_quiet(struct web *w)
{
	if (w->front.daemon && !w->quiet)
		retire(&w->front);
	w->quiet = true;
}

void front_stop(struct web *w)
{
	if (w->front.daemon && web_later_end(w)) /* the loop must not go on meanwhile */
		nanosleep(&(struct timespec){ 0, LAST_WORDS_MS * 1000000 }, NULL);
	while (w->nretired)
		end_front(&w->retired[--w->nretired]);
	if (w->front.daemon)
		end_front(&w->front);
}
