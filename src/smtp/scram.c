/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/scram.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "base/base64.h"
#include "smtp/saslprep.h"

bool scram_hash(struct str in, struct scram_key *out)
{
	return EVP_Digest(in.p, in.len, out->b, NULL, EVP_sha256(), NULL) == 1;
}

bool scram_sign(struct str key, struct str in, struct scram_key *out)
{
	return HMAC(EVP_sha256(), key.p, (int)key.len, (const unsigned char *)in.p, in.len, out->b, NULL) !=
	       NULL;
}

bool scram_hmac(const struct scram_key *key, struct str in, struct scram_key *out)
{
	return scram_sign((struct str){ (const char *)key->b, SCRAM_HASH_BYTES }, in, out);
}

static bool salted_password(struct str password, struct str salt, unsigned iterations, struct scram_key *out,
			    struct err *e)
{
	if (iterations < SCRAM_ITERATIONS_MIN || iterations > SCRAM_ITERATIONS_MAX)
		return ERR_FILL(e, ERR_LIMIT, (long)iterations, "hash the password",
				"%u iterations (%d to %d are accepted)", iterations, SCRAM_ITERATIONS_MIN,
				SCRAM_ITERATIONS_MAX);
	if (PKCS5_PBKDF2_HMAC(password.p, (int)password.len, (const unsigned char *)salt.p, (int)salt.len,
			      (int)iterations, EVP_sha256(), SCRAM_HASH_BYTES, out->b) != 1)
		return ERR_FILL(e, ERR_TLS, (long)ERR_get_error(), "hash the password", "PBKDF2");
	return true;
}

bool scram_derive(const char *password, struct str salt, unsigned iterations, struct scram_key *client,
		  struct scram_key *server, struct err *e)
{
	CLEANUP(buf_wipe) struct buf prepared = { 0 };
	struct scram_key salted;
	if (!saslprep(str_of(password), &prepared, e) ||
	    !salted_password(buf_str(&prepared), salt, iterations, &salted, e))
		return false;
	bool ok = (!client || scram_hmac(&salted, STR_LIT("Client Key"), client)) &&
		  (!server || scram_hmac(&salted, STR_LIT("Server Key"), server));
	mem_wipe(&salted, sizeof(salted));
	if (!ok)
		return ERR_FILL(e, ERR_TLS, (long)ERR_get_error(), "hash the password", "HMAC");
	return true;
}

void scram_xor(struct scram_key *a, const struct scram_key *b)
{
	for (size_t i = 0; i < SCRAM_HASH_BYTES; i++)
		a->b[i] = (unsigned char)(a->b[i] ^ b->b[i]);
}

bool scram_same(const struct scram_key *a, const struct scram_key *b)
{
	return CRYPTO_memcmp(a->b, b->b, SCRAM_HASH_BYTES) == 0;
}

bool scram_read_key(struct str base64, struct scram_key *out)
{
	CLEANUP(buf_wipe) struct buf raw = { .max = SCRAM_HASH_BYTES };
	if (!base64_decode(&raw, base64) || buf_waiting(&raw) != SCRAM_HASH_BYTES)
		return false;
	memcpy(out->b, buf_str(&raw).p, SCRAM_HASH_BYTES);
	return true;
}

void scram_add_key(struct buf *out, const struct scram_key *k)
{
	base64_encode(out, (struct str){ (const char *)k->b, SCRAM_HASH_BYTES });
}

bool scram_attribute(struct str *rest, char letter, struct str *value)
{
	if (rest->len < 2 || rest->p[0] != letter || rest->p[1] != '=')
		return false;
	const char *comma = memchr(rest->p, ',', rest->len);
	size_t end = comma ? (size_t)(comma - rest->p) : rest->len;
	*value = str_cut(*rest, 2, end);
	*rest = str_cut(*rest, comma ? end + 1 : end, rest->len);
	return true;
}

bool scram_nonce_is_legal(struct str nonce)
{
	for (size_t i = 0; i < nonce.len; i++)
		if (nonce.p[i] < 0x21 || nonce.p[i] > 0x7e || nonce.p[i] == ',')
			return false;
	return nonce.len > 0;
}

bool scram_nonce_new(struct buf *out, struct err *e)
{
	unsigned char raw[SCRAM_NONCE_BYTES];
	if (RAND_bytes(raw, sizeof(raw)) != 1)
		return ERR_FILL(e, ERR_TLS, (long)ERR_get_error(), "draw a nonce", "random bytes");
	base64_encode(out, (struct str){ (const char *)raw, sizeof(raw) });
	return true;
}

bool scram_name_encode(struct str name, struct buf *out)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];
		if (!(c == ','   ? buf_adds(out, "=2C")
		      : c == '=' ? buf_adds(out, "=3D")
				 : buf_add(out, &c, 1)))
			return false;
	}
	return true;
}

bool scram_name_decode(struct str name, struct buf *out)
{
	for (size_t i = 0; i < name.len; i++) {
		struct str three = str_cut(name, i, i + 3);
		char c = name.p[i];
		if (!c || c == ',')
			return false;
		if (c == '=') {
			if (!str_eq(three, "=2C") && !str_eq(three, "=3D"))
				return false;
			c = three.p[1] == '2' ? ',' : '=';
			i += 2;
		}
		if (!buf_add(out, &c, 1))
			return false;
	}
	return true;
}
