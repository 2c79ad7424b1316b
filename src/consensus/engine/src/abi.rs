// SPDX-License-Identifier: Apache-2.0
//! The plain structs that cross the boundary. Pointers into Rust memory live until the next call on
//! the same node; pointers from C++ live for the call.

use raft::eraftpb as pb;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub size: usize,
}

impl Bytes {
    pub fn of(bytes: &[u8]) -> Bytes {
        Bytes { data: bytes.as_ptr(), size: bytes.len() }
    }

    /// # Safety
    /// `data` points to `size` readable bytes, or `size` is 0.
    pub unsafe fn slice(&self) -> &[u8] {
        match self.size {
            0 => &[],
            size => std::slice::from_raw_parts(self.data, size),
        }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Ids {
    pub data: *const u64,
    pub size: usize,
}

impl Ids {
    pub fn of(ids: &[u64]) -> Ids {
        Ids { data: ids.as_ptr(), size: ids.len() }
    }

    /// # Safety
    /// As for `Bytes::slice`.
    pub unsafe fn to_vec(self) -> Vec<u64> {
        match self.size {
            0 => Vec::new(),
            size => std::slice::from_raw_parts(self.data, size).to_vec(),
        }
    }
}

#[repr(C)]
pub struct ConfState {
    pub voters: Ids,
    pub learners: Ids,
    pub voters_outgoing: Ids,
    pub learners_next: Ids,
    pub auto_leave: u8,
}

impl ConfState {
    pub fn of(conf: &pb::ConfState) -> ConfState {
        ConfState {
            voters: Ids::of(&conf.voters),
            learners: Ids::of(&conf.learners),
            voters_outgoing: Ids::of(&conf.voters_outgoing),
            learners_next: Ids::of(&conf.learners_next),
            auto_leave: conf.auto_leave as u8,
        }
    }

    /// # Safety
    /// Each list is as `Ids::to_vec` wants it.
    pub unsafe fn to_pb(&self) -> pb::ConfState {
        pb::ConfState {
            voters: self.voters.to_vec(),
            learners: self.learners.to_vec(),
            voters_outgoing: self.voters_outgoing.to_vec(),
            learners_next: self.learners_next.to_vec(),
            auto_leave: self.auto_leave != 0,
        }
    }
}

#[repr(C)]
#[derive(Default)]
pub struct HardState {
    pub term: u64,
    pub vote: u64,
    pub commit: u64,
}

#[repr(C)]
pub struct Entry {
    pub index: u64,
    pub term: u64,
    pub kind: u8,
    pub data: Bytes,
    pub context: Bytes,
}

impl Entry {
    pub fn of(entry: &pb::Entry) -> Entry {
        Entry {
            index: entry.index,
            term: entry.term,
            kind: entry.entry_type as u8,
            data: Bytes::of(&entry.data),
            context: Bytes::of(&entry.context),
        }
    }

    /// # Safety
    /// As for `Bytes::slice`.
    pub unsafe fn to_pb(&self) -> pb::Entry {
        pb::Entry {
            entry_type: self.kind as i32,
            index: self.index,
            term: self.term,
            data: self.data.slice().to_vec(),
            context: self.context.slice().to_vec(),
            ..Default::default()
        }
    }
}

#[repr(C)]
pub struct Snapshot {
    pub index: u64,
    pub term: u64,
    pub conf: ConfState,
    pub descriptor: Bytes,
}

impl Snapshot {
    pub fn of(snapshot: &pb::Snapshot) -> Snapshot {
        let meta = snapshot.get_metadata();
        Snapshot {
            index: meta.index,
            term: meta.term,
            conf: ConfState::of(meta.get_conf_state()),
            descriptor: Bytes::of(&snapshot.data),
        }
    }

    /// # Safety
    /// As for `Bytes::slice`.
    pub unsafe fn to_pb(&self) -> pb::Snapshot {
        let data = self.descriptor.slice().to_vec();
        let mut snapshot = pb::Snapshot { data, ..Default::default() };
        let meta = snapshot.mut_metadata();
        meta.index = self.index;
        meta.term = self.term;
        meta.set_conf_state(self.conf.to_pb());
        snapshot
    }
}

#[repr(C)]
pub struct Message {
    pub to: u64,
    pub from: u64,
    pub term: u64,
    pub kind: u8,
    pub snapshot_index: u64,
    pub descriptor: Bytes,
    pub body: Bytes,
}

#[repr(C)]
pub struct ReadState {
    pub index: u64,
    pub context: Bytes,
}

#[repr(C)]
pub struct List<T> {
    pub data: *const T,
    pub size: usize,
}

impl<T> List<T> {
    pub fn of(items: &[T]) -> List<T> {
        List { data: items.as_ptr(), size: items.len() }
    }
}

#[repr(C)]
pub struct Config {
    pub id: u64,
    pub applied: u64,
    pub hard_state: HardState,
    pub truncated_index: u64,
    pub truncated_term: u64,
    pub snapshot: Snapshot,
    pub entries: List<Entry>,
    pub election_ticks: usize,
    pub heartbeat_ticks: usize,
    pub message_bytes_max: u64,
    pub inflight_max: usize,
    pub uncommitted_bytes_max: u64,
    pub apply_bytes_max: u64,
}

#[repr(C)]
pub struct Status {
    pub term: u64,
    pub vote: u64,
    pub commit: u64,
    pub applied: u64,
    pub first_index: u64,
    pub last_index: u64,
    pub leader: u64,
    pub transferee: u64,
    pub election_elapsed: u64,
    pub commit_in_term: u8,
    pub role: u8,
    pub has_output: u8,
}

#[repr(C)]
pub struct Change {
    pub kind: u8,
    pub node: u64,
}
