/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/call_filter.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/sanitizer.h"

#if defined(HAVE_SECCOMP) && !SANITIZER_ADDRESS
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* By what they are for; names, since not every machine has each. */
const char *const call_filter_names[] = {
	/* files of the store and the logs */
	"access",
	"close",
	"dup",
	"dup2",
	"dup3",
	"faccessat",
	"faccessat2",
	"fadvise64",
	"fallocate",
	"fchmod",
	"fchmodat",
	"fchown",
	"fcntl",
	"fdatasync",
	"flock",
	"fstat",
	"fstatfs",
	"fsync",
	"ftruncate",
	"getcwd",
	"getdents64",
	"inotify_add_watch",
	"inotify_init1",
	"inotify_rm_watch",
	"link",
	"linkat",
	"lseek",
	"lstat",
	"mkdir",
	"mkdirat",
	"newfstatat",
	"open",
	"openat",
	"pread64",
	"preadv",
	"pwrite64",
	"pwritev",
	"pwritev2",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"rename",
	"renameat",
	"renameat2",
	"rmdir",
	"stat",
	"statfs",
	"statx",
	"sync_file_range",
	"umask",
	"unlink",
	"unlinkat",
	"utimensat",
	"write",
	"writev",
	"copy_file_range",
	"chmod",
	/* connections, and the local sockets of control and service manager */
	"accept",
	"accept4",
	"bind",
	"connect",
	"getpeername",
	"getsockname",
	"getsockopt",
	"listen",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"setsockopt",
	"shutdown",
	"sendfile",
	/* waiting */
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"eventfd2",
	"gettimeofday",
	"nanosleep",
	"pipe",
	"pipe2",
	"poll",
	"ppoll",
	"pselect6",
	"restart_syscall",
	"select",
	"signalfd4",
	"time",
	"timerfd_create",
	"timerfd_settime",
	/* memory and threads */
	"arch_prctl",
	"brk",
	"exit",
	"exit_group",
	"futex",
	"get_robust_list",
	"getpriority",
	"gettid",
	"madvise",
	"membarrier",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"rseq",
	"rt_sigaction",
	"rt_sigpending",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigtimedwait",
	"sched_getaffinity",
	"sched_getparam",
	"sched_getscheduler",
	"sched_yield",
	"set_robust_list",
	"set_tid_address",
	"sigaltstack",
	"tgkill",
	/* who and where we are */
	"getegid",
	"geteuid",
	"getgid",
	"getpgrp",
	"getpid",
	"getppid",
	"getrandom",
	"getrlimit",
	"getrusage",
	"getuid",
	"prctl",
	"prlimit64",
	"sysinfo",
	"times",
	"uname",
	/* the same where a machine has 32 bits: wider numbers, times after 2038 */
	"_llseek",
	"_newselect",
	"arm_fadvise64_64",
	"arm_sync_file_range",
	"clock_getres_time64",
	"clock_gettime64",
	"clock_nanosleep_time64",
	"fadvise64_64",
	"fchown32",
	"fcntl64",
	"fstat64",
	"fstatat64",
	"fstatfs64",
	"ftruncate64",
	"futex_time64",
	"getegid32",
	"geteuid32",
	"getgid32",
	"getuid32",
	"lstat64",
	"mmap2",
	"ppoll_time64",
	"pselect6_time64",
	"recv",
	"recvmmsg_time64",
	"rt_sigtimedwait_time64",
	"send",
	"sendfile64",
	"sigreturn",
	"stat64",
	"statfs64",
	"sync_file_range2",
	"timerfd_settime64",
	"ugetrlimit",
	"utimensat_time64",
	NULL,
};

/* What connections, name servers, the control socket and the service manager need.  A machine's C library
 * asks the kernel for the network's addresses (netlink) when it looks up a name. */
static const struct {
	uint32_t family, type, protocol;
} sockets[] = {
	{ AF_INET, SOCK_STREAM, 0 },
	{ AF_INET, SOCK_STREAM, IPPROTO_TCP },
	{ AF_INET, SOCK_DGRAM, 0 },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	{ AF_INET6, SOCK_STREAM, 0 },
	{ AF_INET6, SOCK_STREAM, IPPROTO_TCP },
	{ AF_INET6, SOCK_DGRAM, 0 },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_UDP },
	{ AF_UNIX, SOCK_STREAM, 0 },
	{ AF_UNIX, SOCK_DGRAM, 0 },
	{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
};

/* Not to wait, not to be inherited; is it a terminal; the network card in an address such as fe80::1%eth0. */
static const uint32_t requests[] = { FIONBIO, FIOCLEX, TCGETS, SIOCGIFINDEX, SIOCGIFNAME };

/* The kernel looks at 32 bits of an int, whatever stands above them in a register. */
static const uint32_t whole = UINT32_MAX, type_bits = 0xf;

static struct scmp_arg_cmp is(unsigned arg, uint32_t mask, uint32_t value)
{
	return (struct scmp_arg_cmp){ arg, SCMP_CMP_MASKED_EQ, mask, value };
}

/* A call that this machine has not needs no leave. */
static int allow(scmp_filter_ctx c, const char *name, unsigned n, const struct scmp_arg_cmp *args)
{
	int number = seccomp_syscall_resolve_name(name);
	int status =
		number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(c, SCMP_ACT_ALLOW, number, n, args);
	return status == -EDOM ? 0 : status;
}

static int allow_names(scmp_filter_ctx c)
{
	int status = 0;
	for (size_t i = 0; !status && call_filter_names[i]; i++)
		status = allow(c, call_filter_names[i], 0, NULL);
	return status;
}

/* Where all of this goes through socketcall (i386), what is asked for cannot be looked at. */
static int allow_sockets(scmp_filter_ctx c)
{
	int status = allow(c, "socketpair", 1, (struct scmp_arg_cmp[]){ is(0, whole, AF_UNIX) });
	for (size_t i = 0; !status && i < ARRAY_LEN(sockets); i++)
		status = allow(c, "socket", 3,
			       (struct scmp_arg_cmp[]){ is(0, whole, sockets[i].family),
							is(1, type_bits, sockets[i].type),
							is(2, whole, sockets[i].protocol) });
	return status;
}

static int allow_requests(scmp_filter_ctx c)
{
	int status = 0;
	for (size_t i = 0; !status && i < ARRAY_LEN(requests); i++)
		status = allow(c, "ioctl", 1, (struct scmp_arg_cmp[]){ is(1, whole, requests[i]) });
	return status;
}

/* Threads, no processes.  What clone3 is asked for cannot be looked at: glibc takes clone where there
 * is none. */
static int allow_threads(scmp_filter_ctx c)
{
	int status = seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return status ? status
		      : allow(c, "clone", 1, (struct scmp_arg_cmp[]){ is(0, CLONE_THREAD, CLONE_THREAD) });
}

static int fill(scmp_filter_ctx c)
{
	static int (*const parts[])(scmp_filter_ctx) = { allow_names, allow_sockets, allow_requests,
							 allow_threads };
	int status = 0;
	for (size_t i = 0; !status && i < ARRAY_LEN(parts); i++)
		status = parts[i](c);
	return status;
}

bool call_filter_load(struct err *e)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!c)
		return ERR_FILL(e, ERR_SYS, ENOMEM, "filter system calls", "seccomp");
	(void)seccomp_attr_set(c, SCMP_FLTATR_CTL_NNP, 1);
	(void)seccomp_attr_set(c, SCMP_FLTATR_CTL_LOG, 1);
	int status = fill(c);
	if (!status)
		status = seccomp_load(c);
	seccomp_release(c);
	return !status || ERR_FILL(e, ERR_SYS, -status, "filter system calls", "%s", strerror(-status));
}

#else

const char *const call_filter_names[] = { NULL };

/* The sanitizers' own work would be refused. */
bool call_filter_load(struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ERR_FILL(e, ERR_SYS, errno, "give up new privileges", "%s", strerror(errno));
	return true;
}

#endif
