/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sanitizer.h"

/* A folder that is there already belongs to whom it belongs. */
static bool make_folder(const char *data, const struct passwd *who, struct err *e)
{
	if (mkdir(data, 0700)) {
		if (errno == EEXIST)
			return true;
		ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", data);
		return err_detail(e, "%s: make it, or name another as data = \"...\"", strerror(errno));
	}
	if (chown(data, who->pw_uid, who->pw_gid))
		return ERR_FILL(e, ERR_SYS, errno, "give folder to its user", "%s", data);
	return true;
}

bool privilege_become(const char *user, const char *data, struct err *e)
{
	if (geteuid() != 0 || !*user)
		return true;
	const struct passwd *who = getpwnam(user);
	if (!who) {
		ERR_FILL(e, ERR_USAGE, 0, "become user", "%s", user);
		return err_detail(e, "there is no such user: adduser --system --group %s", user);
	}
	if (!make_folder(data, who, e))
		return false;
	if (initgroups(user, who->pw_gid) || setgid(who->pw_gid) || setuid(who->pw_uid))
		return ERR_FILL(e, ERR_SYS, errno, "become user", "%s", user);
	if (who->pw_uid && (setuid(0) == 0 || seteuid(0) == 0))
		return ERR_FILL(e, ERR_SYS, 0, "become user", "%s: root comes back", user);
	return true;
}

#if defined(HAVE_SECCOMP) && !SANITIZER_ADDRESS
#include <seccomp.h>

/* By what they are for; names, since not every machine has each. */
static const char *const allowed[] = {
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
	"ioctl",
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
	"socket",
	"socketpair",
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
};

/* Threads, no processes.  What clone3 is asked for cannot be looked at: glibc takes clone where there
 * is none. */
static int allow_threads(scmp_filter_ctx c)
{
	const scmp_datum_t thread = 0x00010000; /* CLONE_THREAD */
	int status = seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return status ? status
		      : seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
}

static int fill(scmp_filter_ctx c)
{
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		int number = seccomp_syscall_resolve_name(allowed[i]);
		int status = number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(c, SCMP_ACT_ALLOW, number, 0);
		if (status && status != -EDOM)
			return status;
	}
	return allow_threads(c);
}

bool privilege_filter(struct err *e)
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

/* The sanitizers' own work would be refused. */
bool privilege_filter(struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ERR_FILL(e, ERR_SYS, errno, "give up new privileges", "%s", strerror(errno));
	return true;
}

#endif
