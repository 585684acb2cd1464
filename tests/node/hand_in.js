// SPDX-License-Identifier: Apache-2.0
// nodemailer hands in what stands on its input (JSON: transport options and mails); one line of JSON a mail.
'use strict'
const fs = require('fs')
const nodemailer = require('nodemailer')

async function main () {
  const { options, mails } = JSON.parse(fs.readFileSync(0, 'utf8'))
  const transport = nodemailer.createTransport(options)
  await Promise.all(mails.map(async (mail) => {
    try {
      const done = await transport.sendMail(mail)
      console.log(JSON.stringify({ response: done.response, accepted: done.accepted, rejected: done.rejected, id: done.messageId }))
    } catch (e) {
      console.log(JSON.stringify({ error: e.message, code: e.code, responseCode: e.responseCode, command: e.command }))
    }
  }))
  transport.close()
}

main()
