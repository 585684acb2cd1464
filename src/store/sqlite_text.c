/* SPDX-License-Identifier: Apache-2.0 */
/* Every statement, in one place. */
#include "store/sqlite_inner.h"

_Static_assert(STORE_DELAYED == 5, "the partial index rcpt_live names the last live state");

#define LIVE_BEFORE "(SELECT seq FROM rcpt INDEXED BY rcpt_live WHERE state <= 5 AND seq < ?1)"

const char *const sql_texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_LOOK] = "BEGIN",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_POSITION] = "REPLACE INTO meta VALUES('segment', ?1), ('offset', ?2)",
	[SQL_UNREAD_NOTE] = "REPLACE INTO meta VALUES('unread ' || ?1, ?1)",
	[SQL_UNREAD_FORGET] = "DELETE FROM meta WHERE k > 'unread ' AND k < 'unread!' AND v BETWEEN ?1 AND "
			      "?2",
	[SQL_UNREAD_NEXT] = "SELECT min(v) FROM meta WHERE k > 'unread ' AND k < 'unread!' AND v > ?1",
	[SQL_LATE] = "REPLACE INTO meta VALUES('late', ?1)",
	[SQL_MESSAGE] = "INSERT OR IGNORE INTO message SELECT * FROM new_message",
	[SQL_MOVE] = "UPDATE message SET segment = ?2, offset = ?3, pieces = ?4 WHERE seq = ?1",
	[SQL_RCPT] = "INSERT OR IGNORE INTO rcpt SELECT * FROM new_rcpt",
	[SQL_MARK] =
		"UPDATE rcpt SET state = ?3, next = ?4, tries = ?5, finding = ?6, changed = ?7, dot = ?8,"
		" lane = coalesce(?9, lane), reply = coalesce(?10, reply) WHERE seq = ?1 AND n = ?2",
	[SQL_EVENT] = "INSERT OR IGNORE INTO event SELECT * FROM new_event",
	[SQL_WORD] = "INSERT OR IGNORE INTO word SELECT * FROM new_word",
	[SQL_BUCKET] = "INSERT OR IGNORE INTO bucket VALUES(?1,?2,?3,0,0)",
	[SQL_BUCKET_COUNT] = "UPDATE bucket SET n = ?2 WHERE no = ?1",
	[SQL_KEY_PUT] = "REPLACE INTO key SELECT * FROM new_key",
	[SQL_KEY_GET] = "SELECT seq, tail FROM key WHERE h = ?1 AND g = ?2 AND until > ?3",
	[SQL_NEWEST] = "SELECT seq, arrived FROM message ORDER BY seq DESC LIMIT 1",
	[SQL_COUNT_LIVE] = "SELECT count(*) FROM rcpt INDEXED BY rcpt_live WHERE state <= 5",
	[SQL_LOAD] =
		"SELECT m.seq, m.tail, m.segment, m.offset, m.arrived, m.size, m.nrcpts, m.account, m.pieces,"
		" r.n, r.state, r.lane, r.next, r.expires, r.tries, r.dot, r.reply, r.changed, r.finding"
		" FROM rcpt r INDEXED BY rcpt_live CROSS JOIN message m ON m.seq = r.seq"
		" WHERE r.state <= 5 ORDER BY r.seq, r.n",
	[SQL_UNFINISHED] =
		"SELECT m.config, e.host, e.address, e.tls, e.dot FROM message m LEFT JOIN event e ON e.seq "
		"= m.seq"
		" AND e.k = (SELECT max(k) FROM event x WHERE x.seq = m.seq AND x.n = ?2) WHERE m.seq = ?1",
	[SQL_STATE] = "SELECT r.state FROM rcpt r JOIN message m USING(seq) WHERE r.seq = ?1 AND r.n = ?2 "
		      "AND m.tail = ?3",
	[SQL_PLACE] = "SELECT segment, offset FROM message WHERE seq = ?1 AND tail = ?2",
	[SQL_GET_MESSAGE] = "SELECT tail, arrived, size, flags, nrcpts, sender, account, listener, client, "
			    "envid, message_id,"
			    " subject, header_from, config, segment FROM message WHERE seq = ?1",
	[SQL_GET_RCPTS] =
		"SELECT n, address, orcpt, notify, lane, state, next, expires, tries, finding, changed, reply"
		" FROM rcpt WHERE seq = ?1 AND n >= ?2 ORDER BY n",
	[SQL_GET_EVENTS] =
		"SELECT n, at, state, dot, code, tries, next, host, address, tls, reply, finding, remote_id,"
		" config, why FROM event WHERE seq = ?1 ORDER BY k",
	[SQL_GET_DOTS] = "SELECT n, state, dot, code FROM event WHERE seq = ?1 ORDER BY k",
	[SQL_GET_EVENT] = "SELECT at, code, host, address, reply, remote_id, finding FROM event WHERE seq = "
			  "?1 AND k = ?2",
	[SQL_HAS_REMOTE] = "SELECT 1 FROM event WHERE seq = ?1 AND n = ?2 AND remote_id = ?3",
	[SQL_GET_SENDER] = "SELECT address FROM event WHERE seq = ?1 AND n = ?2 LIMIT 1",
	[SQL_FIND_WORD] = "SELECT seq FROM word WHERE bucket = ?1 AND word = ?2 AND seq BETWEEN ?3 AND ?4 "
			  "ORDER BY seq DESC",
	[SQL_FIND_PREFIX] = "SELECT DISTINCT seq FROM word WHERE bucket = ?1 AND word >= ?2 AND word < ?5"
			    " AND seq BETWEEN ?3 AND ?4 ORDER BY seq DESC",
	[SQL_FIND_LIVE] = "SELECT DISTINCT seq FROM rcpt INDEXED BY rcpt_live WHERE state <= 5 AND seq "
			  "BETWEEN ?3 AND ?4"
			  " ORDER BY seq DESC",
	[SQL_FIND_ALL] = "SELECT seq FROM message WHERE seq BETWEEN ?3 AND ?4 ORDER BY seq DESC",
	[SQL_KEYS_PRUNE] = "DELETE FROM key WHERE h BETWEEN ?1 AND ?2 AND until <= ?3",
	[SQL_LIVE_BELOW] = "SELECT 1 FROM rcpt INDEXED BY rcpt_live WHERE state <= 5 AND seq < ?1 LIMIT 1",
	[SQL_NEWER] = "SELECT 1 FROM message WHERE seq < ?1 AND arrived BETWEEN ?2 AND ?3 LIMIT 1",
	[SQL_OLDER] = "SELECT 1 FROM message WHERE seq < ?1 AND arrived < ?2 LIMIT 1",
	[SQL_CARRY_WORDS] = "INSERT OR IGNORE INTO word SELECT ?2, word, seq FROM word WHERE bucket <= ?3"
			    " AND seq IN " LIVE_BEFORE,
	[SQL_PRUNE_EVENTS] = "DELETE FROM event WHERE seq < ?1 AND seq NOT IN " LIVE_BEFORE,
	[SQL_PRUNE_RCPTS] = "DELETE FROM rcpt WHERE seq < ?1 AND seq NOT IN " LIVE_BEFORE,
	[SQL_PRUNE_MESSAGES] = "DELETE FROM message WHERE seq < ?1 AND seq NOT IN " LIVE_BEFORE,
	[SQL_PRUNE_WORDS] = "DELETE FROM word WHERE bucket <= ?1",
	[SQL_PRUNE_BUCKET] = "DELETE FROM bucket WHERE no <= ?1",
	[SQL_BUCKET_SIEVED] = "UPDATE bucket SET sieved = ?2 WHERE no = ?1",
	[SQL_SIEVE_PUT] = "INSERT INTO sieve VALUES(?1,?2,?3)"
			  " ON CONFLICT DO UPDATE SET prints = CAST(prints || excluded.prints AS BLOB)",
	[SQL_SIEVE_WORDS] =
		"SELECT DISTINCT word FROM word WHERE bucket = ?1 AND word >= ?2 AND word < ?3 ORDER BY word",
	[SQL_SIEVE_LOOK] = "SELECT bucket, prints FROM sieve WHERE slice = ?1 ORDER BY bucket",
	[SQL_SIEVE_DROP] = "DELETE FROM sieve WHERE slice = ?1 AND bucket <= ?2",
};
