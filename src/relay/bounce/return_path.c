/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/return_path.h"

#include <string.h>

enum { ID_AT = 1, RCPT_AT = 19, MAC_AT = 23, RCPT_CHARS = 4, MAC_CHARS = 16, CHAR_BITS = 5 };

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* The number of a digit; o, i and l are read as they look; -1: none. */
static int digit_of(char c)
{
	c = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
	c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static void put_rcpt(uint32_t rcpt, char out[RCPT_CHARS])
{
	for (int i = RCPT_CHARS; i-- > 0; rcpt >>= CHAR_BITS)
		out[i] = digits[rcpt & 31];
}

/* The first 80 bits. */
static void put_mac(const struct scram_key *k, char out[MAC_CHARS])
{
	unsigned bits = 0, have = 0;
	for (size_t i = 0, byte = 0; i < MAC_CHARS; i++) {
		if (have < CHAR_BITS) {
			bits = bits << 8 | k->b[byte++];
			have += 8;
		}
		have -= CHAR_BITS;
		out[i] = digits[bits >> have & 31];
	}
}

/* The token of one recipient; what is signed is all that stands before. */
static bool make_token(const struct scram_key *key, struct store_id id, uint32_t rcpt,
		       char out[RETURN_PATH_TOKEN])
{
	static const char purpose[] = "return path ";
	char name[STORE_ID_TEXT], text[sizeof(purpose) + MAC_AT];
	struct scram_key mac;
	out[0] = 'b';
	memcpy(out + ID_AT, store_id_text(id, name), RCPT_AT - ID_AT);
	put_rcpt(rcpt, out + RCPT_AT);
	memcpy(text, purpose, sizeof(purpose) - 1);
	memcpy(text + sizeof(purpose) - 1, out, MAC_AT);
	if (!scram_hmac(key, (struct str){ text, sizeof(purpose) - 1 + MAC_AT }, &mac))
		return false;
	put_mac(&mac, out + MAC_AT);
	return true;
}

_Static_assert(MAC_AT + MAC_CHARS == RETURN_PATH_TOKEN, "the parts make the whole");

const char *return_path_make(const struct scram_key *key, const char *pattern, struct store_id id,
			     uint32_t rcpt, struct arena *a)
{
	char token[RETURN_PATH_TOKEN];
	const char *star = strchr(pattern, '*');
	if (!star || !make_token(key, id, rcpt, token))
		return "";
	return arena_printf(a, "%.*s%.*s%s", (int)(star - pattern), pattern, RETURN_PATH_TOKEN, token,
			    star + 1);
}

/* The last characters of the local part, where nothing that could belong to them stands before. */
static bool token_of(struct str address, struct str *token)
{
	const char *at = address.len ? memrchr(address.p, '@', address.len) : NULL;
	struct str local = str_cut(address, 0, at ? (size_t)(at - address.p) : 0);
	if (local.len < RETURN_PATH_TOKEN)
		return false;
	size_t from = local.len - RETURN_PATH_TOKEN;
	*token = str_cut(local, from, local.len);
	if ((token->p[0] | 32) != 'b' || (from && !strchr("+-=._", local.p[from - 1])))
		return false;
	for (size_t i = ID_AT; i < RETURN_PATH_TOKEN; i++)
		if (digit_of(token->p[i]) < 0)
			return false;
	return true;
}

/* In a time that tells nothing of where they differ. */
static bool same(struct str token, const char made[RETURN_PATH_TOKEN])
{
	int differ = 0;
	for (size_t i = ID_AT; i < RETURN_PATH_TOKEN; i++)
		differ |= digit_of(token.p[i]) ^ digit_of(made[i]);
	return !differ;
}

enum return_path_verdict return_path_read(const struct scram_key *key, struct str address,
					  struct store_id *id, uint32_t *rcpt)
{
	struct str token;
	char made[RETURN_PATH_TOKEN];
	if (!token_of(address, &token))
		return RETURN_PATH_NONE;
	*rcpt = 0;
	for (size_t i = RCPT_AT; i < MAC_AT; i++)
		*rcpt = *rcpt << CHAR_BITS | (uint32_t)digit_of(token.p[i]);
	if (!store_id_read(str_cut(token, ID_AT, RCPT_AT), id) || !make_token(key, *id, *rcpt, made) ||
	    !same(token, made))
		return RETURN_PATH_FORGED;
	return RETURN_PATH_GOOD;
}
