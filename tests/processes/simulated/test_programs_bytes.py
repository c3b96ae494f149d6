"""Programs about bytes, digests and differences do what GNU coreutils and diffutils do."""

import pytest
from program_lines import assert_all_same, paragraphs, title

pytestmark = [
    pytest.mark.linux,
    pytest.mark.peer("dd", "sha256sum", "md5sum", "sha512sum", "sha224sum", "sha384sum", "base64", "od", "cmp", "diff"),
]

COMMANDS = r"""
    dd if=f status=noxfer
    dd if=f of=g status=noxfer
    dd if=f of=g bs=4 seek=2 status=noxfer
    dd if=f of=dup bs=4 seek=2 status=noxfer
    dd if=f of=dup bs=4 seek=1 count=1 conv=notrunc status=noxfer
    dd if=f of=h ibs=3 obs=5 status=noxfer
    dd if=nofile
    dd foo
    dd bs=x
    dd bs=0
    dd if=d of=x status=noxfer
    dd if=f bs=5 skip=9 status=noxfer
    dd if=f bs=5 skip=2 status=noxfer
    dd if=f conv=foo
    dd if=f iflag=foo
    dd if=f status=foo
    dd if=f of=nodir/x
    dd if=f count=-1
    dd if=f bs=1k count=2x
    dd if=f bs=2x3 status=noxfer
    dd if=f conv=ucase status=none
    dd if=f bs=8 conv=sync of=o status=noxfer
    dd if=f count=1 bs=1 status=noxfer
    dd if=f of=dup conv=excl
    dd if=f of=f3 conv=nocreat
    dd --foo
    dd -x
    dd of=x if=f bs=9999999999999999999
    dd conv=ucase,lcase if=f
    dd if=f bs=4 count=6B iflag=count_bytes status=noxfer
    dd if=f bs=4 count=6B status=noxfer
    dd if=f oflag=append conv=notrunc of=dup status=noxfer
    dd status=noxfer bs=3 <<< hello\n
    dd of=x status=none <<< hello\n
    dd of=d status=none
    dd if=long of=z bs=1k skip=1 count=1 status=noxfer

    dd if=long of=long2 conv=fsync,notrunc status=none
    dd of=new status=none count=0
    dd if=f of=f status=noxfer
    dd if=f of=f bs=3 count=1 conv=notrunc status=noxfer
    dd if=f iseek=1 bs=4 count=1 status=none
    dd if=f bs=1w count=1 status=noxfer
    dd if=
    dd bs

    sha256sum f
    sha256sum nofile d f
    sha256sum -c sums
    sha256sum -c bad
    sha256sum -c bad f
    sha256sum -c nofile
    sha256sum -c f
    sha256sum -c --quiet sums
    sha256sum -c --status bad
    sha256sum -c -w mix
    sha256sum -c --strict mix
    sha256sum -c tag
    sha256sum -c miss
    sha256sum -c --ignore-missing miss
    sha256sum -c --ignore-missing onlymiss
    sha256sum --tag f
    sha256sum -b f
    sha256sum 'we\ird'
    sha256sum -z f
    sha256sum -x
    sha256sum --quiet f
    sha256sum <<< abc
    sha256sum --check --tag f
    sha256sum -bt f

    md5sum f e
    md5sum -c sums

    sha512sum f

    sha224sum f

    sha384sum f

    base64 f
    base64 -d f
    base64 -w 3 f
    base64 -w x f
    base64 f e
    base64 nofile
    base64 d
    base64 -di f
    base64 -w0 f
    base64 bin
    base64 -d <<< YWJj\n
    base64 -d <<< YWJ
    base64 -d <<< YW*Jj
    base64 -di <<< YW*Jj
    base64 -d <<< YWJj\nYWJj\n
    base64 -d <<< YQ==YQ==
    base64 -d <<< Y
    base64 -z

    od f
    od -c bin
    od -x f
    od -t x1 rep
    od -An -tx1 rep
    od -A x -t x1z rep
    od -b f
    od -d f
    od -i f
    od -t d1 bin
    od -t u2 f
    od -t o1 f
    od -t a bin
    od -t c -t x1 f
    od -tx1c f
    od -N 3 -c f
    od -j 2 -c f
    od -v -t x1 rep
    od -w8 -t x1 rep
    od -w -c f
    od nofile
    od d
    od -t z f
    od -A z f
    od -j 100 f
    od -N x f
    od -t x4 f
    od -t x8 f
    od -s f
    od -l f
    od f n
    od -t d8 bin
    od e
    od -j 1K f
    od -x f n
    od -h f
    od -c -A d f
    od -z
    od -to2 f
    od -tx1 -w3 f

    od -tcx2 f
    od -tx1z f
    od -tx2z -tc -w8 f

    cmp f f
    cmp f n
    cmp f dup
    cmp f e
    cmp -l dup n
    cmp -s f n
    cmp -b f n
    cmp f
    cmp
    cmp f nofile
    cmp f d
    cmp -n 2 f n
    cmp f n 1
    cmp f n 2 2
    cmp -i 2 f n
    cmp -x
    cmp -l two\ words f
    cmp f n x
    cmp a b c d e
    cmp -n x f n
    cmp -lb dup n
    cmp -s f nofile
    cmp fa fb
    cmp fb fa
    cmp -l fa fb

    diff fa fb
    diff -u fa fb
    diff p q
    diff -u p q
    diff p r
    diff -u p r
    diff r p
    diff p s
    diff p e
    diff -u p e
    diff -u e p
    diff p p
    diff -s p p
    diff -q p q
    diff A B
    diff -r A B
    diff -ru A B
    diff -rq A B
    diff -rN A B
    diff p A
    diff A p
    diff p nofile
    diff nofile1 nofile2
    diff
    diff p
    diff p q r
    diff --foo
    diff -a bin f
    diff bin f
    diff -q bin f
    diff -U1 p q
    diff -U x p q
    diff -N p nofile
    diff -i p q
    diff -ui p q
    diff n1 n2
    diff -u n1 n2
    diff -w n1 n2
    diff -b 'two words' f
    diff --label L1 --label L2 -u p q

    diff -rs A B
    diff -u0 p q
    diff --brief p q
    diff -u1 -r p q
    diff A/ B/x
    diff -r A nofile
    diff f dup
    diff -u f dup
    diff words f
    diff -u long p
    diff -u crlf p
"""


@pytest.mark.parametrize("paragraph", paragraphs(COMMANDS), ids=title)
def test_a_program_does_what_the_real_one_does(paragraph):
    assert_all_same(paragraph)
