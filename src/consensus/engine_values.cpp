// SPDX-License-Identifier: Apache-2.0
#include "consensus/engine_values.hpp"

#include <span>

namespace caravan::consensus {
namespace {

CaravanIds to_plain(const std::vector<ServerId>& ids) { return {ids.data(), ids.size()}; }

std::vector<ServerId> to_ids(CaravanIds ids) { return {ids.data, ids.data + ids.size}; }

Entry to_entry(const CaravanEntry& plain) {
  Entry entry{plain.index, plain.term, static_cast<EntryKind>(plain.kind), {}};
  entry.data.assign(to_view(plain.data));
  return entry;
}

SnapshotMeta to_snapshot(const CaravanSnapshot& plain) {
  SnapshotMeta meta{plain.index, plain.term, to_conf(plain.conf), {}};
  meta.descriptor.assign(to_view(plain.descriptor));
  return meta;
}

}  // namespace

PlainSnapshot::PlainSnapshot(const SnapshotMeta& meta) {
  plain.index = meta.index;
  plain.term = meta.term;
  plain.conf.voters = to_plain(meta.conf.voters);
  plain.conf.learners = to_plain(meta.conf.learners);
  plain.conf.voters_outgoing = to_plain(meta.conf.voters_outgoing);
  plain.conf.learners_next = to_plain(meta.conf.learners_next);
  plain.conf.auto_leave = meta.conf.auto_leave;
  plain.descriptor = to_bytes(meta.descriptor);
}

CaravanEntry to_plain(const Entry& entry) {
  return {entry.index, entry.term, static_cast<std::uint8_t>(entry.kind), to_bytes(entry.data),
          to_bytes("")};
}

ConfState to_conf(const CaravanConfState& plain) {
  return {to_ids(plain.voters), to_ids(plain.learners), to_ids(plain.voters_outgoing),
          to_ids(plain.learners_next), plain.auto_leave != 0};
}

EngineStatus to_status(const CaravanStatus& plain) {
  EngineStatus status;
  status.term = plain.term;
  status.vote = plain.vote;
  status.leader = plain.leader;
  status.transferee = plain.transferee;
  status.commit = plain.commit;
  status.applied = plain.applied;
  status.first_index = plain.first_index;
  status.last_index = plain.last_index;
  status.role = static_cast<Role>(plain.role);
  status.commit_in_term = plain.commit_in_term != 0;
  status.has_output = plain.has_output != 0;
  return status;
}

Message to_message(const CaravanMessage& plain) {
  Message message;
  message.to = plain.to;
  message.from = plain.from;
  message.term = plain.term;
  message.kind = plain.kind;
  message.snapshot_index = plain.snapshot_index;
  message.descriptor.assign(to_view(plain.descriptor));
  message.body.assign(to_view(plain.body));
  return message;
}

Output to_output(const CaravanOutput& plain) {
  Output output;
  output.number = plain.number;
  output.must_sync = plain.must_sync != 0;
  const std::span now(plain.send_now.data, plain.send_now.size);
  for (const CaravanMessage& message : now)
    output.send_now.push_back(to_message(message));
  if (plain.has_snapshot) output.snapshot = to_snapshot(plain.snapshot);
  const std::span persist(plain.persist.data, plain.persist.size);
  for (const CaravanEntry& entry : persist)
    output.persist.push_back(to_entry(entry));
  if (plain.has_hard_state)
    output.hard_state =
        HardState{plain.hard_state.term, plain.hard_state.vote, plain.hard_state.commit};
  const std::span after(plain.send_after.data, plain.send_after.size);
  for (const CaravanMessage& message : after)
    output.send_after.push_back(to_message(message));
  const std::span apply(plain.apply.data, plain.apply.size);
  for (const CaravanEntry& entry : apply)
    output.apply.push_back(to_entry(entry));
  const std::span reads(plain.reads.data, plain.reads.size);
  for (const CaravanReadState& read : reads)
    output.reads.push_back({read.index, std::string(to_view(read.context))});
  return output;
}

}  // namespace caravan::consensus
