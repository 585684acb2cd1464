// SPDX-License-Identifier: Apache-2.0
// Where the reader is.  What is drawn anew by itself takes neither the keyboard nor a selection from rows that are still
// there, and the row that has the keyboard stays where it was on the screen.
import { useLayoutEffect } from "./lib.js";

const within = (node, offset) => Math.min(offset, node.length ?? node.childNodes.length);

function placeOfReader() {
	const row = document.activeElement?.closest("li") ? document.activeElement : null;
	const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } = getSelection();
	return { row, top: row?.getBoundingClientRect().top, text: isCollapsed ? null : [anchorNode, anchorOffset, focusNode, focusOffset] };
}

// A row that is moved loses both, but for the keyboard in a browser that has moveBefore().
function putBack({ row, top, text }) {
	if (row?.isConnected) {
		if (document.activeElement === document.body)
			row.focus({ preventScroll: true });
		scrollBy(0, row.getBoundingClientRect().top - top);
	}
	const now = getSelection();
	if (text && text[0].isConnected && text[2].isConnected && (now.anchorNode !== text[0] || now.focusNode !== text[2]))
		now.setBaseAndExtent(text[0], within(text[0], text[1]), text[2], within(text[2], text[3]));
}

export function useSamePlace() {
	const place = placeOfReader(); // nothing of this drawing is in the page yet
	useLayoutEffect(() => putBack(place));
}
