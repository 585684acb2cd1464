/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct mend {
	int code;
	const char *text;
} mends[] = {
	{ ENOSPC,
	  "free space there (old logs, in `data`/log, may fill it); new mail is refused with 4xx until then "
	  "and nothing is lost" },
	{ EDQUOT, "raise the quota of the user it runs as; new mail is refused with 4xx until then" },
	{ EROFS, "mount that file system for writing; after a disk error look at `dmesg` first" },
	{ EIO, "the disk failed: look at `dmesg`; what was answered 250 before is on it" },
	{ EMFILE, "too many open files: raise LimitNOFILE= of the service" },
	{ ENFILE, "the machine has too many files open: raise fs.file-max" },
	{ EACCES, "give the folder to the user it runs as (chown -R), mode 0700" },
	{ EPERM, "give the folder to the user it runs as (chown -R), mode 0700" },
	{ ENOENT, "is `data` in the configuration the folder you mean?" },
};

const char *store_mend(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(mends); i++)
		if (mends[i].code == code)
			return mends[i].text;
	return "";
}

bool store_fault_of_disk(int code)
{
	return code == EIO || code == EREMOTEIO || code == ENODATA || code == EBADMSG || code == EUCLEAN;
}

bool store_fault(struct err *e, int code, const char *doing, const char *what)
{
	if (!e || e->kind != ERR_NONE)
		return false;
	ERR_FILL(e, ERR_SYS, code, doing, "%s", what);
	const char *mend = store_mend(code);
	snprintf(e->detail, sizeof(e->detail), "%s%s%s", strerror(code), mend[0] ? "; " : "", mend);
	return false;
}
