// Keys for reviewing a plan. Everything they do stands on the page and works without them.
"use strict";

(() => {
  const outline = document.querySelector(".review-outline");
  const form = document.getElementById("review-press");

  // The heading or paragraph the writer is in; keys rest while somebody types.
  const current = () => document.activeElement.closest("[data-item]");
  const typing = (target) => target.closest("input, textarea, select, summary, button, a");

  const go = (list, step) => {
    const here = current();
    let at = list.indexOf(here);
    if (at < 0 && here && step < 0) at = list.indexOf(here.closest(".review-section")) + 1;
    else if (at < 0 && here) at = list.indexOf(here.closest(".review-section"));
    const next = list[Math.max(0, Math.min(list.length - 1, at + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };

  const press = (item, action) => {
    form.elements.key.value = item.dataset.item;
    form.elements.action.value = action;
    form.submit();
  };

  const rename = (section) => {
    const fold = section.querySelector(".review-details");
    fold.open = true;
    fold.querySelector("[name=title]").select();
  };

  const onHeading = {
    ArrowLeft: (item) => press(item, "promote"),
    ArrowRight: (item) => press(item, "demote"),
    m: (item) => press(item, "merge-up"),
    x: (item) => press(item, "not-a-heading"),
    r: rename,
  };
  const onPassage = {
    s: (item) => item.querySelector(".review-tools a").click(),
    h: (item) => press(item, "make-heading"),
    m: (item) => press(item, "join"),
  };

  if (outline) {
    const sections = [...outline.querySelectorAll(".review-section")];
    const items = [...outline.querySelectorAll("[data-item]")];
    const warned = items.filter((item) =>
      item.querySelector(":scope > .review-heading > [href^='#w'], :scope > .review-tools > [href^='#w']"),
    );
    const moves = {
      j: () => go(sections, 1),
      k: () => go(sections, -1),
      w: () => {
        const at = items.indexOf(current());
        (warned.find((item) => items.indexOf(item) > at) ?? warned[0])?.focus();
      },
    };
    const steps = { ArrowDown: () => go(items, 1), ArrowUp: () => go(items, -1) };

    document.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (typing(event.target)) return;
      const item = current();
      const acts = !form || !item ? {} : item.matches(".review-section") ? onHeading : onPassage;
      const known = { ...moves, ...(item ? steps : {}), ...acts };
      const act = Object.hasOwn(known, event.key) ? known[event.key] : null;
      if (!act) return;
      event.preventDefault();
      act(item);
    });

    const target = document.getElementById(location.hash.slice(1));
    if (target?.matches("[data-item]")) target.focus();
    // A link from a warning, or back to it, puts the keys where it leads.
    window.addEventListener("hashchange", () => {
      document.getElementById(location.hash.slice(1))?.focus();
    });
  }

  // In a table the arrow keys move to the same column of the next line, as in a spreadsheet.
  document.querySelector(".review-table")?.addEventListener("keydown", (event) => {
    if (event.isComposing || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const field = event.target.closest("input:not([type=checkbox])");
    if (!field) return;
    const row = field.closest("tr");
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    const name = field.name.split("-")[0];
    const there = next?.querySelector(`[name^="${name}-"]`);
    if (!there) return;
    event.preventDefault();
    there.focus();
    there.select?.();
  });
})();
