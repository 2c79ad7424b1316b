// SPDX-License-Identifier: Apache-2.0
// Questions and answers as values. Names end with a dot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace caravan::dns {

enum class Type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  txt = 16,
  aaaa = 28,
  srv = 33,
  any = 255
};
enum class Code : std::uint8_t {
  ok = 0,
  malformed = 1,
  failed = 2,
  no_such_name = 3,
  not_built = 4,
  refused = 5
};

struct Record {
  std::string name;
  Type type = Type::a;
  std::uint32_t ttl = 0;                   // seconds
  std::string data;                        // an address, a name, or a text
  int priority = 1, weight = 1, port = 0;  // of srv
  std::uint32_t serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0;  // of soa
  friend bool operator==(const Record&, const Record&) = default;
};

struct Question {
  std::uint16_t id = 0;
  std::string name;  // as it was asked, capitals included
  Type type = Type::a;
  bool wants_recursion = false;
  bool has_edns = false, wants_dnssec = false;
  std::uint16_t udp_size = 512;
  friend bool operator==(const Question&, const Question&) = default;
};

struct Reply {
  Code code = Code::ok;
  bool is_ours = true;  // the answer is authoritative
  bool can_recurse = false;
  bool is_truncated = false;
  std::vector<Record> answers, authority, additional;
};

}  // namespace caravan::dns
