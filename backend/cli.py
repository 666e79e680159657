"""The `zhengxun` command: parses arguments, calls services, prints. Documented in docs/cli.md.

Results go to stdout, everything else to stderr; exit 0, or 2 with one sentence.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from backend.bench.commands import app as bench_app
from backend.console import one_sentence, open_installation, told
from backend.safekeeping import commands as safekeeping

if TYPE_CHECKING:
    from sqlmodel import Session

    from backend.kit.settings import Settings
    from backend.models import Organisation

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="征询：规划征求意见平台", rich_markup_mode=None
)
plan_app = typer.Typer(no_args_is_help=True, help="规划文件")
officer_app = typer.Typer(no_args_is_help=True, help="工作人员")
audit_app = typer.Typer(no_args_is_help=True, help="留痕")
mail_app = typer.Typer(no_args_is_help=True, help="电子邮件")
dossier_app = typer.Typer(no_args_is_help=True, help="归档包")
app.add_typer(plan_app, name="plan")
app.add_typer(mail_app, name="mail")
app.add_typer(dossier_app, name="dossier")
app.add_typer(officer_app, name="officer")
app.add_typer(audit_app, name="audit")
app.add_typer(bench_app, name="bench")
app.command("backup")(safekeeping.backup)
app.command("restore")(safekeeping.restore)
app.command("move")(safekeeping.move)

_OCR = "由机器识别扫描件的文字（须安装 ocr 扩展）"

# Each command imports what it needs: `plan parse` must not wait for the web framework.


@plan_app.command("parse")
def plan_parse(file: Path, ocr: Annotated[bool, typer.Option("--ocr", help=_OCR)] = False) -> None:
    """把规划文件读成章节、指标和任务，以 JSON 输出。"""
    from analysis.contracts import to_json
    from backend.plans.service import parse_file

    with one_sentence():
        parsed = parse_file(file, recognise=ocr)
    json.dump(to_json(parsed), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


@plan_app.command("import")
def plan_import(
    file: Path,
    slug: Annotated[str | None, typer.Option(help="网址中的名字；默认取文件名")] = None,
    organisation: Annotated[str | None, typer.Option(help="单位代号；默认第一个单位")] = None,
    ocr: Annotated[bool, typer.Option("--ocr", help=_OCR)] = False,
) -> None:
    """导入规划文件，生成一个草稿征询，等工作人员核对后发布。"""
    from backend.consultations import service
    from backend.kit.clock import utc_now
    from backend.plans.service import keep_file, parse_file

    with one_sentence():
        parsed = parse_file(file, recognise=ocr)
        data = file.read_bytes()
        settings, database = open_installation()
        with database.writing() as session:
            owner = _organisation(session, organisation)
            consultation, version = service.draft_from(
                session,
                owner,
                parsed,
                slug=slug or file.stem,
                file_name=file.name,
                file_sha256=keep_file(settings.uploads_dir, data),
                now=utc_now(),
            )
            made = {
                "slug": consultation.slug,
                "title": consultation.title,
                "version": version.number,
                "sections": len(parsed.sections),
                "indicators": len(parsed.indicators),
                "tasks": len(parsed.tasks),
                "warnings": len(parsed.warnings),
                "review": f"/desk/consultations/{consultation.slug}/plan",
            }
    json.dump(made, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
    told.print("已生成草稿征询。请在办理台核对章节、指标和任务，确认后发布。")


@app.command()
def analyse(
    comments: Path,
    plan: Annotated[Path, typer.Option(help="规划文件，或 plan parse 输出的 JSON")],
    out: Annotated[Path, typer.Option(help="结果目录")],
    text_column: Annotated[str | None, typer.Option(help="意见文本所在的列")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Dask 调度器地址")] = None,
) -> None:
    """读一批意见：情感、意图、关联条目、主题、相似意见，写入结果目录。"""
    from backend.assessments.service import analyse_files

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with one_sentence(), Progress(*columns, console=told, disable=not told.is_terminal) as bar:
        row = bar.add_task("", total=None)
        analyse_files(
            comments,
            plan,
            out,
            text_column=text_column,
            scheduler=scheduler,
            progress=lambda done: bar.update(row, completed=done),
        )


@mail_app.command("import")
def mail_import(
    path: Path,
    consultation: Annotated[
        str | None, typer.Option(help="征询的网址名；默认按收件地址判断")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help="单位代号；默认第一个单位")] = None,
    acknowledge: Annotated[bool, typer.Option(help="给来信人发回执邮件")] = False,
) -> None:
    """登记来信：mbox 文件、eml 文件或存放它们的文件夹。重复导入不会重复登记。"""
    from backend.kit.clock import utc_now
    from backend.mailbox import importing, queries
    from backend.mailbox.service import Intake
    from backend.models import IncomingState

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with one_sentence(), Progress(*columns, console=told, disable=not told.is_terminal) as bar:
        settings, database = open_installation()
        with database.reading() as session:
            owner = _organisation(session, organisation)
            assert owner.id is not None
            about = queries.consultation(session, owner.id, consultation) if consultation else None
        intake = Intake(settings, owner.id, path.name, about, acknowledge)
        row = bar.add_task("", total=None)
        done = importing.import_all(
            database, intake, path, clock=utc_now,
            progress=lambda count: bar.update(row, completed=count),
        )  # fmt: skip
    said = {"messages": done.message_count, "known": done.known_count}
    said |= {state.value: done.counts.get(state, 0) for state in IncomingState}
    json.dump(said, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
    if done.counts.get(IncomingState.NEEDS_PERSON):
        told.print("有来信需要人工登记，请打开办理台的“来信”。")


@app.command()
def learn(
    slug: Annotated[str | None, typer.Argument(help="征询的网址名；不写则学习全部")] = None,
    roll_back: Annotated[int | None, typer.Option(help="收回这个编号的学习结果")] = None,
) -> None:
    """从工作人员的核定中学习；只在留出的核定上胜过原来的读法时接手。"""
    from backend.assessments import learning
    from backend.assessments.queries import readable_consultations
    from backend.kit.clock import utc_now
    from backend.models import LearnedModel

    with one_sentence():
        _, database = open_installation()
        if roll_back is not None:
            with database.writing() as session:
                model = session.get(LearnedModel, roll_back)
                if model is None or model.promoted_at is None or model.rolled_back_at is not None:
                    raise ValueError(f"没有编号为 {roll_back} 的、正在使用或用过的学习结果。")
                restored = learning.roll_back(session, model, None, now=utc_now())
            told.print(f"已收回，恢复了 {restored} 条原来的研判。")
            return
        with database.reading() as session:
            chosen = [c for c in readable_consultations(session) if slug in (None, c.slug)]
        if not chosen:
            raise ValueError(f"没有名为“{slug}”的征询。" if slug else "还没有已发布的征询。")
        names = {"intent": "意图", "sentiment": "情感", "linking": "关联"}
        for consultation in chosen:
            for attempt in learning.learn(database, consultation, now=utc_now()):
                told.print(
                    f"{names[attempt.task]}（{attempt.scope}）：{attempt.message}", markup=False
                )


@app.command()
def migrate() -> None:
    """把数据库升级到最新结构。"""
    from backend.kit import migrations

    with one_sentence():
        _, database = open_installation()
        migrations.upgrade(database.engine)
        told.print(f"数据库已是最新结构（{migrations.head_revision()}）。")


@app.command()
def demo() -> None:
    """装入演示数据（虚构的规划和意见）；已经装过则不重复。"""
    from backend.demo import loader

    settings, database = open_installation()
    with one_sentence():
        if not settings.demo:
            raise ValueError("演示数据只能装入演示模式：请先设置 ZHENGXUN_DEMO=true。")
        loader.load(database, settings, tell=lambda line: told.print(line, markup=False))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="监听端口")] = 8000,
    jobs: Annotated[bool, typer.Option(help="同时在本进程中运行后台任务")] = True,
) -> None:
    """启动网站。"""
    import uvicorn

    from backend import jobs as job_queue
    from backend.app import create_app

    with one_sentence():
        settings, _ = open_installation()
        _refuse_plain_http(host, settings)
        application = create_app(settings)
    stop = job_queue.start_in_process() if jobs else None
    _greet(host, port, settings)
    try:
        uvicorn.run(
            application,
            host=host,
            port=port,
            log_level="warning",
            server_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=10,
        )
    finally:
        if stop is not None:
            stop()


@app.command()
def worker() -> None:
    """单独运行后台任务（配合 serve --no-jobs）。"""
    from backend import worker as worker_process

    with one_sentence():
        settings, _ = open_installation()
        worker_process.run(settings)


@officer_app.command("create")
def officer_create(
    username: str,
    display_name: Annotated[str, typer.Option("--name", help="姓名")],
    role: Annotated[list[str], typer.Option(help="角色，可重复")],
    organisation: Annotated[str | None, typer.Option(help="单位代号；没有则新建")] = None,
    organisation_name: Annotated[str | None, typer.Option(help="新单位的名称")] = None,
    password: Annotated[
        str, typer.Option(prompt="密码", hide_input=True, confirmation_prompt=True)
    ] = "",
) -> None:
    """新建工作人员账号。"""
    from backend.accounts import service
    from backend.kit.clock import utc_now
    from backend.models import Organisation, Role

    with one_sentence():
        _, database = open_installation()
        unknown = [name for name in role if name not in {known.value for known in Role}]
        if unknown:
            names = "、".join(known.value for known in Role)
            raise ValueError(f"没有“{unknown[0]}”这个角色，可用的有：{names}。")
        with database.writing() as session:
            if organisation_name:
                owner = Organisation(
                    slug=organisation or "main", name=organisation_name, created_at=utc_now()
                )
                session.add(owner)
                session.flush()
            else:
                owner = _organisation(session, organisation)
            officer = service.create_officer(
                session,
                organisation=owner,
                username=username,
                display_name=display_name,
                password=password,
                roles=[Role(name) for name in role],
                now=utc_now(),
            )
            told.print(f"已新建账号 {officer.username}。")


@audit_app.command("verify")
def audit_verify() -> None:
    """核对留痕的哈希链；发现改动或缺失则列出并以 2 退出。"""
    from backend.accounts import audit

    with one_sentence():
        _, database = open_installation()
        with database.reading() as session:
            breaks = audit.verify(session)
    for found in breaks:
        told.print(str(found), markup=False)
    if breaks:
        raise typer.Exit(2)
    told.print("留痕完整，没有发现改动。")


@app.command()
def digest(
    slug: str,
    format: Annotated[str, typer.Option(help="docx、pdf、xlsx、html、json 或 csv")],  # noqa: A002
    out: Annotated[Path, typer.Option(help="输出文件")],
    query: Annotated[
        str, typer.Option(help="筛选条件，例如：章节:第三章 渠道:网站 提交>=2026-11-01")
    ] = "",
) -> None:
    """导出给起草处的意见摘要。"""
    from backend.consultations.queries import by_slug
    from backend.digests import service
    from backend.kit.clock import utc_now

    with one_sentence():
        _, database = open_installation()
        with database.reading() as session:
            consultation = by_slug(session, slug)
            if consultation is None:
                raise ValueError(f"没有名为“{slug}”的征询。")
            data = service.export(session, consultation, format, query=query, now=utc_now())
        out.write_bytes(data)
        told.print(f"已写入 {out}（{len(data):,} 字节）。", markup=False)


@dossier_app.command("make")
def dossier_make(slug: str, out: Annotated[Path, typer.Option(help="输出的 .zip 文件")]) -> None:
    """生成一次征询的归档包。"""
    from backend.consultations.queries import by_slug
    from backend.digests.dossier import make_dossier
    from backend.kit.clock import utc_now

    with one_sentence():
        settings, database = open_installation()
        with database.reading() as session:
            consultation = by_slug(session, slug)
            if consultation is None:
                raise ValueError(f"没有名为“{slug}”的征询。")
            data = make_dossier(session, consultation, secret=settings.secret(), now=utc_now())
        out.write_bytes(data)
        told.print(f"已写入 {out}（{len(data):,} 字节）。", markup=False)


@dossier_app.command("verify")
def dossier_verify(
    file: Path,
    own: Annotated[bool, typer.Option(help="同时核对是否由本机生成")] = False,
) -> None:
    """核对归档包；发现改动或缺失则列出并以 2 退出。"""
    from backend.digests.dossier import verify_dossier

    with one_sentence():
        secret = open_installation()[0].secret() if own else None
        verdict = verify_dossier(file.read_bytes(), secret=secret)
    for sentence in verdict.sentences:
        told.print(sentence, markup=False)
    if not verdict.is_intact:
        raise typer.Exit(2)


@app.command()
def doctor() -> None:
    """检查数据库、字体、SQLite 版本、后台任务、磁盘和设置，并说明怎么办。"""
    from backend import doctor as checks

    settings, database = open_installation()
    findings = checks.examine(settings, database)
    for finding in findings:
        told.print(f"{'好' if finding.is_good else '请处理'}　{finding.subject}：{finding.message}")
    if not all(finding.is_good or finding.is_optional for finding in findings):
        raise typer.Exit(2)


def _organisation(session: "Session", slug: str | None) -> "Organisation":
    from backend.organisations import profile

    found = profile.find(session, slug)
    if found is None:
        raise ValueError(
            "还没有任何单位。请先运行 zhengxun officer create --organisation-name 名称 …"
            if slug is None
            else f"没有代号为“{slug}”的单位。"
        )
    return found


def _tell_setup_code(settings: "Settings") -> None:
    """Until there is an officer, whoever has this code may make the first one."""
    from backend.accounts import queries, service

    _, database = open_installation()
    with database.reading() as session:
        if not queries.officer_count(session):
            told.print(
                f"还没有工作人员账号：请打开 /setup，输入设置码 {service.setup_code(settings)}"
            )


def _refuse_plain_http(host: str, settings: "Settings") -> None:
    loopback = host in ("127.0.0.1", "::1", "localhost")
    behind_tls = settings.base_url.startswith("https://")
    if not (loopback or behind_tls or settings.allow_plain_http):
        raise ValueError(
            f"不能在 {host} 上用不加密的 HTTP 提供服务：请在前面放置 HTTPS 代理并把 "
            "ZHENGXUN_BASE_URL 设为 https://…；确需在可信内网使用 HTTP 时设置 "
            "ZHENGXUN_ALLOW_PLAIN_HTTP=true（登录密码会以明文经过网络）。"
        )


def _greet(host: str, port: int, settings: "Settings") -> None:
    told.print(f"征询已启动：http://{host}:{port}")
    if not settings.demo:
        _tell_setup_code(settings)
    else:
        from backend.demo.loader import sign_in_lines

        for line in sign_in_lines():
            told.print(line, markup=False)
