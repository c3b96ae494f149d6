"""Programs that pass text on, choose from it, count and sort it do what GNU coreutils and util-linux do."""

import pytest
from program_lines import assert_all_same, paragraphs, title

pytestmark = [
    pytest.mark.linux,
    pytest.mark.peer("cat", "tac", "rev", "tee", "head", "tail", "wc", "nl", "sort", "uniq", "cut", "paste", "tr"),
]

COMMANDS = r"""
    cat
    cat f e
    cat -n f dup
    cat -b f dup
    cat -s f
    cat -E f
    cat -A bin
    cat -v bin
    cat -T f
    cat -e crlf
    cat -E crlf
    cat -t bin
    cat -nb f
    cat -vE nofile f d
    cat -z
    cat --foo
    cat --number f
    cat --show-all f
    cat - f <<< hello\n
    cat -u f
    cat 'two words' 'no such'
    cat dangling

    tac f
    tac f dup
    tac -s o f
    tac -b -s o f
    tac e
    tac <<< a\nb

    rev f dup nofile
    rev d

    tee <<< abc
    tee new f <<< abc
    tee -a new f <<< abc
    tee d nofile/x <<< abc
    tee -z
    tee - <<< x

    head f
    head long
    head -n 3 long
    head -3 long
    head -n -1990 long
    head -c 5 f
    head -c -5 f
    head -n 1 f dup
    head -q -n1 f dup
    head -v -n1 f
    head -n x f
    head -c x f
    head -n 1K long
    head nofile f
    head d f
    head -n0 f
    head -c 1kB long
    head -n 99999999999999999999 f
    head -n1 - <<< a\nb\n
    head -v
    head -5c f
    head -2q f dup
    head f -5
    head -z -n1 nul
    head -n
    head --lines=2 f
    head --lin 2 f

    tail long
    tail -n 3 long
    tail -3 long
    tail +1995 long
    tail -n +1995 long
    tail -c 5 f
    tail -c +5 f
    tail -n 1 f dup
    tail -q -n1 f dup
    tail -v -n1 f
    tail -n x f
    tail -c -x f
    tail nofile f
    tail d f
    tail -5 f dup
    tail -n0 f
    tail -n +0 f
    tail <<< a\nb
    tail -z -n1 nul
    tail -1c f

    wc
    wc f
    wc f dup e
    wc -l f
    wc -w -c f dup
    wc -L f bin crlf
    wc -m f
    wc -c bin
    wc nofile f
    wc d f
    wc nofile
    wc d
    wc <<< a b\n c
    wc - f <<< a b\n
    wc bin
    wc long e
    wc -lL f
    wc -x
    wc -l 'two words'
    wc f f f f f f f f f f

    nl f
    nl -ba f
    nl -b n f
    nl -bpo f
    nl -w 3 -s : -n rz -v 5 -i 2 f
    nl -n ln f
    nl -n xx f
    nl -bz f
    nl -w x f
    nl -v x f
    nl -i x f
    nl -w 0 f
    nl nofile d

    sort
    sort f
    sort n
    sort -n n
    sort -g n
    sort -rn n
    sort -h h
    sort -V v
    sort -u dup
    sort -fu dup
    sort -f dup
    sort -r dup
    sort -s -f dup
    sort -fr dup
    sort -k2 words
    sort -k2,2 -k1 words
    sort -k2.2,2.3 words
    sort -b -k2 words
    sort -k2b,2 words
    sort -k 2,2r words
    sort -t , -k2 csv
    sort -t , -k2,2n -k1r csv
    sort -t , -k3,3nr csv
    sort -t , -k2.1n csv
    sort -t '' csv
    sort -t ab csv
    sort -t '\0' csv
    sort -k 0 csv
    sort -k x csv
    sort -k 1.0 csv
    sort -k 1,x csv
    sort -k 1z csv
    sort -k 1,0 csv
    sort -k 1.x csv
    sort -nh n
    sort -n -d n
    sort -k1nM n
    sort -c f
    sort -c n
    sort -C n

    sort -c dup
    sort -cu dup
    sort -c f n
    sort -c --check=quiet n
    sort -o out n
    sort -o n n
    sort -no n n
    sort -o f f dup
    sort -o d f
    sort -o nofile/x f
    sort nofile f
    sort d
    sort d f
    sort -o f nofile
    sort -o f d
    sort -z nul
    sort -M <<< feb\nJan\nxyz\n  dec\n
    sort -d <<< a-b\nab\na b\nA_c\n
    sort -i <<< a\x01b\nab\naa\n
    sort -n <<< -0\n0\n+1\n1\n.5\n-.5\n1.\n00.50\n
    sort -nu <<< 1\n01\n2\n1.0\n
    sort -Q
    sort --key=2 words
    sort --reverse --numeric-sort n
    sort - dup <<< zz\n
    sort -m dup
    sort --foo
    sort -k2,2 -u csv -t,
    sort -rs -k1,1 -t, csv
    sort -uk1,1 -r -t, csv
    sort e
    sort -k1,1 -k2n words
    sort -h <<< 1K\n1000\n1M\n-1M\n-2K\n0.5G\nfoo\n1k\n
    sort -n <<< 10 a\n9 b\n9 a\n-1\nx\n\n

    uniq
    uniq dup
    uniq -c dup
    uniq -d dup
    uniq -u dup
    uniq -i dup
    uniq -ci dup
    uniq -f 1 words
    uniq -s 2 dup
    uniq -w 1 dup
    uniq dup out
    uniq dup d
    uniq nofile
    uniq d
    uniq a b c
    uniq -f x dup
    uniq -z nul
    uniq -du dup
    uniq -cd dup
    uniq -q
    uniq - out2 <<< a\na\n
    uniq <<< a\na
    uniq -f1 <<< 1 a\n2 a\n3 b\n
    uniq -f1 -s1 <<< 1 xa\n2 ya\n3 xb\n

    cut
    cut -f
    cut -f1 csv
    cut -d, -f2 csv
    cut -d, -f2- csv
    cut -d, -f-2 csv
    cut -d, -f3,1 csv
    cut -d, -f2 -s csv
    cut -d, -f2 --complement csv
    cut -d, --output-delimiter=: -f1,3 csv
    cut -d, --output-delimiter= -f1,3 csv
    cut -c1-3 f
    cut -b2,4- f
    cut -b1-2,3 --output-delimiter=: f
    cut -b2-,1 --output-delimiter=: f
    cut --complement -b2 f
    cut -f x f
    cut -f 0 f
    cut -f 3-2 f
    cut -d ab -f1 f
    cut -b1 -f1 f
    cut -b1 -d: f
    cut -b1 -s f
    cut -c - f
    cut -c 1-x f
    cut -c x-3 f
    cut -b 0 f
    cut -f 99999999999999999999 f
    cut -f -0 f
    cut -f 1,,2 f
    cut -f '' f
    cut -d '' -f1 f
    cut -z -f1 nul
    cut -f1 nofile d f
    cut -f1 - csv -d, <<< q,r
    cut -d ' ' -f2 words
    cut -n -b1 f
    cut -c 3abc f
    cut -f 1-2-3 f
    cut -f '1 3' -d' ' words

    cut -f4 -d' ' words
    cut -b 5- e

    paste
    paste f
    paste f dup
    paste -d, f dup n
    paste -d ,: f dup n
    paste -s f
    paste -s -d, f dup
    paste -d '\n' f dup
    paste -d '\' f dup
    paste -d '\0' f dup
    paste -d '' f dup
    paste - - <<< a\nb\nc\n
    paste nofile f
    paste d f
    paste -s nofile f
    paste -s e f
    paste e f
    paste -z nul nul

    tr
    tr a
    tr a b c
    tr -d
    tr -d a b
    tr -s
    tr -x
    tr a b <<< abca
    tr a-c A-C <<< abcdef
    tr a-c x <<< abcdef
    tr abc xy <<< abcdef
    tr -t abc xy <<< abcdef
    tr [:lower:] [:upper:] <<< abcDEF
    tr [:upper:] [:lower:] <<< abcDEF
    tr -d [:digit:] <<< a1b2
    tr -d a-c <<< aabbccdd
    tr -s a <<< aabbaacc
    tr -s [:space:] <<< a  b\n\n\nc\t\td
    tr -s ab xy <<< aabbaacc
    tr -s a-z <<< aabbccAA
    tr -cd [:alnum:] <<< a-b_c 1\n2
    tr -c a-z '\n' <<< ab cd3ef
    tr -cs a-z '\n' <<< ab  cd3 ef
    tr -ds a b <<< aabbccbb
    tr '\n' ' ' <<< a\nb\n
    tr '\t\\' 'xy' <<< a\tb\\c
    tr '\141' X <<< abc
    tr z-a b <<< x
    tr [:foo:] a <<< x
    tr '[:alpha:]' '[:digit:]' <<< x
    tr a '' <<< x
    tr '[:upper:]' '[:lower:]x' <<< ABC
    tr a '[x*]' <<< abc
    tr abc '[x*2]y' <<< abc
    tr abcde 'x[y*]z' <<< abcde
    tr [=a=] x <<< abc
    tr [=ab=] x <<< abc
    tr '[x*2]' y <<< abc
    tr -ds a <<< abc
    tr -c a '[:upper:]' <<< abc

    tr '[:upper:]' a <<< ABCabc
    tr a '[b*]c[d*]' <<< abc
    tr '\' b <<< a\\c
    tr '\400' b <<< a 0c
    tr a-c-e b <<< abc-de
    tr '[:upper:][:lower:]' '[:lower:][:upper:]' <<< abCD
    tr a-c '[:lower:]' <<< abc
    tr -d '\000-\037' <<< a\x01\tb\n
    tr a-z n-za-m <<< hello
    tr '[a-z]' '[A-Z]' <<< hello[]
    tr -- -a xy <<< a-b
    tr -d -- - <<< a-b
    tr '[:alpha:]' '*' <<< ab1
    tr -C a b <<< abc
    tr -s '[:upper:]' '[:lower:]' <<< AABBcc
    tr '[:digit:]' '[:upper:]' <<< 12
    tr é e <<< caf\xc3\xa9
"""


@pytest.mark.parametrize("paragraph", paragraphs(COMMANDS), ids=title)
def test_a_program_does_what_the_real_one_does(paragraph):
    assert_all_same(paragraph)
