// SPDX-License-Identifier: Apache-2.0
#include "fetch/request.hpp"

#include <charconv>
#include <concepts>

namespace caravan::fetch {
namespace {

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void operator()(std::string_view name, const std::string& value) { put(name, value); }
  void operator()(std::string_view name, std::integral auto value) {
    put(name, std::to_string(value));
  }
  void operator()(std::string_view name, const std::vector<std::string>& values) {
    for (const std::string& value : values)
      put(name, value);
  }
  void operator()(std::string_view name, const std::map<std::string, std::string>& values) {
    for (const auto& [key, value] : values)
      put(name, key + "=" + value);
  }

 private:
  void put(std::string_view name, std::string_view value) {
    out_.append(name).push_back('\0');
    out_.append(value).push_back('\0');
  }
  std::string& out_;
};

/// Gives one pair to the member of its name.
class Reader {
 public:
  Reader(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  void operator()(std::string_view name, std::string& into) {
    if (is(name)) into = value_;
  }
  template <std::integral T>
  void operator()(std::string_view name, T& into) {
    if (!is(name)) return;
    std::int64_t number = 0;
    const auto read = std::from_chars(value_.data(), value_.data() + value_.size(), number);
    well = read.ec == std::errc() && read.ptr == value_.data() + value_.size();
    into = static_cast<T>(number);
  }
  void operator()(std::string_view name, std::vector<std::string>& into) {
    if (is(name)) into.emplace_back(value_);
  }
  void operator()(std::string_view name, std::map<std::string, std::string>& into) {
    if (!is(name)) return;
    const std::size_t equals = value_.find('=');
    well = equals != std::string_view::npos;
    if (well) into[std::string(value_.substr(0, equals))] = value_.substr(equals + 1);
  }
  bool well = false;

 private:
  bool is(std::string_view name) {
    well = well || name == name_;
    return name == name_;
  }
  std::string_view name_, value_;
};

/// Takes what stands before the next NUL.
bool take(std::string_view& bytes, std::string_view& part) {
  const std::size_t end = bytes.find('\0');
  if (end == std::string_view::npos) return false;
  part = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string encode(const Request& request) {
  std::string out;
  members(request, Writer(out));
  return out;
}

bool decode(std::string_view bytes, Request& request) {
  request = {};
  while (!bytes.empty()) {
    std::string_view name, value;
    if (!take(bytes, name) || !take(bytes, value)) return false;
    Reader reader(name, value);
    members(request, reader);
    if (!reader.well) return false;
  }
  return !request.url.empty() && request.root.starts_with('/') && !request.staging.empty();
}

}  // namespace caravan::fetch
