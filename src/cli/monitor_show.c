/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/monitor_show_json.h"

#include <jansson.h>
#include <string.h>

#include "base/text_time.h"
#include "show/trail_words.h"

enum { STATE_ROOM = 9, CHANGES_SHOWN = 8, ALERTS_SHOWN = 5, TIME_ROOM = 21 };

static const char *text(json_t *o, const char *key)
{
	const char *z = json_string_value(json_object_get(o, key));
	return z ? z : "";
}

static long long number(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* "2026-11-21T19:04:16.645Z" */
static long long seconds_of(const char *time)
{
	char whole[TEXT_TIME_BYTES];
	long long s = 0;
	snprintf(whole, sizeof(whole), "%.19sZ", time);
	return *time && text_time_read(str_of(whole), &s) ? s : 0;
}

/* "2026-11-21 20:04:16" in the zone asked for. */
static const char *when(const struct monitor_show *s, const char *time, struct arena *a)
{
	char out[TEXT_TIME_BYTES];
	long long at = seconds_of(time);
	if (!at)
		return "";
	text_time(at + s->o->zone_s, out);
	out[10] = ' ';
	out[19] = 0;
	return arena_strdup(a, out);
}

static enum paper_style style_of(const char *state)
{
	return !strcmp(state, "bad")       ? PAPER_BAD
	       : !strcmp(state, "well")    ? PAPER_GOOD
	       : !strcmp(state, "warning") ? PAPER_ODD
					   : PAPER_DIM;
}

static const char *upper(const char *word, struct arena *a)
{
	char *copy = arena_strdup(a, word);
	for (char *p = copy; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return copy;
}

static const char *since_words(const struct monitor_show *s, json_t *m, struct arena *a)
{
	const char *since = text(m, "since");
	if (!*since)
		return "not looked at yet";
	return arena_printf(a, "since %s (%s)", when(s, since, a),
			    trail_span(a, s->o->now_s * 1000, seconds_of(since) * 1000));
}

static void show_monitor(struct monitor_show *s, json_t *m)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *state = text(m, "state");
	json_t *finding = json_object_get(m, "finding");
	bool late = json_is_true(json_object_get(m, "late"));
	if (s->o->quiet && !late && !strcmp(state, "well"))
		return;
	paper_item(&s->paper, 0,
		   (struct paper_lead){ late ? "LATE" : upper(state, a), STATE_ROOM,
					late ? PAPER_ODD : style_of(state) },
		   arena_printf(a, "%s  %s  %s%s%s", text(m, "name"), text(m, "target"), late ? "was " : "",
				late ? arena_printf(a, "%s, ", state) : "", since_words(s, m, a)));
	if (json_is_object(finding))
		paper_text(&s->paper, STATE_ROOM, PAPER_PLAIN,
			   arena_printf(a, "%s (%s)", text(finding, "title"), text(finding, "id")));
	else if (strcmp(state, "well") != 0)
		paper_text(&s->paper, STATE_ROOM, PAPER_PLAIN, text(m, "summary"));
	if (late)
		paper_text(&s->paper, STATE_ROOM, PAPER_ODD,
			   arena_printf(a, "last looked at %s: is `postrider serve` running?",
					when(s, text(m, "last"), a)));
	else if (json_is_true(json_object_get(m, "open")))
		paper_text(&s->paper, STATE_ROOM, PAPER_DIM,
			   arena_printf(a, "the last run says otherwise (%s); it is looked at again soon",
					text(m, "summary")));
}

static const char *more_of(json_t *x, struct arena *a)
{
	if (*text(x, "trouble"))
		return arena_printf(a, ": its renewal fails, %s", text(x, "trouble"));
	return *text(x, "detail") ? arena_printf(a, " (%s)", text(x, "detail")) : "";
}

static void show_expiring(struct monitor_show *s, json_t *list)
{
	size_t i, shown = 0;
	json_t *x;
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_array_foreach(list, i, x)
	{
		if (!json_is_true(json_object_get(x, "warn")))
			continue;
		if (!shown++) {
			paper_space(&s->paper);
			paper_head(&s->paper, 0, "Runs out soon");
		}
		paper_item(&s->paper, 2,
			   (struct paper_lead){ arena_printf(a, "%lld days", number(x, "days_left")), 10,
						PAPER_ODD },
			   arena_printf(a, "%s %s, %.10s%s", text(x, "kind"), text(x, "name"),
					text(x, "expires"), more_of(x, a)));
	}
}

static const char *values(json_t *list, struct arena *a)
{
	struct strlist l = { 0 };
	size_t i;
	json_t *x;
	json_array_foreach(list, i, x) strlist_add(&l, a, json_string_value(x) ? json_string_value(x) : "");
	return l.n ? strlist_join(&l, a, ", ") : "(nothing)";
}

static const char *change_words(json_t *x, struct arena *a)
{
	return arena_printf(a, "%s %s: %s -> %s", text(x, "name"), text(x, "type"),
			    values(json_object_get(x, "before"), a), values(json_object_get(x, "after"), a));
}

static const char *alert_words(json_t *x, struct arena *a)
{
	return arena_printf(a, "%s by %s to %s: %s", text(x, "subject"), text(x, "way"), text(x, "alert"),
			    text(x, "result"));
}

/* What happened lately, with its times. */
static void show_events(struct monitor_show *s, const char *head, json_t *list, size_t most,
			const char *(*words)(json_t *x, struct arena *a))
{
	size_t i;
	json_t *x;
	CLEANUP(arena_free) struct arena *a = arena_new();
	if (!json_array_size(list) || s->o->quiet)
		return;
	paper_space(&s->paper);
	paper_head(&s->paper, 0, head);
	json_array_foreach(list, i, x)
	{
		if (i == most)
			break;
		paper_item(&s->paper, 2,
			   (struct paper_lead){ when(s, text(x, "at"), a), TIME_ROOM, PAPER_DIM },
			   words(x, a));
	}
}

static void show_trouble(struct monitor_show *s, const char *trouble)
{
	if (!*trouble)
		return;
	paper_space(&s->paper);
	paper_head(&s->paper, 0, "Trouble of the relay");
	paper_text(&s->paper, 2, PAPER_ODD, trouble);
}

void monitor_show_list(struct monitor_show *s, json_t *health)
{
	size_t i;
	json_t *m, *dns = json_object_get(health, "dns");
	json_array_foreach(json_object_get(health, "monitors"), i, m) show_monitor(s, m);
	if (!json_array_size(json_object_get(health, "monitors")))
		paper_text(&s->paper, 0, PAPER_PLAIN, text(health, "says"));
	show_trouble(s, text(health, "trouble"));
	show_expiring(s, json_object_get(health, "expiring"));
	show_events(s, "Changed in the DNS", json_object_get(dns, "changes"), CHANGES_SHOWN, change_words);
	show_events(s, "Last alerts", json_object_get(health, "alerts"), ALERTS_SHOWN, alert_words);
}

static const char *step_times(json_t *run, struct arena *a)
{
	struct strlist l = { 0 };
	const char *key;
	json_t *ms;
	json_object_foreach(json_object_get(run, "steps"), key, ms)
		strlist_add(&l, a, arena_printf(a, "%s %lld ms", key, (long long)json_integer_value(ms)));
	return strlist_join(&l, a, ", ");
}

static void show_run(struct monitor_show *s, json_t *run)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *verdict = text(run, "verdict"), *finding = text(run, "finding");
	bool good = !strcmp(verdict, "ok") || !strcmp(verdict, "warning");
	long long runs = number(run, "runs"), bad = number(run, "bad");
	if (s->o->quiet && good)
		return;
	const char *many = runs > 1 ? arena_printf(a, " (%lld runs, %lld bad)", runs, bad) : "";
	paper_item(&s->paper, 0,
		   (struct paper_lead){ when(s, text(run, "at"), a), TIME_ROOM,
					good ? PAPER_DIM : PAPER_BAD },
		   arena_printf(a, "%s%s%s%s  %s", verdict, *finding ? " " : "", finding, many,
				step_times(run, a)));
}

void monitor_show_history(struct monitor_show *s, json_t *health)
{
	size_t i;
	json_t *run, *m = json_array_get(json_object_get(health, "monitors"), 0);
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_t *share = json_object_get(m, "well_share");
	json_array_foreach(json_object_get(m, "history"), i, run) show_run(s, run);
	if (json_is_number(share))
		paper_text(&s->paper, 0, PAPER_BOLD,
			   arena_printf(a, "%lld runs, %.2f %% of them well", number(m, "runs"),
					json_number_value(share) * 100));
	else
		paper_text(&s->paper, 0, PAPER_PLAIN, "No run in that time.");
}
