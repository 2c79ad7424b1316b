// SPDX-License-Identifier: Apache-2.0
#include "json/value.hpp"

#include <algorithm>
#include <limits>

namespace caravan::json {

Object::Object() = default;
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;
Value::Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

std::size_t Object::size() const { return members_.size(); }
const Member* Object::begin() const { return members_.data(); }
const Member* Object::end() const { return members_.data() + members_.size(); }
Member* Object::begin() { return members_.data(); }
Member* Object::end() { return members_.data() + members_.size(); }

Object::Object(std::initializer_list<Member> members) {
  for (const Member& member : members)
    (*this)[member.name] = member.value;
}

Object::Object(std::vector<Member> members) : members_(std::move(members)) {
  std::vector<std::size_t> order(members_.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair<const std::string&, std::size_t>(members_[a].name, a) <
           std::pair<const std::string&, std::size_t>(members_[b].name, b);
  });
  std::vector<bool> gone(members_.size());
  bool any = false;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    if (members_[order[i]].name != members_[order[i + 1]].name) continue;
    // The first place keeps the last value, as an assignment would.
    std::size_t last = i + 1;
    while (last + 1 < order.size() && members_[order[last + 1]].name == members_[order[i]].name)
      ++last;
    members_[order[i]].value = std::move(members_[order[last]].value);
    for (std::size_t j = i + 1; j <= last; ++j)
      gone[order[j]] = true;
    any = true;
    i = last;
  }
  if (!any) return;
  std::vector<Member> kept;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (!gone[i]) kept.push_back(std::move(members_[i]));
  members_ = std::move(kept);
}

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.name == name) return &member.value;
  return nullptr;
}

std::string Object::text_at(std::string_view name) const {
  const Value* value = find(name);
  const std::string* text = value ? value->as_string() : nullptr;
  return text ? *text : "";
}

Value* Object::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Object::operator[](std::string_view name) {
  if (Value* found = find(name)) return *found;
  return members_.emplace_back(std::string(name), Value()).value;
}

void Object::erase(std::string_view name) {
  std::erase_if(members_, [&](const Member& member) { return member.name == name; });
}

Value::Value(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    data_ = static_cast<std::int64_t>(n);
  else
    data_ = Large{n, static_cast<double>(n)};
}

std::optional<std::uint64_t> Value::as_unsigned() const {
  if (const Large* large = std::get_if<Large>(&data_)) return large->exact;
  const std::int64_t* n = as_int();
  if (!n || *n < 0) return {};
  return static_cast<std::uint64_t>(*n);
}

double Value::number() const {
  if (const std::int64_t* n = as_int()) return static_cast<double>(*n);
  const double* d = as_double();
  return d ? *d : 0;
}

const Value& Value::at(std::string_view name) const {
  static const Value none;
  const Object* object = as_object();
  const Value* found = object ? object->find(name) : nullptr;
  return found ? *found : none;
}
std::string Value::text_at(std::string_view name) const {
  const std::string* text = at(name).as_string();
  return text ? *text : "";
}

std::string_view Value::kind() const {
  static constexpr std::string_view names[] = {"null",     "a bool",   "a number",  "a number",
                                               "a string", "an array", "an object", "a number"};
  return names[data_.index()];
}

}  // namespace caravan::json
