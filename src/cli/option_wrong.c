/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option_wrong.h"

bool option_wrong(struct err *e, const char *name, const char *value, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "--%s \"%s\"", name, value);
	return err_detail(e, "%s", mend);
}

bool option_has_control(const char *z)
{
	while (*z && (unsigned char)*z >= ' ' && *z != 0x7f)
		z++;
	return *z != '\0';
}
