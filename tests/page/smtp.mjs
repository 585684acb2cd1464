// SPDX-License-Identifier: Apache-2.0
// A client that hands mail in, and a next server that says what a test wants it to say.
import net from "node:net";

// Lines of one side of a dialogue, one after the other.
function lines(socket) {
	let rest = "";
	const ready = [], waiting = [];
	const give = () => {
		for (let at; (at = rest.indexOf("\r\n")) >= 0; rest = rest.slice(at + 2))
			ready.push(rest.slice(0, at));
		while (ready.length && waiting.length)
			waiting.shift()(ready.shift());
	};
	socket.setEncoding("utf8");
	socket.on("data", (data) => {
		rest += data;
		give();
	});
	return () => new Promise((done) => {
		waiting.push(done);
		give();
	});
}

// mails: [{from, to: [..], subject, headers, text}].  One session; returns the ids the relay gave.
export async function submit(port, mails) {
	const socket = net.connect(port, "127.0.0.1");
	const line = lines(socket);
	const reply = async () => {
		let l;
		do
			l = await line();
		while (l[3] === "-");
		return l;
	};
	const say = async (text) => {
		socket.write(text + "\r\n");
		return reply();
	};
	await reply();
	await say("EHLO test.example");
	const ids = [];
	for (const m of mails) {
		const commands = [`MAIL FROM:<${m.from}> SMTPUTF8`, ...m.to.map((t) => `RCPT TO:<${t}>`), "DATA"];
		for (const c of commands) {
			const r = await say(c);
			if (!/^[23]/.test(r))
				throw new Error(`${c}: ${r}`);
		}
		const r = await say(`From: ${m.header_from ?? m.from}\r\nTo: ${m.to[0]}\r\nSubject: ${m.subject}\r\n${m.headers ?? ""}\r\n${m.text ?? "Please pay."}\r\n.`);
		const id = r.match(/queued as (\S+)/)?.[1];
		if (!id)
			throw new Error(r);
		ids.push(id);
	}
	await say("QUIT");
	socket.end();
	return ids;
}

// rcpt(address) -> the reply to RCPT TO; data -> the reply to the dot.
export function nextServer({ rcpt = () => "250 2.1.5 ok", data = "250 2.0.0 ok: queued as NEXT1" } = {}) {
	const sockets = new Set();
	const server = net.createServer(async (socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.on("close", () => sockets.delete(socket));
		const line = lines(socket);
		const say = (text) => socket.write(text + "\r\n");
		say("220 next.example ESMTP");
		for (let in_data = false; ;) {
			const l = await line();
			if (in_data) {
				if (l === ".") {
					in_data = false;
					say(data);
				}
				continue;
			}
			const verb = l.slice(0, 4).toUpperCase();
			if (verb === "EHLO")
				say("250-next.example\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME");
			else if (verb === "RCPT")
				say(rcpt(l.match(/<(.*)>/)?.[1] ?? ""));
			else if (verb === "DATA") {
				in_data = true;
				say("354 go on");
			} else if (verb === "QUIT") {
				say("221 bye");
				socket.end();
				return;
			} else
				say("250 2.0.0 ok");
		}
	});
	return new Promise((done) => server.listen(0, "127.0.0.1", () => done({ port: server.address().port,
		close: () => {
			for (const s of sockets)
				s.destroy();
			server.close();
		} })));
}
