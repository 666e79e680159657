"""What might make an opinion more useful, said before sending and never in the way."""

from analysis.contracts import CommentText
from analysis.privacy import find_personal_data
from analysis.readable import reason_unreadable
from backend.submissions.forms import Point

FEW_CHARACTERS = 10
_NUMBERS = {
    "phone": "电话号码",
    "id_card": "身份证号",
    "bank_card": "银行卡号",
    "plate": "车牌号",
    "email": "邮箱",
}


def hints(point: Point) -> list[str]:
    """Sentences about one opinion; none is a reason to refuse it."""
    said = f"{point.text}\n{point.proposed_wording}".strip()
    found = []
    if reason_unreadable(CommentText(id="", text=said)):
        found.append("这条意见可能看不出意思，请再看看有没有写完整。")
    elif len(said) < FEW_CHARACTERS:
        found.append("再写具体一点会更有用：在哪里、什么问题、希望怎样。")
    kinds = {item.kind for item in find_personal_data(said)}
    named = "、".join(word for kind, word in _NUMBERS.items() if kind in kinds)
    if named:
        found.append(f"您的意见里好像有{named}。公开前会隐去，您也可以现在删去。")
    return found
