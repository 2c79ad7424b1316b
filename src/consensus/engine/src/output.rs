// SPDX-License-Identifier: Apache-2.0
//! One Ready of the engine as plain structs, in the order in which C++ has to obey it.

use prost::Message as _;
use raft::{eraftpb as pb, Ready};

use crate::abi;

#[repr(C)]
pub struct Output {
    pub number: u64,
    pub must_sync: u8,
    pub has_hard_state: u8,
    pub has_snapshot: u8,
    pub hard_state: abi::HardState,
    pub snapshot: abi::Snapshot,
    pub send_now: abi::List<abi::Message>,
    pub persist: abi::List<abi::Entry>,
    pub send_after: abi::List<abi::Message>,
    pub apply: abi::List<abi::Entry>,
    pub reads: abi::List<abi::ReadState>,
}

/// Owns what an `Output` points at.
#[derive(Default)]
pub struct Held {
    entries: Vec<pb::Entry>,
    committed: Vec<pb::Entry>,
    snapshot: pb::Snapshot,
    now: Messages,
    after: Messages,
    read_states: Vec<raft::ReadState>,
    persist: Vec<abi::Entry>,
    apply: Vec<abi::Entry>,
    reads: Vec<abi::ReadState>,
}

#[derive(Default)]
struct Messages {
    messages: Vec<pb::Message>,
    bodies: Vec<Vec<u8>>,
    plain: Vec<abi::Message>,
}

impl Messages {
    fn of(messages: Vec<pb::Message>) -> Messages {
        let bodies: Vec<Vec<u8>> = messages.iter().map(|m| m.encode_to_vec()).collect();
        let plain = messages.iter().zip(&bodies).map(|(m, body)| message(m, body)).collect();
        Messages { messages, bodies, plain }
    }
}

pub fn message(message: &pb::Message, body: &[u8]) -> abi::Message {
    let snapshot = message.snapshot.as_ref();
    abi::Message {
        to: message.to,
        from: message.from,
        term: message.term,
        kind: message.msg_type as u8,
        snapshot_index: snapshot.map_or(0, |s| s.get_metadata().index),
        descriptor: snapshot.map_or(abi::Bytes::of(&[]), |s| abi::Bytes::of(&s.data)),
        body: abi::Bytes::of(body),
    }
}

impl Held {
    pub fn of(ready: &mut Ready) -> Held {
        let entries = ready.take_entries();
        let committed = ready.take_committed_entries();
        let read_states = ready.take_read_states();
        Held {
            persist: entries.iter().map(abi::Entry::of).collect(),
            apply: committed.iter().map(abi::Entry::of).collect(),
            reads: read_states
                .iter()
                .map(|r| abi::ReadState { index: r.index, context: abi::Bytes::of(&r.request_ctx) })
                .collect(),
            snapshot: ready.snapshot().clone(),
            now: Messages::of(ready.take_messages()),
            after: Messages::of(ready.take_persisted_messages()),
            entries,
            committed,
            read_states,
        }
    }

    pub fn entries(&self) -> &[pb::Entry] {
        &self.entries
    }

    pub fn output(&self, ready: &Ready) -> Output {
        debug_assert!(self.committed.len() == self.apply.len());
        debug_assert!(self.read_states.len() == self.reads.len());
        debug_assert!(self.now.messages.len() == self.now.bodies.len());
        debug_assert!(self.after.messages.len() == self.after.bodies.len());
        let hard_state = ready.hs().map_or_else(Default::default, |hs| abi::HardState {
            term: hs.term,
            vote: hs.vote,
            commit: hs.commit,
        });
        Output {
            number: ready.number(),
            must_sync: ready.must_sync() as u8,
            has_hard_state: ready.hs().is_some() as u8,
            has_snapshot: (self.snapshot.get_metadata().index != 0) as u8,
            hard_state,
            snapshot: abi::Snapshot::of(&self.snapshot),
            send_now: abi::List::of(&self.now.plain),
            persist: abi::List::of(&self.persist),
            send_after: abi::List::of(&self.after.plain),
            apply: abi::List::of(&self.apply),
            reads: abi::List::of(&self.reads),
        }
    }
}
