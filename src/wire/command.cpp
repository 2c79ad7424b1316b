// SPDX-License-Identifier: Apache-2.0
#include "wire/command.hpp"

#include <fmt/core.h>

namespace caravan::wire {
namespace {

template <class Body>
base::Result<AnyCommand> decode_one(std::string_view bytes, const JobSource* jobs) {
  TRY(Body body, decode<Body>(bytes, jobs));
  return body;
}

template <class... Bodies>
base::Result<AnyCommand> decode_body(std::uint64_t kind, std::string_view bytes,
                                     const JobSource* jobs, CommandList<Bodies...>) {
  using Decode = base::Result<AnyCommand> (*)(std::string_view, const JobSource*);
  static constexpr std::array<Decode, sizeof...(Bodies)> decoders = {decode_one<Bodies>...};
  if (kind < decoders.size()) return decoders[kind](bytes, jobs);
  return base::fail(base::Code::unsupported,
                    fmt::format("command {} is from a newer version", kind));
}

}  // namespace

std::optional<std::size_t> kind_of(std::string_view encoded) {
  std::uint64_t kind = 0;
  if (!take_varint(encoded, kind)) return {};
  return static_cast<std::size_t>(kind);
}

std::string carried(std::string_view encoded) {
  if (kind_of(encoded) != kind_of<ApplyOnce>()) return std::string(encoded);
  base::Result<Command> command = decode_command(encoded, nullptr);
  return command ? command->body.as<ApplyOnce>()->command : std::string();
}

std::string encode_command(const Command& command) {
  std::string bytes;
  put_varint(bytes, command.body.kind());
  put_varint(bytes, zigzag(command.time_ns));
  command.body.visit([&](const auto& body) { bytes += encode(body); });
  return bytes;
}

base::Result<Command> decode_command(std::string_view bytes, const JobSource* jobs) {
  std::uint64_t kind = 0, time = 0;
  if (!take_varint(bytes, kind) || !take_varint(bytes, time))
    return base::invalid("the command is damaged");
  TRY(AnyCommand body, decode_body(kind, bytes, jobs, Commands()));
  return Command{.time_ns = unzigzag(time), .body = std::move(body)};
}

}  // namespace caravan::wire
