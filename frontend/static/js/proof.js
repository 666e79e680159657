// The last step of a held sending, done for the sender: find the number whose salted SHA-256 is the
// challenge, post it, and say so. Without SubtleCrypto (a page without HTTPS) the sum stays.
(() => {
  "use strict";

  const hex = (buffer) =>
    [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  async function solve({ algorithm, challenge, salt, maxNumber: most }) {
    const encoder = new TextEncoder();
    const batch = 500;
    for (let from = 0; from <= most; from += batch) {
      const numbers = Array.from({ length: batch }, (_, at) => from + at);
      const digests = await Promise.all(
        numbers.map((number) => crypto.subtle.digest(algorithm, encoder.encode(salt + number))),
      );
      const found = digests.findIndex((digest) => hex(digest) === challenge);
      if (found >= 0) return numbers[found];
    }
    return null;
  }

  async function take(form) {
    const status = document.getElementById("proof-status");
    const work = JSON.parse(form.dataset.proof);
    status.textContent = "正在自动完成这一步，请稍等几秒。";
    const number = await solve(work);
    if (number === null) {
      status.textContent = "";
      return;
    }
    const { algorithm, challenge, salt, signature } = work;
    const payload = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams({ altcha: payload }),
      redirect: "manual",
    });
    const isTaken = answer.type === "opaqueredirect";
    status.textContent = isTaken ? "已经完成，您的意见已转给工作人员办理。" : "";
    form.hidden = isTaken;
  }

  const form = document.querySelector("form[data-proof]");
  if (form && window.crypto && window.crypto.subtle) {
    // A network that fails leaves the sum to answer.
    take(form).catch(() => { document.getElementById("proof-status").textContent = ""; });
  }
})();
