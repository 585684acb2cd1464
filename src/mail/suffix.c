/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/suffix.h"

#include <ctype.h>
#include <libpsl.h>
#include <string.h>

#include "mail/dns_view.h"

enum { NAME_ROOM = DNS_NAME_BYTES_MAX + 2 };

/* Lower case without the final dot, as libpsl wants it; false when too long. */
static bool normal(const char *name, char out[NAME_ROOM])
{
	size_t n = strlen(name);
	if (n && name[n - 1] == '.')
		n--;
	if (n >= NAME_ROOM)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)tolower((unsigned char)name[i]);
	out[n] = 0;
	return true;
}

bool suffix_is_public(const char *name)
{
	char plain[NAME_ROOM];
	const psl_ctx_t *psl = psl_builtin();
	if (!normal(name, plain))
		return false;
	return !strchr(plain, '.') || (psl && psl_is_public_suffix(psl, plain));
}

bool suffix_is_there(const char *name)
{
	static const char *const reserved[] = { "example",  "test", "invalid", "local", "localdomain",
						"internal", "lan",  "home",    "corp",  "arpa" };
	char plain[NAME_ROOM];
	const psl_ctx_t *psl = psl_builtin();
	if (!normal(name, plain))
		return false;
	const char *dot = strrchr(plain, '.');
	const char *last = dot ? dot + 1 : plain;
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (!strcmp(reserved[i], last))
			return true;
	return psl && psl_is_public_suffix2(psl, last, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

const char *suffix_registered(struct arena *a, const char *name)
{
	char plain[NAME_ROOM];
	const psl_ctx_t *psl = psl_builtin();
	if (!psl || !normal(name, plain))
		return NULL;
	const char *found = psl_registrable_domain(psl, plain);
	return found ? arena_strdup(a, found) : NULL;
}
