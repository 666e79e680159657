// Small helps that every page may use; each works on elements that ask for it with a data attribute,
// and every page is complete without them.
(() => {
  "use strict";

  // Error summaries take the focus, also after a swap.
  function focusSummary(root) {
    const summary = root.querySelector(".govuk-error-summary[tabindex]");
    if (summary) summary.focus();
  }

  // A form with data-keep warns before typed text is lost, and only then.
  function keepTyped(form) {
    const before = new FormData(form);
    let sending = false;
    form.addEventListener("submit", () => { sending = true; });
    window.addEventListener("pageshow", () => { sending = false; });
    window.addEventListener("beforeunload", (event) => {
      if (sending) return;
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && value !== (before.get(name) ?? "")) {
          event.preventDefault();
          return;
        }
      }
    });
  }

  // A textarea with data-limit says how many characters are left, politely and only near the end.
  function countDown(area) {
    const limit = Number(area.dataset.limit);
    const note = document.createElement("p");
    note.className = "govuk-hint";
    note.setAttribute("aria-live", "polite");
    area.after(note);
    const say = () => {
      const length = [...area.value.replace(/\r\n?/g, "\n")].length;
      note.textContent = length > limit
        ? `超出${length - limit}字，请删减`
        : length > limit * 0.8 ? `还可以写${limit - length}字` : "";
    };
    area.addEventListener("input", say);
    say();
  }

  // data-print prints; data-copy="id" copies that element's text. Both are hidden without script.
  function wireButton(button) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (button.dataset.copy) {
        const source = document.getElementById(button.dataset.copy);
        await navigator.clipboard.writeText(source.value ?? source.textContent);
        const status = document.getElementById("status");
        if (status) status.textContent = "已复制。";
      } else {
        window.print();
      }
    });
  }

  for (const form of document.querySelectorAll("form[data-keep]")) keepTyped(form);
  for (const area of document.querySelectorAll("textarea[data-limit]")) countDown(area);
  for (const button of document.querySelectorAll("button[data-print], button[data-copy]")) wireButton(button);
  focusSummary(document);
  document.addEventListener("htmx:after:swap", (event) => focusSummary(event.target));
})();
