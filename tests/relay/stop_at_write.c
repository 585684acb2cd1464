/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a relay: it ends, as by kill -9, before the store writes a record that has the text STOP_AT. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

typedef ssize_t write_fn(int fd, const struct iovec *v, int n, off64_t at);

static const char *text;

__attribute__((constructor)) static void look(void)
{
	text = getenv("STOP_AT");
}

static ssize_t write_or_stop(const char *name, int fd, const struct iovec *v, int n, off64_t at)
{
	void *real = dlsym(RTLD_NEXT, name);
	for (int i = 0; text && i < n; i++)
		if (v[i].iov_len && memmem(v[i].iov_base, v[i].iov_len, text, strlen(text)))
			_exit(9);
	return ((write_fn *)real)(fd, v, n, at);
}

ssize_t pwritev(int fd, const struct iovec *v, int n, off64_t at)
{
	return write_or_stop("pwritev", fd, v, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t at)
{
	return write_or_stop("pwritev64", fd, v, n, at);
}
