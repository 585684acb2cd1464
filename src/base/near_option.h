/* SPDX-License-Identifier: Apache-2.0 */
/* base/near_option.h - which option of getopt_long's table was meant by a misspelt one. */
#ifndef BASE_NEAR_OPTION_H
#define BASE_NEAR_OPTION_H

struct option;

/* given: as typed, "--jsn" or "--jsn=x".  NULL: none is near. */
const char *near_option(const struct option *longs, const char *given);

#endif
