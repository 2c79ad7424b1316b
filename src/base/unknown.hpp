// SPDX-License-Identifier: Apache-2.0
// Fields that a newer version wrote and this one does not know. They are kept as encoded bytes and
// written out again, so that an older server in a mixed cluster never erases what a newer one said.
#pragma once

#include <memory>
#include <string>

namespace caravan::base {

/// One pointer wide, because every noun carries one and nearly all are empty.
class Unknown {
 public:
  Unknown() = default;
  Unknown(const Unknown& other) : bytes_(copy(other)) {}
  Unknown& operator=(const Unknown& other) {
    bytes_ = copy(other);
    return *this;
  }
  Unknown(Unknown&&) = default;
  Unknown& operator=(Unknown&&) = default;

  const std::string& bytes() const {
    static const std::string none;
    return bytes_ ? *bytes_ : none;
  }
  void append(std::string_view bytes) {
    if (!bytes_) bytes_ = std::make_unique<std::string>();
    bytes_->append(bytes);
  }
  friend bool operator==(const Unknown& a, const Unknown& b) { return a.bytes() == b.bytes(); }

 private:
  static std::unique_ptr<std::string> copy(const Unknown& other) {
    return other.bytes_ ? std::make_unique<std::string>(*other.bytes_) : nullptr;
  }
  std::unique_ptr<std::string> bytes_;
};

}  // namespace caravan::base
