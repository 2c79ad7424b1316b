// SPDX-License-Identifier: Apache-2.0
// What differs between two versions of a job, in the shape that users of the field know: fields by
// their public names, blocks as objects, groups and tasks by name. Made from the field lists, so a
// new field shows up by itself. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/job.hpp"

namespace caravan::model {

enum class DiffType { none, added, deleted, edited };
constexpr auto enum_names(DiffType) {
  return std::array{"None"sv, "Added"sv, "Deleted"sv, "Edited"sv};
}

struct FieldDiff {
  DiffType type = DiffType::none;
  std::string name, old_value, new_value;  // "" where there is none
  std::vector<std::string> annotations;    // "forces create" …
};
template <class V>
void fields(V& v, FieldDiff& d) {
  v(1, "Type", d.type);
  v(2, "Name", d.name);
  v(3, "Old", d.old_value);
  v(4, "New", d.new_value);
  v(5, "Annotations", d.annotations);
}

struct ObjectDiff {
  DiffType type = DiffType::none;
  std::string name;
  std::vector<FieldDiff> fields;  // of an edited object all, those that stay with type none
  std::vector<ObjectDiff> objects;
};
template <class V>
void fields(V& v, ObjectDiff& d) {
  v(1, "Type", d.type);
  v(2, "Name", d.name);
  v(3, "Fields", d.fields);
  v(4, "Objects", d.objects);
}

struct TaskDiff {
  DiffType type = DiffType::none;
  std::string name;
  std::vector<FieldDiff> fields;
  std::vector<ObjectDiff> objects;
  std::vector<std::string> annotations;
};
template <class V>
void fields(V& v, TaskDiff& d) {
  v(1, "Type", d.type);
  v(2, "Name", d.name);
  v(3, "Fields", d.fields);
  v(4, "Objects", d.objects);
  v(5, "Annotations", d.annotations);
}

struct TaskGroupDiff {
  DiffType type = DiffType::none;
  std::string name;
  std::vector<FieldDiff> fields;
  std::vector<ObjectDiff> objects;
  std::vector<TaskDiff> tasks;
  std::map<std::string, std::uint64_t> updates;  // "create" → 2; only what a plan would do
};
template <class V>
void fields(V& v, TaskGroupDiff& d) {
  v(1, "Type", d.type);
  v(2, "Name", d.name);
  v(3, "Fields", d.fields);
  v(4, "Objects", d.objects);
  v(5, "Tasks", d.tasks);
  v(6, "Updates", d.updates);
}

struct JobDiff {
  DiffType type = DiffType::none;
  std::string id;
  std::vector<FieldDiff> fields;
  std::vector<ObjectDiff> objects;
  std::vector<TaskGroupDiff> groups;
};
template <class V>
void fields(V& v, JobDiff& d) {
  v(1, "Type", d.type);
  v(2, "ID", d.id);
  v(3, "Fields", d.fields);
  v(4, "Objects", d.objects);
  v(5, "TaskGroups", d.groups);
}

/// From `before` (null: there is none) to `after`. What the servers say of a job (status, indexes,
/// times) does not count. Groups and tasks that stay are listed too, with type none.
JobDiff diff(const Job* before, const Job& after);

}  // namespace caravan::model
