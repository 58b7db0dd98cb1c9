// SPDX-License-Identifier: MIT
// What makes the pages better, and nothing they need: copying snippets, "/" to search, the form that
// sends itself when a choice is made.

const copyText = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press Ctrl+C";
    const range = document.createRange();
    range.selectNodeContents(button.parentElement.querySelector("code"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
};

for (const snippet of document.querySelectorAll(".snippet")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  const label = snippet.querySelector("pre").getAttribute("aria-label");
  button.setAttribute("aria-label", `Copy: ${label}`);
  button.addEventListener("click", () => copyText(button, snippet.querySelector("code").textContent));
  snippet.append(button);
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    (document.querySelector("main input[type=search]") ?? document.querySelector("header input")).focus();
  }
});

for (const select of document.querySelectorAll("form.filters:not([method=post]) select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
