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

size_t plain_address_forms(struct arena *a, struct str given, struct str out[ADDRESS_FORMS_MAX])
{
	const char *z = arena_str(a, given).p, *at = strrchr(z, '@'), *why;
	bool two = at && (!text_is_ascii(str_of(at)) || strcasestr(at, "xn--"));
	const char *plain = two ? dns_name_clean(at + 1, a, &why) : NULL;
	size_t n = 0;
	if (!plain)
		return 0;
	const char *forms[ADDRESS_FORMS_MAX] = { plain, dns_name_in_letters(plain, a) };
	for (size_t i = 0; i < ADDRESS_FORMS_MAX; i++)
		if (!str_ieq(str_of(forms[i]), at + 1) && !(i && z_eq(forms[i], plain)))
			out[n++] = str_of(arena_printf(a, "%.*s@%s", (int)(at - z), z, forms[i]));
	return n;
}
