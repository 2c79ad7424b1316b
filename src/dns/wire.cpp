// SPDX-License-Identifier: Apache-2.0
#include "dns/wire.hpp"

#include "io/task.hpp"

namespace caravan::dns {
namespace {

constexpr std::size_t header_bytes = 12;

io::Task<bool> read_all(io::Stream& stream, std::span<char> into) {
  while (!into.empty()) {
    const base::Result<std::size_t> n = co_await stream.read_some(into);
    if (!n || *n == 0) co_return false;
    into = into.subspan(*n);
  }
  co_return true;
}

unsigned byte_at(const std::string& packet, std::size_t at) {
  return at < packet.size() ? static_cast<unsigned char>(packet[at]) : 0;
}

}  // namespace

io::Task<std::string> read_packet(io::Stream& stream) {
  char head[2];
  if (!co_await read_all(stream, head)) co_return "";
  const auto size = static_cast<std::size_t>((static_cast<unsigned char>(head[0]) << 8) |
                                             static_cast<unsigned char>(head[1]));
  std::string packet(size, '\0');
  if (!co_await read_all(stream, packet)) co_return "";
  co_return packet;
}

io::Task<base::Status> write_packet(io::Stream& stream, std::string packet) {
  const std::string head{static_cast<char>(packet.size() >> 8),
                         static_cast<char>(packet.size() & 255)};
  packet.insert(0, head);
  co_return co_await stream.write(packet);
}

std::string with_id(std::string packet, std::uint16_t id) {
  if (packet.size() < 2) return packet;
  packet[0] = static_cast<char>(id >> 8);
  packet[1] = static_cast<char>(id & 255);
  return packet;
}

std::string type_name(Type type) {
  constexpr std::pair<Type, const char*> names[] = {
      {Type::a, "A"},       {Type::ns, "NS"},   {Type::cname, "CNAME"},
      {Type::soa, "SOA"},   {Type::ptr, "PTR"}, {Type::txt, "TXT"},
      {Type::aaaa, "AAAA"}, {Type::srv, "SRV"}, {Type::any, "ANY"}};
  for (const auto& [known, name] : names)
    if (known == type) return name;
  return "TYPE" + std::to_string(static_cast<int>(type));
}

int code_of(const std::string& packet) { return static_cast<int>(byte_at(packet, 3) & 15); }

std::string flags_of(const std::string& packet) {
  if (packet.size() < header_bytes) return "";
  const unsigned first = byte_at(packet, 2), second = byte_at(packet, 3);
  std::string flags;
  const auto add = [&](bool is_set, const char* name) {
    if (is_set) flags += flags.empty() ? name : std::string(",") + name;
  };
  add(first & 0x80, "qr");
  add(first & 0x04, "aa");
  add(first & 0x02, "tc");
  add(first & 0x01, "rd");
  add(second & 0x80, "ra");
  add(second & 0x20, "ad");
  add(second & 0x10, "cd");
  return flags;
}

}  // namespace caravan::dns
