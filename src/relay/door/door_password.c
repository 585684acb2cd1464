/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords that stand in files: read anew each time, so that a changed one counts at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay/door/door_inner.h"

bool door_password_read(const char *path, char *out, size_t size)
{
	errno = 0; /* an end of the file leaves it as it is */
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f || !fgets(out, (int)size, f))
		return false;
	out[strcspn(out, "\r\n")] = '\0';
	return *out;
}

/* A file that cannot be read is one without a password. */
bool door_password_print(const struct door *d, struct scram_key *out)
{
	char password[SASL_SECRET_BYTES_MAX + 1];
	*out = (struct scram_key){ 0 };
	if (!*d->account->password_file)
		return true;
	if (!door_password_read(d->account->password_file, password, sizeof(password))) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			return false;
		*password = '\0';
	}
	if (!scram_sign(str_of(d->port->relay->salt_key), str_of(password), out))
		abort(); /* libcrypto has SHA-256, or nobody would be logged in */
	mem_wipe(password, sizeof(password));
	return true;
}
