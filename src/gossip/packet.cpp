// SPDX-License-Identifier: Apache-2.0
#include "gossip/packet.hpp"

#include <fmt/core.h>

namespace caravan::gossip {
namespace {

// A claim: about 8, incarnation 8, accuser 8, status 1 (with card_bit), then the card if there is
// one: length of the host 1, host, port 2, length of the data 2, data. All numbers little-endian.
constexpr std::uint8_t card_bit = 0x80;
constexpr std::size_t claim_bytes = 25, card_bytes = 5;
/// Larger ones are nobody's clock; refused, so that a refutation can always go higher.
constexpr std::uint64_t incarnation_max = std::uint64_t{1} << 62;

template <class T>
void put(std::string& out, T number) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i)));
}

void put_address(std::string& out, const io::Address& address) {
  put(out, static_cast<std::uint8_t>(address.host.size()));
  out += address.host;
  put(out, address.port);
}

void put_claim(std::string& out, const Claim& claim) {
  put(out, claim.about);
  put(out, claim.incarnation);
  put(out, claim.accuser);
  const auto status = static_cast<std::uint8_t>(claim.status);
  put(out, static_cast<std::uint8_t>(status | (claim.card ? card_bit : 0)));
  if (!claim.card) return;
  put_address(out, claim.card->address);
  put(out, static_cast<std::uint16_t>(claim.card->data.size()));
  out += claim.card->data;
}

/// Takes bytes off the front. Once something was missing all further reads give nothing, and `ok`
/// says so.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
    return static_cast<T>(value);
  }
  std::string_view take(std::size_t count) {
    if (!ok || count > rest_.size()) {
      ok = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  io::Address address() {
    const auto size = number<std::uint8_t>();
    const std::string_view host = take(size);
    io::Address address{std::string(host), 0, false};
    address.port = number<std::uint16_t>();
    return address;
  }
  bool at_end() const { return rest_.empty(); }

  bool ok = true;

 private:
  std::string_view rest_;
};

Claim read_claim(Reader& reader) {
  Claim claim;
  claim.about = reader.number<MemberId>();
  claim.incarnation = reader.number<std::uint64_t>();
  claim.accuser = reader.number<MemberId>();
  const auto status = reader.number<std::uint8_t>();
  const std::uint8_t plain = status & static_cast<std::uint8_t>(~card_bit);
  if (plain > static_cast<std::uint8_t>(Status::left) || claim.about == 0 ||
      claim.incarnation > incarnation_max)
    reader.ok = false;
  claim.status = static_cast<Status>(plain);
  if (!(status & card_bit)) return claim;
  Card card;
  card.id = claim.about;
  card.address = reader.address();
  const auto size = reader.number<std::uint16_t>();
  if (size > card_data_bytes_max || card.address.host.empty() || card.address.port == 0)
    reader.ok = false;
  card.data = std::string(reader.take(size));
  if (reader.ok) claim.card = std::make_shared<const Card>(std::move(card));
  return claim;
}

constexpr const char* damaged = "a gossip message is damaged";

base::Status read_head(Reader& reader) {
  const auto version = reader.number<std::uint8_t>();
  if (reader.ok && version != packet_version)
    return base::invalid(fmt::format("a gossip message has version {}, this agent speaks {}",
                                     version, packet_version));
  (void)reader.number<std::uint32_t>();  // the sender's label
  if (!reader.ok) return base::invalid(damaged);
  return {};
}

}  // namespace

std::string_view to_string(Status status) {
  switch (status) {
    case Status::alive:
      return "alive";
    case Status::suspect:
      return "suspect";
    case Status::failed:
      return "failed";
    case Status::left:
      return "left";
  }
  return "";
}

std::size_t encoded_size(const Claim& claim) {
  if (!claim.card) return claim_bytes;
  return claim_bytes + card_bytes + claim.card->address.host.size() + claim.card->data.size();
}

std::string encode(const Packet& packet, std::uint32_t label) {
  std::string out;
  put(out, packet_version);
  put(out, label);
  put(out, static_cast<std::uint8_t>(packet.kind));
  put(out, packet.nonce);
  put(out, packet.from);
  put(out, packet.to);
  if (packet.kind == Kind::relay) put(out, packet.third);
  put(out, static_cast<std::uint8_t>(packet.claims.size()));
  for (const Claim& claim : packet.claims)
    put_claim(out, claim);
  return out;
}

base::Result<Packet> decode_packet(std::string_view bytes) {
  Reader reader(bytes);
  TRY_VOID(read_head(reader));
  Packet packet;
  const auto kind = reader.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(Kind::nack)) reader.ok = false;
  packet.kind = static_cast<Kind>(kind);
  packet.nonce = reader.number<std::uint64_t>();
  packet.from = reader.number<MemberId>();
  packet.to = reader.number<MemberId>();
  if (packet.from == 0) reader.ok = false;
  if (packet.kind == Kind::relay) packet.third = reader.number<MemberId>();
  const auto count = reader.number<std::uint8_t>();
  if (count > claims_max) reader.ok = false;
  for (int i = 0; i < count && reader.ok; ++i)
    packet.claims.push_back(read_claim(reader));
  if (!reader.ok || !reader.at_end()) return base::invalid(damaged);
  return packet;
}

std::string encode_table(MemberId from, const std::vector<Claim>& claims, std::uint32_t label) {
  std::string out;
  put(out, packet_version);
  put(out, label);
  put(out, from);
  put(out, static_cast<std::uint32_t>(claims.size()));
  for (const Claim& claim : claims)
    put_claim(out, claim);
  return out;
}

base::Result<Table> decode_table(std::string_view bytes) {
  Reader reader(bytes);
  TRY_VOID(read_head(reader));
  Table table;
  table.from = reader.number<MemberId>();
  const auto count = reader.number<std::uint32_t>();
  if (table.from == 0 || count > table_members_max) reader.ok = false;
  for (std::uint32_t i = 0; i < count && reader.ok; ++i)
    table.claims.push_back(read_claim(reader));
  if (!reader.ok || !reader.at_end()) return base::invalid(damaged);
  return table;
}

}  // namespace caravan::gossip
