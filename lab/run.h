/* SPDX-License-Identifier: Apache-2.0 */
/* lab/run.h - a scenario up, alone or around a command. */
#ifndef LAB_RUN_H
#define LAB_RUN_H

#include "lab/spec.h"

enum { LAB_EXIT_OK, LAB_EXIT_FAILED, LAB_EXIT_USAGE, LAB_EXIT_CANNOT };

struct lab_run {
	const struct spec_library *library;
	const struct spec *spec;
	char **command;           /* NULL-terminated; places are filled in; NULL: until a signal */
	const char *out;          /* file in the scenario's folder for the command's stdout, NULL: ours */
	const char *errors;       /* the same for stderr */
	long long limit_ms;       /* of the command; 0 none */
	bool trace, quiet, check; /* check: run the scenario's own check or search instead of command */
};

struct lab_ran {
	int status; /* the command's exit status; 128 + signal */
	bool timed_out;
	long long elapsed_ms;
	struct buf out; /* what it wrote, when out was given; owned by the caller */
	struct buf errors;
	char *leak; /* of a search: where a login went that it must not, or did not where it must; NULL; owned
		     */
	const char *replay; /* of a scenario's check: what is wrong with its kept evidence; NULL nothing */
};

/* Changes this process: it enters namespaces.  Fork before when more is to come.
 * False with *e: the lab could not be set up. */
bool lab_run(const struct lab_run *o, struct lab_ran *ran, struct err *e) MUST_USE;

/* `lab test`: each scenario in a process of its own.  Returns the exit status. */
int lab_test(const struct spec_library *l, char *const *patterns, size_t n, int jobs, bool json);

/* Compares a check's JSON, or a search's, with what the scenario demands; NULL: as
 * it must be, else the reason, in a. */
const char *lab_judge(const struct spec_section *top, struct str json, struct arena *a);

#endif
