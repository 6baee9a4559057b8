"""A shop's file is read whole, or refused in one line that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from commerce.cli.shop.reading import Cells, read_shop_file
from commerce.errors import BadUsage

HEADING = b"InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\n"


def written(folder: Path, content: bytes) -> Path:
    file = folder / "shop.csv"
    file.write_bytes(content)
    return file


def test_cells_come_without_blanks_around_them_and_lines_with_the_number_an_editor_shows(tmp_path: Path) -> None:
    two_lines = b'1,A,"LAMP,\r\nTALL",2,3.50,7,France\r\n'
    file = read_shop_file(written(tmp_path, HEADING + two_lines + b"\n 2 , B ,, 1 , 1 ,, France \n"))
    first, blank, last = file.lines
    assert (first.number, first.cells) == (2, Cells("1", "A", "LAMP,\r\nTALL", "2", "3.50", "7", "France"))
    assert (blank.number, blank.cells) == (4, None)
    assert (last.number, last.cells) == (5, Cells("2", "B", "", "1", "1", "", "France"))


def test_columns_are_found_by_name_in_any_order_among_others_and_after_a_byte_order_mark(tmp_path: Path) -> None:
    content = (
        "\ufeffCountry,InvoiceDate,StockCode,Quantity,UnitPrice,CustomerID,Description,InvoiceNo\nIE,x,A,2,3,7,CUP,1\n"
    )
    file = read_shop_file(written(tmp_path, content.encode()))
    assert [line.cells for line in file.lines] == [Cells("1", "A", "CUP", "2", "3", "7", "IE")]


def test_a_line_with_too_few_or_too_many_columns_is_kept_without_cells(tmp_path: Path) -> None:
    file = read_shop_file(written(tmp_path, HEADING + b"1,A,CUP,1,1,7\n1,A,CUP,1,1,7,France,x\n"))
    assert [line.cells for line in file.lines] == [None, None]


def test_the_digest_stands_for_the_content(tmp_path: Path) -> None:
    one = read_shop_file(written(tmp_path, HEADING)).digest
    assert read_shop_file(written(tmp_path, HEADING)).digest == one
    assert read_shop_file(written(tmp_path, HEADING + b"\n")).digest != one


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "InvoiceNo"),
        (b"InvoiceNo,StockCode,Quantity,UnitPrice,CustomerID\n", "Description, Country once"),
        (b"Country," + HEADING, "Country once"),
        (HEADING + b"1,A,CAF\xc9,1,1,7,France\n", "not UTF-8 in line 2"),
        (HEADING + b'1,A,"CUP,1,1,7,France\n2,B,CUP,1,1,7,France\n', "not CSV at line 3"),
        (HEADING + b'1,A,"CUP"S,1,1,7,France\n', "not CSV at line 2"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_place(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadUsage, match=words) as refused:
        read_shop_file(written(tmp_path, content))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="No such file"):
        read_shop_file(tmp_path / "missing.csv")
    with pytest.raises(BadUsage, match="directory"):
        read_shop_file(tmp_path)
