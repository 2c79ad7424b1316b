// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "hcl/functions.hpp"
#include "hcl/limits.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

Result<Value> chunklist(const Arguments& a) {
  const std::int64_t size = a.integer(1);
  if (size < 0) return base::invalid("the size argument must be positive");
  const Value::List& list = a.list(0);
  const std::size_t step =
      size == 0 ? std::max<std::size_t>(list.size(), 1) : static_cast<std::size_t>(size);
  Value::List chunks;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = list.size() - at < step ? list.size() : at + step;
    chunks.push_back(Value::list(Value::List(list.begin() + static_cast<std::ptrdiff_t>(at),
                                             list.begin() + static_cast<std::ptrdiff_t>(end))));
    at = end;
  }
  return Value::list(std::move(chunks));
}

Result<Value> coalesce(const Arguments& a) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::string* text = a[i].as_string();
    if (!a[i].is_null() && !(text != nullptr && text->empty())) return a[i];
  }
  return base::invalid("no non-null, non-empty-string arguments");
}

Result<Value> coalescelist(const Arguments& a) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (const Value::List* list = a[i].as_list(); list != nullptr && !list->empty()) return a[i];
  return base::invalid("no non-null arguments");
}

Result<Value> compact(const Arguments& a) {
  Value::List kept;
  for (const Value& item : a.list(0)) {
    const std::string* text = item.as_string();
    if (!item.is_null() && !(text != nullptr && text->empty())) kept.push_back(item);
  }
  return Value::list(std::move(kept));
}

Result<Value> concat(const Arguments& a) {
  Value::List all;
  for (std::size_t i = 0; i < a.size(); ++i)
    all.insert(all.end(), a.list(i).begin(), a.list(i).end());
  return Value::list(std::move(all));
}

Result<Value> contains(const Arguments& a) {
  const Value::List& list = a.list(0);
  return Value(std::find(list.begin(), list.end(), a[1]) != list.end());
}

Result<Value> distinct(const Arguments& a) {
  Value::List kept;
  std::set<Value> seen;
  for (const Value& item : a.list(0))
    if (seen.insert(item).second) kept.push_back(item);
  return Value::list(std::move(kept));
}

Result<Value> element(const Arguments& a) {
  const Value::List& list = a.list(0);
  if (list.empty()) return base::invalid("cannot use element function with an empty list");
  const auto size = static_cast<std::int64_t>(list.size());
  const std::int64_t wrapped = (a.integer(1) % size + size) % size;
  return list[static_cast<std::size_t>(wrapped)];
}

void flatten_into(Value::List& out, const Value::List& list) {
  for (const Value& item : list)
    if (item.as_list())
      flatten_into(out, *item.as_list());
    else
      out.push_back(item);
}
Result<Value> flatten(const Arguments& a) {
  Value::List all;
  flatten_into(all, a.list(0));
  return Value::list(std::move(all));
}

Result<Value> index(const Arguments& a) {
  if (const Value::List* list = a[0].as_list()) {
    const auto found = std::find(list->begin(), list->end(), a[1]);
    if (found == list->end()) return base::invalid("item not found");
    return Value(static_cast<std::int64_t>(found - list->begin()));
  }
  return base::invalid("argument must be a list or tuple");
}

Result<Value> keys(const Arguments& a) {
  Value::List names;
  for (const auto& [name, value] : a.map(0)) names.emplace_back(name);
  return Value::list(std::move(names));
}

Result<Value> values(const Arguments& a) {
  Value::List all;
  for (const auto& [name, value] : a.map(0)) all.push_back(value);
  return Value::list(std::move(all));
}

Result<Value> length(const Arguments& a) {
  if (a[0].as_list()) return Value(static_cast<std::int64_t>(a.list(0).size()));
  if (a[0].as_map()) return Value(static_cast<std::int64_t>(a.map(0).size()));
  if (a[0].as_string()) return find_function("strlen")->run(a);
  return base::invalid("collection must be a list, a map or a tuple");
}

Result<Value> lookup(const Arguments& a) {
  const auto found = a.map(0).find(a.text(1));
  if (found != a.map(0).end()) return found->second;
  if (a.size() > 2) return a[2];
  return base::invalid(fmt::format("the given object has no attribute \"{}\"", a.text(1)));
}

Result<Value> merge(const Arguments& a) {
  Value::Map all;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].is_null()) continue;
    if (!a[i].as_map()) return base::invalid("arguments must be maps or objects");
    for (const auto& [name, value] : a.map(i)) all.insert_or_assign(name, value);
  }
  return Value::map(std::move(all));
}

Result<Value> range(const Arguments& a) {
  Number start(0);
  Number end = a.number(0);
  if (a.size() > 1) {
    start = a.number(0);
    end = a.number(1);
  }
  const bool down = end < start;
  const Number step = a.size() > 2 ? a.number(2) : Number(down ? -1 : 1);
  if (step.sign() == 0) return base::invalid("step must not be zero");
  if (down != (step.sign() < 0))
    return base::invalid(down ? "because start is greater than end, step must be negative"
                              : "because start is less than end, step must be positive");
  Value::List items;
  for (Number n = start; down ? n > end : n < end;) {
    if (items.size() >= range_elements_max)
      return base::invalid(fmt::format(
          "more than {} values were generated; either decrease the difference between start and "
          "end or use a smaller step",
          range_elements_max));
    items.emplace_back(n);
    TRY(n, Number::arithmetic('+', n, step));
  }
  return Value::list(std::move(items));
}

Result<Value> slice(const Arguments& a) {
  const auto size = static_cast<std::int64_t>(a.list(0).size());
  const std::int64_t from = a.integer(1);
  const std::int64_t to = a.integer(2);
  if (from < 0 || to > size || from > to)
    return base::invalid("start and end index must lie in the list, in this order");
  const auto begin = a.list(0).begin();
  return Value::list(Value::List(begin + from, begin + to));
}

Result<Value> sort(const Arguments& a) {
  std::vector<std::string> texts;
  for (const Value& item : a.list(0)) {
    TRY(std::string text, to_text(item));
    texts.push_back(std::move(text));
  }
  std::sort(texts.begin(), texts.end());
  return Value::list(Value::List(texts.begin(), texts.end()));
}

Result<Value> zipmap(const Arguments& a) {
  if (a.list(0).size() != a.list(1).size())
    return base::invalid(fmt::format("number of keys ({}) does not match number of values ({})",
                                     a.list(0).size(), a.list(1).size()));
  Value::Map members;
  for (std::size_t i = 0; i < a.list(0).size(); ++i) {
    TRY(std::string name, to_text(a.list(0)[i]));
    members.insert_or_assign(std::move(name), a.list(1)[i]);
  }
  return Value::map(std::move(members));
}

constexpr Function rows[] = {
    {"chunklist", "list:l size:i", chunklist},
    {"coalesce", "vals:x*", coalesce},
    {"coalescelist", "vals:x*", coalescelist},
    {"compact", "list:l", compact},
    {"concat", "seqs:l*", concat},
    {"contains", "list:l value:x", contains},
    {"distinct", "list:l", distinct},
    {"element", "list:l index:i", element},
    {"flatten", "list:l", flatten},
    {"index", "list:a value:x", index},
    {"keys", "map:m", keys},
    {"length", "collection:a", length},
    {"lookup", "map:m key:s default:x?", lookup},
    {"merge", "maps:x*", merge},
    {"range", "start:n limit:n? step:n?", range},
    {"slice", "list:l start:i end:i", slice},
    {"sort", "list:l", sort},
    {"values", "map:m", values},
    {"zipmap", "keys:l values:l", zipmap},
};

}  // namespace

std::span<const Function> collection_functions() { return rows; }

}  // namespace caravan::hcl
