"""What a page or a web site puts around the text: page numbers, running heads, menus, buttons.

Removed lines are handed back beside the kept ones: a file name or a date in them may still tell
whether the plan is a draft, and nothing disappears unseen.
"""

import re
from collections import Counter

from analysis.outline.lines import Grid, Line
from analysis.outline.numbering import read_mark
from analysis.outline.text import ends_sentence, squeeze, width

_PAGE_NUMBER = re.compile(
    r"^[-–—~·|〔\[(（]*(?:第|共|page)?\d{1,4}(?:页)?(?:[/／,，共]*(?:共)?\d{1,4}页?)?[-–—~·|〕\])）]*$",
    re.IGNORECASE,
)
# Labels no plan uses in its text: wherever they stand, the line is the site's.
_LABEL = re.compile(
    r"索引号[:：]|主题分类[:：]|发文字号[:：]|信息公开(?:类别|目录)[:：]|ICP备|公网安备|"
    r"网站标识码|版权所有|网站地图|(?:浏览|访问)次数[:：]|字体[:：]?[【\[(（ ]*大|"
    r"下载文档|下载后继续|当前文档共|下载即用|猜你喜欢|^(?:上|下)一篇|^(?:当前|您的?所?在?)位置[:：]|"
    r"^分享到|^扫一扫|^相关(?:文章|文档)|"
    r"^\S{4,90}\.(?:pdf|docx?|wps)$|^(?:首页|打印|关闭|收藏|分享|下载|返回)(?:[ |·>]|$)",
    re.IGNORECASE,
)
# Words a plan uses too (barrier-free access, logging in): only a line of nothing else is a menu.
_MENU = re.compile(
    r"[\[【]*(?:(?:无障碍(?:浏览|阅读|版|模式|辅助)?|适老化(?:模式|版)|长者(?:模式|版)|关怀版|"
    r"(?:用户)?(?:登录|注册)|注册会员|个人中心|繁體?体?版?|简体版?|English|手机版|移动版|"
    r"客户端(?:下载)?|APP下载|返回顶部|关闭窗口|打印本页|设为首页|加入收藏|首页|打印|关闭|"
    r"收藏|分享|下载|返回|微信|微博)[|｜>·/,，、\[\]【】]*)+",
    re.IGNORECASE,
)
_ADVERT = re.compile(
    r"^[^。]{0,30}(?:文库|文档网|豆丁|道客)[^。]{0,40}(?:下载|搜到)[^。]{0,12}。?$"
)
_FILED = re.compile(
    "索引号|发布机构|发文机关|发文字号|文号|发布日期|成文日期|生成日期|主题分类|主题词|信息分类|公开方式|"
    "公开(?:范围|时限|属性)|有效性|名称|标题|统一登记号|来源|效力状态|废止日期|组配分类|文件编号"
)
_LONGEST = 90


def drop_furniture(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines without furniture, and the furniture."""
    heads = _running_heads(lines)
    kept: list[Line] = []
    dropped: list[Line] = []
    for index, line in enumerate(lines):
        furniture = _is_furniture(line, heads)
        if furniture and not _of_site(squeeze(line.text)) and width(line.text) < 40:
            furniture = _widest_before(lines, index) >= 40
        (dropped if furniture else kept).append(line)
    return kept, dropped


def _widest_before(lines: list[Line], index: int) -> int:
    """The width of the longest line just before one: in a flattened table all are short."""
    return max((width(line.text) for line in lines[max(0, index - 2) : index]), default=40)


def _is_furniture(line: Line, heads: set[str]) -> bool:
    text = squeeze(line.text)
    if line.grid:
        return _is_index_card(line.grid)
    if not text or line.note or line.level:
        return False
    if _PAGE_NUMBER.match(text) or _without_page_number(text) in heads:
        return True
    repeated_file_name = text.lower().count(".pdf") > 1
    if repeated_file_name:
        return True
    plain = len(text) <= _LONGEST and not ends_sentence(text) and read_mark(line.text) is None
    # A menu may end in a full stop where it advertises; then it is short and says so twice.
    return (plain and _of_site(text)) or bool(_ADVERT.search(text))


def _is_index_card(grid: Grid) -> bool:
    """The table in which a government site files a document: 索引号, 发文字号, 发布机构 …."""
    cells = [squeeze(cell).rstrip(":：") for row in grid for cell in row]
    return len(grid) <= 12 and sum(bool(_FILED.fullmatch(cell)) for cell in set(cells)) >= 3


def _of_site(text: str) -> bool:
    """Whether a line, without its spaces, is a label or a menu of a web site."""
    return bool(_LABEL.search(text) or _MENU.fullmatch(text))


def _running_heads(lines: list[Line]) -> set[str]:
    """Short lines that come again and again, with or without a page number beside them."""
    counts = Counter(
        key
        for line in lines
        if 4 <= len(key := _without_page_number(squeeze(line.text))) <= 50
        and not line.level
        and read_mark(line.text) is None
        and not ends_sentence(line.text)
    )
    pages = max(4, len(lines) // 80)
    return {key for key, count in counts.items() if count >= pages}


def _without_page_number(text: str) -> str:
    return re.sub(r"^[-–—·|]*\d{1,4}[-–—·|]*(?=\D)|(?<=\D)[-–—·|]*\d{1,4}[-–—·|]*$", "", text)
