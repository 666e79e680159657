// Reading a section: selecting words offers to comment on them, and the browser may read aloud.
// The link that is offered is an ordinary address; nothing is sent and nothing is kept.
(() => {
  "use strict";
  const text = document.querySelector("[data-plan-text]");
  if (!text) return;

  const CONTEXT = 40;
  const bar = document.querySelector("[data-selection-bar]");
  const link = bar?.querySelector("a");
  const said = bar?.querySelector("[data-selection]");

  // The selection must lie inside one paragraph: then its place can be told by paragraph and words.
  function chosen() {
    const selection = window.getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const range = selection.getRangeAt(0);
    const start = range.startContainer.parentElement?.closest("[data-passage]");
    const end = range.endContainer.parentElement?.closest("[data-passage]");
    const quote = selection.toString().trim();
    if (!start || start !== end || quote.length < 2 || quote.length > 300) return null;
    const lead = document.createRange();
    lead.setStart(start, 0);
    lead.setEnd(range.startContainer, range.startOffset);
    const before = lead.toString();
    const whole = start.textContent;
    const at = before.length + (selection.toString().length - selection.toString().trimStart().length);
    return {
      passage: start.dataset.passage,
      quote,
      prefix: whole.slice(Math.max(0, at - CONTEXT), at),
      suffix: whole.slice(at + quote.length, at + quote.length + CONTEXT),
    };
  }

  // One form at a time stands open in the margin, and the writer is put into it.
  document.addEventListener("htmx:after:swap", () => {
    const forms = [...document.querySelectorAll(".zx-marginform")];
    const opened = forms.find((form) => !form.dataset.seen);
    if (!opened) return;
    for (const form of forms) if (form !== opened && !form.elements.text.value) form.remove();
    opened.dataset.seen = "yes";
    opened.elements.text.focus();
  });

  document.addEventListener("selectionchange", () => {
    if (!bar || !link) return;
    const choice = chosen();
    if (!choice) return;
    const address = new URL(link.dataset.href, window.location.href);
    address.searchParams.set("about", choice.passage);
    address.searchParams.set("quote", choice.quote);
    address.searchParams.set("prefix", choice.prefix);
    address.searchParams.set("suffix", choice.suffix);
    link.href = address.pathname + address.search;
    said.textContent = choice.quote.length > 24 ? `${choice.quote.slice(0, 23)}…` : choice.quote;
    bar.hidden = false;
  });

  const voice = document.querySelector("[data-read-aloud]");
  if (!voice || !("speechSynthesis" in window)) return;
  voice.hidden = false;
  const quiet = voice.textContent;
  function stop() {
    window.speechSynthesis.cancel();
    voice.textContent = quiet;
    voice.setAttribute("aria-pressed", "false");
  }
  voice.addEventListener("click", () => {
    if (voice.getAttribute("aria-pressed") === "true") {
      stop();
      return;
    }
    const passages = [...text.querySelectorAll("[data-passage]")];
    passages.forEach((passage, index) => {
      const utterance = new SpeechSynthesisUtterance(passage.textContent);
      utterance.lang = "zh-CN";
      utterance.rate = 0.9;
      if (index === passages.length - 1) utterance.addEventListener("end", stop);
      window.speechSynthesis.speak(utterance);
    });
    voice.textContent = "停止朗读";
    voice.setAttribute("aria-pressed", "true");
  });
  window.addEventListener("pagehide", stop);
})();
