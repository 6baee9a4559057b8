"""A shop's file is read whole, as shops export it, or rejected in one line that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from commerce.cli.shop.csv_file import Cells, ShopFile, read_shop_file
from commerce.cli.shop.heading import ALL_COLUMNS, COLUMNS
from commerce.values.errors import BadUsage

HEADING = b"InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\n"
CAFE = Cells("1", "A", "CAFÉ £ €", "2", "3,50", "7", "España", "")


def written(folder: Path, content: bytes) -> Path:
    file = folder / "shop.csv"
    file.write_bytes(content)
    return file


def read(folder: Path, content: str | bytes, encoding: str = "utf-8") -> ShopFile:
    return read_shop_file(written(folder, content if isinstance(content, bytes) else content.encode(encoding)))


def cells_of(file: ShopFile) -> list[Cells | None]:
    return [line.cells for line in file.lines]


def test_cells_come_without_blanks_around_them_and_lines_with_the_number_an_editor_shows(tmp_path: Path) -> None:
    two_lines = b'1,A,"LAMP,\r\nTALL",2,3.50,7,France\r\n'
    file = read(tmp_path, HEADING + two_lines + b"\n 2 , B ,, 1 , 1 ,, France \n")
    first, last = file.lines
    assert (first.number, first.cells) == (2, Cells("1", "A", "LAMP,\r\nTALL", "2", "3.50", "7", "France", ""))
    assert (last.number, last.cells) == (5, Cells("2", "B", "", "1", "1", "", "France", ""))


def test_columns_are_found_by_name_in_any_order_among_others_and_after_a_byte_order_mark(tmp_path: Path) -> None:
    content = (
        "\ufeffCountry,InvoiceDate,StockCode,Quantity,UnitPrice,CustomerID,Description,InvoiceNo\nIE,x,A,2,3,7,CUP,1\n"
    )
    file = read(tmp_path, content)
    assert cells_of(file) == [Cells("1", "A", "CUP", "2", "3", "7", "IE", "")]
    assert file.taken.unused == ("InvoiceDate",)


@pytest.mark.parametrize(
    "heading",
    [
        "Invoice,StockCode,Description,Quantity,Price,Customer ID,Country",
        "INVOICE,stockcode,DESCRIPTION,quantity,PRICE,CUSTOMER ID,COUNTRY",
        "invoice_no,sku,name,qty,unit_price,customer_id,country_code",
        "Invoice Number, SKU , Product Name ,Qty.,Unit Price,Customer-ID,Shipping Country",
        '"Invoice No.","Item Code","Title","QTY","Price each","Customer Number","Country Name"',
        "Order ID,Product Code,Item Name,Units,Item Price,Client No,Ship-to Country",
    ],
)
def test_headings_are_known_by_the_names_that_shops_give_them(tmp_path: Path, heading: str) -> None:
    file = read(tmp_path, f"{heading}\n1,A,CUP,2,3,7,IE\n")
    assert cells_of(file) == [Cells("1", "A", "CUP", "2", "3", "7", "IE", "")]
    named = [name.strip(' "') for name in heading.split(",")]
    assert file.taken.columns == dict(zip(ALL_COLUMNS, named, strict=False))


def test_a_column_that_names_the_currency_is_read_too(tmp_path: Path) -> None:
    file = read(tmp_path, HEADING.decode().strip() + ",Currency Code\n1,A,CUP,2,3,7,IE,EUR\n")
    assert cells_of(file) == [Cells("1", "A", "CUP", "2", "3", "7", "IE", "EUR")]


@pytest.mark.parametrize(
    ("separator", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")]
)
@pytest.mark.parametrize("told", ["", "sep={}\n", "SEP={}\r\n", '"sep={}"\n'])
def test_the_separator_is_recognised_or_told_by_the_first_line(
    tmp_path: Path, separator: str, name: str, told: str
) -> None:
    heading = ["Invoice Date", *COLUMNS]
    row = ["1 Dec, 2010; noon", "1", "A", "LAMP, TALL; BLUE", "2", "3,50", "7", "France"]
    text = told.format(separator) + separator.join(heading) + "\n" + separator.join(f'"{cell}"' for cell in row) + "\n"
    file = read(tmp_path, text)
    (line,) = file.lines
    assert line.cells == Cells("1", "A", "LAMP, TALL; BLUE", "2", "3,50", "7", "France", "")
    assert line.number == (3 if told else 2)
    assert file.taken.separator == name


@pytest.mark.parametrize(
    ("encoding", "mark", "name"),
    [
        ("utf-8", "", "UTF-8"),
        ("utf-8", "\ufeff", "UTF-8"),
        ("utf-16-le", "\ufeff", "UTF-16"),
        ("utf-16-be", "\ufeff", "UTF-16"),
        ("utf-16-le", "", "UTF-16"),
        ("utf-16-be", "", "UTF-16"),
        ("utf-32-le", "\ufeff", "UTF-32"),
        ("cp1252", "", "Windows-1252"),
    ],
)
def test_the_encoding_is_recognised(tmp_path: Path, encoding: str, mark: str, name: str) -> None:
    text = mark + HEADING.decode().replace(",", ";") + "1;A;CAFÉ £ €;2;3,50;7;España\r\n"
    file = read(tmp_path, text, encoding)
    assert cells_of(file) == [CAFE]
    assert file.taken.encoding.startswith(name)


def test_latin_1_is_read_as_what_windows_makes_of_it(tmp_path: Path) -> None:
    file = read(tmp_path, HEADING + "1,A,CAFÉ £,1,1,7,España\n".encode("latin-1"))
    assert [cells.description for cells in cells_of(file) if cells] == ["CAFÉ £"]


def test_letters_typed_in_two_ways_are_the_same(tmp_path: Path) -> None:
    file = read(tmp_path, HEADING.decode() + "1,CAFE\u0301,CAFE\u0301,1,1,7,France\n")
    assert [cells.code for cells in cells_of(file) if cells] == ["CAF\u00c9"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_every_way_and_empty_ones_hold_nothing(tmp_path: Path, end: str) -> None:
    lines = [
        HEADING.decode().strip(),
        '1,A,"TWO',
        'LINES",2,3.50,7,France',
        "",
        ",,,,,,",
        "2,B,CUP,1,1,,France",
        "",
        " ",
    ]
    file = read(tmp_path, end.join(lines) + end)
    assert [(line.number, line.cells and line.cells.invoice) for line in file.lines] == [(2, "1"), (6, "2")]
    assert file.lines[0].cells
    assert file.lines[0].cells.description == f"TWO{end}LINES"


def test_empty_cells_beyond_the_heading_are_nothing(tmp_path: Path) -> None:
    assert cells_of(read(tmp_path, HEADING + b"1,A,CUP,1,1,7,France,,\n")) != [None]
    assert cells_of(read(tmp_path, HEADING.strip() + b",,\n1,A,CUP,1,1,7,France,,\n")) != [None]


def test_a_line_with_too_few_or_too_many_columns_is_kept_with_the_invoices_it_may_belong_to(tmp_path: Path) -> None:
    file = read(tmp_path, HEADING + b"1,A,CUP,1,1,7\n1,A,CUP,BLUE,1,1,7,France\n")
    assert [(line.cells, line.claims) for line in file.lines] == [(None, ("1",)), (None, ("1", "A"))]
    last = b"StockCode,Description,Quantity,UnitPrice,CustomerID,Country,InvoiceNo\nA,CUP, BLUE,1,1,7,France,9\n"
    assert [line.claims for line in read(tmp_path, last).lines] == [("France", "9")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "InvoiceNo.*names nothing"),
        (b"\xff\xfe", "InvoiceNo"),
        (
            b"InvoiceNo,StockCode,Quantity,UnitPrice,CustomerID\n",
            "Description, Country once; it names InvoiceNo, StockCode",
        ),
        (b"Invoice;Art;Name;Qty;Price;Customer;Land\n", "each of StockCode, Country once; it names Invoice, Art"),
        (b"Country," + HEADING, "Country once"),
        (b"Price," + HEADING, "UnitPrice once; it could be any of 'Price', 'UnitPrice'"),
        (b"Qty," + HEADING, "Quantity once; it could be any of 'Qty', 'Quantity'"),
        (b"Customer Country," + HEADING, "Country once; it could be any of 'Customer Country', 'Country'"),
        (HEADING + b"1,A,CAF\xc9,1,1,7,Espa\xc3\xb1a\n", "not UTF-8 in line 2, and elsewhere it is"),
        (HEADING + b"1,A,CUP\x81,1,1,7,France\n", "not Windows-1252 in line 2"),
        (b"\xff\xfeI\x00n\x00", "it names In"),
        (b"\xff\xfeI\x00\n\x00\x0a", "not UTF-16 in line 2"),
        (HEADING + b'1,A,"CUP,1,1,7,France\n2,B,CUP,1,1,7,France\n', "not CSV at line 3"),
        (b"sep=,\n" + HEADING + b'1,A,"CUP"S,1,1,7,France\n', "not CSV at line 3"),
        (b"sep=x\n" + HEADING, "it names sep=x"),
    ],
)
def test_what_is_no_such_file_is_rejected_with_the_place(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadUsage, match=words) as refused:
        read(tmp_path, content)
    assert "\n" not in str(refused.value)


def test_a_heading_that_would_write_to_the_terminal_is_cleaned(tmp_path: Path) -> None:
    with pytest.raises(BadUsage) as refused:
        read(tmp_path, b"InvoiceNo,\x1b[2JOops,a\x00b\n")
    assert str(refused.value).isprintable()


def test_a_file_that_is_missing_or_a_folder_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="No such file"):
        read_shop_file(tmp_path / "missing.csv")
    with pytest.raises(BadUsage, match="directory"):
        read_shop_file(tmp_path)
