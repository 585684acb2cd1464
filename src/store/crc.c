/* SPDX-License-Identifier: Apache-2.0 */
#include "store/crc.h"

#include <pthread.h>
#include <string.h>

static uint32_t table[256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void table_fill(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
		table[i] = c;
	}
}

uint32_t store_crc_by_table(uint32_t crc, const void *data, size_t len)
{
	pthread_once(&table_once, table_fill);
	const unsigned char *p = data;
	uint32_t c = ~crc;
	for (size_t i = 0; i < len; i++)
		c = table[(c ^ p[i]) & 255] ^ c >> 8;
	return ~c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_processor(uint32_t crc, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t c = ~crc;
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		c = __builtin_ia32_crc32di(c, word);
	}
	for (; len; p++, len--)
		c = __builtin_ia32_crc32qi((uint32_t)c, *p);
	return ~(uint32_t)c;
}

uint32_t store_crc(uint32_t crc, const void *data, size_t len)
{
	return __builtin_cpu_supports("sse4.2") ? crc_by_processor(crc, data, len)
						: store_crc_by_table(crc, data, len);
}
#else
uint32_t store_crc(uint32_t crc, const void *data, size_t len)
{
	return store_crc_by_table(crc, data, len);
}
#endif
