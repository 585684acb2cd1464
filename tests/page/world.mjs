// SPDX-License-Identifier: Apache-2.0
// A relay of the tests' own inside the lab, with a page, three who may sign in, and mail that fared differently.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { nextServer, submit } from "./smtp.mjs";

export const PASSWORD = "correct horse battery";
// What an outsider can put into a mail or a reply.  Were it ever markup, it would set window.hit.
export const HOSTILE = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>'"--></title><svg/onload=window.hit=1>`;

const READY_S = 20, TRAILS = Number(process.env.PAGE_TRAILS ?? 20000);

function configuration(folder, { resolver, ca, next, hash }) {
	const login = (name, role) => `  login "${name}" { password-hash = "${hash}"  role = "${role}" }\n`;
	return `hostname = "relay.acme.example"
data = "${folder}/data"
listen "127.0.0.1:0" { security = "none" }
resolver = "${resolver}"
ca-file = "${ca}"
route "scripted" { recipients = { "*@scripted.example" }  smarthost = "127.0.0.1:${next}"  security = "none" }
route "direct" { recipients = { "*" }  via = "mx"  tls = "opportunistic" }
http {
  listen = "127.0.0.1:0"
  check-allow = { "0.0.0.0/0", "::/0" }
${login("anna", "operate")}${login("rita", "read")}${login("otto", "operate")}}
profile "acme" { host = "mail.acme.example"  port = 587  security = "starttls"  from = "clerk@acme.example" }
monitor "office" { target = "mail.acme.example:587"  every = "1h" }
`;
}

async function ready(child, log) {
	const end = Date.now() + READY_S * 1000;
	while (Date.now() < end && child.exitCode === null) {
		const said = fs.readFileSync(log, "utf8");
		const line = said.match(/ready on (.*)/)?.[1];
		const page = said.match(/the page and the API on \S+:(\d+)/)?.[1];
		if (line && page)
			return { smtp: Number(line.match(/:(\d+)/)[1]), page: Number(page) };
		await new Promise((done) => setTimeout(done, 20));
	}
	throw new Error(`the relay is not ready:\n${fs.readFileSync(log, "utf8")}`);
}

const MAILS = [
	{ from: "clerk@acme.example", to: ["clara@recipient.example", "nobody@recipient.example"], subject: "Invoice 2026-117" },
	{ from: "clerk@acme.example", to: ["full@recipient.example"], subject: "Invoice 2026-118" },
	{ from: "clerk@acme.example", to: ["orders@recipient.example"], subject: "Statement of November" },
	{ from: '"<b>x</b>"@acme.example', to: ["hostile@scripted.example"], subject: HOSTILE, header_from: `${HOSTILE.replaceAll('"', "'")} <a@acme.example>` },
];

// What must have become of them before a test begins: the search sees it a moment after it happened.
async function settled(program, conf) {
	for (const end = Date.now() + READY_S * 1000; Date.now() < end;) {
		const said = spawnSync(program, ["trace", "--config", conf, "--json", "sender:@acme.example"], { encoding: "utf8" }).stdout;
		const states = said.split("\n").filter(Boolean).flatMap((l) => JSON.parse(l).recipients).map((r) => r.state);
		if (states.length === MAILS.flatMap((m) => m.to).length && !states.some((s) => s === "sending" || s === "queued"))
			return;
		await new Promise((done) => setTimeout(done, 100));
	}
	throw new Error("the mail of the tests has not settled");
}

export async function start({ program, resolver, ca }) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "page-"));
	const conf = path.join(folder, "postrider.conf"), log = path.join(folder, "serve.log");
	const next = await nextServer({ rcpt: (a) => (a.startsWith("slow") ? `451 4.7.1 ${HOSTILE}` : `550 5.1.1 <${a}>: ${HOSTILE}`) });
	const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: PASSWORD, encoding: "utf8" }).trim();
	fs.writeFileSync(conf, configuration(folder, { resolver, ca, next: next.port, hash }), { mode: 0o600 });
	execFileSync(path.join(path.dirname(program), "bench/bench_store"), ["fill", path.join(folder, "data"), String(TRAILS), "ended"], { stdio: "ignore" });
	fs.writeFileSync(log, "");
	const out = fs.openSync(log, "a");
	const child = spawn(program, ["serve", "--config", conf], { stdio: ["ignore", out, out] });
	const stop = async () => {
		child.kill("SIGTERM");
		await new Promise((done) => (child.exitCode === null ? child.once("exit", done) : done()));
		next.close();
		fs.rmSync(folder, { recursive: true, force: true });
	};
	try {
		const ports = await ready(child, log);
		const ids = await submit(ports.smtp, MAILS);
		await settled(program, conf);
		return { ...ports, base: `http://127.0.0.1:${ports.page}/`, ids, conf, program, trails: TRAILS, folder, stop, log: () => fs.readFileSync(log, "utf8") };
	} catch (error) {
		await stop();
		throw error;
	}
}

const TABLE = `email,name,file
clara@recipient.example,Clara,
nobody@recipient.example,Nobody,
"${HOSTILE.replaceAll('"', '""')}",Eve,
`;
const TEMPLATE = "From: billing@acme.example\nTo: {{email}}\nSubject: Quarter\n\nDear {{name}},\nplease find it.\n";

async function sendBatch(world) {
	const at = (name) => path.join(world.folder, name);
	fs.writeFileSync(at("quarter.csv"), TABLE);
	fs.writeFileSync(at("quarter.eml"), TEMPLATE);
	fs.writeFileSync(at("sender.conf"), fs.readFileSync(world.conf, "utf8").replace(/^listen .*$/m, `listen "127.0.0.1:${world.smtp}" { security = "none" }`), { mode: 0o600 });
	const said = spawnSync(world.program, ["send", "--config", at("sender.conf"), "--merge", at("quarter.csv"), "--template", at("quarter.eml"), "--skip-bad", "--wait"],
		{ encoding: "utf8" });
	const { batches } = await (await fetch(`${world.base}api/v1/batches`, { headers: { Cookie: await cookie(world) } })).json();
	if (batches.length !== 1)
		throw new Error(`no batch: ${said.stdout}${said.stderr}`);
	return `#/queue/batches/${batches[0].id}`;
}

async function cookie(world) {
	const answer = await fetch(`${world.base}api/v1/session`, { method: "POST", headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ user: "rita", password: PASSWORD }) });
	return answer.headers.get("set-cookie").split(";")[0];
}

// The place of a batch of three rows, sent when first asked for: one went, one was refused, one is wrong.
let sent = null;
export const batch = (world) => (sent ??= sendBatch(world));
