"""What an operator can set, by environment (`ZHENGXUN_…`) or a `.env` file in the data directory.

Every setting is listed in docs/operations.md; a test holds the two together. Nothing secret has a
default: the secret key is made on first use and kept in the data directory, readable by its owner.
"""

import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The installation's settings; `data_dir` holds the database, uploads, secrets and caches."""

    model_config = SettingsConfigDict(env_prefix="ZHENGXUN_", extra="ignore")

    data_dir: Path = Field(Path("var"), description="数据目录：数据库、上传文件、密钥与缓存")
    database_url: str | None = Field(
        None, description="数据库地址；不设置时使用数据目录中的 SQLite，可设为 postgresql://…"
    )
    secret_key: SecretStr | None = Field(
        None, description="签名与加密密钥；不设置时首次启动自动生成并保存在数据目录"
    )
    base_url: str = Field("http://127.0.0.1:8000", description="对外地址，用于二维码、回执与订阅")
    demo: bool = Field(False, description="演示模式：允许使用公开的演示账号登录")
    allow_plain_http: bool = Field(
        False, description="允许在非本机地址上使用不加密的 HTTP（仅限可信内网）"
    )
    trusted_proxies: str = Field("127.0.0.1", description="可信反向代理地址，逗号分隔")
    organisation_name: str = Field("征询演示单位", description="页脚显示的主办单位")
    icp_number: str = Field("", description="ICP 备案号")
    public_security_number: str = Field("", description="公安备案号")
    site_code: str = Field("", description="政府网站标识码")
    contact_phone: str = Field("", description="页脚显示的联系电话")
    max_comment_length: int = Field(5000, description="单条意见的最大字数", ge=100, le=20000)
    max_upload_mb: int = Field(10, description="单个附件的最大兆字节数", ge=1, le=100)
    max_plan_mb: int = Field(50, description="规划文件的最大兆字节数", ge=1, le=500)
    late_grace_minutes: int = Field(30, description="截止后仍接收已打开表单的分钟数", ge=0)
    session_idle_minutes: int = Field(30, description="工作人员会话空闲多少分钟后退出", ge=1)
    session_hours: int = Field(8, description="工作人员会话最长小时数", ge=1)
    password_policy: Literal["asvs", "dengbao"] = Field(
        "asvs",
        description="密码规则：asvs 看长度和强度；dengbao 另加字符类别、90 天更换、错 5 次锁定",
    )
    oidc_issuer: str = Field(
        "", description="统一身份认证（OpenID Connect）的颁发者地址；留空不启用"
    )
    oidc_client_id: str = Field("", description="在统一身份认证登记的应用编号")
    oidc_client_secret: SecretStr | None = Field(None, description="该应用的密钥")
    oidc_username_claim: str = Field(
        "preferred_username", description="首次登录时与本系统用户名对照的字段"
    )
    oidc_name: str = Field("统一身份认证", description="登录页面上统一身份认证的名称")
    mail_host: str = Field("", description="发信服务器（SMTP）地址；留空表示不发邮件")
    mail_port: int = Field(465, description="发信服务器端口", ge=1, le=65535)
    mail_security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="发信加密方式：tls、starttls 或 none（仅限可信内网）"
    )
    mail_user: str = Field("", description="发信账号；留空表示不登录")
    mail_password: SecretStr | None = Field(None, description="发信账号的密码或授权码")
    mail_from: str = Field(
        "征询平台 <noreply@localhost.localdomain>", description="发件人，可以带名称"
    )
    proxy_consent: str = Field(
        "我同意由居委工作人员代我填写并提交意见；内容由我口述或书写，已经读给我听，与我的意思一致。",
        description="居委代填时读给居民听并留存的同意书文字",
    )
    imap_host: str = Field("", description="收信服务器（IMAP）地址；留空表示不自动收信")
    imap_port: int = Field(993, description="收信服务器端口", ge=1, le=65535)
    imap_security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="收信加密方式：tls、starttls 或 none（仅限可信内网）"
    )
    imap_user: str = Field("", description="收信账号")
    imap_password: SecretStr | None = Field(None, description="收信账号的密码或授权码")
    imap_folder: str = Field("INBOX", description="收取哪个文件夹")
    imap_organisation: str = Field("", description="来信属于哪个单位（代号）；默认第一个单位")
    summary_service_url: str = Field(
        "", description="OpenAI 兼容服务的地址（到 /v1 为止），用来给摘要润色；留空表示不使用"
    )
    summary_service_model: str = Field("", description="摘要润色使用的模型名")
    summary_service_key: SecretStr | None = Field(None, description="摘要润色服务的密钥")
    summary_service_seconds: int = Field(
        30, description="等待摘要润色服务的秒数，超过就用摘录", ge=1, le=300
    )
    backup_minutes: int = Field(
        1440, description="每隔多少分钟自动备份一次；0 表示不自动备份", ge=0, le=10080
    )
    backup_dir: Path | None = Field(
        None, description="备份存放的目录；不设置时为数据目录中的 backups"
    )
    backup_keep: int = Field(8, description="保留最近多少份备份", ge=1, le=10000)
    backup_keep_days: int = Field(
        30, description="此外每天的最后一份保留多少天；0 表示只按份数", ge=0, le=3650
    )
    metrics_token: SecretStr | None = Field(
        None, description="读取 /metrics 的令牌；不设置时只有本机不经代理可以读取"
    )
    log_level: str = Field("INFO", description="日志级别")

    @property
    def resolved_database_url(self) -> str:
        """The SQLAlchemy URL, with the driver this project uses."""
        if self.database_url is None:
            return f"sqlite:///{(self.data_dir / 'zhengxun.db').resolve()}"
        for prefix in ("postgresql://", "postgres://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url[len(prefix) :]
        return self.database_url

    @property
    def is_sqlite(self) -> bool:
        return self.resolved_database_url.startswith("sqlite")

    @property
    def uploads_dir(self) -> Path:
        return self.data_dir / "uploads"

    def secret(self) -> bytes:
        """The installation's secret; made once and kept beside the data when none is set."""
        if self.secret_key is not None:
            value = self.secret_key.get_secret_value()
            if len(value) < 32:
                raise ValueError("ZHENGXUN_SECRET_KEY 至少需要 32 个字符")
            return value.encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            try:
                with open(path, "x", opener=_private) as file:
                    file.write(secrets.token_urlsafe(48))
            except FileExistsError:
                pass  # Another process made it a moment ago.
        return path.read_text().strip().encode()


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process-wide settings, read once."""
    return Settings()  # type: ignore[call-arg, unused-ignore]
