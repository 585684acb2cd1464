/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/json_out.h"

#include "base/mem.h"

void json_out(FILE *out, json_t *o, size_t flags)
{
	if (json_dumpf(o, out, flags) && !ferror(out))
		mem_out();
	fputc('\n', out);
	json_decref(o);
}
