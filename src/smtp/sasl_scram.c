/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/base64.h"
#include "smtp/sasl_mechanism.h"
#include "smtp/saslprep.h"

static const char gs2_header[] = "n,,"; /* no channel binding, no authorisation identity */
static const char gs2_coded[] = "biws"; /* its base64, for c= */

bool sasl_scram_begin(struct sasl_client *s, struct err *e)
{
	struct scram_client *sc = &s->scram;
	CLEANUP(buf_wipe) struct buf name = { 0 }, password = { 0 };
	if (!saslprep(str_of(s->c.user), &name, e) || !saslprep(str_of(s->c.secret), &password, e))
		return err_detail(e, "use PLAIN over TLS for this name and password");
	if (s->c.nonce ? !buf_adds(&sc->nonce, s->c.nonce) : !scram_nonce_new(&sc->nonce, e))
		return false;
	return buf_adds(&sc->first_bare, "n=") && scram_name_encode(buf_str(&name), &sc->first_bare) &&
	       buf_adds(&sc->first_bare, ",r=") &&
	       buf_add(&sc->first_bare, buf_str(&sc->nonce).p, buf_waiting(&sc->nonce));
}

static enum sasl_step client_first(struct sasl_client *s, struct buf *out, struct err *e)
{
	struct str bare = buf_str(&s->scram.first_bare);
	s->scram.state = SCRAM_FIRST;
	return sasl_sent(buf_adds(out, gs2_header) && buf_add(out, bare.p, bare.len), s, e);
}

struct server_first {
	struct str nonce;
	struct buf salt;
	unsigned long iterations;
};

static void server_first_clear(struct server_first *f)
{
	buf_clear(&f->salt);
}

/* [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]   (RFC 5802, 7) */
static const char *read_server_first(struct str msg, struct str our_nonce, struct server_first *f)
{
	struct str salt, count;
	if (msg.len >= 2 && msg.p[0] == 'm' && msg.p[1] == '=')
		return "the server demands an extension nobody knows";
	if (!scram_attribute(&msg, 'r', &f->nonce) || !scram_attribute(&msg, 's', &salt) ||
	    !scram_attribute(&msg, 'i', &count))
		return "the server's first message is malformed";
	if (!scram_nonce_is_legal(f->nonce) || f->nonce.len <= our_nonce.len ||
	    memcmp(f->nonce.p, our_nonce.p, our_nonce.len) != 0)
		return "the server's nonce does not continue ours";
	if (!base64_decode(&f->salt, salt) || !buf_waiting(&f->salt))
		return "the server's salt is malformed";
	if (!str_number(count, SCRAM_ITERATIONS_MAX, &f->iterations) || f->iterations < SCRAM_ITERATIONS_MIN)
		return "the server's iteration count is not between 4096 and 1000000";
	return NULL;
}

/* ClientProof and ServerSignature over the AuthMessage. */
static bool sign(struct sasl_client *s, const struct server_first *f, struct str message,
		 struct scram_key *proof, struct err *e)
{
	struct scram_key stored, server, signature;
	if (!scram_derive(s->c.secret, buf_str(&f->salt), (unsigned)f->iterations, proof, &server, e))
		return false;
	bool ok = scram_hash((struct str){ (char *)proof->b, SCRAM_HASH_BYTES }, &stored) &&
		  scram_hmac(&stored, message, &signature) &&
		  scram_hmac(&server, message, &s->scram.want_server);
	scram_xor(proof, &signature);
	mem_wipe(&server, sizeof(server));
	mem_wipe(&stored, sizeof(stored));
	return ok || ERR_FILL(e, ERR_TLS, 0, "log in", "with SCRAM-SHA-256: SHA-256 is not available");
}

/* AuthMessage = client-first-bare "," server-first "," client-final-without-proof */
static void auth_message(const struct scram_client *sc, struct str server_first, struct str without_proof,
			 struct buf *out)
{
	struct str bare = buf_str(&sc->first_bare);
	buf_add(out, bare.p, bare.len);
	buf_adds(out, ",");
	buf_add(out, server_first.p, server_first.len);
	buf_adds(out, ",");
	buf_add(out, without_proof.p, without_proof.len);
}

static enum sasl_step client_final(struct sasl_client *s, struct str challenge, struct buf *out,
				   struct err *e)
{
	CLEANUP(server_first_clear) struct server_first f = { .salt.max = SCRAM_SALT_BYTES_MAX };
	CLEANUP(buf_clear) struct buf message = { 0 }, final = { 0 };
	const char *wrong = read_server_first(challenge, buf_str(&s->scram.nonce), &f);
	if (wrong)
		return sasl_protocol_error(s, e, wrong);
	buf_addf(&final, "c=%s,r=" STR_FMT, gs2_coded, STR_ARG(f.nonce));
	auth_message(&s->scram, challenge, buf_str(&final), &message);
	struct scram_key proof;
	if (!sign(s, &f, buf_str(&message), &proof, e))
		return SASL_FAILED;
	buf_adds(&final, ",p=");
	scram_add_key(&final, &proof);
	mem_wipe(&proof, sizeof(proof));
	s->scram.state = SCRAM_FINAL;
	return sasl_sent(buf_add(out, buf_str(&final).p, buf_waiting(&final)), s, e);
}

/* Keeps printable ASCII of the server's words. */
static void keep_error(struct scram_client *sc, struct str words)
{
	size_t n = 0;
	for (size_t i = 0; i < words.len && n + 1 < sizeof(sc->error); i++)
		if (words.p[i] >= 0x20 && words.p[i] < 0x7f)
			sc->error[n++] = words.p[i];
	sc->error[n] = 0;
}

/* ( "e=" error / "v=" signature ) ["," extensions].  After e= an empty answer
 * brings the server's real refusal, which is better evidence than a cancel. */
static enum sasl_step read_server_final(struct sasl_client *s, struct str msg, struct err *e)
{
	struct str value;
	struct scram_key shown;
	if (scram_attribute(&msg, 'e', &value)) {
		keep_error(&s->scram, value);
		s->scram.state = SCRAM_DENIED;
		return SASL_SEND;
	}
	if (!scram_attribute(&msg, 'v', &value) || !scram_read_key(value, &shown))
		return sasl_protocol_error(s, e, "the server's final message is malformed");
	if (!scram_same(&shown, &s->scram.want_server))
		return sasl_protocol_error(s, e,
					   "the server's signature is wrong: it does not know the password");
	s->scram.state = SCRAM_PROVEN;
	return SASL_SEND;
}

enum sasl_step sasl_scram_respond(struct sasl_client *s, struct str challenge, struct buf *out, struct err *e)
{
	switch (s->scram.state) {
	case SCRAM_START:
		if (challenge.len)
			return sasl_protocol_error(s, e, "the server spoke first");
		return client_first(s, out, e);
	case SCRAM_FIRST:
		return client_final(s, challenge, out, e);
	case SCRAM_FINAL:
		return read_server_final(s, challenge, e);
	case SCRAM_PROVEN:
	case SCRAM_DENIED:
		break;
	}
	return sasl_protocol_error(s, e, "the server asked on after its final message");
}

bool sasl_scram_accept(const struct sasl_client *s, struct err *e)
{
	if (s->scram.state == SCRAM_PROVEN)
		return true;
	if (s->scram.state == SCRAM_DENIED)
		return ERR_FILL(e, ERR_PROTOCOL, 0, "log in",
				"with SCRAM-SHA-256: the server said both yes and \"%s\"", s->scram.error);
	return ERR_FILL(e, ERR_PROTOCOL, 0, "log in",
			"with SCRAM-SHA-256: the server said yes without proving itself");
}

void sasl_scram_wipe(struct scram_client *c)
{
	buf_wipe(&c->nonce);
	buf_wipe(&c->first_bare);
	mem_wipe(&c->want_server, sizeof(c->want_server));
}
