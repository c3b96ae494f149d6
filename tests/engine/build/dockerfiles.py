"""Dockerfiles for tests: those that docker refuses, with its words, and some in the manner of official images."""

LINE_2 = "dockerfile parse error line 2: "
# the words of docker 20.10, which test_against_dockerd.py holds against it
BAD = [
    ("", "the Dockerfile (Dockerfile) cannot be empty"),
    ("# only\n", "file with no instructions"),
    ("RUN x\n", "no build stage in current context"),
    ("ARG x\nRUN y\n", "no build stage in current context"),
    ("FROM scratch\n\nRUM x\n", "dockerfile parse error line 3: unknown instruction: RUM"),
    ("FROM a b\n", "dockerfile parse error line 1: FROM requires either one or three arguments"),
    ("FROM\n", "dockerfile parse error line 1: FROM requires either one or three arguments"),
    (
        "FROM scratch as 1x\n",
        'dockerfile parse error line 1: invalid name for build stage: "1x", '
        "name can't start with a number or contain symbols",
    ),
    ("FROM --bad=1 scratch\n", "dockerfile parse error line 1: Unknown flag: bad"),
    ("# escape=x\nFROM scratch\n", "invalid escape token 'x' does not match ` or \\"),
    ("# escape=`\n# escape=`\nFROM scratch\n", "only one escape parser directive can be used"),
    *[
        ("FROM scratch\n" + line + "\n", message)
        for line, message in [
            (
                "COPY x",
                LINE_2 + "COPY requires at least two arguments, but only one was provided. "
                "Destination could not be determined",
            ),
            (
                'ADD ["a"]',
                LINE_2 + "ADD requires at least two arguments, but only one was provided. "
                "Destination could not be determined",
            ),
            ("COPY --form=a x y", LINE_2 + "Unknown flag: form"),
            ("COPY --from x y", LINE_2 + "Missing a value on flag: from"),
            ("COPY --chown=1 --chown=2 f2 /d", LINE_2 + "Duplicate flag specified: chown"),
            ("ENV a", "ENV must have two arguments"),
            ("ENV a=1 b", 'Syntax error - can\'t find = in "b". Must be of the form: name=value'),
            ("ENV a=${b?no b}", 'Syntax error - can\'t find = in "b}". Must be of the form: name=value'),
            ("ENV", LINE_2 + "ENV requires at least one argument"),
            ("ENV =1", LINE_2 + "ENV names can not be blank"),
            ("LABEL a", "LABEL must have two arguments"),
            ("LABEL", LINE_2 + "LABEL requires at least one argument"),
            ("ARG", LINE_2 + "ARG requires at least one argument"),
            ("ARG =x", LINE_2 + "ARG names can not be blank"),
            ("CMD [1]", "when using JSON array syntax, arrays must be comprised of strings only"),
            ("SHELL a b", LINE_2 + "SHELL requires the arguments to be in JSON form"),
            ("SHELL []", LINE_2 + "SHELL requires at least one argument"),
            ("HEALTHCHECK", LINE_2 + "HEALTHCHECK requires at least one argument"),
            ("HEALTHCHECK FOO a", LINE_2 + 'Unknown type "FOO" in HEALTHCHECK (try CMD)'),
            ("HEALTHCHECK CMD", LINE_2 + "Missing command after HEALTHCHECK CMD"),
            ("HEALTHCHECK NONE a", LINE_2 + "HEALTHCHECK NONE takes no arguments"),
            ("HEALTHCHECK --interval=x CMD a", LINE_2 + 'time: invalid duration "x"'),
            ("HEALTHCHECK --interval=5 CMD a", LINE_2 + 'time: missing unit in duration "5"'),
            ("HEALTHCHECK --interval=5y CMD a", LINE_2 + 'time: unknown unit "y" in duration "5y"'),
            ("HEALTHCHECK --interval=1us CMD a", LINE_2 + 'Interval "interval" cannot be less than 1ms'),
            ("HEALTHCHECK --retries=x CMD a", LINE_2 + 'strconv.ParseInt: parsing "x": invalid syntax'),
            ("HEALTHCHECK --bad=1 CMD x", LINE_2 + "Unknown flag: bad"),
            ("ONBUILD", LINE_2 + "ONBUILD requires at least one argument"),
            ("ONBUILD ONBUILD RUN x", LINE_2 + "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
            ("ONBUILD FROM x", LINE_2 + "FROM isn't allowed as an ONBUILD trigger"),
            ("WORKDIR", LINE_2 + "WORKDIR requires exactly one argument"),
            ("USER", LINE_2 + "USER requires exactly one argument"),
            ("STOPSIGNAL", LINE_2 + "STOPSIGNAL requires exactly one argument"),
            ("MAINTAINER", LINE_2 + "MAINTAINER requires exactly one argument"),
            ("EXPOSE", LINE_2 + "EXPOSE requires at least one argument"),
            ("VOLUME", LINE_2 + "VOLUME requires at least one argument"),
            ('VOLUME [""]', LINE_2 + "VOLUME specified can not be an empty string"),
        ]
    ],
]

INTERPRETER = r"""#
# NOTE: THIS FILE IS WRITTEN BY HAND, IN THE MANNER OF ONE THAT IS NOT
#

FROM debian:bookworm-slim

# the first one that is found counts
ENV PATH /usr/local/bin:$PATH

# cannot remove LANG even though it was the default long ago
ENV LANG C.UTF-8

RUN set -eux; \
	apt-get update; \
	apt-get install -y --no-install-recommends \
		ca-certificates \
# for time zones
		tzdata \
	; \
	rm -rf /var/lib/apt/lists/*

ENV GPG_KEY 0123456789ABCDEF
ENV TOOL_VERSION 3.12.1
ENV TOOL_SHA256 dfab0c43

RUN set -eux; \
	\
	savedAptMark="$(apt-mark showmanual)"; \
	wget -O tool.tar.xz "https://example.org/${TOOL_VERSION%%[a-z]*}/Tool-$TOOL_VERSION.tar.xz"; \
	echo "$TOOL_SHA256 *tool.tar.xz" | sha256sum -c -; \
	GNUPGHOME="$(mktemp -d)"; export GNUPGHOME; \
	nproc="$(nproc)"; \
	EXTRA_CFLAGS="$(dpkg-buildflags --get CFLAGS)"; \
	make -j "$nproc" \
		"EXTRA_CFLAGS=${EXTRA_CFLAGS:-}" \
		"LDFLAGS=${LDFLAGS:--Wl},-rpath='\$\$ORIGIN/../lib'" \
		tool \
	; \
	find /usr/local -depth \
		\( \
			\( -type d -a \( -name test -o -name tests -o -name idle_test \) \) \
			-o \( -type f -a \( -name '*.pyc' -o -name '*.pyo' -o -name 'lib*.a' \) \) \
		\) -exec rm -rf '{}' + \
	; \
	find /usr/local -type f -executable -not \( -name '*tkinter*' \) -exec ldd '{}' ';' \
		| awk '/=>/ { so = $(NF-1); if (index(so, "/usr/local/") == 1) { next }; print so }' \
		| sort -u \
	; \
	tool --version

# make some useful symlinks that are expected to exist ("/usr/local/bin/tool" and friends)
RUN set -eux; \
	for src in idle3 pip3 pydoc3; do \
		dst="$(echo "$src" | tr -d 3)"; \
		[ -s "/usr/local/bin/$src" ]; \
		ln -svT "$src" "/usr/local/bin/$dst"; \
	done

CMD ["tool"]
"""

DATABASE = r"""FROM alpine:3.20

RUN set -eux; \
	addgroup -g 70 -S db; \
	adduser -u 70 -S -D -G db -H -h /var/lib/db -s /bin/sh db; \
# also create the home directory, with the right owner
	install --verbose --directory --owner db --group db --mode 1777 /var/lib/db

ENV GOSU_VERSION 1.17
RUN set -eux; \
	\
	apkArch="$(apk --print-arch)"; \
	case "$apkArch" in \
		x86_64) arch='amd64' ;; \
		aarch64) arch='arm64' ;; \
		*) echo >&2 "error: unsupported: $apkArch"; exit 1 ;; \
	esac

RUN set -eux; ln -svf ../icu /usr/share/icu; localedef 2>/dev/null || :
ENV LANG en_US.utf8

RUN mkdir /docker-entrypoint-initdb.d

ENV DB_MAJOR 16
ENV DB_VERSION 16.1
ENV DOCKER_DB_LLVM_DEPS \
		llvm15-dev \
		clang15

RUN sed -i "s/^#\?listen_addresses = .*/listen_addresses = '*'/" /usr/share/db.conf.sample; \
	grep -F "listen_addresses = '*'" /usr/share/db.conf.sample

RUN install --verbose --directory --mode 3777 /var/run/db

ENV DBDATA /var/lib/db/data
# 1777: an arbitrary user can be used
RUN install --verbose --directory --owner db --group db --mode 1777 "$DBDATA"
VOLUME /var/lib/db/data

COPY docker-entrypoint.sh docker-ensure-initdb.sh /usr/local/bin/
RUN ln -sT docker-ensure-initdb.sh /usr/local/bin/docker-enforce-initdb.sh
ENTRYPOINT ["docker-entrypoint.sh"]

# We set the default STOPSIGNAL to SIGINT, which waits for nobody
#
# More on the other signals in the manual.
STOPSIGNAL SIGINT
#
# An additional setting that is recommended for all users regardless of this
# value is the runtime "--stop-timeout".

EXPOSE 5432
CMD ["db"]
"""

COMPILER = r"""# syntax=docker/dockerfile:1
ARG VERSION=1.22 BASE=bookworm
FROM --platform=$BUILDPLATFORM buildpack-deps:${BASE}-scm AS build

ENV PATH=/usr/local/go/bin:$PATH \
    GOTOOLCHAIN="local" \
    NOTE='single $quoted "inside"'

ARG VERSION TARGETOS
RUN --mount=type=cache,target=/root/.cache,sharing=locked \
    --mount=type=bind,source=go.mod,target=go.mod <<-'SCRIPT' sh -eux
	# a comment of the script
	url="https://example.org/go$VERSION.tar.gz"
	case "$url" in (*.gz) ;; esac
	SCRIPT
RUN <<EOF
#!/usr/bin/env bash
set -o pipefail
go build -o /out/app ./... | tee log
EOF

FROM scratch
COPY --from=build --chown=65534:65534 --chmod=0555 /out/app /app
COPY --link <<hosts <<"passwd" /etc/
127.0.0.1 localhost
hosts
root:x:0:0::/:$SHELL
passwd
WORKDIR $GOPATH
ONBUILD COPY --chown=1:1 . /src
HEALTHCHECK --interval=30s --timeout=3s --start-period=1m30s --retries=3 \
    CMD ["/app", "--healthy"]
USER 65534:65534
LABEL org.opencontainers.image.title="The \"app\"" \
      org.opencontainers.image.version=$VERSION maintainer=me
MAINTAINER Somebody <somebody@example.org>
ENTRYPOINT ["/app"]
"""

SERVER = r"""#escape=`
FROM alpine:3.20 AS base
LABEL maintainer="Maintainers <maint@example.org>"
ENV VERSION=1.27.0 `
    PKG_RELEASE=1
RUN set -x `
# create the user first
    && addgroup -g 101 -S web `
    && apkArch="$(cat /etc/apk/arch)" `
    && packages=" `
        web=${VERSION}-r${PKG_RELEASE} `
        web-module-xslt=${VERSION}-r${PKG_RELEASE} `
    " `

    && ln -sf /dev/stdout /var/log/access.log
SHELL ["/bin/ash", "-eo", "pipefail", "-c"]
COPY *.conf conf.d/
ADD ["files.tar.gz", "/srv/a folder/"]
EXPOSE 80 443/tcp 443/udp
STOPSIGNAL SIGQUIT
CMD ["web", "-g", "daemon off;"]
"""

OFFICIAL = {
    "an interpreter": (INTERPRETER, 1, "FROM ENV ENV RUN ENV ENV ENV RUN RUN CMD"),
    "a database": (
        DATABASE,
        1,
        "FROM RUN ENV RUN RUN ENV RUN ENV ENV ENV RUN RUN ENV RUN VOLUME COPY RUN ENTRYPOINT STOPSIGNAL EXPOSE CMD",
    ),
    "a compiler": (
        COMPILER,
        2,
        "ARG FROM ENV ARG RUN RUN FROM COPY COPY WORKDIR ONBUILD HEALTHCHECK USER LABEL MAINTAINER ENTRYPOINT",
    ),
    "a server": (SERVER, 1, "FROM LABEL ENV RUN SHELL COPY ADD EXPOSE STOPSIGNAL CMD"),
}
