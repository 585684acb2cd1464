/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/compose.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

enum { TEXT_LINE_MAX = 990 };

/* GMime counts its users without a lock. */
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void unref(void *objectp)
{
	GObject **o = objectp;
	if (*o)
		g_object_unref(*o);
}

static bool one_line(const char *what, const char *value, struct err *e)
{
	if (!strpbrk(value, "\r\n"))
		return true;
	ERR_FILL(e, ERR_SYNTAX, 0, "put into a header", "%s", what);
	return err_detail(e, "it holds a line break");
}

static bool values_are_sound(const struct compose *c, struct err *e)
{
	bool ok = one_line("the sender", c->from, e) && one_line("the subject", c->subject, e) &&
		  one_line("the Message-ID", c->message_id, e);
	ok = ok && one_line("the sender's name", c->from_name ? c->from_name : "", e) &&
	     one_line("the address for answers", c->reply_to ? c->reply_to : "", e);
	for (size_t i = 0; ok && i < c->to.n; i++)
		ok = one_line("a recipient", c->to.v[i], e);
	for (size_t i = 0; ok && i < c->cc.n; i++)
		ok = one_line("a recipient", c->cc.v[i], e);
	for (size_t i = 0; ok && i < c->nattachments; i++)
		ok = one_line("an attachment's name", c->attachments[i].name, e);
	return ok;
}

/* 7bit where all is ASCII in lines that SMTP carries (RFC 5321, 4.5.3.1.6), and nothing in it
 * gets changed on the way. */
static GMimeContentEncoding encoding_of(const char *text)
{
	size_t column = 0;
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c >= 0x80 || (*c == '\r' && c[1] != '\n') || ++column > TEXT_LINE_MAX ||
		    (column == 1 && !strncmp(c, "From ", 5)))
			return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
		column = *c == '\n' ? 0 : column;
	}
	return GMIME_CONTENT_ENCODING_7BIT;
}

static GMimeObject *text_part(const char *kind, const char *text)
{
	GMimePart *part = GMIME_PART(g_mime_text_part_new_with_subtype(kind));
	/* Not g_mime_text_part_set_text(): it would choose a charset of its own. */
	CLEANUP(unref) GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text, strlen(text));
	CLEANUP(unref)
	GMimeDataWrapper *data = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, data);
	g_mime_text_part_set_charset(GMIME_TEXT_PART(part), "utf-8");
	g_mime_part_set_content_encoding(part, encoding_of(text));
	return GMIME_OBJECT(part);
}

static void add_part(GMimeMultipart *parts, GMimeObject *part)
{
	g_mime_multipart_add(parts, part);
	g_object_unref(part);
}

/* The plainest first (RFC 2046, 5.1.4). */
static GMimeObject *words_of(const struct compose *c)
{
	GMimeObject *text = text_part("plain", c->text);
	if (!c->html)
		return text;
	GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
	add_part(both, text);
	add_part(both, text_part("html", c->html));
	return GMIME_OBJECT(both);
}

static void in_utf8(GMimeParamList *list, const char *name)
{
	GMimeParam *p = g_mime_param_list_get_parameter(list, name);
	if (p)
		g_mime_param_set_charset(p, "utf-8");
}

static GMimeObject *file_part(const struct compose_attachment *a)
{
	const char *slash = strchr(a->type, '/');
	g_autofree char *type = g_strndup(a->type, slash ? (gsize)(slash - a->type) : strlen(a->type));
	GMimePart *part = g_mime_part_new_with_type(type, slash ? slash + 1 : "octet-stream");
	CLEANUP(unref) GMimeStream *stream = g_mime_stream_mem_new_with_buffer(a->bytes.p, a->bytes.len);
	CLEANUP(unref)
	GMimeDataWrapper *data = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, data);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64);
	g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
	g_mime_part_set_filename(part, a->name);
	GMimeObject *object = GMIME_OBJECT(part);
	in_utf8(g_mime_content_disposition_get_parameters(g_mime_object_get_content_disposition(object)),
		"filename");
	in_utf8(g_mime_content_type_get_parameters(g_mime_object_get_content_type(object)), "name");
	return GMIME_OBJECT(part);
}

static GMimeObject *body_of(const struct compose *c)
{
	GMimeObject *words = words_of(c);
	if (!c->nattachments)
		return words;
	GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
	add_part(mixed, words);
	for (size_t i = 0; i < c->nattachments; i++)
		add_part(mixed, file_part(&c->attachments[i]));
	return GMIME_OBJECT(mixed);
}

static void add_mailboxes(GMimeMessage *m, GMimeAddressType kind, const struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		g_mime_message_add_mailbox(m, kind, NULL, l->v[i]);
}

static GMimeMessage *message_of(const struct compose *c)
{
	GMimeMessage *m = g_mime_message_new(TRUE);
	GDateTime *date = g_date_time_new_from_unix_utc(c->date_s);
	const char *name = c->from_name && *c->from_name ? c->from_name : NULL;
	g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_FROM, name, c->from);
	add_mailboxes(m, GMIME_ADDRESS_TYPE_TO, &c->to);
	add_mailboxes(m, GMIME_ADDRESS_TYPE_CC, &c->cc);
	if (c->reply_to)
		g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_REPLY_TO, NULL, c->reply_to);
	g_mime_message_set_subject(m, c->subject, "utf-8");
	g_mime_message_set_date(m, date);
	g_mime_message_set_message_id(m, c->message_id);
	g_date_time_unref(date);
	GMimeObject *body = body_of(c);
	g_mime_message_set_mime_part(m, body);
	g_object_unref(body);
	return m;
}

bool compose_message(const struct compose *c, struct buf *out, struct err *e)
{
	if (!values_are_sound(c, e))
		return false;
	pthread_once(&prepared, g_mime_init);
	CLEANUP(unref) GMimeMessage *m = message_of(c);
	CLEANUP(unref) GMimeStream *memory = g_mime_stream_mem_new();
	CLEANUP(unref) GMimeStream *stream = g_mime_stream_filter_new(memory);
	CLEANUP(unref) GMimeFilter *crlf = g_mime_filter_unix2dos_new(FALSE);
	g_mime_stream_filter_add(GMIME_STREAM_FILTER(stream), crlf);
	g_mime_object_write_to_stream(GMIME_OBJECT(m), NULL, stream);
	g_mime_stream_flush(stream);
	const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
	if (!buf_add(out, bytes->data, bytes->len))
		return ERR_FILL(e, ERR_LIMIT, 0, "build", "a message of %u bytes", bytes->len);
	return true;
}
