// SPDX-License-Identifier: Apache-2.0
// What a node asks of the servers in the name of its tasks.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "wire/binary.hpp"

namespace caravan::wire {

/// The index of an answer that nobody has yet.
inline constexpr std::uint64_t index_unknown = std::numeric_limits<std::uint64_t>::max();

/// What one function of a template asks, and the index of the answer that is known.
struct TaskQuestion {
  std::string kind;  // the function: "nomadVar"
  std::vector<std::string> arguments;
  std::uint64_t index = index_unknown;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TaskQuestion& q) {
  v(1, "Kind", q.kind);
  v(2, "Arguments", q.arguments);
  v(3, "Index", q.index);
  v.unknown(q.unknown);
}

/// "Node.TaskData": all that a task's templates ask. Answered at once when one of the answers is
/// another than that at its index, else when one changes or `wait` is over.
struct TaskDataRequest {
  base::NodeId node_id;
  base::Uuid secret_id;
  base::AllocId alloc_id;
  std::string task;
  std::vector<TaskQuestion> questions;
  base::Duration wait{0};
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TaskDataRequest& r) {
  v(1, "NodeID", r.node_id);
  v(2, "SecretID", r.secret_id);
  v(3, "AllocID", r.alloc_id);
  v(4, "Task", r.task);
  v(5, "Questions", r.questions);
  v(6, "Wait", r.wait);
  v.unknown(r.unknown);
}

struct TaskAnswer {
  std::string json;  // in the shape that the function is documented to give; "" when there is none
  std::string refusal;  // why the task gets none
  std::uint64_t index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TaskAnswer& a) {
  v(1, "Json", a.json);
  v(2, "Refusal", a.refusal);
  v(3, "Index", a.index);
  v.unknown(a.unknown);
}

/// In the order of the questions.
struct TaskDataReply {
  std::vector<TaskAnswer> answers;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TaskDataReply& r) {
  v(1, "Answers", r.answers);
  v.unknown(r.unknown);
}

}  // namespace caravan::wire
