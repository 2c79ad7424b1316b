// SPDX-License-Identifier: Apache-2.0
// Any bytes as a gossip packet, opened and heard by a core that knows somebody; and as a table and
// a key ring file. What is read survives being written again, and no answer is larger than a
// packet.
#include <cstdint>
#include <cstdlib>

#include "gossip/core.hpp"
#include "gossip/key_ring.hpp"
#include "io/datagrams.hpp"

namespace {

using namespace caravan;
using namespace std::chrono_literals;

constexpr std::uint32_t label = 7;

gossip::Core make_core() {
  gossip::Card self{1, {"10.0.0.1", 4648, false}, "self"};
  return gossip::Core({{}, std::move(self), 5, 1}, 0ns);
}

void must(bool holds) {
  if (!holds) std::abort();
}

/// Of something that was decoded: behind the version, little-endian.
std::uint32_t label_of(std::string_view bytes) {
  std::uint32_t found = 0;
  for (int i = 0; i < 4; ++i)
    found |= std::uint32_t{static_cast<std::uint8_t>(bytes[1 + i])} << (8 * i);
  return found;
}

void check(const gossip::Output& out) {
  for (const gossip::Output::Send& send : out.packets) {
    const std::string bytes = encode(send.packet, label);
    must(bytes.size() + gossip::seal_bytes <= io::datagram_bytes_max);
    must(gossip::decode_packet(bytes).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const gossip::KeyRing plain;
  static const gossip::KeyRing ring = gossip::KeyRing::of({"MDEyMzQ1Njc4OWFiY2RlZg=="}).value();
  (void)ring.open(bytes, "");
  (void)gossip::KeyRing::parse(bytes);
  gossip::Core core = make_core();
  if (const auto table = gossip::decode_table(bytes)) {
    must(encode_table(table->from, table->claims, label_of(bytes)) == bytes);
    check(core.merge(1s, table->claims));
  }
  const auto opened = plain.open(bytes, "");
  const std::string_view said = opened ? std::string_view(*opened) : bytes;
  const auto packet = gossip::decode_packet(said);
  if (!packet) return 0;
  must(encode(*packet, label_of(said)) == said);
  check(core.receive(1s, {"10.0.0.2", 4648, false}, *packet));
  check(core.receive(2s, {"10.0.0.2", 4648, false}, *packet));
  for (base::Duration now = 2s; now < 12s; now += 50ms)
    check(core.tick(now));
  return 0;
}
