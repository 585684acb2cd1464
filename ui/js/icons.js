// SPDX-License-Identifier: Apache-2.0
// The page's own signs, drawn on a field of 20.
import { html } from "./lib.js";

const SHAPES = {
	mail: "M2.8 5.2h14.4v9.6H2.8zM3 5.6l7 5.2 7-5.2",
	queue: "M3.5 5h13M3.5 10h13M3.5 15h8",
	pulse: "M2.5 10.5h3.2l2.2-5.6 3.6 10.2 2.3-4.6h3.7",
	probe: "M8.8 3.6a5.2 5.2 0 1 0 0 10.4 5.2 5.2 0 0 0 0-10.4M12.6 12.6l4 4M6.6 8.9l1.6 1.6 2.8-3",
	speech: "M3 4.5h14v9h-7.5L6 16.5v-3H3zM6.5 7.7h7M6.5 10.3h4.5",
	search: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M13 13l4 4",
	check: "M4.5 10.5l3.6 3.6 7.4-8",
	cross: "M5.5 5.5l9 9M14.5 5.5l-9 9",
	warn: "M10 5v6M10 14.2v.3",
	question: "M7.4 7.6a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.1.9-1.1 1.7M10 14.4v.3",
	dash: "M6 10h8",
	dot: "M10 9.8v.4",
	clock: "M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 6.2V10l2.6 1.8",
	pause: "M7.5 5.5v9M12.5 5.5v9",
	box: "M3.5 6.5L10 3.4l6.5 3.1v7L10 16.6l-6.5-3.1zM3.5 6.5L10 9.6l6.5-3.1M10 9.6v7",
	right: "M4 10h11M11 5.8l4.2 4.2-4.2 4.2",
	over: "M3.5 10h8.2M8.6 6.7l3.3 3.3-3.3 3.3M15.8 4.5v11",
	back: "M8 5L3.6 9.2 8 13.4M4 9.2h7.4a4.4 4.4 0 0 1 4.4 4.4v1.6",
	block: "M10 3.4a6.6 6.6 0 1 0 0 13.2 6.6 6.6 0 0 0 0-13.2M5.4 5.4l9.2 9.2",
	wait: "M10 3.4a6.6 6.6 0 1 1-6.6 6.6",
	again: "M15.8 8.2A6.2 6.2 0 1 0 16.2 11M16.2 4.4v4h-4",
	copy: "M7.2 7.2h9v9h-9zM4.5 12.8h-.7v-9h9v.7",
	fold: "M7.5 5l5 5-5 5",
	person: "M10 3.6a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4 16.4c.5-3.2 2.9-4.6 6-4.6s5.5 1.4 6 4.6",
	wrench: "M12.6 3.6a4 4 0 0 0-4.4 5.3l-4.6 4.6 2.9 2.9 4.6-4.6a4 4 0 0 0 5.3-4.4l-2.6 2-2-.6-.6-2z",
	server: "M3.5 4h13v4.8h-13zM3.5 11.2h13V16h-13zM6.3 6.4h.1M6.3 13.6h.1",
	sun: "M10 6.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8M10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M4.3 15.7l1.2-1.2M14.5 5.5l1.2-1.2",
	moon: "M16 11.6A6.6 6.6 0 0 1 8.4 4a6.6 6.6 0 1 0 7.6 7.6",
	leave: "M11.5 4H4v12h7.5M8 10h8.5M13.6 7l3 3-3 3",
	file: "M5 3h6.5L15 6.5V17H5zM11.3 3v3.7H15",
	horn: "M8 6.4a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4M8 6.4h6.6M14.6 6.4L18 3.6v6l-3.4-3.2M5 13.6l-2.6 2.6",
	key: "M6.8 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10.3 10H17M14.4 10v3",
	seal: "M10 3a5 5 0 1 0 0 10 5 5 0 0 0 0-10M7.4 12.4L6.4 17.4 10 15.4l3.6 2-1-5M8 8l1.4 1.4L12.2 6.6",
	globe: "M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M3.4 10h13.2M10 3.2c-4 4.2-4 9.4 0 13.6 4-4.2 4-9.4 0-13.6",
	plus: "M10 4.5v11M4.5 10h11",
};

export function Icon({ name, size = 20, turns = false, label = "" }) {
	const says = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
	return html`<svg class=${turns ? "turns" : ""} width=${size} height=${size} viewBox="0 0 20 20" fill="none"
		stroke="currentColor" stroke-width=${size < 18 ? 2.1 : 1.6} stroke-linecap="round" stroke-linejoin="round" ...${says}>
		<path d=${SHAPES[name] ?? SHAPES.dot} /></svg>`;
}
