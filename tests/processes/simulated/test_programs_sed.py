"""sed does what GNU sed does."""

import pytest
from program_lines import assert_all_same, paragraphs, title

pytestmark = [pytest.mark.linux, pytest.mark.peer("sed")]

COMMANDS = r"""
    sed -f sc4 p
    sed -f sc5 p
    sed -n -f sc6 k
    sed -f sc6 -i k
    sed -f sc4 -s p q
    sed 's+a\+b+X+' g
    sed 's|y\|z|X|' g
    sed -E 's|y\|z|X|' g
    sed 's/[\t]/T/' g
    sed 's/\t/\n/' g
    sed 'a hello\nworld' g
    sed '1a\  two' g
    sed '1a   two  ' g
    sed '1a\text' g
    sed '1a\' g
    sed 1a g
    sed '$a foo' -e 'p' g
    sed -e '1a\' -e 'foo' g
    sed '1i\\tfoo' g
    sed '1a foo\' g
    sed -e '1{a foo' -e '}' g
    sed '1{a foo}' g
    sed '1,2c foo' g
    sed '1!c foo' g
    sed '$!N;c foo' g
    sed 's/a/\U&x\Ey/g' g
    sed 's/\(a\)\(.\)/\u\1\l\2/g' g
    sed 's/.*/\L\u&/' words
    sed 's/a/b' g
    sed 's/a/b/k' g
    sed 's/a/b/gg' g
    sed 's/a/b/pp' g
    sed 's/a/b/0' g
    sed 's/a/b/1 2' g
    sed 's/a/b/2 3' g
    sed 's/a/b/ p' g
    sed 's/a/\1/' g
    sed 's/\(a/b/' g
    sed 'y/abc/ab/' g
    sed 'y/a\/b/x|y/' g
    sed 'y/abc' g
    sed '1,p' g
    sed '1,2,3p' g
    sed 'k' g
    sed '1' g

    sed '' g
    sed '{p' g
    sed 'p}' g
    sed '1}' g
    sed 'pp' g
    sed 'p p' g
    sed ':a:' g
    sed 'bfoo' g
    sed ':' g
    sed '1:a' g
    sed '1!!p' g
    sed '1! !p' g
    sed '/a' g
    sed '0p' g
    sed '0,/a/p' g
    sed '0,3p' g
    sed '2,1p' -n g
    sed '=,2p' g
    sed '1,2=' g
    sed 'q;p' g
    sed '1,2q' g
    sed 'q5' g
    sed 'Q 3' g
    sed 'r' g
    sed 'w' g
    sed 's/a/b/w' g
    sed '1#foo' g
    sed 'p # c' g
    sed '//p' g
    sed '/a/I p' -n g
    sed '/A/Ip' -n g
    sed '\,a,p' -n g
    sed '1~2p' -n g
    sed '2,~2p' -n g
    sed '1,+1p' -n g
    sed '+1p' g
    sed 'y/a/' g
    sed 's/x*/-/g' g
    sed 's/b*/-/2' g
    sed 's/b*/-/g' g

    sed 'l' g
    sed 'l 3' g
    sed 'z' g
    sed 'D' g
    sed 'v' g
    sed 'F' g
    sed 'a' g
    sed '2{p;p' g
    sed '}' g
    sed -n '/a/,/b/{=;p}' g
    sed -n '$=' g
    sed 's/a/x/;ta;s/$/!/;:a' g
    sed 's/\x61/X/' g
    sed 's/\d97/X/;s/\o53/P/' g
    sed 's/./\x26/' g
    sed 's/a/\//' g
    sed 's,a,\,,' g
    sed 's/\(a\)\|x/<\1>/g' g
    sed 'N;s/\n/-/' g
    sed '$!d' g
    sed -s -n '$p' g f
    sed -n '$p' g f nofile
    sed 'p;p' -n g
    sed -n
    sed -f nofile g
    sed -z 's/\n/,/g' g
    sed 'i\' g
    sed '5q;w/dev/stdout' g
    sed 's/a/b/w /dev/stdout' g
    sed '1r f' g
    sed '$r f' g
    sed 'R f' g
    sed 'W x' g
    sed '1d;:x;' g
    sed 'b x;:x' g
    sed '{;p;}' g
    sed '{p};p' g
    sed '2{s/a/b/}' g
    sed 'y/abc/\n\t\\/' g
    sed 's/a/b/;;p' g

    sed '1,$d' g
    sed '1 , 2 p' -n g
    sed '/a/ , /b/ ! p' -n g
    sed 's/a/\1/;p' g
    sed '/\(/d;p' g
    sed -e p -e 'k' g
    sed -f sc g
    sed -n -f sc2 -e = g
    sed -f sc3 g
    sed -n '/a/{bx};p;:x' g
    sed -n '/a/{bx;};p;:x' g
    sed ':a b' g
    sed -n 't a b' g
    sed '{:a}' g
    sed 'y/a/b/p' g
    sed 's/a/b/}' g
    sed '/\(/I' g
    sed 'l x' g
    sed 'qx' g
    sed '$!d' nofile
    sed '1d' d g
    sed -i s/a/X/ d
    sed p d
    sed p nonl
    sed 'a foo' nonl
    sed 'r f' nonl
    sed p nonl nonl
    sed 's/x/y/w out' nonl
    sed '$!N;P;D' g
    sed -n 'H;${x;s/\n/,/g;p}' g
    sed 'G' g
    sed '1!G;h;$!d' g
    sed '/x/!s/a/b/' g
    sed 's/\n/x/' g
    sed 'N;P;D' g
    sed 'n;d' g
    sed '$!n;d' g
    sed 'a\' -e
    sed -n '/b/=' g
    sed '/a/c\' g

    sed '2i\  x' g
    sed 'a\ttab' g
    sed 'a t\\ab' g
    sed 'a\\tab' g
    sed 's/.*/"&"/' g
    sed 's/a\|b/[&]/2g' g
    sed 's/\(a*\)\(ab\)*/<\1,\2>/' g
    sed 's/[/]/S/' g
    sed 's/a/x/I;s/B/y/i' g
    sed -E 's/(a|b)+/<&>/' g
    sed 's/$/\r/' g
    sed 's/^/> /' g
    sed 's/\bb/Q/' g
    sed "1s/a/b/;1!d" g
    sed '1,3{2d}' g
    sed '/a+/,$d' g
    sed '5,$d' g
    sed 2q nonl g
    sed --expression=p -n g
    sed -nf sc g
    sed -s 1d f g
    sed -ni p g
    sed -i~ 1d g
    sed -i -e 1d
    sed -Ei.b 's/(x)/\1\1/' g
    sed -ie 1d g
    sed --in-place=.z p f
    sed -i.d/ p f
    sed -i'd/*.old' p f
    sed -i 's/a/b/w /dev/stdout' f g
    sed -i 2q f
    sed -i 2Q f
    sed -i '$a end' f nonl
    sed -i s/a/b/ nofile f
    sed -i s/a/b/ -
    sed -i s/a/b/ ln
    sed -i s/a/b/ d/x d/s/y
    sed -i 's/a' f
    sed -i '1d;$d' f e
    sed -i 1d dangling

    sed -c p g
    sed '1w out' g
    sed '1w nofile/x' g
    sed 's/[/x/' k
    sed 's/[\/]/S/g' k
    sed 's/[^]/]/S/' k
    sed 's/[[:alpha:]/]/S/g' k
    sed 's/[\n]/S/g' k
    sed 's/[\]]/S/' k
    sed 's/\[/S/' k
    sed 's/\[/]/' k
    sed 's/a[/]b/]/' k
    sed '/[/]/d' k
    sed '1a   \  text' k
    sed '1a\\' k
    sed '1a foo\\' k
    sed 's/a/x\ty\n\q\//' k
    sed 's/a/\o101\d066\x43\cA/' k
    sed 's/\./X/;s/\-/x/' k
    sed 's/\cA/x/' k
    sed 's,a\,,x,' k
    sed 's/a/\0&\&/' k
    sed 's/[]]/S/' k
    sed 's/[[.].]]/S/' k
    sed 's/x\{1,\}/Y/' k
    sed 's/\(^a\)/[\1]/;s/\(b\|x\)/<\1>/g' k
    sed 'y/a\\/\\a/' k
    sed 'y/\//x/' k
    sed 'y/q\n/xy/' k
    sed 'yxaxbx' k
    sed 's|a/b|X|' k
    sed 's a b ' k
    sed '1;2p' k
    sed 'p;' k
    sed ';p' k
    sed '1{};p' k
    sed '1{p' -e '}' k
    sed -n '/a/{p;q}' k
    sed -n '$p;1q' k
    sed '0~2d' k

    sed '2~0d' k
    sed '1,~0d' k
    sed '/a/,+0d' k
    sed '/q/,1d' k
    sed '/a/,/a/d' k
    sed '1,/a/d' k
    sed '0,/a/d' k
    sed '1,0d' k
    sed '$,1d' k
    sed 's/a/b/;T;s/$/!/' k
    sed 'N;N;s/\n/+/' k
    sed '$!N;$!D' k
    sed -s 'N;N;s/\n/+/' k k
    sed '1!{s/q/X/}' k
    sed -e 'i\' -e '  foo' k
    sed '2{h;d};${x}' k
    sed 'x;p;x' k
    sed '=' -s k k
    sed '1~3d;y/q/Q/' k
    sed 'v 4.2' k
    sed 's/a/b/m;s/^q/Z/M' k
    sed -E 's/^(.)(.)/\2\1/' k
    sed -n 'l 1' k
    sed -n 'l 5;l' k
    sed -l 5 -n l k
    sed -u p k
    sed 'c\' k
    sed 's/b/X/3' k
    sed 's//X/' k
    sed '/a/s//X/g' k
    sed '/a/I,/q/Is//X/' k
    sed 'a\  ' one
    sed 'a \' one
    sed 'i\\' one
    sed 'a\\\' one
    sed 'a\n' one
    sed 'a \n' one
    sed 'a x\x41\d066\o103' one
    sed 'a x\cA' one
    sed -e 'a foo\' -e 'bar' one

    sed 's/o/0/2' words
    sed 's/o/0/2g' words
    sed '/fox/,/end/s/^/# /' words
    sed '2q' long
    sed -n '10,12p;12q' long
    sed '$d' f
    sed 's/ .*//' f
    sed 's/\([a-z]*\) \([a-z]*\)/\2 \1/' words
    sed -E 's/([0-9]+)/<\1>/;s/-?([0-9])$/(\1)/' words
    sed '/^$/d' f
    sed -n '/o/!p' words
    sed 's/[aeiou]//g;s/  */ /g' words
    sed '1!G;h;$!d' f
    sed = words
    sed -n '$!{h;d};H;x;p' words
    sed 'N;l;D' f
    sed 's/x/\n/g;P;D' words
    sed ':a;s/^\(x*\)o/\1x/;ta' words
    sed ':a;N;$!ba;s/\n/ /g' f
    sed -n 'x;G;p' f
    sed 's/a/b/' --
    sed -- 's/a/b/' g
    sed -E 's/(^|[^a-z])the/\1THE/Ig' words
    sed -r 's/a+/X/' g
    sed '/a/{s//x/;t;}' g
    sed '/x/b;d' g
    sed 's/y/&&/;T;p' g
    sed '2,4{/^$/d}' f
    sed '/three/,/four/{//!d}' f
    sed -s 'F;1q' f g
    sed '1~2{N;s/\n/|/}' long
    sed -i -n '/a/p' g dup
    sed '1{x;p;x}' f
    sed '/five/{n;d}' f
    sed '$s/$/!/' f nonl
    sed '$s/$/!/' nonl f
    sed '1,3{/one/,/three/d}' f
    sed '2,3!d' f
    sed 's/.\{3\}/&|/g' words
    sed '/the/I{=;s/the/THE/Ig}' words

    sed 's/é/e/' f
    sed 's/\(.\)\(.\)\(.\)\(.\)\(.\)\(.\)\(.\)\(.\)\(.\)/\9\8\7/' words
    sed '/o/,/o/{s/^/>/}' words
"""


@pytest.mark.parametrize("paragraph", paragraphs(COMMANDS), ids=title)
def test_a_program_does_what_the_real_one_does(paragraph):
    assert_all_same(paragraph)
