// SPDX-License-Identifier: Apache-2.0
// Any bytes as an engine's log stream, whole and in pieces: the records are the same. The same
// bytes as a config block, an image's name, a position and an engine's answer.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "driver/docker/container.hpp"
#include "driver/docker/image.hpp"
#include "driver/docker/log_records.hpp"
#include "driver/docker/registry_auth.hpp"
#include "driver/docker/usage.hpp"
#include "json/reader.hpp"

namespace {

using namespace caravan::driver::docker;

std::string records(std::string_view bytes, std::size_t piece, bool tty) {
  LogRecords stream(tty);
  LogChoice choice;
  LogPosition position;
  std::string written;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    stream.feed(bytes.substr(at, piece));
    while (true) {
      const auto record = stream.next();
      if (!record) return written;
      if (!*record) break;
      if (choice.take(**record, position)) written += (*record)->bytes;
    }
  }
  return written;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const bool tty : {false, true})
    if (records(text, size + 1, tty) != records(text, 3, tty)) std::abort();
  (void)parse_image(text).registry();
  (void)cgroup_paths(text);
  if (const auto position = LogPosition::parse(text))
    if (LogPosition::parse(position->to_text()) != position) std::abort();
  const auto value = caravan::json::parse(text);
  if (!value) return 0;
  (void)parse_inspection(*value);
  (void)find_registry(*value, "docker.io");
  if (value->as_object()) (void)read_config(*value->as_object());
  std::vector<std::string> ignored;
  (void)read_options(*value, ignored);
  return 0;
}
