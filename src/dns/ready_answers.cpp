// SPDX-License-Identifier: Apache-2.0
#include "dns/ready_answers.hpp"

#include <algorithm>

#include "dns/message.hpp"

namespace caravan::dns {
namespace {

// Beyond either, all are made anew.
constexpr std::size_t ready_max = 4096, ready_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t question_end = 5, count_at = 6, header_size = 12;
constexpr char truncated_bit = 0x02;

std::uint64_t access_index(const state::Tables& tables) {
  using state::Table;
  return std::max({tables.index_of(Table::acl_policies), tables.index_of(Table::acl_tokens),
                   tables.index_of(Table::acl_roles)});
}

}  // namespace

std::string ReadyAnswers::key_of(const Question& question) {
  std::string key = question.name;
  const auto add = [&](std::uint16_t number) {
    key += static_cast<char>(number >> 8);
    key += static_cast<char>(number & 255);
  };
  add(static_cast<std::uint16_t>(question.type));
  add(question.udp_size);
  key += static_cast<char>(question.wants_recursion | question.has_edns << 1 |
                           question.wants_dnssec << 2);
  return key;
}

std::optional<ReadyAnswers::Basis> ReadyAnswers::basis_of(const Question& question,
                                                          const std::string& prefix,
                                                          const state::Tables& tables) {
  const bool is_of_addresses = question.type == Type::a || question.type == Type::aaaa;
  if (!is_of_addresses || prefix.empty()) return {};
  return Basis{prefix, tables.index_of_prefix(prefix), access_index(tables)};
}

bool ReadyAnswers::keep(const Question& question, Basis basis, const state::Tables& tables,
                        const Reply& reply, Room room) {
  const auto is_plain = [&](const Record& each) {
    return each.type == question.type && each.name == question.name;
  };
  if (reply.code != Code::ok || reply.answers.empty() || !reply.authority.empty() ||
      !reply.additional.empty() || !std::ranges::all_of(reply.answers, is_plain))
    return false;
  // One packet without answers, and one with one, say what each of them is made of.
  Reply one = reply;
  one.answers.clear();
  const std::string empty = write_reply(question, one);
  const std::size_t end = empty.find('\0', header_size) + question_end;
  Ready ready{std::move(basis), tables.index, empty.substr(0, end), empty.substr(end), "", 0, 0};
  for (const Record& each : reply.answers) {
    one.answers = {each};
    const std::string written = write_reply(question, one);
    ready.record_bytes = written.size() - empty.size();
    ready.records += written.substr(end, ready.record_bytes);
  }
  const std::size_t left = room.bytes - std::min(room.bytes, empty.size());
  const std::size_t fitting = left / ready.record_bytes;
  ready.told = std::min({fitting, room.answers, reply.answers.size()});
  if (ready.told < reply.answers.size() && room.tells) ready.head[2] |= truncated_bit;
  ready.head[count_at] = static_cast<char>(ready.told >> 8);
  ready.head[count_at + 1] = static_cast<char>(ready.told & 255);
  if (ready.records.size() > ready_bytes_max) return false;
  if (ready_.size() == ready_max || bytes_ + ready.records.size() > ready_bytes_max) {
    ready_.clear();
    bytes_ = 0;
  }
  bytes_ += ready.records.size();
  ready_.insert_or_assign(key_of(question), std::move(ready));
  return true;
}

std::optional<std::string> ReadyAnswers::find(const Question& question,
                                              const state::Tables& tables, const Below& below) {
  const auto found = ready_.find(key_of(question));
  if (found == ready_.end()) return {};
  Ready& ready = found->second;
  if (ready.seen != tables.index) {
    if (tables.index_of_prefix(ready.basis.watched) != ready.basis.index ||
        access_index(tables) != ready.basis.access) {
      bytes_ -= ready.records.size();
      ready_.erase(found);
      return {};
    }
    ready.seen = tables.index;
  }
  const std::size_t size = ready.record_bytes, all = ready.records.size() / size;
  const auto at = [&](std::size_t i) {
    return ready.records.begin() + static_cast<std::ptrdiff_t>(i * size);
  };
  // The order that the last question left is as good to start from as any.
  for (std::size_t i = 0; i < ready.told && all > 1; ++i)
    if (const std::size_t other = i + below(all - i); other != i)
      std::swap_ranges(at(i), at(i + 1), at(other));
  std::string reply;
  reply.reserve(ready.head.size() + ready.told * size + ready.tail.size());
  reply.append(ready.head).append(ready.records, 0, ready.told * size).append(ready.tail);
  reply[0] = static_cast<char>(question.id >> 8);
  reply[1] = static_cast<char>(question.id & 255);
  return reply;
}

}  // namespace caravan::dns
