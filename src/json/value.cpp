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
std::size_t Object::size() const { return members_.size(); }
const Member* Object::begin() const { return members_.data(); }
const Member* Object::end() const { return members_.data() + members_.size(); }
Member* Object::begin() { return members_.data(); }
Member* Object::end() { return members_.data() + members_.size(); }

Object::Object(std::initializer_list<Member> members) {
  for (const Member& member : members) (*this)[member.name] = member.value;
}

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.name == name) return &member.value;
  return nullptr;
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
    data_ = static_cast<double>(n);
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

std::string_view Value::kind() const {
  static constexpr std::string_view names[] = {"null",     "a bool",   "a number", "a number",
                                               "a string", "an array", "an object"};
  return names[data_.index()];
}

}  // namespace caravan::json
