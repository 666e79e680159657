"""Runs Typst in a process of its own: a long document takes memory that only its end gives back.

Reads one JSON object from standard input, writes the file to standard output; a fault is one line
on standard error. Imports nothing of the project, so that it starts in a moment.
"""

import json
import sys
from typing import Any

import typst


def main() -> int:
    job: dict[str, Any] = json.load(sys.stdin)
    try:
        made = typst.compile(
            job["template"],
            root=job["root"],
            font_paths=job["folders"],
            ignore_system_fonts=True,
            sys_inputs=job["inputs"],
            format=job["format"],
            ppi=job["ppi"],
            pdf_standards=job["standards"],
            timestamp=job["timestamp"],
        )
    except typst.TypstError as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return 1
    sys.stdout.buffer.write(made if isinstance(made, bytes) else bytes(made[0]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
