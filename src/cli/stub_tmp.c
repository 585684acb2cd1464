/* SPDX-License-Identifier: Apache-2.0 */
/* Bridges until progress.c, render.c and http.c stand: weak, removed with them. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#include "check/render_internal.h"
#include "cli/progress.h"
#include "net/http.h"
__attribute__((weak)) bool render_verdict(const struct verdict *v, enum render_format format, const struct render_options *o, FILE *out, struct err *e){(void)format;return render_json(v,o,out,e);}
__attribute__((weak)) bool render_format_of(const char *name, enum render_format *f){(void)name;*f=0;return true;}
__attribute__((weak)) struct progress * progress_new(const struct check_options *o){(void)o;return 0;}
__attribute__((weak)) struct check_observer  progress_observer(struct progress *p){(void)p;return (struct check_observer){0};}
__attribute__((weak)) void progress_free(struct progress **p){(void)p;}
__attribute__((weak)) struct http_request * http_start(struct net_loop *l, struct dns *d, const struct http_options *o){(void)l;(void)d;(void)o;return 0;}
__attribute__((weak)) const struct http_answer * http_wait(struct http_request *r, uint64_t u){(void)r;(void)u;return 0;}
__attribute__((weak)) void http_free(struct http_request **r){(void)r;}
