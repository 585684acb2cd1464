/* SPDX-License-Identifier: Apache-2.0 */
#include "base/page.h"

static const char css[] =
	":root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--dim:#5b646d;--line:#d8dde2;--card:#f5f7f9;"
	"--bad:#b3261e;--odd:#8a5a00;--good:#1a7f37}\n"
	"@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e8eaed;--dim:#a3adb7;--line:#363c43;"
	"--card:#1e2226;--bad:#ff8a80;--odd:#ffc860;--good:#6fdd8b}}\n"
	"body{margin:2rem auto;max-width:46rem;padding:0 1rem;background:var(--bg);color:var(--fg);"
	"font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.35rem;line-height:1.3;margin:.3rem 0 1rem}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}"
	"h3{font-size:1rem;margin:.9rem 0 .2rem}h4{font-size:.85rem;margin:.6rem 0 0}p{margin:.3rem 0}\n"
	".word{font-weight:700;letter-spacing:.04em}.failing,.fail,.failure{color:var(--bad)}"
	".warning,.warn,.unknown{color:var(--odd)}.ok,.pass{color:var(--good)}"
	".dim,.skipped,.not-reached,.note{color:var(--dim)}\n"
	"table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;font-weight:400;"
	"padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line)}th{white-space:nowrap}\n"
	"pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem;"
	"white-space:pre-wrap;margin:.3rem "
	"0;unicode-bidi:plaintext}code{unicode-bidi:isolate;direction:ltr}\n"
	"details{margin-top:1.6rem}footer{margin-top:2rem;color:var(--dim);font-size:.9rem}\n"
	"@media print{body{margin:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}"
	"pre,tr{break-inside:avoid}details{display:none}details[open]{display:block}}\n";

static void meta(struct html *h, const char *name, const char *value, const char *content)
{
	html_open(h, "meta");
	html_attr(h, name, value);
	if (content)
		html_attr(h, "content", content);
	html_close(h);
}

void page_start(struct html *h, FILE *out, const char *kind, const char *about)
{
	html_start(h, out);
	html_open(h, "html");
	html_attr(h, "lang", "en");
	html_open(h, "head");
	meta(h, "charset", "utf-8", NULL);
	/* should an escape ever fail: nothing may run or load */
	meta(h, "http-equiv", "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
	html_open(h, "title");
	html_text(h, kind);
	html_text(h, ": ");
	html_text(h, about);
	html_close(h);
	meta(h, "name", "viewport", "width=device-width");
	html_style(h, css);
	html_close(h);
	html_open(h, "body");
}

void page_headline(struct html *h, const char *class, const char *word, const char *text)
{
	html_open(h, "h1");
	html_open(h, "span");
	html_attr(h, "class", class);
	html_text(h, word);
	html_close(h);
	html_text(h, " ");
	html_leaf(h, "bdi", NULL, text);
	html_close(h);
}

void page_command(struct html *h, const char *command)
{
	html_open(h, "pre");
	html_leaf(h, "code", NULL, command);
	html_close(h);
}
