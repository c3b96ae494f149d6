"""grep does what GNU grep does."""

import pytest
from program_lines import assert_all_same, paragraphs, title

pytestmark = [pytest.mark.linux, pytest.mark.peer("grep")]

COMMANDS = r"""
    grep
    grep -Z
    grep --foo
    grep -A x one f
    grep -m x one f
    grep -m -1 one f
    grep -m 1 e long
    grep -m 2 -A2 'line 1' long
    grep -m 0 e f
    grep one nofile f
    grep one d
    grep -s one d nofile f
    grep one bin
    grep -c A bin f
    grep A bin
    grep -v A bin
    grep -a A bin
    grep -I A bin f
    grep -o A bin
    grep -l A bin
    grep -q A bin
    grep -e
    grep -E -F one f
    grep -C 0 -e one -e four f
    grep -L one f dup
    grep -l one f dup
    grep -A1 one f dup
    grep -B1 t f
    grep -C1 -n o words f
    grep -n -A1 -B1 fox words

    grep -on o words
    grep -o -A1 o words
    grep -ob o words
    grep -f nofile f
    grep -f d f
    grep -f dup f
    grep -f e f
    grep -f - f <<< one\nsix\n
    grep -q one nofile f
    grep -q xx f
    grep -5 five long
    grep -1 'line 50$' long
    grep -w on words
    grep -w o words
    grep -wo 'o\w*' words
    grep -w foo words
    grep -w 'bar' words
    grep -x three f
    grep -xv three f
    grep -x thre f
    grep -c '' f
    grep -c '^$' f
    grep -cv '^$' f
    grep -i THE words
    grep -iw the words
    grep -in 'THE\|fox' words
    grep -E 'fox|dog' words
    grep -oE '[a-z]+[0-9]+' words
    grep -oE '(qu|bro)[a-z]*' words
    grep '\(o\).*\1' words
    grep -F . words
    grep -F -e 'The end' -e fox words
    grep -Fx three f
    grep -Fi THE words
    grep -Fw bar_baz words
    grep -v -n o words
    grep -vc o words f
    grep -h one f dup
    grep -nc one f
    grep -lc one f

    grep -Z -l one f
    grep -z two nul
    grep -zo 't.*' nul
    grep -d skip one d f
    grep -b two f
    grep --color=never one f
    grep --color one f
    grep -y ONE f
    grep '[' f
    grep '[a' f
    grep 'a\' f
    grep '\(' f
    grep -E '(' f
    grep -E ')' f
    grep -E 'a{1' f
    grep 'a\{1' f
    grep 'a\{2,1\}' f
    grep '[[:foo:]]' f
    grep '[:space:]' f
    grep '[z-a]' f
    grep -E '*a' f
    grep '*a' f
    grep -E 'a**' dup
    grep '\1' f
    grep -- -1 words
    grep -e -1 words
    grep one f f f
    grep -c one f f
    grep one two words
    grep one 'two words' 'no such'
    grep '^[^ ]* [^ ]*$' f
    grep -E '^.{5}$' f
    grep '[[:upper:]]' dup words
    grep '[[:space:]]five' f
    grep -nE '^(a|b)$' dup
    grep a- v

    grep --count one f
    grep --line-number --ignore-case ONE f
    grep --max-count=1 e f
    grep -s nofile
    grep -A 1 -n line\ 19 long
    grep -A
    grep -e a -f nofile f
    grep -ho one f dup
    grep -x '' f
    grep '' e
    grep -L '' e f
    grep -E '\bfox\b' words
    grep '\<the\>' words
    grep 'o\{2,\}' words
    grep -E 'o{2,}|x' words
    grep 'five  *six' f
    grep '.' -c f
    grep -E '^$|one' f -n
    grep -o '' f
    grep -ow '' f
    grep -oi 'the' words
    grep '\w\+' -o dup
    grep '[^[:alnum:]_ ]' -n words
    grep caf <<< caf\xe9\n
    grep -o caf. <<< caf\xe9\n
    grep -c . <<< \xff\xfe\n\n
"""


RECURSIVE = r"""
    grep -r one d
    grep -r one f
    grep -r one d f
    grep -rn in d
    grep -rh in d
    grep -rl in d
    grep -rL xxx d
    grep -rc in d
    grep -r in d/
    grep -R one d ln
    grep --include=x -r in d
    grep --exclude=x -r in d
    grep --exclude-dir=s -r in d
    grep ^a f -r
    grep --regexp=one f
    grep -rw in d --include='y'
"""


@pytest.mark.parametrize("paragraph", paragraphs(COMMANDS), ids=title)
def test_a_program_does_what_the_real_one_does(paragraph):
    assert_all_same(paragraph)


@pytest.mark.parametrize("paragraph", paragraphs(RECURSIVE), ids=title)
def test_a_tree_is_searched_as_by_the_real_one(paragraph):
    assert_all_same(paragraph, unordered=True)
