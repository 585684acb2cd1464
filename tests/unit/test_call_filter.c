/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay may still ask the kernel for: tried in a child each, which takes the filter on itself. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/call_filter.h"

enum { ASKED = 100 /* the child came as far as the call itself */ };

static void need_filter(void)
{
	if (!call_filter_names[0])
		skip(); /* the sanitizers', or without libseccomp */
}

/* errno of the call behind the filter, 0 where it went well. */
static int behind(int (*call)(const void *ctx), const void *ctx)
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (!child) {
		struct err e = { 0 };
		if (!call_filter_load(&e))
			_exit(0);
		errno = 0;
		_exit(ASKED + (call(ctx) < 0 ? errno : 0));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) >= ASKED);
	return WEXITSTATUS(status) - ASKED;
}

struct socket_case {
	const char *name;
	int family, type, protocol;
	int error; /* 0: any but EPERM, since a machine may lack the family */
};

static const struct socket_case socket_cases[] = {
	{ "a connection", AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, 0 },
	{ "a connection by name of protocol", AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP, 0 },
	{ "a question to a name server", AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP, 0 },
	{ "the service manager", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, 0 },
	{ "this machine's addresses", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE, 0 },
	{ "the kernel's events", AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT, EPERM },
	{ "other families of netlink", AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC, EPERM },
	{ "pings", AF_INET, SOCK_DGRAM, IPPROTO_ICMP, EPERM },
	{ "raw packets", AF_INET, SOCK_RAW, IPPROTO_TCP, EPERM },
	{ "other protocols", AF_INET6, SOCK_STREAM, IPPROTO_SCTP, EPERM },
	{ "packets of the network card", AF_PACKET, SOCK_DGRAM, 0, EPERM },
	{ "the kernel's ciphers", AF_ALG, SOCK_SEQPACKET, 0, EPERM },
	{ "virtual machines", AF_VSOCK, SOCK_STREAM, 0, EPERM },
	{ "no such family", 1000, SOCK_STREAM, 0, EPERM },
};

static int ask_socket(const void *ctx)
{
	const struct socket_case *c = ctx;
	return socket(c->family, c->type, c->protocol);
}

static int ask_pair(const void *ctx)
{
	int pair[2];
	return socketpair(*(const int *)ctx, SOCK_STREAM, 0, pair);
}

static void test_sockets(void **state)
{
	(void)state;
	need_filter();
	for (size_t i = 0; i < ARRAY_LEN(socket_cases); i++) {
		const struct socket_case *c = &socket_cases[i];
		int error = behind(ask_socket, c);
		if ((error == EPERM) != (c->error == EPERM))
			fail_msg("%s: %s", c->name, strerror(error));
	}
	assert_int_equal(behind(ask_pair, &(int){ AF_UNIX }), 0);
	assert_int_equal(behind(ask_pair, &(int){ AF_INET }), EPERM);
}

static int ask_request(const void *ctx)
{
	int pair[2], value = 1;
	return pipe(pair) ? -1 : ioctl(pair[0], *(const unsigned long *)ctx, &value);
}

static void test_requests(void **state)
{
	static const unsigned long refused[] = { TIOCSTI,          TIOCSCTTY,
						 TIOCGWINSZ,       FIOASYNC,
						 SIOCGIFCONF,      SIOCSIFADDR,
						 SIOCETHTOOL,      0x40086602 /* FS_IOC_SETFLAGS */,
						 FIONBIO + 0x10000 };
	(void)state;
	need_filter();
	assert_int_equal(behind(ask_request, &(unsigned long){ FIONBIO }), 0);
	assert_int_equal(behind(ask_request, &(unsigned long){ TCGETS }), ENOTTY);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		assert_int_equal(behind(ask_request, &refused[i]), EPERM);
}

static void *nothing(void *ctx)
{
	return ctx;
}

static int ask_thread(const void *ctx)
{
	pthread_t t;
	(void)ctx;
	errno = pthread_create(&t, NULL, nothing, NULL);
	return errno || pthread_join(t, NULL) ? -1 : 0;
}

static int ask_process(const void *ctx)
{
	(void)ctx;
	pid_t child = fork();
	if (!child)
		_exit(0);
	return child < 0 ? -1 : 0;
}

static int ask_program(const void *ctx)
{
	(void)ctx;
	return execl("/bin/true", "true", (char *)NULL);
}

static void test_threads_and_no_programs(void **state)
{
	(void)state;
	need_filter();
	assert_int_equal(behind(ask_thread, NULL), 0);
	assert_int_equal(behind(ask_process, NULL), EPERM);
	assert_int_equal(behind(ask_program, NULL), EPERM);
}

#ifdef HAVE_SECCOMP
#include <seccomp.h>

/* A machine has the call; others count it among those they know and lack. */
static bool has(uint32_t machine, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(machine, name);
	return number >= 0;
}

static bool is_allowed(const char *name)
{
	size_t i = 0;
	while (call_filter_names[i] && strcmp(call_filter_names[i], name) != 0)
		i++;
	return call_filter_names[i];
}

/* A call of 64 bits goes by another name on a machine of 32: where the one is allowed, the other is. */
static void test_machines_of_32_bits(void **state)
{
	static const uint32_t machines[] = { SCMP_ARCH_X86, SCMP_ARCH_ARM };
	static const char *const endings[] = { "64", "32", "_time64", "_64" };
	static const char *const others[] = { "_llseek", "_newselect", "fstatat64",
					      "mmap2",   "sigreturn",  "ugetrlimit" };
	(void)state;
	need_filter();
	for (size_t i = 0; call_filter_names[i]; i++)
		for (size_t k = 0; k < ARRAY_LEN(endings); k++) {
			char name[64];
			snprintf(name, sizeof(name), "%s%s", call_filter_names[i], endings[k]);
			for (size_t m = 0; m < ARRAY_LEN(machines); m++)
				if (has(machines[m], name) && !is_allowed(name))
					fail_msg("%s is not allowed", name);
		}
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (!is_allowed(others[i]))
			fail_msg("%s is not allowed", others[i]);
}

static void test_every_name_is_one(void **state)
{
	static const uint32_t machines[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_ARM, SCMP_ARCH_PPC };
	(void)state;
	need_filter();
	for (size_t i = 0; call_filter_names[i]; i++) {
		bool known = false;
		for (size_t m = 0; m < ARRAY_LEN(machines); m++)
			known |= has(machines[m], call_filter_names[i]);
		if (!known)
			fail_msg("%s: no machine has it", call_filter_names[i]);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_threads_and_no_programs),
#ifdef HAVE_SECCOMP
		cmocka_unit_test(test_machines_of_32_bits),
		cmocka_unit_test(test_every_name_is_one),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
