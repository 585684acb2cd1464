/* SPDX-License-Identifier: Apache-2.0 */
/* lab/test.c - `postrider lab test`: the program against its own lab. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "lab/rule.h"
#include "lab/run.h"

enum {
	TEST_JOBS_MAX = 64,
	STATUS_WRONG_INPUT = 2 /* with an answer: judged before any packet */,
	TEST_REASON_BYTES = 4000,
	TEST_LIMIT_MS = 75000,
	TEST_ERROR_BYTES = 300
};

struct job {
	pid_t pid; /* 0: free */
	int from;  /* pipe */
	const struct spec *spec;
};

struct tally {
	size_t passed, failed;
	bool json;
};

static bool wanted(const struct spec *s, char *const *patterns, size_t n)
{
	if (s->setup || (!spec_list(&s->top, "check") && !spec_list(&s->top, "finds")))
		return false;
	for (size_t i = 0; i < n; i++)
		if (lab_fits(str_of(s->top.title), patterns[i]))
			return true;
	return n == 0;
}

static void reason_of(const struct spec_section *top, const struct lab_ran *ran, char *out, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct str errors = buf_str(&ran->errors);
	if (ran->timed_out) {
		snprintf(out, size, "the check did not end within %lld ms", ran->elapsed_ms);
		return;
	}
	const char *reason = lab_judge(top, buf_str(&ran->out), a);
	if (reason)
		snprintf(out, size, "%s%s%s", reason, errors.len ? " -- " : "",
			 text_printable(a, str_cut(str_trim(errors), 0, TEST_ERROR_BYTES)));
	else if (ran->leak)
		snprintf(out, size, "%s", ran->leak);
	else if (ran->replay)
		snprintf(out, size, "%s", ran->replay);
	else if (ran->status > LAB_EXIT_FAILED && ran->status != STATUS_WRONG_INPUT)
		snprintf(out, size, "the check ended with status %d", ran->status);
}

/* In the child: an empty answer means passed. */
static NORETURN void work(const struct spec_library *l, const struct spec *s, int to)
{
	char reason[TEST_REASON_BYTES] = "", text[512];
	struct err e = { 0 };
	struct lab_ran ran = { 0 };
	struct lab_run o = { .library = l,
			     .spec = s,
			     .check = true,
			     .quiet = true,
			     .out = "check.json",
			     .errors = "check.err",
			     .limit_ms = TEST_LIMIT_MS };
	long long limit;
	const char *own = spec_text(&s->top, "timeout", NULL);
	if (own && spec_duration(str_of(own), &limit))
		o.limit_ms = limit;
	CLEANUP(arena_free) struct arena *a = arena_new();
	const struct spec *merged = spec_merge(l, s, a, &e);
	if (!merged || !lab_run(&o, &ran, &e))
		snprintf(reason, sizeof(reason), "the lab is not up: %s", err_text(&e, text, sizeof(text)));
	else
		reason_of(&merged->top, &ran, reason, sizeof(reason));
	_exit(write(to, reason, strlen(reason)) < 0);
}

static bool start(const struct spec_library *l, const struct spec *s, struct job *j)
{
	int fds[2];
	if (pipe(fds) < 0)
		return false;
	fflush(stdout);
	j->pid = fork();
	if (j->pid == 0) {
		close(fds[0]);
		work(l, s, fds[1]);
	}
	close(fds[1]);
	j->from = fds[0];
	j->spec = s;
	if (j->pid < 0) {
		close(fds[0]);
		j->pid = 0;
		return false;
	}
	return true;
}

static void report(struct tally *t, const struct job *j, const char *reason)
{
	const char *name = j->spec->top.title;
	t->passed += !*reason;
	t->failed += *reason != '\0';
	if (t->json) {
		json_t *o = json_pack("{s:s, s:b, s:s}", "name", name, "passed", !*reason, "reason", reason);
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(o);
	} else if (*reason) {
		printf("FAIL %s: %s\n     %s:%d\n", name, reason, j->spec->top.file, j->spec->top.line);
	}
	fflush(stdout);
}

/* Waits for one of them to end. */
static void reap(struct job *jobs, int n, struct tally *t)
{
	int status = 0;
	pid_t pid = waitpid(-1, &status, 0);
	for (int i = 0; i < n; i++) {
		struct job *j = &jobs[i];
		if (!j->pid || j->pid != pid)
			continue;
		char reason[TEST_REASON_BYTES + 1];
		ssize_t got = read(j->from, reason, TEST_REASON_BYTES);
		reason[got > 0 ? got : 0] = '\0';
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			snprintf(reason, sizeof(reason), "the lab itself broke (wait status %d)", status);
		report(t, j, reason);
		close(j->from);
		j->pid = 0;
	}
}

static struct job *free_job(struct job *jobs, int n)
{
	for (int i = 0; i < n; i++)
		if (!jobs[i].pid)
			return &jobs[i];
	return NULL;
}

static bool any_running(const struct job *jobs, int n)
{
	for (int i = 0; i < n; i++)
		if (jobs[i].pid)
			return true;
	return false;
}

int lab_test(const struct spec_library *l, char *const *patterns, size_t n, int jobs_wanted, bool json)
{
	struct job jobs[TEST_JOBS_MAX] = { 0 };
	struct tally t = { .json = json };
	int njobs = jobs_wanted < 1 ? 1 : jobs_wanted > TEST_JOBS_MAX ? TEST_JOBS_MAX : jobs_wanted;
	for (size_t i = 0; i < l->n; i++) {
		if (!wanted(&l->all[i], patterns, n))
			continue;
		struct job *j;
		while (!(j = free_job(jobs, njobs)))
			reap(jobs, njobs, &t);
		if (!start(l, &l->all[i], j)) {
			fprintf(stderr, "postrider: lab: cannot start a test: %s\n", strerror(errno));
			return LAB_EXIT_CANNOT;
		}
	}
	while (any_running(jobs, njobs))
		reap(jobs, njobs, &t);
	if (!t.passed && !t.failed) {
		fprintf(stderr, "postrider: lab: no scenario of that name has a check\n");
		return LAB_EXIT_USAGE;
	}
	if (json)
		printf("{\"passed\":%zu,\"failed\":%zu}\n", t.passed, t.failed);
	else
		printf("%zu passed, %zu failed\n", t.passed, t.failed);
	return t.failed ? LAB_EXIT_FAILED : LAB_EXIT_OK;
}
