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

void LengthHere::write() const {
  const std::size_t size = out_.size() - begin_;
  if (size < 0x80) {
    out_[begin_ - 1] = static_cast<char>(size);
    return;
  }
  std::string length;
  put_varint(length, size);
  out_.replace(begin_ - 1, 1, length);
}

namespace {

class BareOut {
 public:
  explicit BareOut(std::string& out) : out_(out, &default_bytes<model::Allocation>()) {}
  template <class T>
  void operator()(int number, std::string_view name, T& member) {
    if constexpr (std::is_same_v<T, std::shared_ptr<const model::AllocMetric>>) {
      std::shared_ptr<const model::AllocMetric> none;
      out_(number, name, none);
    } else {
      out_(number, name, member);
    }
  }
  template <class T>
  void operator()(int number, std::string_view name, T& member, model::OmitEmpty) {
    (*this)(number, name, member);
  }
  void unknown(const base::Unknown& unknown) { out_.unknown(unknown); }

 private:
  BinaryOut out_;
};

}  // namespace

void encode_bare(std::string& out, const model::Allocation& alloc) {
  BareOut bare(out);
  fields(bare, const_cast<model::Allocation&>(alloc));  // this visitor only reads
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
