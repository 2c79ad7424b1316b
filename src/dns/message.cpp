// SPDX-License-Identifier: Apache-2.0
#include "dns/message.hpp"

#include <algorithm>
#include <memory>

#include <ldns/ldns.h>

namespace caravan::dns {
namespace {

struct FreePacket {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};
struct FreeRecord {
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
};
struct FreeData {
  void operator()(ldns_rdf* data) const { ldns_rdf_deep_free(data); }
};
using Packet = std::unique_ptr<ldns_pkt, FreePacket>;
using OwnedRecord = std::unique_ptr<ldns_rr, FreeRecord>;
using Data = std::unique_ptr<ldns_rdf, FreeData>;

constexpr std::size_t header_bytes = 12;
constexpr std::size_t text_piece_max = 255;  // of a TXT record's string

Packet parse(std::string_view bytes) {
  ldns_pkt* packet = nullptr;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (ldns_wire2pkt(&packet, data, bytes.size()) != LDNS_STATUS_OK) return nullptr;
  return Packet(packet);
}

std::string text_of(const ldns_rdf* name) {
  char* text = ldns_rdf2str(name);
  std::string copy = text ? text : "";
  LDNS_FREE(text);
  return copy;
}

bool push(ldns_rr* record, ldns_rdf_type kind, const std::string& text) {
  Data data(ldns_rdf_new_frm_str(kind, text.c_str()));
  return data && ldns_rr_push_rdf(record, data.release());
}

bool push_number(ldns_rr* record, ldns_rdf_type kind, std::uint32_t number) {
  return push(record, kind, std::to_string(number));
}

bool push_text(ldns_rr* record, const std::string& text) {
  std::size_t begin = 0;
  do {
    const std::string piece = text.substr(begin, text_piece_max);
    std::string bytes(1, static_cast<char>(piece.size()));
    bytes += piece;
    Data data(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, bytes.size(), bytes.data()));
    if (!data || !ldns_rr_push_rdf(record, data.release())) return false;
    begin += text_piece_max;
  } while (begin < text.size());
  return true;
}

bool push_data(ldns_rr* to, const Record& record) {
  switch (record.type) {
    case Type::a:
      return push(to, LDNS_RDF_TYPE_A, record.data);
    case Type::aaaa:
      return push(to, LDNS_RDF_TYPE_AAAA, record.data);
    case Type::ns:
    case Type::cname:
    case Type::ptr:
      return push(to, LDNS_RDF_TYPE_DNAME, record.data);
    case Type::txt:
      return push_text(to, record.data);
    case Type::srv:
      return push_number(to, LDNS_RDF_TYPE_INT16, static_cast<std::uint32_t>(record.priority)) &&
             push_number(to, LDNS_RDF_TYPE_INT16, static_cast<std::uint32_t>(record.weight)) &&
             push_number(to, LDNS_RDF_TYPE_INT16, static_cast<std::uint32_t>(record.port)) &&
             push(to, LDNS_RDF_TYPE_DNAME, record.data);
    case Type::soa:
      return push(to, LDNS_RDF_TYPE_DNAME, "ns." + record.name) &&
             push(to, LDNS_RDF_TYPE_DNAME, "hostmaster." + record.name) &&
             push_number(to, LDNS_RDF_TYPE_INT32, record.serial) &&
             push_number(to, LDNS_RDF_TYPE_PERIOD, record.refresh) &&
             push_number(to, LDNS_RDF_TYPE_PERIOD, record.retry) &&
             push_number(to, LDNS_RDF_TYPE_PERIOD, record.expire) &&
             push_number(to, LDNS_RDF_TYPE_PERIOD, record.minimum);
    case Type::any:
      return false;
  }
  return false;
}

/// Null for what no packet can hold: a name with a label that is too long, most likely.
OwnedRecord to_ldns(const Record& record) {
  OwnedRecord made(ldns_rr_new());
  ldns_rdf* owner = ldns_dname_new_frm_str(record.name.c_str());
  if (!made || !owner) return nullptr;
  ldns_rr_set_owner(made.get(), owner);
  ldns_rr_set_class(made.get(), LDNS_RR_CLASS_IN);
  ldns_rr_set_type(made.get(), static_cast<ldns_rr_type>(record.type));
  ldns_rr_set_ttl(made.get(), record.ttl);
  return push_data(made.get(), record) ? std::move(made) : nullptr;
}

void add(ldns_pkt* packet, ldns_pkt_section section, const std::vector<Record>& records) {
  for (const Record& record : records)
    if (OwnedRecord made = to_ldns(record)) ldns_pkt_push_rr(packet, section, made.release());
}

void add_question(ldns_pkt* packet, const Question& question) {
  ldns_rr* asked = ldns_rr_new();
  ldns_rr_set_question(asked, true);
  ldns_rr_set_owner(asked, ldns_dname_new_frm_str(question.name.c_str()));
  ldns_rr_set_class(asked, LDNS_RR_CLASS_IN);
  ldns_rr_set_type(asked, static_cast<ldns_rr_type>(question.type));
  ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION, asked);
}

std::string bytes_of(const ldns_pkt* packet) {
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&bytes, packet, &size) != LDNS_STATUS_OK) return "";
  std::string written(reinterpret_cast<const char*>(bytes), size);
  LDNS_FREE(bytes);
  return written;
}

}  // namespace

std::optional<std::uint16_t> number_of(std::string_view packet) {
  if (packet.size() < header_bytes) return {};
  return static_cast<std::uint16_t>((static_cast<unsigned char>(packet[0]) << 8) |
                                    static_cast<unsigned char>(packet[1]));
}

std::optional<Question> plain_question(std::string_view packet) {
  constexpr std::size_t question_tail = 4, opt_bytes = 11;  // without the name; with it
  constexpr std::size_t name_max = 253;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(packet[at]); };
  const auto number = [&](std::size_t at) {
    return static_cast<std::uint16_t>(byte(at) << 8 | byte(at + 1));
  };
  const auto is_usual = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  if (packet.size() < header_bytes + 1 + question_tail || (byte(2) & 0xf8) != 0 ||
      number(4) != 1 || number(6) != 0 || number(8) != 0 || number(10) > 1)
    return {};
  Question question;
  std::size_t at = header_bytes;
  while (at < packet.size() && byte(at) != 0) {
    const std::string_view label = packet.substr(at + 1, byte(at));
    if (label.size() < byte(at) || label.size() > 63 || !std::ranges::all_of(label, is_usual))
      return {};
    question.name.append(label).push_back('.');
    at += 1 + label.size();
  }
  const bool has_edns = number(10) == 1;
  const std::size_t end = at + 1 + question_tail;
  if (question.name.empty() || question.name.size() > name_max ||
      packet.size() < end + (has_edns ? opt_bytes : 0) || number(at + 3) != LDNS_RR_CLASS_IN)
    return {};
  question.id = number(0);
  question.type = static_cast<Type>(number(at + 1));
  question.wants_recursion = (byte(2) & 1) != 0;
  if (!has_edns) return packet.size() == end ? std::optional(question) : std::nullopt;
  // The root's name, the type, the size of packets, no higher code, version 0, flags, options.
  if (byte(end) != 0 || number(end + 1) != LDNS_RR_TYPE_OPT || number(end + 5) != 0 ||
      packet.size() != end + opt_bytes + number(end + 9))
    return {};
  question.has_edns = true;
  question.udp_size = std::max<std::uint16_t>(number(end + 3), 512);
  question.wants_dnssec = (byte(end + 7) & 0x80) != 0;
  return question;
}

base::Result<Question> read_question(std::string_view bytes) {
  if (std::optional<Question> plain = plain_question(bytes)) return *std::move(plain);
  return unusual_question(bytes);
}

base::Result<Question> unusual_question(std::string_view bytes) {
  const Packet packet = parse(bytes);
  if (!packet || ldns_pkt_qr(packet.get()) || ldns_pkt_qdcount(packet.get()) != 1)
    return base::invalid("no message with one question");
  if (ldns_pkt_get_opcode(packet.get()) != LDNS_PACKET_QUERY)
    return base::fail(base::Code::unsupported, "no query");
  const ldns_rr* asked = ldns_rr_list_rr(ldns_pkt_question(packet.get()), 0);
  const ldns_rr_class of = ldns_rr_get_class(asked);
  if (of != LDNS_RR_CLASS_IN && of != LDNS_RR_CLASS_ANY)
    return base::invalid("no class that is here");
  Question question;
  question.id = ldns_pkt_id(packet.get());
  question.name = text_of(ldns_rr_owner(asked));
  question.type = static_cast<Type>(ldns_rr_get_type(asked));
  question.wants_recursion = ldns_pkt_rd(packet.get());
  question.has_edns = ldns_pkt_edns(packet.get());
  question.wants_dnssec = question.has_edns && ldns_pkt_edns_do(packet.get());
  if (question.has_edns)
    question.udp_size = std::max<std::uint16_t>(ldns_pkt_edns_udp_size(packet.get()), 512);
  return question;
}

std::string write_question(const Question& question) {
  Packet packet(ldns_pkt_new());
  ldns_pkt_set_id(packet.get(), question.id);
  ldns_pkt_set_rd(packet.get(), question.wants_recursion);
  add_question(packet.get(), question);
  return bytes_of(packet.get());
}

std::string write_reply(const Question& question, const Reply& reply) {
  Packet packet(ldns_pkt_new());
  ldns_pkt_set_id(packet.get(), question.id);
  ldns_pkt_set_qr(packet.get(), true);
  ldns_pkt_set_aa(packet.get(), reply.is_ours);
  ldns_pkt_set_tc(packet.get(), reply.is_truncated);
  ldns_pkt_set_rd(packet.get(), question.wants_recursion);
  ldns_pkt_set_ra(packet.get(), reply.can_recurse);
  ldns_pkt_set_rcode(packet.get(), static_cast<std::uint8_t>(reply.code));
  if (!question.name.empty()) add_question(packet.get(), question);
  add(packet.get(), LDNS_SECTION_ANSWER, reply.answers);
  add(packet.get(), LDNS_SECTION_AUTHORITY, reply.authority);
  add(packet.get(), LDNS_SECTION_ADDITIONAL, reply.additional);
  if (question.has_edns) {
    ldns_pkt_set_edns_udp_size(packet.get(), question.udp_size);
    ldns_pkt_set_edns_do(packet.get(), question.wants_dnssec);
  }
  return bytes_of(packet.get());
}

std::string write_within(const Question& question, Reply reply, std::size_t limit, bool tells) {
  std::string written = write_reply(question, reply);
  const bool is_cut = written.size() > limit;
  // Halves first: a service may have thousands of instances.
  while (written.size() > limit && !(reply.additional.empty() && reply.answers.empty())) {
    std::vector<Record>& shed = reply.additional.empty() ? reply.answers : reply.additional;
    const std::size_t whole = shed.size();
    const bool is_far = written.size() > 2 * limit;
    shed.resize(is_far ? whole / 2 : whole - 1);
    reply.is_truncated = tells && is_cut;
    written = write_reply(question, reply);
  }
  return written;
}

}  // namespace caravan::dns
