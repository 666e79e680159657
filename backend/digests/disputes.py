"""分歧情况 in the report: what departments could not agree on (Order 713, Art. 13).

It is for whoever decides on the plan and stays out of everything the public gets.
"""

from sqlmodel import Session, col, select

from backend.digests.adoption import Dispute
from backend.models import (
    Comment,
    Consultation,
    Department,
    Disagreement,
    Standpoint,
    Submission,
    SupportingOpinion,
)


def load_disputes(session: Session, consultation: Consultation) -> tuple[Dispute, ...]:
    """The standing notes of a consultation, each with the words of the departments objecting."""
    notes = session.exec(
        select(Disagreement)
        .join(Comment, col(Comment.id) == Disagreement.comment_id)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .where(
            Comment.consultation_id == consultation.id,
            col(Comment.is_current),
            col(Submission.withdrawn_at).is_(None),
            col(Disagreement.superseded_at).is_(None),
        )
        .order_by(col(Disagreement.comment_id))
    ).all()
    said = session.exec(
        select(SupportingOpinion.comment_id, Department.name, SupportingOpinion.text)
        .join(Department, col(Department.id) == SupportingOpinion.department_id)
        .where(
            col(SupportingOpinion.comment_id).in_([note.comment_id for note in notes]),
            SupportingOpinion.standpoint == Standpoint.OBJECTS,
            col(SupportingOpinion.closed_at).is_(None),
        )
        .order_by(col(SupportingOpinion.id))
    ).all()
    return tuple(
        Dispute(
            comment_id=note.comment_id,
            objections=tuple(
                f"{name}：{text}" for key, name, text in said if key == note.comment_id
            ),
            points=note.points,
            drafter_view=note.drafter_view,
            basis=note.basis,
        )
        for note in notes
    )
