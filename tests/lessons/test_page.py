from html.parser import HTMLParser

from course.errors import ExerciseError
from course.lessons.page import Page, inline


class Read(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.words = [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def test_a_page_is_html_and_text():
    bundle = Page.paragraph("Hello.")._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "Hello."
    read = Read(bundle["text/html"])
    assert "".join(read.words) == "Hello."
    assert read.open == []


def test_a_page_is_the_same_each_time():
    assert Page.paragraph("Hello.")._repr_mimebundle_() == Page.paragraph("Hello.")._repr_mimebundle_()


def test_nothing_that_is_shown_becomes_markup():
    hostile = '</pre></code></div><script>alert("1")</script>`<b>`'
    page = Page.title(hostile, hostile) + Page.paragraph(hostile) + Page.prose(f"{hostile}\n\n    {hostile}")
    page += Page.code(hostile) + Page.items([hostile]) + Page.pairs([(hostile, hostile)])
    page += Page.table([hostile, hostile], [[hostile, hostile]]) + page.folded(hostile)
    read = Read(page._repr_mimebundle_()["text/html"])
    assert read.seen.isdisjoint({"script", "b"})
    assert read.open == []


def test_control_signs_are_shown_escaped():
    page = Page.code("red:\x1b[31m\u202e")
    assert page.text == "red:\\x1b[31m\\u202e"
    assert "\x1b" not in page.html


def test_what_stands_between_backticks_is_code():
    assert inline("Use `reversed` here.") == "Use <code>reversed</code> here."


def test_indented_paragraphs_are_code():
    page = Page.prose("Walk down:\n\n    for layer in layers:\n        look\n\nThen `stop`.")
    assert page.html == (
        '<p>Walk down:</p><pre class="lesson-code">for layer in layers:\n    look</pre><p>Then <code>stop</code>.</p>'
    )


def test_a_paragraph_without_words_is_left_out():
    assert Page.paragraph("") == Page()
    assert (Page.paragraph("a") + Page() + Page.paragraph("b")).text == "a\nb"


def test_a_problem_begins_with_a_capital_letter():
    assert Page.problem(ExerciseError("there is none.")).text == "There is none."


def test_what_is_folded_can_be_read_as_text():
    page = Page.paragraph("inside").folded("outside")
    assert page.text == "outside\n    inside"
    assert '<details class="lesson-fold"><summary>outside</summary>' in page.html
    assert '<details class="lesson-fold" open>' in Page.paragraph("inside").folded("outside", opened=True).html


def test_the_columns_of_a_table_stand_below_each_other():
    assert Page.table(["Lesson", "Points"], [["01 layers", "3"], ["02", "10"]]).text.split("\n") == [
        "Lesson     Points",
        "01 layers  3",
        "02         10",
    ]
