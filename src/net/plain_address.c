/* SPDX-License-Identifier: Apache-2.0 */
#include "net/plain_address.h"

#include <string.h>

#include "base/text.h"
#include "net/dns_name.h"

const char *plain_address(struct arena *a, const char *address, const char **why)
{
	const char *at = strrchr(address, '@');
	struct str local = { address, at ? (size_t)(at - address) : 0 };
	if (!at || text_is_ascii(str_of(at)) || !text_is_ascii(local))
		return address;
	const char *domain = dns_name_clean(at + 1, a, why);
	return domain ? arena_printf(a, STR_FMT "@%s", STR_ARG(local), domain) : NULL;
}
