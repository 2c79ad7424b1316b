// SPDX-License-Identifier: Apache-2.0
#include "wire/binary.hpp"

namespace caravan::wire {

void put_varint(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7)
    out += static_cast<char>(n | 0x80);
  out += static_cast<char>(n);
}

bool take_varint(std::string_view& in, std::uint64_t& n) {
  n = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(in.front());
    in.remove_prefix(1);
    n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void put_bytes(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out += bytes;
}

bool take_bytes(std::string_view& in, std::string_view& bytes) {
  std::uint64_t length = 0;
  if (!take_varint(in, length) || length > in.size()) return false;
  bytes = in.substr(0, length);
  in.remove_prefix(length);
  return true;
}

JobKey key_of(const model::Job& job) { return {job.ns, job.id, job.version, job.create_index}; }

void BinaryIn::advance() {
  has_field_ = false;
  if (rest_.empty()) return;
  const std::string_view before = rest_;
  if (!take_varint(rest_, number_) || !take_bytes(rest_, field_)) {
    failed_ = true;
    return;
  }
  raw_ = before.substr(0, before.size() - rest_.size());
  has_field_ = true;
}

}  // namespace caravan::wire
