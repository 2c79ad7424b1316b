// SPDX-License-Identifier: Apache-2.0
// What becomes of jobs: registered, stopped, born of a parent, said to be stable.
#pragma once

#include <string>

#include "model/evaluation.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// When a periodic job was launched last, or became periodic.
struct PeriodicLaunch {
  std::string ns, job_id;
  base::Instant time;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, PeriodicLaunch& l) {
  v(1, "Namespace", l.ns);
  v(2, "ID", l.job_id);
  v(3, "Launch", l.time);
  v(4, "CreateIndex", l.create_index);
  v(5, "ModifyIndex", l.modify_index);
  v.unknown(l.unknown);
}

/// Makes a registration that of a child, which counts only if its parent stands and neither its id
/// nor its idempotency token is taken. A periodic parent has a launch time too, and must not have
/// been launched since the proposer looked: so each launch happens once, however many leaders try.
struct Birth {
  base::Instant last_launch, launch;  // launch: zero for a dispatch
  base::Unknown unknown;
};
template <class V>
void fields(V& v, Birth& b) {
  v(1, "LastLaunch", b.last_launch);
  v(2, "Launch", b.launch);
  v.unknown(b.unknown);
}

/// A job always comes with its evaluation, so that none waits unnoticed; parents have none.
struct RegisterJob {
  model::Job job;
  std::optional<model::Evaluation> eval;
  std::string source, source_format;  // what the user wrote, for `job inspect`
  std::optional<Birth> birth;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, RegisterJob& c) {
  v(1, "Job", c.job);
  v(2, "Eval", c.eval);
  v(3, "Source", c.source);
  v(4, "SourceFormat", c.source_format);
  v(5, "Birth", c.birth);
  v.unknown(c.unknown);
}

struct DeregisterJob {
  std::string ns, job_id;
  bool purge = false;
  std::optional<model::Evaluation> eval;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeregisterJob& c) {
  v(1, "Namespace", c.ns);
  v(2, "JobID", c.job_id);
  v(3, "Purge", c.purge);
  v(4, "Eval", c.eval);
  v.unknown(c.unknown);
}

/// A group's new count, and why; without a count, only what was said is kept. With an index, only
/// when the job is still the one of that index.
struct ScaleJob {
  std::string ns, job_id, group;
  model::ScalingEvent event;
  std::optional<model::Evaluation> eval;
  std::optional<std::uint64_t> expected_index;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ScaleJob& c) {
  v(1, "Namespace", c.ns);
  v(2, "JobID", c.job_id);
  v(3, "Group", c.group);
  v(4, "Event", c.event);
  v(5, "Eval", c.eval);
  v(6, "ExpectedIndex", c.expected_index);
  v.unknown(c.unknown);
}

/// Gives a version a name, or, without one, takes the name away from whatever version has it.
struct TagJobVersion {
  std::string ns, job_id, name;
  std::uint64_t version = 0;
  std::optional<model::JobVersionTag> tag;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, TagJobVersion& c) {
  v(1, "Namespace", c.ns);
  v(2, "JobID", c.job_id);
  v(3, "Name", c.name);
  v(4, "Version", c.version);
  v(5, "Tag", c.tag);
  v.unknown(c.unknown);
}

/// Whether a version is one to come back to.
struct SetJobStability {
  std::string ns, job_id;
  std::uint64_t version = 0;
  bool stable = false;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, SetJobStability& c) {
  v(1, "Namespace", c.ns);
  v(2, "JobID", c.job_id);
  v(3, "Version", c.version);
  v(4, "Stable", c.stable);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
