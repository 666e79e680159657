"""Makes the tables and fills them: `python -m yardstick.load FILE.json`, written by the bench."""

import json
import sys
from pathlib import Path

import django


def main():
    django.setup()
    from django.db import connection

    from yardstick.models import Comment, Passage, Section

    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with connection.schema_editor() as editor:
        for model in (Section, Passage, Comment):
            editor.create_model(model)
    Section.objects.bulk_create(Section(**row) for row in given["sections"])
    sections = dict(Section.objects.values_list("key", "id"))
    Passage.objects.bulk_create(
        Passage(section_id=sections[row.pop("section")], **row) for row in given["passages"]
    )
    passages = {p.key: p for p in Passage.objects.all()}
    comments = []
    for number, row in enumerate(given["comments"]):
        passage = passages[row.pop("passage")]
        comments.append(
            Comment(
                section_id=passage.section_id, passage=passage, receipt=f"r{number}",
                published=True, **row,
            )
        )  # fmt: skip
    Comment.objects.bulk_create(comments, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
