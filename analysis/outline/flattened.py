"""Tables whose cells were flattened into lines, put back into grids.

A copy leaves either one column after another (all numbers, then all names, all units …) or one
row after another, each cell on its own. The column heads are known words; the running number says
how many rows there are; what does not add up is left as text rather than guessed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from analysis.outline.lines import Grid, Line
from analysis.outline.numbering import Kind, is_quantity, read_mark
from analysis.outline.text import tidy, width

HEAD_WORDS = re.compile(
    r"^(?:序号|编号|类 ?别|类 ?型|领域|分类|方面|一级指标|二级指标|指标|"
    r"(?:主要)?指标(?:名称|内容)|名称|项目|项目名称|工程名称|"
    r"任务名称|单位|计量单位|指标单位|属性|指标属性|指标性质|性质|类型属性|"
    r"目标|目标值|规划目标值?|备注|"
    r"(?:责任|牵头|建设|实施)(?:单位|部门|主体)|建设(?:情况|内容|地点|"
    r"规模|年限|性质|进度)|占地面积.{0,5}|功能定位|"
    r"园区/地块|地块|所在街镇|总投资.{0,5}|(?:中期)?完成(?:情况|比例|率)|"
    r"进展(?:评价|情况)|评价|现状值?|基期值?|"
    r"年均增[速长][^\d]{0,6}|累计[^\d]{0,6}|[〔\[(（]累计[^\d]{0,4}[〕\])）]|"
    r"(?:19|20)\d\d ?年(?:\d{1,2} ?月|上半年|底|末)?(?:底|末)?"
    r"(?:规划)?(?:目标|实际|完成|现状|基期|预期)?(?:情况|数|值)?"
    r"(?:[(（].{1,8}[)）])?|"
    r"[“\"]?十[一二三四五六]五[”\"]?(?:期?末)?(?:规划)?目标值?|\[?累计\]?)$"
)
CAPTION = re.compile(
    r"^表 ?[\d一二三四五六七八九十]*(?:[-.—]\d+)?[:： ]?|(?:一览表|情况表|"
    r"指标表|项目表|指标体系|主要指标|主要(?:发展)?指标表?)$"
)
_NUMBER = re.compile(r"^\d{1,3}$")
_DIVISIONS = frozenset(
    (
        Kind.VOLUME,
        Kind.PART,
        Kind.CHAPTER,
        Kind.SECTION,
        Kind.CN,
        Kind.CN_PAREN,
        Kind.DECIMAL,
        Kind.DECIMAL_3,
        Kind.ARTICLE,
    )
)
_REMARK = re.compile(r"^[国市区县省]级重[大点](?:工程|项目)$")


def restore_tables(lines: Sequence[Line]) -> list[Line]:
    """The lines with every flattened table that adds up replaced by a grid."""
    result: list[Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        result.append(line)
        index += 1
        if not _opens_table(lines, index - 1):
            continue
        stop = _table_end(lines, index)
        cells = [cell.text for cell in lines[index:stop]]
        grid = read_cells(cells, line.text)
        if grid:
            result.append(replace(lines[index], text="", grid=grid))
        left = _left_over(cells, grid) if grid else " ".join(cells)
        if left:
            result.append(replace(lines[index], text=left, grid=((left,),)))
        index = stop
    return result


def _left_over(cells: Sequence[str], grid: Grid) -> str:
    """The tokens that found no place in the grid, in their order."""
    placed = Counter(token for row in grid for cell in row for token in cell.split(" "))
    left: list[str] = []
    for token in (token for cell in cells for token in _tokens(cell)):
        if placed[token]:
            placed[token] -= 1
        else:
            left.append(token)
    return " ".join(left)


def _opens_table(lines: Sequence[Line], index: int) -> bool:
    """A caption of a table (or its first column head) with many short lines below it."""
    line = lines[index]
    if line.grid or line.note or len(line.text) > 48 or not CAPTION.search(line.text):
        return False
    stop = _table_end(lines, index + 1)
    heads = sum(
        bool(HEAD_WORDS.match(token))
        for cell in lines[index + 1 : stop]
        for token in {cell.text, *_tokens(cell.text)}
    )
    return stop - index > 5 and heads >= 2


def _table_end(lines: Sequence[Line], index: int) -> int:
    """The first line that is no cell any more: a heading, a sentence, the next caption."""
    stop = index
    while stop < len(lines):
        line = lines[stop]
        heading = _is_division(line.text)
        sentence = width(line.text) >= 50 and re.search("[,，。；]", line.text)
        if line.grid or line.note or line.level or heading or sentence:
            break
        if re.match(r"表[:：\d]|注[:：]|专栏|前 ?言$", line.text):
            break
        stop += 1
    return stop


def _is_division(text: str) -> bool:
    mark = read_mark(text)
    if mark is None or mark.kind not in _DIVISIONS or len(text) <= mark.length:
        return False
    return not is_quantity(text, mark)


def read_cells(cells: Sequence[str], caption: str) -> Grid | None:
    """A grid from flattened cells, or None where they do not add up."""
    split = [token for cell in cells for token in _tokens(cell)]
    for tokens in (list(cells), split):
        grid = _by_columns(tokens) or _by_rows(tokens)
        if grid:
            return grid
    return _by_names(cells) if re.search("项目|工程", caption) else None


def _tokens(text: str) -> list[str]:
    """Cells between spaces; a year keeps its 年."""
    return re.sub(r"((?:19|20)\d\d) 年", r"\1年", text).split(" ")


def _by_columns(tokens: Sequence[str]) -> Grid | None:
    """All numbers, then all names, all units … each under its head."""
    heads = [i for i, token in enumerate(tokens) if HEAD_WORDS.match(token)]
    if len(heads) < 3:
        return None
    if even := _even_columns(tokens, heads):
        return even
    segments = [
        (tokens[i], list(tokens[i + 1 : j]))
        for i, j in zip(heads, [*heads[1:], len(tokens)], strict=True)
    ]
    numbers = next((s for head, s in segments if head in ("序号", "编号") and _counts_up(s)), None)
    rows = len(numbers) if numbers else _commonest_length(segments)
    if rows < 3:
        return None
    columns = [
        (head, fitted) for head, cells in segments if (fitted := _fit(cells, rows)) is not None
    ]
    if len(columns) < 3:
        return None
    return (
        tuple(head for head, _ in columns),
        *(tuple(cells[row] for _, cells in columns) for row in range(rows)),
    )


def _even_columns(tokens: Sequence[str], heads: Sequence[int]) -> Grid | None:
    """Columns of one length: then a head no list knows stands where its column must begin."""
    size = heads[1] - heads[0]
    numbered = tokens[heads[0]] in ("序号", "编号") and _counts_up(tokens[heads[0] + 1 : heads[1]])
    cells = tokens[heads[0] :]
    if not numbered or len(cells) % size or any((i - heads[0]) % size for i in heads):
        return None
    columns = [cells[i : i + size] for i in range(0, len(cells), size)]
    return tuple(zip(*columns, strict=True))


def _counts_up(cells: Sequence[str]) -> bool:
    return len(cells) >= 3 and list(cells) == [str(n) for n in range(1, len(cells) + 1)]


def _commonest_length(segments: Sequence[tuple[str, list[str]]]) -> int:
    lengths = [len(cells) for _, cells in segments if len(cells) >= 3]
    return max(set(lengths), key=lengths.count) if lengths else 0


def _fit(cells: Sequence[str], rows: int) -> list[str] | None:
    """A column of as many cells as there are rows: `5G 网络覆盖率` was one cell."""
    fitted = list(cells)
    while len(fitted) > rows:
        at = next(
            (
                i
                for i in range(len(fitted) - 1)
                if (re.fullmatch(r"[A-Za-z0-9.+-]*[A-Za-z][A-Za-z0-9.+-]*", fitted[i]))
                or fitted[i].count("(") + fitted[i].count("（")
                > fitted[i].count(")") + fitted[i].count("）")
                or re.match(r"[(（]", fitted[i + 1])
            ),
            None,
        )
        if at is None:
            return None
        fitted[at : at + 2] = [f"{fitted[at]} {fitted[at + 1]}"]
    return fitted if len(fitted) == rows else None


def _by_rows(tokens: Sequence[str]) -> Grid | None:
    """One row after another below a run of heads, each row beginning with its number."""
    start = next((i for i, token in enumerate(tokens) if HEAD_WORDS.match(token)), None)
    if start is None:
        return None
    stop = start
    while stop < len(tokens) and HEAD_WORDS.match(tokens[stop]):
        stop += 1
    heads = _merged_heads(tokens[start:stop])
    if len(heads) < 3:
        return None
    if not {"序号", "编号"} & set(heads):
        return _unnumbered_rows(heads, tokens[stop:])
    return _numbered_rows(heads, tokens[stop:])


def _merged_heads(tokens: Sequence[str]) -> list[str]:
    """The heads of the columns; 〔累计〕 belongs to the head above it."""
    heads: list[str] = []
    for token in tokens:
        if heads and token[0] in "〔[(（":
            heads[-1] += token
        else:
            heads.append(token)
    return heads


def _unnumbered_rows(heads: list[str], tokens: Sequence[str]) -> Grid | None:
    size = len(heads)
    if len(tokens) < 2 * size or len(tokens) % size:
        return None
    rows = [tuple(tokens[i : i + size]) for i in range(0, len(tokens), size)]
    kinds = sum(any(re.match("约束性|预期性|指导性", cell) for cell in row) for row in rows)
    return (tuple(heads), *rows) if kinds == len(rows) else None


def _numbered_rows(heads: list[str], tokens: Sequence[str]) -> Grid | None:
    """Rows between the running numbers; cells too many belong to the name."""
    own = [head for head in heads if not re.match("类|领域|分类|方面|一级", head)]
    starts = _row_starts(tokens, len(own))
    if len(starts) < 3:
        return None
    rows: list[list[str]] = []
    for (start, number), (stop, following) in pairwise(
        [*starts, _end_of_rows(tokens, starts, own)]
    ):
        cells = list(tokens[start:stop])
        if len(cells) < len(own) - 1:
            return None
        surplus = len(cells) - len(own)
        if surplus > 0 and len(own) < len(heads):  # the category of the rows that follow
            cells, surplus = cells[: len(own)], 0
        if surplus > 0 and following == number + 2:  # the next row lost its number and its name
            rows.append(cells[: len(own)])
            rows.append(["", "", *cells[len(own) :]])
            continue
        if surplus > 0:
            cells[1 : 2 + surplus] = [tidy(" ".join(cells[1 : 2 + surplus]))]
        rows.append(cells + [""] * (len(own) - len(cells)))
    return (tuple(own), *map(tuple, _with_lost_names(rows)))


def _row_starts(tokens: Sequence[str], size: int) -> list[tuple[int, int]]:
    """Where the running numbers stand, with their values; one of them may be lost."""
    first = next((i for i, token in enumerate(tokens) if token == "1"), None)  # noqa: S105
    if first is None or tokens[first + 1 : first + 2] == ["2"]:
        return []
    starts = [(first, 1)]
    while True:
        at, value = starts[-1]
        reach = range(at + 2, min(len(tokens), at + 3 * size + 8))
        following = next(
            ((i, n) for n in (value + 1, value + 2) for i in reach if tokens[i] == str(n)), None
        )
        if following is None:
            return starts
        starts.append(following)


def _end_of_rows(
    tokens: Sequence[str], starts: Sequence[tuple[int, int]], own: Sequence[str]
) -> tuple[int, int]:
    """Where the last row ends: a stray page number after it is not its own."""
    at, value = starts[-1]
    stop = min(len(tokens), at + 2 * len(own))
    if stop - at == len(own) + 1 and _NUMBER.match(tokens[stop - 1]):
        stop -= 1
    return stop, value + 1


def _with_lost_names(rows: list[list[str]]) -> list[list[str]]:
    """A row without a name takes the first of the two names the next row holds."""
    for row, following in pairwise(rows):
        if not row[1] and ") " in following[1]:
            first, _, second = following[1].partition(") ")
            row[1], following[1] = f"{first})", second
    return rows


def _by_names(cells: Sequence[str]) -> Grid | None:
    """Of a table of projects at least the names: one row each."""
    last_head = max((i for i, cell in enumerate(cells) if HEAD_WORDS.match(cell)), default=-1)
    names = [
        cell
        for cell in cells[last_head + 1 :]
        if len(cell) >= 5 and not _NUMBER.match(cell) and not _REMARK.match(cell)
    ]
    return (("项目名称",), *((name,) for name in names)) if len(names) >= 3 else None
