// SPDX-License-Identifier: Apache-2.0
// What a job file may contain, as data: a table per block says which attribute becomes which member
// of the public JSON, and of what kind. Adding a field is a row.
#pragma once

#include <span>
#include <string_view>

#include "json/value.hpp"

namespace caravan::jobspec {

enum class Kind {
  text,
  whole,
  boolean,
  duration,  // "1h30m", or a number of nanoseconds
  texts,
  wholes,
};

struct AttributeRow {
  std::string_view name;
  std::string_view key;
  Kind kind = Kind::text;
};

struct Schema;

enum class Shape {
  object,         // at most one
  list,           // any number
  labelled_list,  // any number; the label becomes the member `label_key`
  labelled_map,   // any number, by label; the label also becomes `label_key`
  text_map,       // free names, values made text; may be written as an attribute
  texts_map,      // free names, values are lists of text
  free_form,      // anything; the reader of the value knows
};

struct BlockRow {
  std::string_view name;
  std::string_view key;
  Shape shape = Shape::object;
  const Schema* inner = nullptr;
  std::string_view label_key = {};
};

struct Schema {
  std::span<const AttributeRow> attributes;
  std::span<const BlockRow> blocks;
  /// Turns shorthands into what they stand for. False drops the block.
  bool (*finish)(json::Object& object) = nullptr;
};

extern const Schema job_schema;           // schema_job.cpp
extern const Schema task_schema;          // schema_task.cpp
extern const Schema resources_schema;     // schema_task.cpp
extern const Schema logs_schema;          // schema_task.cpp
extern const Schema vault_schema;         // schema_task.cpp
extern const Schema secret_schema;        // schema_task.cpp
extern const Schema identity_schema;      // schema_task.cpp
extern const Schema volume_mount_schema;  // schema_task.cpp
extern const Schema restart_schema;       // schema_group.cpp
extern const Schema network_schema;       // schema_group.cpp
extern const Schema constraint_schema;    // schema_group.cpp
extern const Schema affinity_schema;      // schema_group.cpp
extern const Schema spread_schema;        // schema_group.cpp
extern const Schema update_schema;        // schema_group.cpp
extern const Schema migrate_schema;       // schema_group.cpp
extern const Schema reschedule_schema;    // schema_group.cpp
extern const Schema consul_schema;        // schema_group.cpp
extern const Schema group_schema;         // schema_group.cpp
extern const Schema service_schema;       // schema_service.cpp
extern const Schema connect_schema;       // schema_connect.cpp

}  // namespace caravan::jobspec
