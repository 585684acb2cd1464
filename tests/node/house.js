// SPDX-License-Identifier: Apache-2.0
// A plugin of Haraka's: whom it takes, and what becomes of the mail (a file each, beside its configuration).
'use strict'
const fs = require('fs')
const path = require('path')

const seen = new Set()
const slow = Number(process.env.SLOW_MS || 0) // before the greeting, each recipient's answer and the one to the dot

function later (next) {
  return (...words) => setTimeout(() => next(...words), slow)
}

// All that it says goes out in pieces of a few bytes.
function trickle (client) {
  const write = client.write.bind(client)
  let waiting = Promise.resolve()
  client.write = (data) => {
    for (const piece of String(data).match(/[^]{1,9}/g)) {
      waiting = waiting.then(() => new Promise((resolve) => setTimeout(() => resolve(write(piece)), 5)))
    }
    return true
  }
}

exports.hook_connect = function (next, connection) {
  if (!slow) return next()
  trickle(connection.client)
  later(next)()
}

exports.hook_rcpt = function (next, connection, params) {
  next = later(next)
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
    later(next)(OK, `Queued as ${t.uuid}`)
  })
}

exports.hook_queue_outbound = exports.hook_queue // of those who have logged in
