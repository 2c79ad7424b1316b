// SPDX-License-Identifier: Apache-2.0
#include "wire/command.hpp"

#include <fmt/core.h>

namespace caravan::wire {
namespace {

template <std::size_t Kind = 0>
base::Result<AnyCommand> decode_body(std::uint64_t kind, std::string_view bytes,
                                     const JobSource* jobs) {
  if constexpr (Kind == std::variant_size_v<AnyCommand>) {
    return base::fail(base::Code::unsupported,
                      fmt::format("command {} is from a newer version", kind));
  } else {
    if (kind != Kind) return decode_body<Kind + 1>(kind, bytes, jobs);
    using Body = std::variant_alternative_t<Kind, AnyCommand>;
    TRY(Body body, decode<Body>(bytes, jobs));
    return body;
  }
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
  return command ? std::get<ApplyOnce>(std::move(command->body)).command : std::string();
}

std::string encode_command(const Command& command) {
  std::string bytes;
  put_varint(bytes, command.body.index());
  put_varint(bytes, zigzag(command.time_ns));
  std::visit([&](const auto& body) { bytes += encode(body); }, command.body);
  return bytes;
}

base::Result<Command> decode_command(std::string_view bytes, const JobSource* jobs) {
  std::uint64_t kind = 0, time = 0;
  if (!take_varint(bytes, kind) || !take_varint(bytes, time))
    return base::invalid("the command is damaged");
  Command command;
  command.time_ns = unzigzag(time);
  TRY(command.body, decode_body(kind, bytes, jobs));
  return command;
}

}  // namespace caravan::wire
