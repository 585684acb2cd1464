// SPDX-License-Identifier: Apache-2.0
// A plugin of Haraka's: takes everything and sends it on, to the port of its domain that onward.json names.
'use strict'
const fs = require('fs')
const path = require('path')

const ports = JSON.parse(fs.readFileSync(path.join(process.env.HARAKA, 'config', 'onward.json')))

exports.hook_rcpt = function (next, connection) {
  connection.relaying = true
  next(OK)
}

exports.hook_get_mx = function (next, hmail, domain) {
  next(OK, { priority: 0, exchange: '127.0.0.1', port: ports[domain] })
}
