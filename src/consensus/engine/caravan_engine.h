// SPDX-License-Identifier: Apache-2.0
// The C side of src/*.rs: each struct and function here is declared there again, in the same order.
// Only engine.cpp includes this.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CaravanNode CaravanNode;

enum { CARAVAN_OK = 0, CARAVAN_DROPPED = 1, CARAVAN_REFUSED = 2, CARAVAN_BROKEN = -1 };

typedef struct { const uint8_t* data; size_t size; } CaravanBytes;
typedef struct { const uint64_t* data; size_t size; } CaravanIds;
typedef struct {
  CaravanIds voters, learners, voters_outgoing, learners_next;
  uint8_t auto_leave;
} CaravanConfState;
typedef struct { uint64_t term, vote, commit; } CaravanHardState;
typedef struct { uint64_t index, term; uint8_t kind; CaravanBytes data, context; } CaravanEntry;
typedef struct {
  uint64_t index, term;
  CaravanConfState conf;
  CaravanBytes descriptor;
} CaravanSnapshot;
typedef struct {
  uint64_t to, from, term;
  uint8_t kind;
  uint64_t snapshot_index;
  CaravanBytes descriptor, body;
} CaravanMessage;
typedef struct { uint64_t index; CaravanBytes context; } CaravanReadState;
typedef struct { const CaravanEntry* data; size_t size; } CaravanEntries;
typedef struct { const CaravanMessage* data; size_t size; } CaravanMessages;
typedef struct { const CaravanReadState* data; size_t size; } CaravanReadStates;
typedef struct {
  uint64_t id, applied;
  CaravanHardState hard_state;
  uint64_t truncated_index, truncated_term;
  CaravanSnapshot snapshot;
  CaravanEntries entries;
  size_t election_ticks, heartbeat_ticks;
  uint64_t message_bytes_max;
  size_t inflight_max;
  uint64_t uncommitted_bytes_max, apply_bytes_max;
} CaravanConfig;
typedef struct {
  uint64_t term, vote, commit, applied, first_index, last_index, leader, transferee;
  uint64_t election_elapsed;
  uint8_t commit_in_term, role, has_output;
} CaravanStatus;
typedef struct { uint8_t kind; uint64_t node; } CaravanChange;
typedef struct { const CaravanChange* data; size_t size; } CaravanChanges;
typedef struct {
  uint64_t number;
  uint8_t must_sync, has_hard_state, has_snapshot;
  CaravanHardState hard_state;
  CaravanSnapshot snapshot;
  CaravanMessages send_now;
  CaravanEntries persist;
  CaravanMessages send_after;
  CaravanEntries apply;
  CaravanReadStates reads;
} CaravanOutput;

CaravanNode* caravan_engine_create(const CaravanConfig* config, char* error, size_t size);
void caravan_engine_destroy(CaravanNode* node);
CaravanBytes caravan_engine_error(const CaravanNode* node);
int32_t caravan_engine_tick(CaravanNode* node);
int32_t caravan_engine_step(CaravanNode* node, CaravanBytes message);
int32_t caravan_engine_propose(CaravanNode* node, CaravanBytes data);
int32_t caravan_engine_propose_change(CaravanNode* node, CaravanChanges changes,
                                      CaravanBytes context);
int32_t caravan_engine_apply_change(CaravanNode* node, uint8_t kind, CaravanBytes data,
                                    CaravanConfState* conf);
int32_t caravan_engine_campaign(CaravanNode* node);
int32_t caravan_engine_read_index(CaravanNode* node, CaravanBytes context);
int32_t caravan_engine_more_follows(CaravanNode* node, uint8_t on);
int32_t caravan_engine_transfer_leader(CaravanNode* node, uint64_t to);
int32_t caravan_engine_report_unreachable(CaravanNode* node, uint64_t peer);
int32_t caravan_engine_report_snapshot(CaravanNode* node, uint64_t to, uint8_t ok);
int32_t caravan_engine_set_election_ticks(CaravanNode* node, size_t ticks);
int32_t caravan_engine_status(CaravanNode* node, CaravanStatus* status);
int32_t caravan_engine_take_output(CaravanNode* node, CaravanOutput* out);
int32_t caravan_engine_persisted(CaravanNode* node, uint64_t number);
int32_t caravan_engine_applied(CaravanNode* node, uint64_t index);
int32_t caravan_engine_compact(CaravanNode* node, const CaravanSnapshot* snapshot,
                               uint64_t compact);
int32_t caravan_engine_inspect(CaravanBytes body, CaravanMessage* info, void* sink,
                               void (*copy)(void*, CaravanBytes));

#ifdef __cplusplus
}
#endif
