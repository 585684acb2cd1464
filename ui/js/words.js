// SPDX-License-Identifier: Apache-2.0
// The contract's words for people.  None says more than is known: "handed over" is not "delivered".
const STATES = {
	queued: { word: "Queued", tone: "", icon: "box", tells: "Safe on our disk; nothing was tried yet." },
	held: { word: "Held", tone: "warn", icon: "pause", tells: "Waits on purpose." },
	sending: { word: "Sending", tone: "busy", icon: "right", tells: "A session is under way." },
	"in-doubt": { word: "In doubt", tone: "warn", icon: "question",
		tells: "It may have arrived already: it went out whole and no answer came. Ask the recipient, or look in the provider's message trace; then “Try now” sends it again." },
	delayed: { word: "Delayed", tone: "warn", icon: "clock", tells: "Refused for now; it is tried again by itself." },
	"handed-over": { word: "Handed over", tone: "good", icon: "over",
		tells: "The next server took it. Whether it reached the mailbox is not known." },
	refused: { word: "Refused", tone: "bad", icon: "cross", tells: "The next server refused it for good: it will not arrive." },
	expired: { word: "Expired", tone: "bad", icon: "cross", tells: "Not handed over within the time allowed: it will not arrive." },
	suppressed: { word: "Suppressed", tone: "bad", icon: "block", tells: "Not tried: the address is on the suppression list." },
	cancelled: { word: "Cancelled", tone: "", icon: "block", tells: "Withdrawn before it left." },
	bounced: { word: "Bounced", tone: "bad", icon: "back", tells: "Taken at first; a report said later that it failed." },
	confirmed: { word: "Confirmed", tone: "good", icon: "check", tells: "A report or a receipt said that it arrived." },
};
export const LIVE = ["queued", "held", "sending", "in-doubt", "delayed"];
export const TROUBLE = ["refused", "bounced", "expired", "suppressed", "in-doubt", "delayed", "held"];

export const stateOf = (name) => STATES[name] ?? { word: name || "Unknown", tone: "", icon: "question", tells: "" };

export const STEPS = {
	config: "Settings",
	dns: "Name",
	connect: "Connection",
	banner: "Greeting",
	ehlo: "Abilities",
	starttls: "Encryption",
	"tls-cert": "Certificate",
	auth: "Login",
	oauth: "OAuth",
	"mail-from": "Sender",
	rcpt: "Recipient",
	data: "Message",
	content: "Content",
	attachment: "Attachment",
	"post-handoff": "Afterwards",
	"domain-policy": "Domain",
	"relay-server": "Relay",
	"client-network": "Your network",
};
// The chain that is shown while a check has not said anything about a step yet.
export const CHAIN = ["config", "dns", "connect", "banner", "ehlo", "starttls", "tls-cert", "auth"];

export const STATUS = {
	pass: { word: "fine", tone: "good", icon: "check" },
	warn: { word: "warning", tone: "warn", icon: "warn" },
	fail: { word: "fails here", tone: "bad", icon: "cross" },
	skipped: { word: "skipped", tone: "", icon: "dash" },
	"not-reached": { word: "not reached", tone: "", icon: "dot" },
	running: { word: "under way", tone: "busy", icon: "wait" },
	waiting: { word: "to come", tone: "", icon: "dot" },
};

export const VERDICTS = {
	ok: { word: "All well", tone: "good", icon: "check" },
	warning: { word: "Works, with a warning", tone: "warn", icon: "warn" },
	failing: { word: "Failing", tone: "bad", icon: "cross" },
	unknown: { word: "Could not be told", tone: "warn", icon: "question" },
};

// Of a batch: a table's rows as mails.
const PHASES = {
	checking: { word: "Being checked", tone: "busy", icon: "wait" },
	sending: { word: "Being handed in", tone: "busy", icon: "right" },
	refused: { word: "Not begun", tone: "bad", icon: "cross" },
	done: { word: "Handed in", tone: "good", icon: "check" },
	paused: { word: "Paused", tone: "warn", icon: "pause" },
	"broken-off": { word: "Broken off", tone: "bad", icon: "warn" },
};
export const phaseOf = (name) => PHASES[name] ?? { word: name || "Unknown", tone: "", icon: "question" };

export const ACTORS = {
	user: { word: "You", icon: "person", nothing: "Nothing to change on your side. Pass the other card on." },
	"it-provider": { word: "Your IT provider", icon: "wrench", nothing: "Nothing to change for your IT provider." },
	"mail-admin": { word: "Mail server's administrator", icon: "server", nothing: "Nothing is wrong with that mail server." },
	recipient: { word: "The recipient", icon: "person", nothing: "" },
	nobody: { word: "Nobody has to act", icon: "clock", nothing: "" },
};

export const RETRY = {
	never: "Trying again is useless until something is changed.",
	later: "It is worth trying again; somebody may have to act meanwhile.",
	wait: "Nobody has to act: a later try usually passes.",
};

const SURE = [[0.99, "Certain"], [0.9, "Almost certain"], [0.8, "Very likely"], [0.6, "Likely"], [0.4, "Possible"], [0, "A guess"]];
export const sure = (confidence) => SURE.find(([least]) => confidence >= least)?.[1] ?? "A guess";
export const percent = (x) => `${Math.round(x * 100)} %`;

const PROVIDERS = { microsoft365: "Microsoft 365", google: "Google", gmail: "Gmail" };
export const provider = (id) => PROVIDERS[id] ?? id;

// "direct customer.example" -> who that is, and how the mail goes there
export function destination(lane) {
	if (lane === "(reports)")
		return { name: "Reports that belong to no mail known here", by: "kept to be looked at" };
	if (!lane || lane === "none")
		return { name: "Not on its way yet", by: "no route so far" };
	const [route, domain] = lane.split(/ (.*)/);
	return domain ? { name: domain, by: "straight to its own mail servers" } : { name: route, by: "a smarthost" };
}

export function size(bytes) {
	if (bytes < 1000)
		return `${bytes} bytes`;
	if (bytes < 1e6)
		return `${Math.round(bytes / 1000)} KB`;
	return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
