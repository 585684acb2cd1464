/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/small_talk.h"

enum { SMALL_TALK_MAX = 400 };

/* Beginnings or parts of the words that errors are told with: what failed, what of, and how the languages
 * without letters of their own say so. */
static const char *const tells[] = {
	"error",   "fail",    "refus", "reject", "den",     "block",    "bounc",     "undeliver",
	"return",  "not ",    "n't",   "cannot", "unab",    "invalid",  "unknown",   "expir",
	"time",    "lost",    "clos",  "excep",  "quota",   "limit",    "spam",      "abort",
	"problem", "trouble", "wrong", "smtp",   "server",  "mailbox",  "address",   "recipient",
	"sender",  "domain",  "relay", "host",   "connect", "deliver",  "command",   "authen",
	"certif",  "policy",  "fehl",  "nicht",  "abge",    "gesperrt", "verweiger", "erreur",
	"impossi", "erro",    "non ",  "no se",  "fall",    "niet",     "fout",      "geweiger",
	"blad",    "chyb",    "virhe", "hiba",   "hata",    "feil",     "fejl",      "gagal"
};

/* Letters outside ASCII may be words of an error in a language that the catalogue does not have. */
static bool is_plain(char c)
{
	return (unsigned char)c < 0x80 && !(c >= '0' && c <= '9');
}

bool small_talk_is(struct str text)
{
	bool letters = false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_plain(text.p[i]))
			return false;
		letters = letters || (text.p[i] >= 'a' && text.p[i] <= 'z');
	}
	for (size_t i = 0; i < ARRAY_LEN(tells); i++)
		if (str_ifind(text, tells[i]) < text.len)
			return false;
	return letters && text.len <= SMALL_TALK_MAX;
}
