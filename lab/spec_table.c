/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/spec.h"

#define SCENARIO(key, form)                                                                                  \
	{                                                                                                    \
		key, SPEC_SCENARIO, form, NULL                                                               \
	}
#define SERVER(key, form)                                                                                    \
	{                                                                                                    \
		key, SPEC_SERVER, form, NULL                                                                 \
	}
#define CERT(key, form)                                                                                      \
	{                                                                                                    \
		key, SPEC_CERT, form, NULL                                                                   \
	}
#define TOKEN(key)                                                                                           \
	{                                                                                                    \
		key, SPEC_TOKEN, FORM_TEXT, NULL                                                             \
	}

const struct spec_shape spec_shapes[] = {
	SCENARIO("about", FORM_TEXT),
	SCENARIO("use", FORM_TEXT),
	SCENARIO("check", FORM_TEXT),
	SCENARIO("discover", FORM_TEXT),
	SCENARIO("finds", FORM_TEXT),
	SCENARIO("password-to", FORM_TEXT),
	SCENARIO("env", FORM_TEXT),
	SCENARIO("must", FORM_TEXT),
	SCENARIO("never", FORM_TEXT),
	SCENARIO("says", FORM_TEXT),
	{ "verdict", SPEC_SCENARIO, FORM_WORD, "ok warning failing unknown" },
	SCENARIO("zone", FORM_ZONE),
	SCENARIO("secure", FORM_TEXT),
	SCENARIO("password", FORM_TEXT),
	SCENARIO("address", FORM_TEXT),
	SCENARIO("route", FORM_TEXT),
	SCENARIO("hosts", FORM_TEXT),
	SCENARIO("timeout", FORM_TIME),
	SCENARIO("trust", FORM_TEXT),

	SERVER("name", FORM_TEXT),
	SERVER("listen", FORM_TEXT),
	{ "speak", SPEC_SERVER, FORM_WORD, "smtp http script echo silent full off forward" },
	{ "mode", SPEC_SERVER, FORM_WORD, "none starttls tls" },
	SERVER("concurrent", FORM_NUMBER),
	SERVER("concurrent-per-client", FORM_NUMBER),
	SERVER("too-many", FORM_RULES),
	SERVER("script", FORM_RULES),
	/* TLS */
	SERVER("cert", FORM_TEXT),
	SERVER("sni", FORM_TEXT),
	SERVER("tls-min", FORM_TEXT),
	SERVER("tls-max", FORM_TEXT),
	SERVER("ciphers", FORM_TEXT),
	SERVER("client-cert", FORM_YES),
	{ "handshake", SPEC_SERVER, FORM_WORD, "normal silence close reset plaintext alert half" },
	SERVER("handshake-text", FORM_TEXT),
	/* SMTP: what is offered */
	SERVER("keywords", FORM_TEXT),
	SERVER("keywords-tls", FORM_TEXT),
	SERVER("mechanisms", FORM_TEXT),
	SERVER("mechanisms-plain", FORM_TEXT),
	SERVER("accounts", FORM_TEXT),
	SERVER("starttls-offered", FORM_YES),
	SERVER("save", FORM_YES),
	/* SMTP: rules per command */
	SERVER("banner", FORM_RULES),
	SERVER("early", FORM_RULES),
	SERVER("ehlo", FORM_RULES),
	SERVER("helo", FORM_RULES),
	SERVER("starttls", FORM_RULES),
	SERVER("auth", FORM_RULES),
	SERVER("mail", FORM_RULES),
	SERVER("rcpt", FORM_RULES),
	SERVER("data", FORM_RULES),
	SERVER("dot", FORM_RULES),
	SERVER("rset", FORM_RULES),
	SERVER("noop", FORM_RULES),
	SERVER("vrfy", FORM_RULES),
	SERVER("quit", FORM_RULES),
	SERVER("other", FORM_RULES),
	/* HTTP */
	SERVER("http", FORM_RULES),
	/* forward */
	SERVER("to", FORM_TEXT),
	SERVER("strip", FORM_TEXT),
	SERVER("mask", FORM_TEXT),
	SERVER("resign", FORM_TEXT),

	{ "listen", SPEC_RESOLVER, FORM_TEXT, NULL },
	{ "zone", SPEC_RESOLVER, FORM_ZONE, NULL },
	{ "secure", SPEC_RESOLVER, FORM_TEXT, NULL },
	{ "inherit", SPEC_RESOLVER, FORM_YES, NULL },
	{ "authoritative", SPEC_RESOLVER, FORM_YES, NULL },

	CERT("names", FORM_TEXT),
	CERT("cn", FORM_TEXT),
	CERT("org", FORM_TEXT),
	CERT("issuer", FORM_TEXT),
	{ "chain", SPEC_CERT, FORM_WORD, "leaf full with-root wrong-order" },
	{ "key", SPEC_CERT, FORM_WORD, "ec rsa2048 rsa1024 rsa512 ed25519" },
	{ "digest", SPEC_CERT, FORM_WORD, "sha256 sha1 md5" },
	CERT("from", FORM_TIME),
	CERT("until", FORM_TIME),
	CERT("ca", FORM_YES),
	{ "usage", SPEC_CERT, FORM_WORD, "server client both none" },
	CERT("aia", FORM_TEXT),

	TOKEN("aud"),
	TOKEN("scp"),
	TOKEN("roles"),
	TOKEN("upn"),
	TOKEN("tid"),
	TOKEN("appid"),
	TOKEN("iss"),
	{ "from", SPEC_TOKEN, FORM_TIME, NULL },
	{ "until", SPEC_TOKEN, FORM_TIME, NULL },
	TOKEN("text"),

	{ "text", SPEC_FILE, FORM_TEXT, NULL },
	{ "size", SPEC_FILE, FORM_NUMBER, NULL },
	{ "base64", SPEC_FILE, FORM_TEXT, NULL },
	{ NULL, SPEC_KINDS, FORM_TEXT, NULL },
};
