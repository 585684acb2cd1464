/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_validate: look-ups that go on at the same time share one validator, a thread of its own. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unbound.h>
#include <unistd.h>

#include "base/thread_name.h"
#include "net/dns_validate.h"

/* What ub_ctx_create() had begun where it fails, it leaves behind: no leak of ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libunbound";
}

static int refused; /* errno; 0: it is made */

struct ub_ctx *__real_ub_ctx_create(void);
struct ub_ctx *__wrap_ub_ctx_create(void);
struct ub_ctx *__wrap_ub_ctx_create(void)
{
	errno = refused;
	return refused ? NULL : __real_ub_ctx_create();
}

static bool no_memory; /* for so much as a validator takes */

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
	return no_memory && n > 1024 * 1024 ? NULL : __real_malloc(n);
}

static int refused_setting; /* an enum ub_ctx_err */

int __real_ub_ctx_set_fwd(struct ub_ctx *ctx, const char *addr);
int __wrap_ub_ctx_set_fwd(struct ub_ctx *ctx, const char *addr);
int __wrap_ub_ctx_set_fwd(struct ub_ctx *ctx, const char *addr)
{
	return refused_setting ? refused_setting : __real_ub_ctx_set_fwd(ctx, addr);
}

static char anchor[] = "/tmp/postrider-anchor-XXXXXX";

static int begin(void **state)
{
	(void)state;
	static const char ds[] =
		". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
	int fd = mkstemp(anchor);
	bool good = fd >= 0 && write(fd, ds, strlen(ds)) == (ssize_t)strlen(ds);
	return good && !close(fd) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	return unlink(anchor);
}

static unsigned threads(void)
{
	unsigned n = 0;
	char line[200];
	FILE *f = fopen("/proc/self/status", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Threads: %u", &n) == 1)
			break;
	fclose(f);
	return n;
}

static void test_shared(void **state)
{
	(void)state;
	enum { LOOK_UPS = 200 };
	struct dns_server one, other;
	struct dns_validator *v[LOOK_UPS], *apart;
	struct err e = { 0 };
	struct net_loop *l = net_loop_new();
	unsigned before = threads();
	assert_true(dns_server_read("127.0.0.1:5301", &one) && dns_server_read("127.0.0.1:5302", &other));
	for (size_t i = 0; i < LOOK_UPS; i++) {
		v[i] = dns_validator_use(l, &one, 1, anchor, &e);
		assert_ptr_equal(v[i], v[0]);
	}
	assert_true(threads() <= before + 1);
	apart = dns_validator_use(l, &other, 1, anchor, &e); /* a reload may have named another resolver */
	assert_non_null(apart);
	assert_ptr_not_equal(apart, v[0]);
	struct dns_validator *first = v[0];
	for (size_t i = 0; i + 1 < LOOK_UPS; i++)
		dns_validator_leave(&v[i]);
	v[0] = dns_validator_use(l, &one, 1, anchor, &e);
	assert_ptr_equal(v[0], first); /* somebody had it still */
	dns_validator_leave(&v[0]);
	dns_validator_leave(&v[LOOK_UPS - 1]);
	dns_validator_leave(&apart);
	assert_int_equal(threads(), before);
	net_loop_free(&l);
}

/* Threads of ours that are called so. */
static unsigned called(const char *name)
{
	unsigned n = 0;
	char path[300], line[64] = "";
	DIR *d = opendir("/proc/self/task");
	assert_non_null(d);
	for (struct dirent *t; (t = readdir(d));) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", t->d_name);
		FILE *f = *t->d_name == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;
		n += fgets(line, sizeof(line), f) && !strncmp(line, name, strlen(name)) &&
		     line[strlen(name)] == '\n';
		fclose(f);
	}
	closedir(d);
	return n;
}

static void ignore(void *ctx)
{
	(void)ctx;
}

/* libunbound names its thread not: it has a name of ours, and we have ours back. */
static void test_named(void **state)
{
	(void)state;
	struct dns_server nobody;
	struct err e = { 0 };
	char own[THREAD_NAME_BYTES];
	struct arena *a = arena_new();
	struct net_loop *l = net_loop_new();
	assert_true(dns_server_read("127.0.0.1:5301", &nobody));
	thread_name_lend("test-loop", own);
	struct dns_validator *v = dns_validator_use(l, &nobody, 1, anchor, &e);
	struct dns_proof *p = dns_proof_start(v, "example.net", "MX", a, ignore, NULL);
	struct dns_proof *second = dns_proof_start(v, "example.org", "MX", a, ignore, NULL);
	assert_true(p && second);
	assert_int_equal(called("pr-dns"), 1);
	assert_int_equal(called("test-loop"), 1);
	dns_proof_free(&p);
	dns_proof_free(&second);
	dns_validator_leave(&v);
	thread_name(own);
	assert_int_equal(called("pr-dns"), 0);
	net_loop_free(&l);
	arena_free(&a);
}

/* Else what could not be proven for want of a descriptor would pass for what nobody can prove; and libunbound
 * ends a process whose descriptors last for the library's first steps only. */
static void test_no_room_here(void **state)
{
	(void)state;
	static const rlim_t free_ones[] = { 0, 5, 10, 20 };
	struct dns_server one;
	struct rlimit old;
	struct net_loop *l = net_loop_new();
	assert_true(dns_server_read("127.0.0.1:5301", &one));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	int next = dup(2);
	close(next);
	for (size_t i = 0; i < ARRAY_LEN(free_ones); i++) {
		struct err e = { 0 };
		struct rlimit few = { (rlim_t)next + free_ones[i], old.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		struct dns_validator *v = dns_validator_use(l, &one, 1, anchor, &e);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		assert_true(!v && e.kind == ERR_SYS && e.code == EMFILE);
	}
	net_loop_free(&l);
}

/* Else all mail would wait here for what does not come by waiting. */
static void test_refused(void **state)
{
	(void)state;
	static const struct {
		int number;
		bool no_memory;
		int setting;
		enum err_kind kind;
		long code;
	} rows[] = { { EMFILE, false, 0, ERR_SYS, EMFILE },   { ENFILE, false, 0, ERR_SYS, ENFILE },
		     { ENOMEM, false, 0, ERR_DNS, 0 },        { ENOMEM, true, 0, ERR_SYS, ENOMEM },
		     { ENOENT, true, 0, ERR_DNS, 0 },         { ENOENT, false, 0, ERR_DNS, 0 },
		     { 0, false, UB_NOMEM, ERR_SYS, ENOMEM }, { 0, false, UB_SYNTAX, ERR_DNS, 0 } };
	struct dns_server one;
	struct net_loop *l = net_loop_new();
	assert_true(dns_server_read("127.0.0.1:5301", &one));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = { 0 };
		refused = rows[i].number;
		no_memory = rows[i].no_memory;
		refused_setting = rows[i].setting;
		assert_null(dns_validator_use(l, &one, 1, anchor, &e));
		assert_int_equal(e.kind, rows[i].kind);
		assert_int_equal(e.code, rows[i].code);
	}
	refused = refused_setting = 0;
	no_memory = false;
	net_loop_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shared), cmocka_unit_test(test_named),
					    cmocka_unit_test(test_no_room_here),
					    cmocka_unit_test(test_refused) };
	return cmocka_run_group_tests(tests, begin, end);
}
