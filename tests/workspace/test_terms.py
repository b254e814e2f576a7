import pytest

from nextedit_lsp.workspace import terms

BLOCK = ["def area(size):", "    half = size / 2", "    return half * half", "", "print(area(2))", "print(area(3))"]


def test_words_are_those_that_a_person_could_look_for():
    found = terms.terms_of("a = über_Maß + x9 * 12 + " + "f" * 80)
    assert found.words == {"über_Maß", "x9"}


def test_data_has_no_terms():
    assert terms.terms_of(" ".join(f"word{n}" for n in range(terms.MAX_WORDS + 1))) == terms.Terms()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("def area(size):", "area"),
        ("class Shape(Base):", "Shape"),
        ("LIMIT = 3", "LIMIT"),
        ("limit: int = 3", "limit"),
        ("export const useThing = () => 1", "useThing"),
        ("export function render() {", "render"),
        ("func (s *Server) Serve(l net.Listener) error {", "Serve"),
        ("pub fn parse(input: &str) -> Tree {", "parse"),
        ("interface Props {", "Props"),
        ("#define MAX_SIZE 12", "MAX_SIZE"),
        ("static int write_all(int fd, const char *data) {", "write_all"),
        ("    public async render(frame: Frame): void {", "render"),
        ("export PATH_EXTRA=/bin", "PATH_EXTRA"),
        ("CREATE TABLE users (", "users"),
    ],
)
def test_a_definition_is_told_by_its_line(line, name):
    assert name in terms.definitions(line)


@pytest.mark.parametrize(
    "line", ["    if (ready) {", "return area(size);", "x.area(2)", "area == 3", "for (;;) {", "area(2)"]
)
def test_other_lines_define_nothing(line):
    assert terms.definitions(line) == frozenset()


def test_a_line_that_no_person_wrote_takes_no_time():
    assert terms.definitions("a(b) c(d) " * 20_000) == frozenset()


def test_copies_share_shingles_whatever_their_indentation():
    lines = [f"value_{n} = compute({n})" for n in range(40)]
    copy = ["    " + line + "  " for line in lines[10:30]]
    assert terms.shingles(copy)
    assert terms.shingles(copy) <= terms.shingles(["something else", *lines])
    assert not terms.shingles(copy) & terms.shingles([line.replace("value", "other") for line in lines])


def test_brackets_and_blank_lines_make_no_shingles():
    assert terms.shingles(["}", "", "{", ");", "}"] * 50) == frozenset()
