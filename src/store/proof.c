/* SPDX-License-Identifier: Apache-2.0 */
#include "store/proof.h"

static const struct {
	const char *name, *words;
} proofs[STORE_PROOFS] = {
	[STORE_PROOF_UNKNOWN] = { "", "" },
	[STORE_UNPROVEN] = { "unproven", "encrypted, but the server was not proven" },
	[STORE_PROOF_DANE] = { "dane", "the server was proven by DANE" },
	[STORE_PROOF_MTA_STS] = { "mta-sts", "the server was proven by its certificate, as MTA-STS asks" },
	[STORE_PROOF_CERTIFICATE] = { "certificate", "the server was proven by its certificate" },
};

const char *store_proof_name(enum store_proof p)
{
	return p < STORE_PROOFS ? proofs[p].name : "";
}

const char *store_proof_words(enum store_proof p)
{
	return p < STORE_PROOFS ? proofs[p].words : "";
}
