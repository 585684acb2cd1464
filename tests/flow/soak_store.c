/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flow/soak_store.h"

#include <stdio.h>
#include <time.h>

int64_t soak_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

void soak_fill(unsigned seed, char *out, size_t size)
{
	unsigned long long x = seed * 0x9e3779b97f4a7c15u + 1;
	for (size_t i = 0; i < size; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = (char)(x >> 56);
	}
}

int soak_failed(const struct err *e)
{
	char text[512];
	fprintf(stderr, "%s\n", err_text(e, text, sizeof(text)));
	return 1;
}

bool soak_open(const char *path, struct store **s)
{
	struct err e = { 0 };
	struct store_options o = {
		.path = path, .now_ms = soak_now_ms(), .segment_bytes = 128 << 10, .reserve_bytes = 1
	};
	return store_open(&o, s, &e) || (soak_failed(&e), false);
}
