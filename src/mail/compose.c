/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/compose.h"

#include <gmime/gmime.h>
#include <string.h>

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
	for (size_t i = 0; ok && i < c->to.n; i++)
		ok = one_line("a recipient", c->to.v[i], e);
	for (size_t i = 0; ok && i < c->nattachments; i++)
		ok = one_line("an attachment's name", c->attachments[i].name, e);
	return ok;
}

static GMimeObject *text_part(const char *text)
{
	GMimeTextPart *part = g_mime_text_part_new_with_subtype("plain");
	g_mime_text_part_set_charset(part, "utf-8");
	g_mime_text_part_set_text(part, text);
	GMimeContentEncoding best = GMIME_CONTENT_ENCODING_7BIT;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c >= 0x80)
			best = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	g_mime_part_set_content_encoding(GMIME_PART(part), best);
	return GMIME_OBJECT(part);
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
	g_mime_part_set_filename(part, a->name);
	g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
	return GMIME_OBJECT(part);
}

static GMimeObject *body_of(const struct compose *c)
{
	GMimeObject *text = text_part(c->text);
	if (!c->nattachments)
		return text;
	GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
	g_mime_multipart_add(mixed, text);
	g_object_unref(text);
	for (size_t i = 0; i < c->nattachments; i++) {
		GMimeObject *part = file_part(&c->attachments[i]);
		g_mime_multipart_add(mixed, part);
		g_object_unref(part);
	}
	return GMIME_OBJECT(mixed);
}

static GMimeMessage *message_of(const struct compose *c)
{
	GMimeMessage *m = g_mime_message_new(TRUE);
	GDateTime *date = g_date_time_new_from_unix_utc(c->date_s);
	g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_FROM, NULL, c->from);
	for (size_t i = 0; i < c->to.n; i++)
		g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_TO, NULL, c->to.v[i]);
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
	g_mime_init();
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
