/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_validate: look-ups that go on at the same time share one validator, a thread of its own. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/dns_validate.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shared) };
	return cmocka_run_group_tests(tests, begin, end);
}
