// SPDX-License-Identifier: Apache-2.0
#include "model/diff.hpp"

#include <algorithm>
#include <set>

#include "model/flatten.hpp"

namespace caravan::model {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What the servers say of a job, and what has a diff of its own.
const std::set<std::string_view> not_of_job = {"ID",          "TaskGroups",
                                               "Status",      "StatusDescription",
                                               "Stable",      "Version",
                                               "SubmitTime",  "CreateIndex",
                                               "ModifyIndex", "JobModifyIndex",
                                               "VersionTag",  "ParentID",
                                               "Payload",     "DispatchIdempotencyToken"};
const std::set<std::string_view> not_of_group = {"Name", "Tasks"};
const std::set<std::string_view> not_of_task = {"Name"};

DiffType type_of(bool before, bool after, bool changed) {
  if (!before) return DiffType::added;
  if (!after) return DiffType::deleted;
  return changed ? DiffType::edited : DiffType::none;
}

bool has(const std::vector<std::string>& list, const std::string& value) {
  return std::ranges::find(list, value) != list.end();
}

/// `with_equal`: those that stay are listed too.
std::vector<FieldDiff> diff_fields(const Pairs& before, const Pairs& after, bool with_equal) {
  std::map<std::string, std::pair<std::vector<std::string>, std::vector<std::string>>> by_name;
  for (const auto& [name, value] : before)
    by_name[name].first.push_back(value);
  for (const auto& [name, value] : after)
    by_name[name].second.push_back(value);
  std::vector<FieldDiff> found;
  for (auto& [name, values] : by_name) {
    auto& [old_values, new_values] = values;
    if (old_values.size() <= 1 && new_values.size() <= 1) {
      const std::string was = old_values.empty() ? "" : old_values[0];
      const std::string is = new_values.empty() ? "" : new_values[0];
      const DiffType type = type_of(!old_values.empty(), !new_values.empty(), was != is);
      if (type != DiffType::none || with_equal) found.push_back({type, name, was, is, {}});
      continue;
    }
    for (const std::string& value : old_values)  // a set of texts
      if (!has(new_values, value))
        found.push_back({DiffType::deleted, name, value, "", {}});
      else if (with_equal)
        found.push_back({DiffType::none, name, value, value, {}});
    for (const std::string& value : new_values)
      if (!has(old_values, value)) found.push_back({DiffType::added, name, "", value, {}});
  }
  return found;
}

/// What tells one block of a list from the others: its name, its place, or all that it says.
std::string key_of(const Flat& object) {
  for (const char* member : {"Name", "Label", "DestPath", "Volume"})
    for (const auto& [name, value] : object.fields)
      if (name == member) return value;
  std::string all;
  for (const auto& [name, value] : object.fields)
    all += name + "\n" + value + "\n";
  for (const Flat& inner : object.objects)
    all += inner.name + "\n" + key_of(inner);
  return all;
}

std::vector<ObjectDiff> diff_objects(const std::vector<Flat>& before,
                                     const std::vector<Flat>& after);

ObjectDiff diff_object(const Flat* before, const Flat* after) {
  static const Flat nothing;
  const Flat& was = before ? *before : nothing;
  const Flat& is = after ? *after : nothing;
  ObjectDiff found;
  found.name = before ? was.name : is.name;
  found.fields = diff_fields(was.fields, is.fields, true);
  found.objects = diff_objects(was.objects, is.objects);
  const bool changed =
      !found.objects.empty() || std::ranges::any_of(found.fields, [](const FieldDiff& f) {
        return f.type != DiffType::none;
      });
  found.type = type_of(before != nullptr, after != nullptr, changed);
  return found;
}

/// Only what changed.
std::vector<ObjectDiff> diff_objects(const std::vector<Flat>& before,
                                     const std::vector<Flat>& after) {
  using Side = std::vector<const Flat*>;
  std::map<std::string, std::pair<Side, Side>> by_name;
  for (const Flat& object : before)
    by_name[object.name].first.push_back(&object);
  for (const Flat& object : after)
    by_name[object.name].second.push_back(&object);
  std::vector<ObjectDiff> found;
  const auto add = [&](const Flat* was, const Flat* is) {
    ObjectDiff one = diff_object(was, is);
    if (one.type != DiffType::none) found.push_back(std::move(one));
  };
  for (auto& [name, sides] : by_name) {
    auto& [was, is] = sides;
    if (was.size() <= 1 && is.size() <= 1) {
      add(was.empty() ? nullptr : was[0], is.empty() ? nullptr : is[0]);
      continue;
    }
    for (const Flat* object : was) {
      const auto same = std::ranges::find_if(
          is, [&](const Flat* other) { return key_of(*other) == key_of(*object); });
      add(object, same == is.end() ? nullptr : *same);
      if (same != is.end()) is.erase(same);
    }
    for (const Flat* object : is)
      add(nullptr, object);
  }
  return found;
}

/// Fills what all three kinds of diffs have in common.
template <class Diff>
void compare(Diff& into, const Flat* before, const Flat* after, bool inner_changed) {
  static const Flat nothing;
  const Flat& was = before ? *before : nothing;
  const Flat& is = after ? *after : nothing;
  into.fields = diff_fields(was.fields, is.fields, false);
  into.objects = diff_objects(was.objects, is.objects);
  const bool changed = inner_changed || !into.fields.empty() || !into.objects.empty();
  into.type = type_of(before != nullptr, after != nullptr, changed);
}

template <class T>
std::optional<Flat> flat_of(const T* noun, const std::set<std::string_view>& left_out) {
  return noun ? std::optional(flatten(*noun, left_out)) : std::nullopt;
}
template <class T>
const T* pointer(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

/// Old and new items of the same name, in order of their names.
template <class T>
std::map<std::string, std::pair<const T*, const T*>> pair_up(const std::vector<T>* before,
                                                             const std::vector<T>* after) {
  std::map<std::string, std::pair<const T*, const T*>> pairs;
  if (before)
    for (const T& item : *before)
      pairs[item.name].first = &item;
  if (after)
    for (const T& item : *after)
      pairs[item.name].second = &item;
  return pairs;
}

TaskGroupDiff diff_group(const std::string& name, const TaskGroup* before, const TaskGroup* after) {
  TaskGroupDiff found;
  found.name = name;
  bool task_changed = false;
  for (const auto& [task_name, pair] :
       pair_up(before ? &before->tasks : nullptr, after ? &after->tasks : nullptr)) {
    TaskDiff& task = found.tasks.emplace_back();
    task.name = task_name;
    const auto was = flat_of(pair.first, not_of_task), is = flat_of(pair.second, not_of_task);
    compare(task, pointer(was), pointer(is), false);
    task_changed = task_changed || task.type != DiffType::none;
  }
  const auto was = flat_of(before, not_of_group), is = flat_of(after, not_of_group);
  compare(found, pointer(was), pointer(is), task_changed);
  return found;
}

}  // namespace

JobDiff diff(const Job* before, const Job& after) {
  JobDiff found;
  found.id = after.id;
  bool group_changed = false;
  for (const auto& [name, pair] : pair_up(before ? &before->groups : nullptr, &after.groups)) {
    found.groups.push_back(diff_group(name, pair.first, pair.second));
    group_changed = group_changed || found.groups.back().type != DiffType::none;
  }
  const auto was = flat_of(before, not_of_job);
  const Flat is = flatten(after, not_of_job);
  compare(found, pointer(was), &is, group_changed);
  return found;
}

}  // namespace caravan::model
