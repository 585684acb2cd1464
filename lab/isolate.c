/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/address.h"

static bool write_proc(const char *path, const char *text, struct err *e)
{
	CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return ERR_FILL(e, ERR_SYS, errno, "set up the user namespace", "%s", path);
	return true;
}

static bool become_root_inside(unsigned uid, unsigned gid, struct err *e)
{
	CLEANUP(mem_free) char *u = mem_printf("0 %u 1\n", uid);
	CLEANUP(mem_free) char *g = mem_printf("0 %u 1\n", gid);
	return write_proc("/proc/self/setgroups", "deny", e) && write_proc("/proc/self/uid_map", u, e) &&
	       write_proc("/proc/self/gid_map", g, e);
}

static bool add_listens(int fd, const struct spec_section *s, struct err *e)
{
	const struct strlist *l = spec_list(s, "listen");
	for (size_t i = 0; l && i < l->n; i++) {
		char address[ADDRESS_BYTES];
		unsigned port;
		if (!address_split(l->v[i], address, sizeof(address), &port))
			return ERR_FILL(e, ERR_SYNTAX, s->line, "read listen",
					"%s:%d: \"%s\" is not ADDR:PORT", s->file, s->line, l->v[i]);
		if (strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0 &&
		    !isolate_address(fd, address, e))
			return false;
	}
	return true;
}

static bool add_network(int fd, const struct spec *s, struct err *e)
{
	if (!isolate_link_up(fd, e))
		return false;
	for (size_t i = 0; i < s->n; i++)
		if ((s->sections[i].kind == SPEC_SERVER || s->sections[i].kind == SPEC_RESOLVER) &&
		    !add_listens(fd, &s->sections[i], e))
			return false;
	const struct strlist *addresses = spec_list(&s->top, "address"),
			     *routes = spec_list(&s->top, "route");
	for (size_t i = 0; addresses && i < addresses->n; i++)
		if (!isolate_address(fd, addresses->v[i], e))
			return false;
	for (size_t i = 0; routes && i < routes->n; i++)
		if (!isolate_route(fd, routes->v[i], e))
			return false;
	return true;
}

bool isolate_enter(const struct spec *s, struct err *e)
{
	unsigned uid = geteuid(), gid = getegid();
	bool user = !unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS);
	/* No user namespaces here (a chroot, some containers): root can do without. */
	if (!user && (uid != 0 || unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)) {
		ERR_FILL(e, ERR_SYS, errno, "make a network namespace", "unshare");
		return err_detail(e, "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, "
				     "user.max_user_namespaces=10000");
	}
	if (user && !become_root_inside(uid, gid, e))
		return false;
	CLEANUP(close_fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return ERR_FILL(e, ERR_SYS, errno, "open netlink", "socket");
	return add_network(fd, s, e);
}

static bool put_over(const char *dir, const char *name, const char *text, struct err *e)
{
	CLEANUP(mem_free) char *from = mem_printf("%s/%s", dir, name);
	CLEANUP(mem_free) char *to = mem_printf("/etc/%s", name);
	CLEANUP(close_file) FILE *f = fopen(from, "we");
	if (!f || fputs(text, f) < 0 || fflush(f) != 0)
		return ERR_FILL(e, ERR_SYS, errno, "write", "%s", from);
	if (access(to, F_OK) < 0)
		return true;
	return mount(from, to, NULL, MS_BIND, NULL) == 0 ||
	       ERR_FILL(e, ERR_SYS, errno, "mount over", "%s", to);
}

bool isolate_files(const char *dir, const struct strlist *hosts, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_adds(&b, "127.0.0.1 localhost\n::1 localhost\n");
	for (size_t i = 0; hosts && i < hosts->n; i++)
		buf_addf(&b, "%s\n", hosts->v[i]);
	buf_add(&b, "", 1);
	bool closed = !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (!closed && errno == EINVAL)
		return true; /* a chroot, whose / is no mount: the machine's own files stay, untouched */
	if (!closed)
		return ERR_FILL(e, ERR_SYS, errno, "make mounts private", "/");
	return put_over(dir, "hosts", b.data, e) &&
	       put_over(dir, "resolv.conf", "nameserver 127.0.0.53\n", e);
}
