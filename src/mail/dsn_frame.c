/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences that say only that a mail was not delivered: the frame of a report,
 * never its reason.  "Delivery to the following recipients failed." */
#include <string.h>

#include "mail/dsn_job.h"

enum { WORD_MAX = 24 };

static const char *const words[] = {
	/* sorted */
	"a",
	"able",
	"above",
	"account",
	"address",
	"addressed",
	"addressee",
	"addressees",
	"addresses",
	"afraid",
	"all",
	"an",
	"and",
	"any",
	"are",
	"at",
	"attached",
	"automatic",
	"automatically",
	"aviso",
	"be",
	"been",
	"below",
	"by",
	"can",
	"cannot",
	"consegnato",
	"copy",
	"could",
	"couldn",
	"created",
	"daemon",
	"date",
	"delevery",
	"deliver",
	"delivered",
	"delivery",
	"der",
	"destinataire",
	"destinataires",
	"destinatari",
	"destinatario",
	"destinatarios",
	"did",
	"die",
	"diese",
	"e",
	"email",
	"empfänger",
	"en",
	"encountered",
	"entregado",
	"entregar",
	"entregue",
	"error",
	"errors",
	"es",
	"failed",
	"failure",
	"fatal",
	"final",
	"folgende",
	"folgenden",
	"following",
	"for",
	"from",
	"future",
	"generated",
	"get",
	"groups",
	"généré",
	"ha",
	"had",
	"has",
	"have",
	"here",
	"host",
	"i",
	"ihre",
	"in",
	"inform",
	"intended",
	"is",
	"it",
	"its",
	"konnte",
	"le",
	"lists",
	"los",
	"m",
	"mail",
	"mailer",
	"mailing",
	"malheureusement",
	"mensagem",
	"mensaje",
	"message",
	"messages",
	"messaggio",
	"more",
	"n",
	"nachricht",
	"nachrichten",
	"nicht",
	"no",
	"non",
	"not",
	"notification",
	"of",
	"on",
	"one",
	"or",
	"original",
	"originally",
	"os",
	"out",
	"para",
	"pas",
	"pause",
	"per",
	"permanent",
	"permanently",
	"podido",
	"pour",
	"problem",
	"problems",
	"program",
	"pu",
	"reach",
	"reached",
	"receive",
	"recipient",
	"recipients",
	"regret",
	"remis",
	"report",
	"result",
	"return",
	"returned",
	"s",
	"se",
	"seguenti",
	"sender",
	"sending",
	"sent",
	"server",
	"some",
	"sorry",
	"status",
	"su",
	"subject",
	"suivant",
	"suivants",
	"system",
	"t",
	"than",
	"that",
	"the",
	"their",
	"there",
	"these",
	"this",
	"to",
	"transport",
	"trying",
	"ultimately",
	"un",
	"unable",
	"undeliverable",
	"undelivered",
	"unfortunately",
	"users",
	"via",
	"votre",
	"was",
	"we",
	"were",
	"when",
	"while",
	"with",
	"you",
	"your",
	"zugestellt",
	"être",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c > 127;
}

static bool is_frame_word(struct str s)
{
	char z[WORD_MAX];
	if (s.len >= sizeof(z))
		return false;
	for (size_t i = 0; i < s.len; i++)
		z[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
	z[s.len] = '\0';
	size_t low = 0, high = ARRAY_LEN(words);
	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(words[mid], z);
		if (!order)
			return true;
		low = order < 0 ? mid + 1 : low;
		high = order < 0 ? high : mid;
	}
	return false;
}

/* A word with '@' in it is an address, whatever its letters. */
static bool is_address(struct str s)
{
	return memchr(s.p, '@', s.len) != NULL;
}

bool dsn_says_nothing(struct str s)
{
	struct str rest = s, word;
	while (str_next(&rest, " \t\r\n", &word)) {
		size_t from = 0;
		for (size_t i = 0; i <= word.len && !is_address(word); i++) {
			bool inside = i < word.len && is_letter(word.p[i]);
			if (!inside && i > from && !is_frame_word(str_cut(word, from, i)))
				return false;
			from = inside ? from : i + 1;
			if (i < word.len && word.p[i] >= '0' && word.p[i] <= '9')
				return false;
		}
	}
	return true;
}
