/* SPDX-License-Identifier: Apache-2.0 */
#include "net/context.h"

#include <stdint.h>
#include <string.h>

/* What a function must leave as it was is pushed on the stack it leaves, and taken from the one it comes to:
 * registers, and how numbers are rounded (System V ABI for x86-64, 3.2.1).  A new stack is laid out as if
 * it had been left at context_begin, which calls enter(arg).  There the unwinder ends. */

#ifdef CONTEXT_OWN

void context_jump(void **from, void *to) __asm__("postrider_context_jump");
void context_begin(void) __asm__("postrider_context_begin");

enum { AT_CONTROL, AT_R15, AT_R14, AT_R13, AT_R12, AT_RBX, AT_RBP, AT_RETURN, FRAME_WORDS };

__asm__(".text\n"
	".globl postrider_context_jump\n"
	".hidden postrider_context_jump\n"
	".type postrider_context_jump, @function\n"
	"postrider_context_jump:\n"
	".cfi_startproc\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	subq $8, %rsp\n"
	"	stmxcsr (%rsp)\n"
	"	fnstcw 4(%rsp)\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	ldmxcsr (%rsp)\n"
	"	fldcw 4(%rsp)\n"
	"	addq $8, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".cfi_endproc\n"
	".size postrider_context_jump, . - postrider_context_jump\n"
	".globl postrider_context_begin\n"
	".hidden postrider_context_begin\n"
	".type postrider_context_begin, @function\n"
	"postrider_context_begin:\n"
	".cfi_startproc\n"
	".cfi_undefined rip\n"
	"	movq %rbx, %rdi\n"
	"	call *%r12\n"
	"	ud2\n"
	".cfi_endproc\n"
	".size postrider_context_begin, . - postrider_context_begin\n");

static void lay_out(uintptr_t *frame, void (*enter)(void *arg), void *arg)
{
	uint32_t mxcsr;
	uint16_t x87;
	__asm__("stmxcsr %0" : "=m"(mxcsr));
	__asm__("fnstcw %0" : "=m"(x87));
	frame[AT_CONTROL] = (uintptr_t)x87 << 32 | mxcsr;
	frame[AT_RBX] = (uintptr_t)arg;
	frame[AT_R12] = (uintptr_t)enter;
	frame[AT_RETURN] = (uintptr_t)context_begin;
}

void context_prepare(struct context *c, void *stack, size_t bytes, void (*enter)(void *arg), void *arg)
{
	uintptr_t top = ((uintptr_t)stack + bytes) & ~(uintptr_t)15;
	uintptr_t *frame = (uintptr_t *)top - FRAME_WORDS;
	memset(frame, 0, FRAME_WORDS * sizeof(*frame));
	lay_out(frame, enter, arg);
	c->at = frame;
}

void context_switch(struct context *from, const struct context *to)
{
	context_jump(&from->at, to->at);
}

#else

/* makecontext() passes ints: a pointer goes as two. */
static void begin(unsigned fn_high, unsigned fn_low, unsigned arg_high, unsigned arg_low)
{
	uintptr_t fn = (uintptr_t)((uint64_t)fn_high << 32 | fn_low);
	uintptr_t arg = (uintptr_t)((uint64_t)arg_high << 32 | arg_low);
	((void (*)(void *))fn)((void *)arg);
}

void context_prepare(struct context *c, void *stack, size_t bytes, void (*enter)(void *arg), void *arg)
{
	uint64_t fn = (uintptr_t)enter, a = (uintptr_t)arg;
	getcontext(&c->at);
	c->at.uc_stack.ss_sp = stack;
	c->at.uc_stack.ss_size = bytes;
	c->at.uc_link = NULL;
	makecontext(&c->at, (void (*)(void))begin, 4, (unsigned)(fn >> 32), (unsigned)fn, (unsigned)(a >> 32),
		    (unsigned)a);
}

void context_switch(struct context *from, const struct context *to)
{
	swapcontext(&from->at, &to->at);
}

#endif
