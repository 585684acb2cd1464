/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses side, mechanism and whether an initial response is
 * sent; each further line is one decoded message of the peer. */
#include <string.h>

#include "base/text.h"
#include "smtp/sasl.h"
#include "smtp/sasl_server.h"
#include "tests/fuzz/fuzz.h"

enum { CLIENT_ANSWERS_MAX = 3 }; /* no mechanism has more to say */

static const char secret[] = "kq3ePz7Wb1TtVn5xYc9LrM2uHs8GdJ4a";

static bool lookup(void *ctx, const char *user, struct sasl_account *out)
{
	(void)ctx;
	out->password = secret;
	return !strcmp(user, "u");
}

/* The peer does not know the secret, so it never gets in and no text is odd. */
static void play_server(enum sasl_mechanism m, bool initial, struct str rest)
{
	struct sasl_server_options o = {
		.lookup = lookup, .host = "h", .nonce = "N", .salt_key = STR_LIT("k")
	};
	CLEANUP(sasl_server_free) struct sasl_server *s = sasl_server_new(m, &o);
	CLEANUP(buf_clear) struct buf out = { 0 };
	enum sasl_server_step step = SASL_SERVER_CHALLENGE;
	struct str line;
	if (!initial)
		step = sasl_server_step(s, NULL, &out);
	while (step == SASL_SERVER_CHALLENGE && str_next(&rest, "\n", &line)) {
		step = sasl_server_step(s, &line, &out);
		if (step == SASL_SERVER_JUDGE)
			step = sasl_server_judged(s, false, "{}", &out);
	}
	bool ended = step == SASL_SERVER_REFUSED || step == SASL_SERVER_MALFORMED;
	if (step == SASL_SERVER_DONE || ended != (*sasl_server_why(s) != 0) ||
	    !text_is_utf8(str_of(sasl_server_user(s))))
		__builtin_trap();
}

/* No server can make the client talk for ever, or believe a proof it cannot give. */
static void play_client(enum sasl_mechanism m, struct str rest)
{
	struct sasl_credentials c = { .user = "u", .secret = secret, .host = "h", .nonce = "N" };
	struct err e = { 0 };
	CLEANUP(sasl_client_free) struct sasl_client *s = sasl_client_new(m, &c, &e);
	CLEANUP(buf_wipe) struct buf out = { 0 };
	struct str line = STR_LIT("");
	unsigned answers = 0;
	while (sasl_client_respond(s, line, &out, &e) == SASL_SEND) {
		if (++answers > CLIENT_ANSWERS_MAX)
			__builtin_trap();
		if (!str_next(&rest, "\n", &line))
			break;
	}
	if (m == SASL_SCRAM_SHA_256 && sasl_client_accept(s, &e))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	enum sasl_mechanism m = (enum sasl_mechanism)(SASL_NONE + 1 + (data[0] >> 2) % (SASL_MECHANISMS - 1));
	struct str rest = { (const char *)data + 1, size - 1 };
	if (data[0] & 1)
		play_server(m, data[0] & 2, rest);
	else
		play_client(m, rest);
	return 0;
}
