/* SPDX-License-Identifier: Apache-2.0 */
/* mail/spf_macro.h - the macro language of SPF (RFC 7208, 7).
 *
 *   macro-string = *( macro-expand / macro-literal )
 *   macro-expand = "%{" letter *DIGIT ["r"] *delimiter "}" / "%%" / "%_" / "%-"
 *   delimiter    = "." / "-" / "+" / "," / "/" / "_" / "=" */
#ifndef MAIL_SPF_MACRO_H
#define MAIL_SPF_MACRO_H

#include "base/arena.h"

enum { SPF_EXPANSION_BYTES_MAX = 16 * 1024 }; /* of one expanded text; a longer one is an error */

enum spf_macro_place {
	SPF_IN_DOMAIN,      /* letters slodipvh */
	SPF_IN_MODIFIER,    /* of unknown meaning: any letter */
	SPF_IN_EXPLANATION, /* also c r t, and blanks */
};

/* What the letters stand for; p is filled in when the text needs it. */
struct spf_macro_values {
	const char *sender, *local, *sender_domain, *domain, *helo;
	const char *ip_dotted, *ip_text, *ip_kind; /* %{i}, %{c}, %{v} */
	const char *validated;                     /* %{p} */
	const char *receiver;
	long long now_s;
};

/* NULL when s is well-formed, else why not (static words). */
const char *spf_macro_fault(struct str s, enum spf_macro_place place) MUST_USE;
/* The same for a domain-spec: a macro-string that ends in a macro or ".toplabel". */
const char *spf_domain_fault(struct str s) MUST_USE;

/* Whether the text uses %{p} or %{P}. */
bool spf_macro_needs_p(const char *s);
bool spf_macro_any(const char *s); /* any macro at all */

/* Expands well-formed text; NULL when it grows beyond the limit. */
const char *spf_macro_expand(struct arena *a, const char *s, const struct spf_macro_values *v) MUST_USE;
/* The same as a name to ask for: final dot away, cut at the left to 253 bytes. */
const char *spf_domain_expand(struct arena *a, const char *s, const struct spf_macro_values *v) MUST_USE;

#endif
