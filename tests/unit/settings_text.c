/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/settings_text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool read_settings(const char *text, const struct relay_settings **s, struct err *e)
{
	char path[] = "/tmp/postrider-test-XXXXXX";
	int fd = mkstemp(path);
	struct relay_settings *own = NULL;
	CLEANUP(config_free) struct config *c = NULL;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	bool ok = config_load(path, &c, e) && config_relay(c, &own, e);
	unlink(path);
	*s = own;
	return ok;
}

const struct relay_settings *settings(const char *text)
{
	struct err e = { 0 };
	const struct relay_settings *s = NULL;
	if (!read_settings(text, &s, &e))
		fail_msg("%s: %s (%s)", text, e.what, e.detail);
	return s;
}
