#!/bin/sh
# Makes a Debian trixie userland with Docker 26.1 and buildx in it, for engines of the session: trixie.sh FOLDER [MIRROR]
set -eu
[ -e "$1/usr/bin/dockerd" ] || [ -e "$1/usr/sbin/dockerd" ] && exit 0
packages=docker.io,docker-cli,docker-buildx,iptables,ca-certificates,procps
exec debootstrap --variant=minbase --include=$packages trixie "$@"
