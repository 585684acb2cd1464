/* SPDX-License-Identifier: Apache-2.0 */
/* base/thread_name.h - what top -H, a debugger and a crash call a thread of ours. */
#ifndef BASE_THREAD_NAME_H
#define BASE_THREAD_NAME_H

#include <sys/prctl.h>

enum { THREAD_NAME_BYTES = 16 }; /* with the NUL */

/* Of the calling thread: 15 bytes at most.  Those that it starts later begin with the same name. */
static inline void thread_name(const char *name)
{
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* For threads that a library starts and gives no name: the caller's while it starts them, and own goes back
 * with thread_name(). */
static inline void thread_name_lend(const char *name, char own[THREAD_NAME_BYTES])
{
	(void)prctl(PR_GET_NAME, own, 0, 0, 0);
	thread_name(name);
}

#endif
