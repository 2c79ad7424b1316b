// SPDX-License-Identifier: Apache-2.0
#include "consensus/archive.hpp"

#include <fmt/core.h>

#include "base/gzip.hpp"
#include "base/text.hpp"
#include "consensus/tar.hpp"
#include "crypto/digest.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::consensus {
namespace {

constexpr const char* meta_file = "meta.json";
constexpr const char* state_file = "state.bin";
constexpr const char* key_file = "key-encryption-key";
constexpr const char* sums_file = "SHA256SUMS";
constexpr std::uint64_t version = 1;
constexpr std::string_view maker = "caravan";

/// What `sha256sum` writes of the files.
std::string sums_of(const Files& files) {
  std::string sums;
  for (const auto& [name, content] : files)
    if (name != sums_file)
      sums += fmt::format("{}  {}\n", base::to_hex(crypto::sha256(content)), name);
  return sums;
}

/// Of meta.json; 0 for anything that is none.
std::uint64_t whole(const json::Value& value) {
  const std::int64_t* number = value.as_int();
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

}  // namespace

std::string archive_id(const Archive& archive) {
  return fmt::format("{}-{}-{}", archive.term, archive.index, archive.time_ms);
}

std::string encode_archive(const Archive& archive) {
  Files files;
  files[meta_file] =
      json::to_pretty(json::Object{{"Version", static_cast<std::int64_t>(version)},
                                   {"Maker", std::string(maker)},
                                   {"ID", archive_id(archive)},
                                   {"Index", static_cast<std::int64_t>(archive.index)},
                                   {"Term", static_cast<std::int64_t>(archive.term)},
                                   {"Time", archive.time_ms},
                                   {"Size", static_cast<std::int64_t>(archive.state.size())}}) +
      "\n";
  files[state_file] = archive.state;
  if (!archive.key.empty()) files[key_file] = base::base64_encode(archive.key) + "\n";
  files[sums_file] = sums_of(files);
  return base::gzip(to_tar(files, archive.time_ms / 1000));
}

base::Result<Archive> decode_archive(std::string_view bytes) {
  constexpr std::string_view gzip_magic = "\x1f\x8b";
  if (!bytes.starts_with(gzip_magic))
    return base::invalid("failed to decompress snapshot: gzip: invalid header");
  const base::Result<std::string> tar = base::gunzip(bytes, archive_bytes_max);
  if (!tar)
    return base::fail(tar.error().code, "failed to decompress snapshot: " + tar.error().message);
  TRY(Files files, from_tar(*tar));
  for (const char* name : {meta_file, state_file, sums_file})
    if (!files.contains(name)) return base::invalid(fmt::format("the snapshot has no {}", name));
  if (files[sums_file] != sums_of(files))
    return base::invalid("the snapshot is damaged: SHA256SUMS do not fit its files");
  TRY(const json::Value meta, json::parse(files[meta_file]));
  const std::string* made_by = meta.at("Maker").as_string();
  if (!made_by || *made_by != maker)
    return base::invalid("this snapshot was not made by Caravan; those of others cannot be read");
  if (whole(meta.at("Version")) > version)
    return base::fail(base::Code::unsupported, "this snapshot is from a newer version");
  Archive archive;
  archive.index = whole(meta.at("Index"));
  archive.term = whole(meta.at("Term"));
  archive.time_ms = static_cast<std::int64_t>(whole(meta.at("Time")));
  archive.state = std::move(files[state_file]);
  if (const auto key = files.find(key_file); key != files.end()) {
    TRY(archive.key, base::base64_decode(base::trim(key->second)));
  }
  return archive;
}

}  // namespace caravan::consensus
