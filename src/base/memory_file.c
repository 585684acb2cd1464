/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory_file.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

void memory_file_open(struct memory_file *m)
{
	*m = (struct memory_file){ 0 };
	m->file = open_memstream(&m->text, &m->n);
	if (!m->file)
		mem_out();
}

bool memory_file_whole(struct memory_file *m, struct err *e)
{
	bool whole = !ferror(m->file);
	whole = !fclose(m->file) && whole;
	m->file = NULL;
	return whole || ERR_FILL(e, ERR_SYS, ENOMEM, "make", "the answer");
}

void memory_file_clear(struct memory_file *m)
{
	if (m->file)
		fclose(m->file);
	m->file = NULL;
	free(m->text);
	m->text = NULL;
}
