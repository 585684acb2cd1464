/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_name.h"

#include <idn2.h>
#include <string.h>

#include "base/text.h"
#include "net/dns.h"

enum { NAME_BYTES_MAX = 253, LABEL_BYTES_MAX = 63 };

static const char *to_ascii(const char *name, struct arena *a, const char **why)
{
	char *out = NULL;
	int rc = idn2_lookup_u8((const uint8_t *)name, (uint8_t **)&out,
				IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK) {
		*why = idn2_strerror(rc);
		return NULL;
	}
	const char *copy = arena_strdup(a, out);
	idn2_free(out);
	return copy;
}

/* What is wrong with the form of an ASCII name without its final dot, or NULL. */
static const char *form_fault(const char *name, size_t len)
{
	size_t label = 0;
	if (len == 0)
		return "the name is empty";
	if (len > NAME_BYTES_MAX)
		return "the name is longer than 253 bytes";
	for (size_t i = 0; i <= len; i++) {
		if (i < len && name[i] != '.') {
			label++;
			continue;
		}
		if (label == 0)
			return "the name has an empty label";
		if (label > LABEL_BYTES_MAX)
			return "a label is longer than 63 bytes";
		label = 0;
	}
	return NULL;
}

static bool has_odd_byte(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == '\\' || name[i] == 0x7f)
			return true;
	return false;
}

const char *dns_name_clean(const char *name, struct arena *a, const char **why)
{
	if (!strcmp(name, "."))
		return ".";
	if (!text_is_ascii(str_of(name)) && !(name = to_ascii(name, a, why)))
		return NULL;
	size_t len = strlen(name);
	if (len && name[len - 1] == '.')
		len--;
	*why = has_odd_byte(name, len) ? "the name has a blank, a control character or a backslash"
				       : form_fault(name, len);
	if (*why)
		return NULL;
	char *clean = arena_dup(a, name, len);
	for (size_t i = 0; i < len; i++)
		if (clean[i] >= 'A' && clean[i] <= 'Z')
			clean[i] = (char)(clean[i] + 32);
	return clean;
}

const char *dns_name_in_letters(const char *name, struct arena *a)
{
	char *out = NULL;
	if (idn2_to_unicode_8z8z(name, &out, 0) != IDN2_OK)
		return name;
	const char *copy = arena_strdup(a, out);
	idn2_free(out);
	return copy;
}
