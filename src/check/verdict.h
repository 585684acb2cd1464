/* SPDX-License-Identifier: Apache-2.0 */
/* check/verdict.h - findings, ranked: what evidence means.
 *
 * Rules raise; verdict_settle() ranks, silences look-alikes and symptoms and
 * decides the verdict.  Nothing here or in a rule touches the network. */
#ifndef CHECK_VERDICT_H
#define CHECK_VERDICT_H

#include "catalog/finding.h"
#include "check/evidence.h"

enum { VERDICT_FINDINGS_MAX = 64, FINDING_FACTS_MAX = 12, FINDING_INSTEAD_MAX = 8, FINDING_WORDS_MAX = 16 };

struct finding_word { /* fills {name} in the catalogue's sentences */
	const char *name, *value;
};

struct finding {
	const struct finding_entry *entry;
	enum finding_severity severity; /* the entry's, unless the rule knows better */
	enum step step;                 /* the entry's, unless the rule knows better */
	double confidence;
	const struct fact *facts[FINDING_FACTS_MAX];
	size_t nfacts;
	struct finding_word words[FINDING_WORDS_MAX];
	size_t nwords;
	struct {
		const struct finding_entry *entry;
		double confidence;
	} instead[FINDING_INSTEAD_MAX];
	size_t ninstead;
};

enum verdict_word { VERDICT_OK, VERDICT_WARNING, VERDICT_FAILING, VERDICT_UNKNOWN };
enum step_status { STEP_NOT_REACHED, STEP_SKIPPED, STEP_PASS, STEP_WARN, STEP_FAIL };

struct step_result {
	enum step_status status;
	long elapsed_ms;
	const char *says; /* what was seen, a few words: "mail.example.com is 192.0.2.7" */
};

struct verdict {
	const struct evidence *ev;
	struct arena *arena; /* texts of words and says */
	struct finding findings[VERDICT_FINDINGS_MAX];
	size_t n;
	enum verdict_word word;
	const char *summary;
	struct step_result steps[STEP_COUNT];
};

/* The whole judgement; a pure function of ev (borrowed, must outlive *out). */
struct verdict *verdict_of(const struct evidence *ev) MUST_USE;
void verdict_free(struct verdict **v);

/* For rules.  Raises id with a confidence (0..1) because of facts f (may be
 * NULL).  The same id raised again keeps the higher confidence and collects the
 * facts.  Returns the finding for more words, facts or another severity; never NULL.
 * An id that the catalogue lacks is a bug and ends the process in tests. */
struct finding *verdict_raise(struct verdict *v, const char *id, double confidence, const struct fact *f);
void finding_fact(struct finding *f, const struct fact *fact);
void finding_word(struct verdict *v, struct finding *f, const char *name, const char *value);
/* Says that id was considered and is less likely. */
void finding_instead(struct finding *f, const char *id, double confidence);
/* True when id stands among the findings raised so far. */
bool verdict_has(const struct verdict *v, const char *id);
/* True when a failure stands among them. */
bool verdict_fails(const struct verdict *v);

/* The same for what a person will type or paste: a value with any byte outside
 * [A-Za-z0-9@._:+-] is the peer's doing, and the default stands instead. */
const char *finding_fill_command(const struct verdict *v, const struct finding *f, const char *command);

/* The entry's sentence with its {name|default} places filled in; arena-owned. */
const char *finding_fill(const struct verdict *v, const struct finding *f, const char *sentence);

const char *verdict_word_name(enum verdict_word w);
const char *step_status_name(enum step_status s);

#endif
