"""`zhengxun backup`, `restore` and `move`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from backend.console import one_sentence, open_installation, told


def backup(
    to: Annotated[Path | None, typer.Option(help="备份存放的目录；默认按设置")] = None,
) -> None:
    """备份数据库、上传文件、来信和密钥；不停止服务。没有变化的文件不重复复制。"""
    from backend.kit.clock import utc_now
    from backend.safekeeping import service

    with one_sentence():
        settings, database = open_installation()
        taken = service.take(database, settings, now=utc_now(), home=to)
        told.print(
            f"已备份到 {taken.folder}：文件 {taken.files} 个，其中新复制 {taken.copied} 个。",
            markup=False, soft_wrap=True,
        )  # fmt: skip
        if "secret.key" not in taken.manifest.parts:
            told.print("密钥由环境变量 ZHENGXUN_SECRET_KEY 设置，不在备份里，请另行妥善保存。")
        told.print("备份含有个人信息和密钥，请存放在加密的磁盘上，并另存一份到别的机器。")
        json.dump(
            {"folder": str(taken.folder)} | _summary(taken.manifest.counts),
            sys.stdout,
            ensure_ascii=False,
        )
        sys.stdout.write("\n")


def restore(
    backup: Annotated[Path, typer.Argument(help="一份备份，或存放备份的目录（取最新一份）")],
    into: Annotated[Path | None, typer.Option(help="恢复到的数据目录；默认按设置")] = None,
    database_url: Annotated[
        str | None, typer.Option(help="恢复到的空 PostgreSQL 数据库；SQLite 备份不用写")
    ] = None,
) -> None:
    """核对备份并恢复到空的地方；已有内容时不覆盖。"""
    from backend.kit.settings import get_settings
    from backend.safekeeping import restoring

    with one_sentence():
        here = get_settings()
        settings = here.model_copy(
            update={"data_dir": into or here.data_dir, "database_url": database_url}
        )
        done = restoring.restore(
            backup, settings, tell=lambda line: told.print(line, markup=False, soft_wrap=True)
        )
        made = done.manifest
        told.print(f"已恢复：文件 {done.file_count} 个，条数与备份时一致，留痕核对无误。"
                   if not done.must_migrate else
                   f"已恢复：文件 {done.file_count} 个，条数与备份时一致。备份来自较早的版本，"
                   "请运行 zhengxun migrate，再运行 zhengxun audit verify。")  # fmt: skip
        if not done.has_key:
            told.print(
                "备份里没有密钥：请把原来的 ZHENGXUN_SECRET_KEY 设回去，否则联系方式无法解密。"
            )
        place = {"folder": str(settings.data_dir), "made_at": made.made_at.isoformat()}
        json.dump(place | _summary(made.counts), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")


def move(
    source: Annotated[str, typer.Option("--from", help="来源数据库，例如 sqlite:var/zhengxun.db")],
    target: Annotated[str, typer.Option("--to", help="空的目标数据库，例如 postgresql://…")],
) -> None:
    """把全部内容搬到另一种数据库：编号、回执和哈希不变。请先停止服务；中断后可再次运行。"""
    from backend.kit.settings import get_settings
    from backend.safekeeping import moving

    with one_sentence():
        moved = moving.move(
            source, target, get_settings(), tell=lambda line: told.print(line, markup=False)
        )
        told.print(
            "已搬完：每个表逐行核对一致，留痕核对无误。请把 ZHENGXUN_DATABASE_URL 改成新地址；"
            "数据目录（上传文件、来信、密钥）仍用原来的。",
            soft_wrap=True,
        )
        summary = _summary(moved.counts) | {"written": moved.written}
        json.dump(summary, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")


def _summary(counts: dict[str, int]) -> dict[str, object]:
    return {
        "submissions": counts.get("submission", 0),
        "comments": counts.get("comment", 0),
        "audit_entries": counts.get("audit_entry", 0),
        "rows": sum(counts.values()),
    }
