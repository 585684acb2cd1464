/* SPDX-License-Identifier: Apache-2.0 */
#include "check/shield.h"

#include "base/str.h"

enum { BOTH = SHIELD_IN_GREETING | SHIELD_IN_CERTIFICATE };

static const struct {
	const char *word;
	unsigned places;
} shields[] = {
	{ "avast", BOTH },
	{ "avg ", SHIELD_IN_GREETING },
	{ "avg web", BOTH },
	{ "avg tech", SHIELD_IN_CERTIFICATE },
	{ "kaspersky", BOTH },
	{ "bitdefender", BOTH },
	{ "eset ssl", BOTH },
	{ "norton", BOTH },
	{ "mcafee", BOTH },
	{ "sophos", BOTH },
	{ "g data", BOTH },
	{ "trend micro", BOTH },
	{ "bullguard", BOTH },
	{ "f-secure", BOTH },
	{ "dr.web", BOTH },
	{ "mail shield", BOTH },
	{ "adguard", BOTH },
	{ "comodo security", SHIELD_IN_GREETING }, /* Comodo's certificates are a public CA's */
	{ "zscaler", SHIELD_IN_CERTIFICATE },
	{ "fortinet", SHIELD_IN_CERTIFICATE },
	{ "fortigate", SHIELD_IN_CERTIFICATE },
	{ "watchguard", SHIELD_IN_CERTIFICATE },
	{ "palo alto", SHIELD_IN_CERTIFICATE },
	{ "netskope", SHIELD_IN_CERTIFICATE },
	{ "blue coat", SHIELD_IN_CERTIFICATE },
	{ "barracuda", SHIELD_IN_CERTIFICATE },
};

const char *shield_named(const char *text, enum shield_place place)
{
	for (size_t i = 0; i < ARRAY_LEN(shields); i++)
		if ((shields[i].places & place) && z_ihas(text, shields[i].word))
			return shields[i].word;
	return NULL;
}
