// SPDX-License-Identifier: Apache-2.0
// A plugin of Haraka's: whom it takes, and what becomes of the mail (a file each, beside its configuration).
'use strict'
const fs = require('fs')
const path = require('path')

const seen = new Set()

exports.hook_rcpt = function (next, connection, params) {
  const user = params[0].user
  if (user === 'grey' && !seen.has(user)) {
    seen.add(user)
    return next(DENYSOFT, 'Greylisted, please try again later')
  }
  if (user === 'busy') return next(DENYSOFTDISCONNECT, 'Too busy')
  if (user === 'nobody') return next(DENY, 'No such user here')
  next(OK)
}

exports.hook_queue = function (next, connection) {
  const t = connection.transaction
  t.message_stream.get_data((data) => {
    const name = path.join(process.env.HARAKA, `taken-${t.uuid}.json`)
    fs.writeFileSync(name, JSON.stringify({
      uuid: t.uuid,
      from: t.mail_from.address(),
      rcpts: t.rcpt_to.map((r) => r.address()),
      user: connection.notes.auth_user || '',
      tls: connection.tls.enabled,
      body: data.toString('utf8')
    }))
    next(OK, `Queued as ${t.uuid}`)
  })
}

exports.hook_queue_outbound = exports.hook_queue // of those who have logged in
