/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/write_json.h"

#include "base/mem.h"

void write_json(FILE *out, json_t *o, size_t flags)
{
	if (json_dumpf(o, out, flags) && !ferror(out))
		mem_out();
	fputc('\n', out);
	json_decref(o);
}
