#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The libraries of another architecture in a folder: tools/sysroot.sh ARCH FOLDER
# They come from this machine's own package sources and never touch its packages: several of them
# cannot be installed for two architectures at a time.
set -euo pipefail
arch=$1 folder=$2
packages=(libc6-dev libgcc-12-dev libstdc++-12-dev libfmt-dev libre2-dev libsimdjson-dev libssl-dev
  libyaml-cpp-dev libcrypt-dev zlib1g-dev libgtest-dev libboost1.81-dev libcurl4-openssl-dev
  libarchive-dev libldns-dev)

# Debian's own compiler wants Debian's library for the other side; rustup brings its own.
[ "$(rustc --print sysroot)" = /usr ] && packages+=(libstd-rust-web-dev)

[ "$(cat "$folder/.complete" 2>/dev/null)" = "${packages[*]}" ] && exit 0
mkdir -p "$folder" "$folder.apt/"{lists/partial,cache/archives/partial}
: >"$folder.apt/status"
of_arch=(-o "APT::Architecture=$arch" -o "APT::Architectures=$arch"
  -o "Dir::State::lists=$PWD/$folder.apt/lists" -o "Dir::State::status=$PWD/$folder.apt/status"
  -o "Dir::Cache=$PWD/$folder.apt/cache" -o "APT::Sandbox::User=root" -o "Debug::NoLocking=1")
apt-get "${of_arch[@]}" update -qq
apt-get "${of_arch[@]}" install -y -qq --no-install-recommends --download-only "${packages[@]}" >/dev/null
for package in "$folder".apt/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$folder"
done
rm -rf "$folder.apt"
echo "${packages[*]}" >"$folder/.complete"
