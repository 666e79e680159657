"""An office to test the desk in: an organisation, officers of every role, a plan, comments.

Everything is written through the services where one exists, so that a test starts from what the
product itself would have stored.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from analysis.contracts import Indicator, ParsedPlan, Passage, Section, Task
from backend.accounts.service import create_officer
from backend.kit.ids import new_look_up_code, new_receipt_code, new_token
from backend.kit.sealing import seal
from backend.kit.settings import Settings
from backend.models import (
    AnchorKind,
    Assessment,
    AssessmentLink,
    Channel,
    Comment,
    Consultation,
    Contact,
    CorpusRun,
    CorpusTag,
    Department,
    Officer,
    Organisation,
    Role,
    Stage,
    Submission,
)
from backend.plans import service as plans

PASSWORD = "梧桐 河岸 灯 2026"
MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)

PLAN = ParsedPlan(
    title="青石街区更新规划",
    sections=(
        Section(
            "s1", 1, "第一章", "总体要求", None, False, (Passage("p1", "到2030年，街区焕新。"),)
        ),
        Section("s2", 1, "第二章", "出行与停车", None, False),
        Section(
            "s3", 2, "第一节", "公交", "s2", False,
            (
                Passage("p2", "优化公交线网。"),
                Passage("p3", "新增社区巴士3条，站点300米覆盖率达到90%。"),
                Passage("p4", "推进站亭适老化改造。"),
            ),
        ),
        Section(
            "s4", 2, "第二节", "停车", "s2", False, (Passage("p5", "新增公共停车泊位500个。"),)
        ),
    ),
    indicators=(
        Indicator("i1", "1", "公交站点300米覆盖率", unit="%", target="90", section="s3"),
        Indicator("i2", "2", "新增公共停车泊位", unit="个", target="500", section="s4"),
    ),
    tasks=(
        Task("t1", "新增社区巴士", section="s3", quote="新增社区巴士3条"),
        Task("t2", "站亭适老化改造", section="s3", quote="推进站亭适老化改造"),
    ),
)  # fmt: skip


@dataclass
class Office:
    """What was founded; ids, because rows belong to sessions."""

    session: Session
    settings: Settings
    organisation: Organisation
    consultation: Consultation
    plan_version_id: int
    officers: dict[str, Officer] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/desk/consultations/{self.consultation.slug}"

    def hire(
        self, username: str, *roles: Role, department: str | None = None, is_demo: bool = False
    ) -> Officer:
        unit = self.departments[department] if department else None
        officer = create_officer(
            self.session,
            organisation=self.organisation,
            username=username,
            display_name=f"{username}同志",
            password=PASSWORD,
            roles=roles or (Role.OFFICER,),
            department_id=unit.id if unit else None,
            is_demo=is_demo,
            now=MONDAY,
        )
        self.officers[username] = officer
        return officer

    def receive(
        self,
        text: str,
        *,
        anchor: str = "p3",
        section: str | None = "s3",
        channel: Channel = Channel.WEB,
        street: str | None = None,
        received_at: datetime = MONDAY,
        contact_phone: str | None = None,
        masked: str | None = None,
    ) -> Comment:
        """One sending with one comment, as it stands before the machine read it."""
        submission = Submission(
            consultation_id=self.consultation.id or 0,
            receipt_code=new_receipt_code(),
            receipt_token=new_token(),
            look_up_code=new_look_up_code(),
            idempotency_key=new_token(),
            channel=channel,
            street=street,
            received_at=received_at,
        )
        self.session.add(submission)
        self.session.flush()
        kinds = {"s": AnchorKind.SECTION, "p": AnchorKind.PASSAGE, "i": AnchorKind.INDICATOR}
        comment = Comment(
            submission_id=submission.id or 0,
            consultation_id=self.consultation.id or 0,
            text=text,
            masked_text=masked,
            received_at=received_at,
            anchor_kind=kinds.get(anchor[:1], AnchorKind.PLAN) if section else AnchorKind.PLAN,
            anchor_key=anchor if section else None,
            anchor_section_key=section,
        )
        self.session.add(comment)
        if contact_phone is not None:
            sealed = seal(self.settings.secret(), contact_phone)
            self.session.add(Contact(submission_id=submission.id or 0, sealed_phone=sealed))
        self.session.flush()
        return comment

    def read(
        self,
        comment: Comment,
        *items: str,
        sentiment: str | None = "negative",
        intent: str | None = "proposes",
        confidence: float = 0.8,
    ) -> Assessment:
        """What a machine made of a comment; evidence is its first four characters."""
        span = [{"field": "text", "start": 0, "end": min(4, len(comment.text))}]
        assessment = Assessment(
            comment_id=comment.id or 0,
            plan_version_id=self.plan_version_id,
            engine_version="test-1",
            status="read",
            sentiment=sentiment,
            sentiment_confidence=confidence,
            intent=intent,
            intent_confidence=confidence,
            link_status="linked" if items else "no_item",
            link_confidence=confidence,
            evidence={"sentiment": span, "intent": [], "places": [], "reasons": []},
            created_at=MONDAY,
        )
        comment.masked_text = comment.masked_text or comment.text
        self.session.add(comment)
        self.session.add(assessment)
        self.session.flush()
        for rank, key in enumerate(items, start=1):
            kind = {"i": "indicator", "t": "task", "s": "section"}[key[0]]
            self.session.add(
                AssessmentLink(
                    assessment_id=assessment.id or 0,
                    comment_id=comment.id or 0,
                    rank=rank,
                    item_kind=kind,
                    item_key=key,
                    score=0.9 - rank / 10,
                    stance="supports",
                    evidence=span,
                )
            )
        self.session.flush()
        return assessment

    def read_together(self, *groups: list[Comment], topic: str = "公共交通") -> CorpusRun:
        """A corpus reading in which each group is a cluster of near-copies on one topic."""
        run = CorpusRun(
            consultation_id=self.consultation.id or 0,
            engine_version="test-1",
            input_hash="0" * 64,
            comment_count=sum(map(len, groups)),
            result={"topics": [{"id": "topic1", "label": topic}]},
            created_at=MONDAY,
        )
        self.session.add(run)
        self.session.flush()
        for number, group in enumerate(groups, start=1):
            for comment in group:
                self.session.add(
                    CorpusTag(
                        comment_id=comment.id or 0,
                        corpus_run_id=run.id or 0,
                        topic="topic1",
                        cluster=f"c{number}" if len(group) > 1 else None,
                    )
                )
        self.session.flush()
        return run


def found(session: Session, settings: Settings, *, slug: str = "qingshi") -> Office:
    """An organisation with one open consultation on the small plan above."""
    organisation = Organisation(slug=f"org-{slug}", name=f"{slug}区政府", created_at=MONDAY)
    session.add(organisation)
    session.flush()
    consultation = Consultation(
        organisation_id=organisation.id or 0,
        slug=slug,
        title="青石街区更新规划征求意见",
        stage=Stage.ANNOUNCED,
        opens_at=MONDAY - timedelta(days=10),
        closes_at=MONDAY + timedelta(days=30),
        created_at=MONDAY,
    )
    session.add(consultation)
    session.flush()
    version = plans.store_version(session, consultation.id or 0, PLAN, now=MONDAY)
    office = Office(session, settings, organisation, consultation, version.id or 0)
    for name in ("交通局", "住建局"):
        department = Department(organisation_id=organisation.id or 0, name=name)
        session.add(department)
        office.departments[name] = department
    session.flush()
    return office
