/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress_bar.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/paper.h"
#include "cli/terminal.h"

enum { EVERY_MS = 150, PATIENCE_MS = 300, BAR_MAX = 30, TEXT_ROOM = 58, NAME_SHOWN = 24, SECOND_MS = 1000 };

static long long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * SECOND_MS + t.tv_nsec / 1000000;
}

void progress_bar_start(struct progress_bar *b, const char *name, bool quiet)
{
	*b = (struct progress_bar){ .draws = !quiet && terminal_can_move(STDERR_FILENO),
				    .columns = terminal_columns(STDERR_FILENO),
				    .began_ms = now_ms(),
				    .name = name };
	if (!b->columns)
		b->columns = PAPER_WIDTH;
}

static const char *amount(char out[24], double n, const char *const *units)
{
	size_t i = 0;
	while (n >= 1000 && units[i + 1]) {
		n /= 1000;
		i++;
	}
	snprintf(out, 24, n < 10 && i ? "%.1f%s" : "%.0f%s", n, units[i]);
	return out;
}

static const char *const bytes_units[] = { " B", " KB", " MB", " GB", " TB", NULL };
static const char *const count_units[] = { "", "k", "M", "G", NULL };

static const char *left(char out[24], const struct progress_at *at, long long elapsed_ms)
{
	*out = '\0';
	if (!at->size || !at->done || elapsed_ms < SECOND_MS)
		return out;
	double rest = (double)(at->size - at->done) / (double)at->done * (double)elapsed_ms / SECOND_MS;
	if (rest < 60)
		snprintf(out, 24, ", %.0f s left", rest);
	else
		snprintf(out, 24, ", %.0f min left", rest / 60);
	return out;
}

static void draw_bar(char *out, unsigned room, const struct progress_at *at)
{
	unsigned full = at->size ? (unsigned)((double)at->done / (double)at->size * room) : 0;
	full = full > room ? room : full;
	*out++ = '[';
	memset(out, '#', full);
	memset(out + full, '.', room - full);
	memcpy(out + room, "] ", 3);
}

/* name [####....] 42 %  120 MB of 310 MB, 850k lines/s, 3 s left */
const char *progress_bar_line(char out[PROGRESS_LINE_BYTES], unsigned columns, const char *name,
			      const struct progress_at *at, long long elapsed_ms)
{
	char bar[BAR_MAX + 8] = "", done[24], size[24], rate[24], eta[24], share[16] = "", of[40] = "";
	unsigned room = columns > TEXT_ROOM + NAME_SHOWN + 8 ? columns - TEXT_ROOM - NAME_SHOWN : 0;
	if (at->size) {
		if (room)
			draw_bar(bar, room > BAR_MAX ? BAR_MAX : room, at);
		snprintf(share, sizeof(share), "%.0f %%  ", 100.0 * (double)at->done / (double)at->size);
		snprintf(of, sizeof(of), " of %s", amount(size, (double)at->size, bytes_units));
	}
	double per_s = elapsed_ms ? (double)at->lines * SECOND_MS / (double)elapsed_ms : 0;
	snprintf(out, PROGRESS_LINE_BYTES, "%.*s %s%s%s%s, %s lines/s%s", NAME_SHOWN, name, bar, share,
		 amount(done, (double)at->done, bytes_units), of, amount(rate, per_s, count_units),
		 left(eta, at, elapsed_ms));
	return out;
}

void progress_bar_at(struct progress_bar *b, const struct progress_at *at)
{
	char line[PROGRESS_LINE_BYTES];
	if (!b->draws)
		return;
	long long now = now_ms();
	if (now - b->began_ms < PATIENCE_MS || now - b->last_ms < EVERY_MS)
		return;
	b->last_ms = now;
	progress_bar_line(line, b->columns, b->name, at, now - b->began_ms);
	struct paper paper = paper_of(stderr, b->columns, false, !terminal_is_utf8());
	progress_bar_wipe(b);
	paper_clip(&paper, 0, b->columns > 1 ? b->columns - 1 : 1, line);
	fflush(stderr);
	b->drawn = true;
}

/* The cursor stands on the line below. */
void progress_bar_wipe(struct progress_bar *b)
{
	if (!b->drawn)
		return;
	fputs("\033[1A\033[2K\r", stderr);
	fflush(stderr);
	b->drawn = false;
}
