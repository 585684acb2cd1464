/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/attachment.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "mail/zip.h"

/* Extensions that Gmail or Outlook block (their published lists, 2026). */
static const char *const risky_extensions[] = {
	"ade",        "adp",
	"apk",        "app",
	"appx",       "appxbundle",
	"asp",        "bas",
	"bat",        "cab",
	"chm",        "cmd",
	"cnt",        "com",
	"cpl",        "crt",
	"csh",        "der",
	"diagcab",    "dll",
	"dmg",        "docm",
	"ex",         "ex_",
	"exe",        "fxp",
	"gadget",     "hlp",
	"hpj",        "hta",
	"img",        "inf",
	"ins",        "iso",
	"isp",        "its",
	"jar",        "jnlp",
	"js",         "jse",
	"ksh",        "lib",
	"lnk",        "mad",
	"maf",        "mag",
	"mam",        "maq",
	"mar",        "mas",
	"mat",        "mau",
	"mav",        "maw",
	"mda",        "mdb",
	"mde",        "mdt",
	"mdw",        "mdz",
	"mht",        "mhtml",
	"msc",        "msh",
	"msi",        "msix",
	"msixbundle", "msp",
	"mst",        "nsh",
	"ops",        "osd",
	"pcd",        "pif",
	"pl",         "plg",
	"pptm",       "prf",
	"prg",        "printerexport",
	"ps1",        "ps1xml",
	"ps2",        "psc1",
	"psc2",       "psd1",
	"psdm1",      "pst",
	"py",         "reg",
	"scf",        "scr",
	"sct",        "settingcontent-ms",
	"shb",        "shs",
	"sys",        "theme",
	"tmp",        "url",
	"vb",         "vbe",
	"vbp",        "vbs",
	"vhd",        "vhdx",
	"vsmacros",   "vsw",
	"vxd",        "webpnp",
	"website",    "ws",
	"wsc",        "wsf",
	"wsh",        "xbap",
	"xll",        "xlsm",
	"xnk",
};

static const char *const archive_extensions[] = { "zip", "rar", "7z",  "gz",  "tgz", "bz2",
						  "xz",  "tar", "ace", "arj", "lzh" };

static const struct {
	const char *magic;
	size_t len;
	const char *type;
	bool risky;
} kinds[] = {
	{ "%PDF-", 5, "application/pdf", false },
	{ "MZ", 2, "application/vnd.microsoft.portable-executable", true },
	{ "\177ELF", 4, "application/x-executable", true },
	{ "\xca\xfe\xba\xbe", 4, "application/java-vm", true },
	{ "#!", 2, "text/x-shellscript", true },
	{ "\x4c\0\0\0\1\x14\2\0", 8, "application/x-ms-shortcut", true },
	{ "PK\3\4", 4, "application/zip", false },
	{ "PK\5\6", 4, "application/zip", false },
	{ "Rar!\x1a\7", 6, "application/vnd.rar", false },
	{ "7z\xbc\xaf\x27\x1c", 6, "application/x-7z-compressed", false },
	{ "\x1f\x8b", 2, "application/gzip", false },
	{ "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "application/x-ole-storage", false },
	{ "\x89PNG\r\n\x1a\n", 8, "image/png", false },
	{ "\xff\xd8\xff", 3, "image/jpeg", false },
	{ "GIF8", 4, "image/gif", false },
	{ "{\\rtf", 5, "application/rtf", false },
	{ "<?xml", 5, "application/xml", false },
	{ "<html", 5, "text/html", false },
	{ "<!DOCTYPE html", 14, "text/html", false },
};

static bool has_extension(const char *ext, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(ext, list[i]))
			return true;
	return false;
}

/* Lower case, without blanks and dots at the end, which Windows drops too. */
static const char *extension_of(struct arena *a, const char *name)
{
	struct str s = str_of(name);
	while (s.len && strchr(" .", s.p[s.len - 1]))
		s.len--;
	size_t i = s.len;
	while (i && s.p[i - 1] != '.' && s.p[i - 1] != '/' && s.p[i - 1] != '\\')
		i--;
	if (!i || s.p[i - 1] != '.')
		return "";
	char *z = arena_dup(a, s.p + i, s.len - i);
	for (char *c = z; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return z;
}

/* The string (eicar.org, 1996) in two pieces, lest this program be taken for it. */
bool attachment_has_eicar(struct str s)
{
	static const char first[] = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$",
			  second[] = "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
	const size_t n1 = sizeof(first) - 1, n2 = sizeof(second) - 1;
	for (const char *p = s.p, *end = s.p + s.len; (size_t)(end - p) >= n1 + n2; p++) {
		p = memchr(p, first[0], (size_t)(end - p) - (n1 + n2) + 1);
		if (!p)
			return false;
		if (!memcmp(p, first, n1) && !memcmp(p + n1, second, n2))
			return true;
	}
	return false;
}

/* "invoice.pdf.exe": a known document's extension before another one. */
static bool has_two_extensions(const char *name)
{
	static const char *const documents[] = { ".pdf.", ".doc.", ".docx.", ".xls.", ".xlsx.", ".jpg.",
						 ".png.", ".txt.", ".csv.",  ".htm.", ".html.", ".rtf." };
	for (size_t i = 0; i < ARRAY_LEN(documents); i++)
		if (z_ihas(name, documents[i]))
			return true;
	return false;
}

static bool is_odd(const char *name)
{
	size_t n = strlen(name);
	if (!n)
		return false;
	if (n > ATTACHMENT_NAME_MAX || strchr(" .", name[0]) || strchr(" .", name[n - 1]) ||
	    strpbrk(name, "/\\:*?\"<>|"))
		return true;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 32 || (unsigned char)name[i] > 126)
			return true;
	return has_two_extensions(name);
}

static const char *text_or_binary(struct str s)
{
	struct str head = str_cut(s, 0, 4096);
	if (!s.len)
		return "application/x-empty";
	for (size_t i = 0; i < head.len; i++)
		if ((unsigned char)head.p[i] < 32 && !strchr("\t\r\n\f\033", head.p[i] ? head.p[i] : 1))
			return "application/octet-stream";
	return "text/plain";
}

static void judge_content(struct str s, struct attachment *out)
{
	struct str start = s;
	while (start.len && strchr(" \t\r\n", start.p[0] ? start.p[0] : 'x'))
		start = str_cut(start, 1, start.len);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct str from = kinds[i].magic[0] == '<' ? start : s;
		if (from.len >= kinds[i].len &&
		    (kinds[i].magic[0] == '<' ? str_istarts(from, kinds[i].magic)
					      : !memcmp(from.p, kinds[i].magic, kinds[i].len))) {
			out->type = kinds[i].type;
			out->risky = out->risky || kinds[i].risky;
			return;
		}
	}
	out->type = text_or_binary(s);
}

/* Office files are ZIP archives too; what they hold tells them apart. */
static const char *zip_type(const struct zip *z)
{
	static const char office[] = "application/vnd.openxmlformats-officedocument";
	static const struct {
		const char *prefix, *type;
	} types[] = {
		{ "word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
		{ "xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
		{ "ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
	};
	for (size_t i = 0; i < z->names.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(types); k++)
			if (z_istarts(z->names.v[i], types[k].prefix) &&
			    strlist_has(&z->names, "[Content_Types].xml"))
				return types[k].type;
	return strlist_has(&z->names, "META-INF/MANIFEST.MF")  ? "application/java-archive"
	       : strlist_has(&z->names, "[Content_Types].xml") ? office
							       : "application/zip";
}

static void judge_zip(struct arena *a, struct str bytes, struct attachment *out)
{
	struct zip z;
	if (!zip_read(a, bytes, &z))
		return;
	out->type = zip_type(&z);
	out->encrypted = z.encrypted;
	for (size_t i = 0; i < z.names.n; i++) {
		const char *name = z.names.v[i], *ext = extension_of(a, name);
		bool macro = z_iends(name, "vbaProject.bin");
		bool risky = macro || has_extension(ext, risky_extensions, ARRAY_LEN(risky_extensions));
		bool nested = has_extension(ext, archive_extensions, ARRAY_LEN(archive_extensions));
		out->risky = out->risky || risky;
		if ((risky || nested) && out->inside.n < ATTACHMENT_INSIDE_MAX)
			strlist_add(&out->inside, a, name);
	}
}

/* A PDF names its protection in clear; old Office files and others are not told apart. */
static void judge_pdf(struct str bytes, struct attachment *out)
{
	struct str tail = str_cut(bytes, bytes.len > 4096 ? bytes.len - 4096 : 0, bytes.len);
	if (!strcmp(out->type, "application/pdf"))
		out->encrypted = str_ifind(tail, "/Encrypt ") < tail.len;
}

void attachment_judge(struct arena *a, const char *name, struct str bytes, struct attachment *out)
{
	*out = (struct attachment){ .name = text_printable(a, str_of(name)), .bytes = bytes.len };
	out->extension = text_printable(a, str_of(extension_of(a, name)));
	out->risky = has_extension(out->extension, risky_extensions, ARRAY_LEN(risky_extensions));
	out->odd_name = is_odd(name);
	judge_content(bytes, out);
	judge_zip(a, bytes, out);
	judge_pdf(bytes, out);
	out->eicar = attachment_has_eicar(bytes);
}
