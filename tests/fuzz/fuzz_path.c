/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, paths, xtext and host names from anywhere. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "smtp/host.h"
#include "smtp/path.h"
#include "smtp/xtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mailbox(struct str s, unsigned options)
{
	struct smtp_mailbox m;
	struct smtp_path_problem why = { 0 };
	if (!smtp_mailbox_read(s, options, &m, &why)) {
		if (!why.word || why.at > s.len)
			abort();
		return;
	}
	if (!m.local.len || !m.domain.len || m.local.len + 1 + m.domain.len != s.len)
		abort();
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			abort();
	if (text_is_ascii(s) == m.utf8)
		abort();
}

static void check_path(struct str s)
{
	struct smtp_path p;
	struct str rest = { 0 };
	struct smtp_path_problem why = { 0 };
	if (smtp_path_read(s, SMTP_PATH_UTF8, &p, &rest, &why)) {
		if (rest.len && rest.p + rest.len != s.p + s.len)
			abort();
	} else if (!why.word || why.at > s.len) {
		abort();
	}
}

static void check_xtext(struct str s)
{
	CLEANUP(buf_clear) struct buf coded = { 0 }, back = { 0 };
	smtp_xtext_encode(&coded, s);
	if (!smtp_xtext_decode(&back, buf_str(&coded)) || buf_waiting(&back) != s.len ||
	    memcmp(buf_str(&back).p, s.p, s.len) != 0)
		abort();
	CLEANUP(buf_clear) struct buf any = { 0 };
	(void)!smtp_xtext_decode(&any, s);
}

static void check_host(struct str s)
{
	struct smtp_host h, again;
	bool good = smtp_host_read(s, &h);
	if (h.at > s.len || (!good && !h.problem))
		abort();
	if (*h.clean && !smtp_host_read(str_of(h.clean), &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };
	if (!size)
		return 0;
	check_mailbox(s, 0);
	check_mailbox(s, SMTP_PATH_UTF8 | SMTP_PATH_LONG_LOCAL);
	check_path(s);
	check_xtext(s);
	check_host(s);
	return 0;
}
