"""What a password must be, under one of two policies.

`asvs` follows OWASP ASVS 5.0 (6.2) and NIST SP 800-63B: at least twelve characters, nothing that is
easily guessed, no rules of composition and no change by the calendar. `dengbao` is for systems
graded under 等保 2.0 (GB/T 22239-2019, 8.1.4.1), whose assessors ask in addition for mixed kinds of
characters, a change every 90 days, and a lock after five failures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zxcvbn import zxcvbn

SHORTEST = 12
LONGEST = 128
# zxcvbn's scale of 0..4: below 3 a password falls to some hundred million guesses.
STRONG_ENOUGH = 3
_EXAMINED = 72
# What the estimator's English lists lack: pinyin and digits common in Chinese leaks.
_COMMON = (
    "woaini", "woaiwojia", "wodemima", "mima", "zhongguo", "beijing", "shanghai", "guangzhou",
    "shenzhen", "admin", "guanliyuan", "zhengfu", "zhengxun", "1314520", "5201314", "520520",
    "1314", "888888", "666666", "a123456", "qq123456", "asd123", "zxc123", "1qaz2wsx",
    "征询", "密码", "我爱你", "中国", "北京", "上海", "管理员", "政府",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What is asked of passwords beyond length and strength, and what happens after failures."""

    kinds: int = 0
    lifetime: timedelta | None = None
    failures_before_lock: int | None = None

    @property
    def hint(self) -> str:
        """One sentence under the field for a new password."""
        if self.kinds:
            return (
                f"至少 {SHORTEST} 个字符，大写字母、小写字母、数字、其他字符四类里至少有"
                f"{self.kinds}类；每 90 天更换一次。"
            )
        return f"至少 {SHORTEST} 个字符，可以用几个不相关的词连成一句；不要求混用大小写和符号。"


POLICIES = {
    "asvs": PasswordPolicy(),
    "dengbao": PasswordPolicy(kinds=3, lifetime=timedelta(days=90), failures_before_lock=5),
}
ASVS = POLICIES["asvs"]


def problem(
    password: str, *, own_words: Sequence[str] = (), policy: PasswordPolicy = ASVS
) -> str | None:
    """Why a password is refused, as a sentence; None when it will do."""
    if len(password) < SHORTEST:
        return f"密码至少 {SHORTEST} 个字符，可以用几个不相关的词连成一句。"
    if len(password) > LONGEST:
        return f"密码最多 {LONGEST} 个字符。"
    if len(set(password.casefold())) < 5:
        return "密码里重复的字符太多，请换一个。"
    if _is_easily_guessed(password, own_words):
        return "密码主要由常见的词、日期、键盘顺序或您的名字组成，容易被猜到，请换一个。"
    if _kinds_in(password) < policy.kinds:
        return f"密码需要包含大写字母、小写字母、数字、其他字符四类里的至少{policy.kinds}类。"
    return None


def is_expired(changed_at: datetime, policy: PasswordPolicy, now: datetime) -> bool:
    """Whether a password has been in use for longer than the policy lets it."""
    return policy.lifetime is not None and now - changed_at >= policy.lifetime


def _is_easily_guessed(password: str, own_words: Sequence[str]) -> bool:
    known = [word.casefold() for word in (*_COMMON, *own_words) if len(word) >= 2]
    rest = password.casefold()
    for word in known:
        rest = rest.replace(word, "")
    if len(rest) < SHORTEST // 2:
        return True
    guess = zxcvbn(password[:_EXAMINED], user_inputs=known)
    return int(guess["score"]) < STRONG_ENOUGH


def _kinds_in(password: str) -> int:
    kinds = (
        any(char.isascii() and char.isupper() for char in password),
        any(char.isascii() and char.islower() for char in password),
        any(char.isdecimal() for char in password),
        any(not (char.isascii() and char.isalnum()) for char in password),
    )
    return sum(kinds)
