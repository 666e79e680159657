// Compiles frontend/scss/*.scss into frontend/static/css and vendors htmx and axe from the locked
// packages. The results are committed, so the service itself never needs Node. `--check` compares
// what is committed with what would be built, and fails on a difference.
import { compile } from "sass";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, "..", "node_modules");
const checking = process.argv.includes("--check");

const styles = ["public", "desk"].map((name) => ({
  path: join(root, "static", "css", `${name}.css`),
  bytes: Buffer.from(
    compile(join(root, "scss", `${name}.scss`), {
      style: "compressed",
      loadPaths: [modules],
      quietDeps: true,
    }).css + "\n",
  ),
}));

const vendored = [
  ["htmx.org/dist/htmx.min.js", "frontend/static/vendor/htmx.min.js"],
  ["htmx.org/LICENSE", "frontend/static/vendor/htmx.LICENSE.txt"],
  ["axe-core/axe.min.js", "tests/vendor/axe.min.js"],
].map(([from, to]) => ({
  path: join(root, "..", to),
  bytes: readFileSync(join(modules, from)),
}));

let stale = 0;
for (const { path, bytes } of [...styles, ...vendored]) {
  const same = existsSync(path) && readFileSync(path).equals(bytes);
  if (checking && !same) {
    console.error(`stale: ${path} (run: npm run build)`);
    stale += 1;
  }
  if (!checking) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  console.log(`${relative(process.cwd(), path)}  ${gzipSync(bytes).length} bytes gzipped`);
}
process.exitCode = stale ? 1 : 0;
