/* SPDX-License-Identifier: Apache-2.0 */

#include "base/base64.h"
#include "smtp/sasl_server_mechanism.h"
#include "smtp/saslprep.h"

static const char first_malformed[] = "the client's first message is malformed";
static const char final_malformed[] = "the client's final message is malformed";

struct client_first {
	struct str gs2, bare, nonce;
	struct buf name, authzid;
};

static void client_first_clear(struct client_first *f)
{
	buf_clear(&f->name);
	buf_clear(&f->authzid);
}

/* gs2-cbind-flag "," ["a=" authzid] "," "n=" user ",r=" nonce ["," extensions]
 * "p=" would bind to the channel, which is not offered (RFC 5802, 6). */
static bool read_client_first(struct str msg, struct client_first *f)
{
	struct str rest = str_cut(msg, 2, msg.len), value;
	if (!str_istarts(msg, "n,") && !str_istarts(msg, "y,"))
		return false;
	if (scram_attribute(&rest, 'a', &value)) {
		if (!value.len || !scram_name_decode(value, &f->authzid))
			return false;
	} else if (rest.len && rest.p[0] == ',') {
		rest = str_cut(rest, 1, rest.len);
	} else {
		return false;
	}
	f->gs2 = str_cut(msg, 0, msg.len - rest.len);
	f->bare = rest;
	return scram_attribute(&rest, 'n', &value) && scram_name_decode(value, &f->name) &&
	       scram_attribute(&rest, 'r', &f->nonce) && scram_nonce_is_legal(f->nonce);
}

static bool prepared_user(struct sasl_server *s, struct str name)
{
	CLEANUP(buf_clear) struct buf prepared = { .max = SASL_USER_BYTES_MAX };
	struct err e = { 0 };
	return saslprep(name, &prepared, &e) && sasl_server_set_user(s, buf_str(&prepared));
}

/* Unknown users are hashed like known ones, with a salt that stays the same. */
static bool derived_keys(struct sasl_server *s, const char *password, unsigned iterations, struct buf *salt)
{
	struct scram_key seed, mac, client;
	struct err e = { 0 };
	if (!scram_hash(s->o.salt_key, &seed) || !scram_hmac(&seed, str_of(s->user), &mac))
		return false;
	buf_add(salt, mac.b, SASL_SCRAM_SALT_BYTES);
	bool ok = scram_derive(password ? password : "unknown", buf_str(salt), iterations, &client,
			       &s->scram.server, &e) &&
		  scram_hash((struct str){ (const char *)client.b, SCRAM_HASH_BYTES }, &s->scram.stored);
	mem_wipe(&client, sizeof(client));
	return ok;
}

static bool find_keys(struct sasl_server *s, struct buf *salt, unsigned *iterations)
{
	struct sasl_account account;
	s->scram.known = sasl_server_lookup(s, &account) && (account.scram || account.password);
	*iterations = s->o.iterations ? s->o.iterations : SCRAM_ITERATIONS_MIN;
	if (!s->scram.known || !account.scram)
		return derived_keys(s, s->scram.known ? account.password : NULL, *iterations, salt);
	s->scram.stored = account.scram->stored;
	s->scram.server = account.scram->server;
	*iterations = account.scram->iterations;
	return buf_add(salt, account.scram->salt.p, account.scram->salt.len);
}

static bool add_nonce(struct sasl_server *s, struct str client)
{
	struct err e = { 0 };
	buf_add(&s->scram.nonce, client.p, client.len);
	return s->o.nonce ? buf_adds(&s->scram.nonce, s->o.nonce) : scram_nonce_new(&s->scram.nonce, &e);
}

static void add(struct buf *out, struct str s)
{
	buf_add(out, s.p, s.len);
}

static enum sasl_server_step server_first(struct sasl_server *s, struct str response, struct buf *challenge)
{
	CLEANUP(client_first_clear)
	struct client_first f = { .name.max = SASL_USER_BYTES_MAX, .authzid.max = SASL_USER_BYTES_MAX };
	CLEANUP(buf_clear) struct buf salt = { 0 }, first = { 0 };
	unsigned iterations = 0;
	if (!read_client_first(response, &f) || !prepared_user(s, buf_str(&f.name)))
		return sasl_server_malformed(s, first_malformed);
	if (buf_waiting(&f.authzid) && !str_eq(buf_str(&f.authzid), s->user))
		return sasl_server_refuse(s, "acting for another user is not allowed");
	if (!find_keys(s, &salt, &iterations) || !add_nonce(s, f.nonce))
		return sasl_server_refuse(s, "the account's password cannot be used with SCRAM");
	add(&s->scram.gs2, f.gs2);
	buf_adds(&first, "r=");
	add(&first, buf_str(&s->scram.nonce));
	buf_adds(&first, ",s=");
	base64_encode(&first, buf_str(&salt));
	buf_addf(&first, ",i=%u", iterations);
	add(&s->scram.transcript, f.bare);
	buf_adds(&s->scram.transcript, ",");
	add(&s->scram.transcript, buf_str(&first));
	buf_adds(&s->scram.transcript, ",");
	add(challenge, buf_str(&first));
	s->scram.state = SCRAM_FIRST;
	return SASL_SERVER_CHALLENGE;
}

/* "c=" base64 ",r=" nonce ["," extensions] ",p=" proof; adds what was signed to the transcript */
static bool read_client_final(struct scram_server *c, struct str msg, struct scram_key *proof)
{
	CLEANUP(buf_clear) struct buf gs2 = { .max = SASL_MESSAGE_BYTES_MAX };
	struct str rest = msg, binding, nonce, value;
	size_t end = msg.len;
	while (end > 0 && msg.p[end - 1] != ',')
		end--;
	struct str last = str_cut(msg, end, msg.len);
	if (!end || !scram_attribute(&last, 'p', &value) || !scram_read_key(value, proof))
		return false;
	rest = str_cut(msg, 0, end - 1);
	add(&c->transcript, rest);
	return scram_attribute(&rest, 'c', &binding) && base64_decode(&gs2, binding) &&
	       str_equal(buf_str(&gs2), buf_str(&c->gs2)) && scram_attribute(&rest, 'r', &nonce) &&
	       str_equal(nonce, buf_str(&c->nonce));
}

/* H(ClientProof XOR ClientSignature) must be StoredKey */
static bool proof_is_right(const struct scram_server *c, struct scram_key *proof)
{
	struct scram_key signature, stored;
	if (!scram_hmac(&c->stored, buf_str(&c->transcript), &signature))
		return false;
	scram_xor(proof, &signature);
	bool ok = scram_hash((struct str){ (const char *)proof->b, SCRAM_HASH_BYTES }, &stored);
	return ok && scram_same(&stored, &c->stored) && c->known;
}

static enum sasl_server_step server_final(struct sasl_server *s, struct str response, struct buf *challenge)
{
	struct scram_key proof, signature;
	if (!read_client_final(&s->scram, response, &proof))
		return sasl_server_malformed(s, final_malformed);
	bool right = proof_is_right(&s->scram, &proof);
	mem_wipe(&proof, sizeof(proof));
	if (!right)
		return sasl_server_refuse(s, s->scram.known ? "wrong password" : "no such user");
	if (!scram_hmac(&s->scram.server, buf_str(&s->scram.transcript), &signature))
		return sasl_server_refuse(s, "SHA-256 is not available here");
	buf_adds(challenge, "v=");
	scram_add_key(challenge, &signature);
	s->scram.state = SCRAM_PROVEN;
	return SASL_SERVER_CHALLENGE;
}

enum sasl_server_step sasl_server_scram(struct sasl_server *s, struct str response, struct buf *challenge)
{
	if (s->scram.state == SCRAM_START)
		return server_first(s, response, challenge);
	if (s->scram.state == SCRAM_FIRST)
		return server_final(s, response, challenge);
	return response.len ? sasl_server_malformed(s, "the last response must be empty") : SASL_SERVER_DONE;
}

void sasl_server_scram_wipe(struct scram_server *c)
{
	buf_clear(&c->gs2);
	buf_clear(&c->nonce);
	buf_wipe(&c->transcript);
	mem_wipe(&c->stored, sizeof(c->stored));
	mem_wipe(&c->server, sizeof(c->server));
}
