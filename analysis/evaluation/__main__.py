"""`python -m analysis.evaluation [subject …]`: print the measured quality of each subject.

Without a subject every one is measured in turn. `--json` prints the figures alone. The folder of
real material is `ZHENGXUN_SHARED`, by default `shared` beside the checkout.
"""

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

from analysis.evaluation import MissingMaterialError, Report

SUBJECTS = ("plans", "sentiment", "intent", "linking", "topics", "duplicates", "privacy")


def shared_folder() -> Path | None:
    """The folder of real plans and messages, or None where this machine has none."""
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    folder = Path(os.environ.get("ZHENGXUN_SHARED", beside))
    return folder if folder.is_dir() else None


def measure(subject: str, shared: Path | None) -> Report:
    """Load the subject's module (only now: each brings its own models) and measure it."""
    module = importlib.import_module(f"analysis.evaluation.{subject}")
    report: Report = module.report(shared)
    return report


def main(argv: list[str] | None = None) -> int:
    """Measure the subjects named on the command line; 0 when all could be measured, else 2."""
    parser = argparse.ArgumentParser(prog="python -m analysis.evaluation", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=", ".join(SUBJECTS))
    parser.add_argument("--json", action="store_true", help="print only the figures, as JSON")
    arguments = parser.parse_args(argv)
    if unknown := sorted(set(arguments.subjects) - set(SUBJECTS)):
        parser.error(f"unknown subject {', '.join(unknown)}; choose from {', '.join(SUBJECTS)}")

    shared, figures, missing = shared_folder(), {}, 0
    for subject in arguments.subjects or SUBJECTS:
        try:
            report = measure(subject, shared)
        except (MissingMaterialError, ModuleNotFoundError) as reason:
            print(f"{subject}: not measured: {reason}", file=sys.stderr)
            missing += 1
            continue
        figures[subject] = dict(report.figures)
        if not arguments.json:
            print(report.markdown(), flush=True)
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
    return 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
